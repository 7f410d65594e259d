"""D3 重复举报率: concluded cases that somebody had to report again within ninety days."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from db import models as m
from db.models.clocks import TROUBLE
from domain.people import city_of
from scoring.measures import Asked
from scoring.measures._cohort import CASES, CLOCKS, Condition, unindexed
from scoring.measures._days import days_between
from scoring.model import Finding, Item

LINKS = m.CaseLink.__table__
UNITS = m.Unit.__table__
AGAIN = CASES.alias("again")
REMEDY = "办结前到现场核实整改效果，答复讲清措施和时限；重复举报的由负责人包案处理"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Cases delivered so that their ninety days ended in the period, and those repeated.

    A delivered case is a concluded one: the table of steps knows no other way there.
    """
    late = _recorded_late(session, asked)
    judged = _judged(session, asked)
    judged.subtract(asked.unit_of(holder) for holder in late.values())
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked, late) if asked.listed else ():
        unit = asked.unit_of(one.unit)
        if unit in lists:
            lists[unit].append(one)
    repeated = (
        Counter({unit: len(items) for unit, items in lists.items()})
        if asked.listed
        else _number(session, asked, late)
    )
    return [
        Finding(
            asked.indicator.code, unit, repeated[unit], judged[unit],
            items=tuple(lists[unit]), listed=asked.listed, remedy=REMEDY,
        )
        for unit in asked.units
    ]  # fmt: skip


def _watched(asked: Asked) -> timedelta:
    return timedelta(days=asked.indicator.window_days or 0)


def _delivered(asked: Asked, column: Any) -> Condition:
    """The reply was delivered so many days before a judged day."""
    days = _watched(asked)
    within: Condition = column.between(asked.period.first - days, asked.until - days)
    return within


def _judged(session: Session, asked: Asked) -> Counter[int]:
    """By scored unit; the units lead to the cases, so that an index is read and nothing else."""
    c = CASES.c
    number = select(func.count()).where(
        c.holder_unit == UNITS.c.code, _delivered(asked, c.delivered_on)
    )
    sums: Counter[int] = Counter()
    for code, cases in session.execute(select(UNITS.c.code, number.scalar_subquery())):
        sums[asked.unit_of(code)] += cases
    return sums


def _recorded_late(session: Session, asked: Asked) -> dict[int, int]:
    """Cases, with their units, of which the snapshot does not know that they were delivered.

    Their reply clocks are in the index of trouble: shown months after they were due.
    """
    c = CLOCKS.c
    query = (
        select(CASES.c.id, CASES.c.holder_unit)
        .join_from(CLOCKS, CASES, CASES.c.id == c.case_id)
        .where(c.key == "reply", TROUBLE, c.shown_on > asked.known)
        .where(_delivered(asked, unindexed(CASES.c.delivered_on)))
    )
    return {row.id: row.holder_unit for row in session.execute(query)}


def _repeats(asked: Asked, *columns: Any) -> Select[Any]:
    """The complaint came again within the days, and the snapshot knows it for a repeat.

    When it came counts, and not when somebody confirmed it: that may wait.
    """
    c = CASES.c
    since = asked.period.first - _watched(asked)
    gap = days_between(AGAIN.c.received_on, c.delivered_on)
    return (
        select(*columns)
        .join_from(LINKS, CASES, c.id == LINKS.c.earlier_id)
        .join(AGAIN, AGAIN.c.id == LINKS.c.case_id)
        .where(LINKS.c.kind == "repeat", LINKS.c.on.between(since, asked.known))
        .where(_delivered(asked, unindexed(c.delivered_on)))
        .where(and_(gap > 0, gap <= _watched(asked).days))
    )


def _number(session: Session, asked: Asked, late: dict[int, int]) -> Counter[int]:
    """How many cases were repeated, once each, by scored unit."""
    query = _repeats(asked, CASES.c.holder_unit, CASES.c.id).distinct()
    found = ((unit, case_id) for unit, case_id in session.execute(query) if case_id not in late)
    return Counter(asked.unit_of(unit) for unit, _ in found)


def _items(session: Session, asked: Asked, late: dict[int, int]) -> list[Item]:
    """One item a case: the first complaint that came again."""
    c = CASES.c
    columns = (c.id, c.no, c.holder_unit, c.delivered_on, AGAIN.c.received_on, AGAIN.c.no,
               AGAIN.c.place_city, AGAIN.c.sealed)  # fmt: skip
    query = _repeats(asked, *columns).order_by(c.no, AGAIN.c.received_on, AGAIN.c.no)
    found: dict[int, Item] = {}
    for case_id, no, unit, delivered, on, repeat_no, repeat_city, sealed in session.execute(query):
        if case_id not in found and case_id not in late:
            shown = repeat_no if repeat_city == city_of(unit) and not sealed else ""
            why = _reason(delivered, on, shown)
            found[case_id] = Item(case_id, no, None, unit, None, None, None, why)
    return list(found.values())


def _reason(delivered: date, on: date, repeat_no: str) -> str:
    """A repeat that lies in another city, or is sealed, keeps its number to itself."""
    which = f"（{repeat_no}）" if repeat_no else ""
    days = (on - delivered).days
    return f"答复{delivered}送达后第{days}日（{on}）再次举报{which}，已确认为重复举报"
