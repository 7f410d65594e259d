"""A line that lives on clocks: met of due, and every clock that failed with its reason."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Date, func, literal, select
from sqlalchemy.orm import Session

from rules.model import Fault
from scoring.measures import Asked
from scoring.measures._cohort import (
    CLOCKS,
    Failure,
    done,
    failing,
    failures,
    in_time,
    learned,
    unit_column,
)
from scoring.measures._days import days_between
from scoring.measures._tallies import Tally, tally
from scoring.model import NOTHING, Finding, Item


def find_on_clocks(
    session: Session, asked: Asked, act: str, remedy: str, very_late: Fault | None = None
) -> list[Finding]:
    """One finding a unit: `met` of `due` of the indicator's clocks; `act` is what was owed.

    `very_late` is the fault that an item costs on top when it is later than the fault's days.
    """
    tallies = tally(session, asked, asked.indicator.clocks)
    if asked.listed:
        failed = failures(session, asked, asked.indicator.clocks)
        items = (item(asked, one, act, _points(asked, one, very_late)) for one in failed)
        return findings(asked, tallies, items, remedy)
    extra = _extra(session, asked, very_late) if very_late else {}
    return findings(asked, tallies, (), remedy, extra)


def _points(asked: Asked, failed: Failure, fault: Fault | None) -> Decimal:
    late = fault is not None and _days_late(asked, failed) > (fault.days or 0)
    return fault.points if fault and late else NOTHING


def _extra(session: Session, asked: Asked, fault: Fault) -> dict[int, Decimal]:
    """The same points, counted."""
    unit, keys = unit_column(asked), asked.indicator.clocks
    end = func.coalesce(done(asked), literal(asked.known, Date))
    late = days_between(end, CLOCKS.c.due_on) > (fault.days or 0)
    query = select(unit, func.count()).where(failing(asked, keys), late).group_by(unit)
    sums: dict[int, Decimal] = {}
    for judged in (in_time(asked, keys), learned(asked, keys)):
        for code, number in session.execute(query.where(judged)):
            sums[code] = sums.get(code, NOTHING) + number * fault.points
    return sums


def findings(
    asked: Asked, tallies: dict[int, Tally], items: Iterable[Item], remedy: str,
    extra: dict[int, Decimal] | None = None,
) -> list[Finding]:  # fmt: skip
    """The findings of tallies and their items, for every unit asked."""
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    unit_of = asked.unit_of
    for one in items:
        lists[unit_of(one.unit)].append(one)
    return [
        Finding(
            asked.indicator.code, unit, found.met, found.judged,
            deduction=sum((one.points for one in lists[unit]), (extra or {}).get(unit, NOTHING)),
            items=tuple(lists[unit]), listed=asked.listed, note=found.note, remedy=remedy,
        )
        for unit, found in tallies.items()
    ]  # fmt: skip


def item(asked: Asked, failed: Failure, act: str, points: Decimal = NOTHING) -> Item:
    """The failing item of a clock."""
    return Item(
        failed.case_id, failed.case_no, failed.submission_id, failed.unit, failed.key,
        failed.due_on, failed.done_on, learned_late(asked, failed) + _reason(asked, failed, act),
        points, started_on=failed.started_on,
    )  # fmt: skip


def learned_late(asked: Asked, failed: Failure) -> str:
    """What is said first of an item of an earlier period that was entered only afterwards."""
    return "补录件，期限所在考核期取数时尚未录入：" if failed.due_on < asked.period.first else ""


def _days_late(asked: Asked, failed: Failure) -> int:
    """Calendar days past the due date, to the day it was done or to the snapshot."""
    return ((failed.done_on or asked.known) - failed.due_on).days


def _reason(asked: Asked, failed: Failure, act: str) -> str:
    """Why it costs: 超期3日：期限2026-10-14，实际2026-10-17交办; the same whenever it is read."""
    late = f"超期{_days_late(asked, failed)}日"
    owed = f"期限{failed.due_on}"
    if failed.done_on is None:
        return f"{late}：{owed}，至{asked.known}取数时没有{act}记录"
    return f"{late}：{owed}，实际{failed.done_on}{act}"
