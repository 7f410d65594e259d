"""A line that lives on clocks: met of due, and every clock that failed with its reason."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._cohort import Condition, Failure, Tally, failures, tally
from scoring.model import NOTHING, Finding, Item

Points = Callable[[Failure], Decimal]


def no_points(_: Failure) -> Decimal:
    """An item that costs nothing beside its place in the rate."""
    return NOTHING


def find_on_clocks(
    session: Session, asked: Asked, act: str, remedy: str, points: Points = no_points
) -> list[Finding]:
    """One finding a unit: `met` of `due` of the indicator's clocks; `act` is what was owed."""
    keys = asked.indicator.clocks
    tallies = tally(session, asked, keys)
    costly = points is not no_points
    failed = failures(session, asked, keys) if asked.listed or costly else []
    return findings(asked, tallies, (item(asked, f, act, points(f)) for f in failed), remedy)


def findings(
    asked: Asked, tallies: dict[int, Tally], items: Iterable[Item], remedy: str
) -> list[Finding]:
    """The findings of tallies and their items, for every unit asked."""
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in items:
        lists[asked.unit_of(one.unit)].append(one)
    return [
        Finding(
            asked.indicator.code, unit, found.met, found.judged,
            deduction=sum((one.points for one in lists[unit]), NOTHING),
            items=tuple(lists[unit]) if asked.listed else (),
            listed=asked.listed, note=found.note, remedy=remedy,
        )
        for unit, found in tallies.items()
    ]  # fmt: skip


def item(asked: Asked, failed: Failure, act: str, points: Decimal = NOTHING) -> Item:
    """The failing item of a clock."""
    return Item(
        failed.case_id, failed.case_no, failed.submission_id, failed.unit, failed.key,
        failed.due_on, failed.done_on, reason(asked.known, failed, act), points,
        started_on=failed.started_on,
    )  # fmt: skip


def days_late(failed: Failure, seen: date) -> int:
    """Calendar days past the due date, to the day it was done or to the snapshot."""
    return ((failed.done_on or seen) - failed.due_on).days


def reason(seen: date, failed: Failure, act: str) -> str:
    """Why it costs: 超期3日：期限2026-10-14，实际2026-10-17交办; the same whenever it is read."""
    late = f"超期{days_late(failed, seen)}日"
    owed = f"期限{failed.due_on}"
    if failed.done_on is None:
        return f"{late}：{owed}，至{seen}取数时没有{act}记录"
    return f"{late}：{owed}，实际{failed.done_on}{act}"


__all__ = ["Condition", "days_late", "find_on_clocks", "findings", "item", "no_points", "reason"]
