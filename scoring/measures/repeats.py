"""D3 重复举报率: concluded cases that somebody had to report again within ninety days."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import models as m
from db.models.cases import TROUBLE
from domain.people import city_of
from scoring.measures import Asked
from scoring.measures._cohort import CASES, CLOCKS, Condition, unindexed
from scoring.model import Finding, Item

LINKS = m.CaseLink.__table__
REMEDY = "办结前到现场核实整改效果，答复讲清措施和时限；重复举报的由负责人包案处理"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Cases delivered so that their ninety days ended in the period, and those repeated.

    A delivered case is a concluded one: the table of steps knows no other way there.
    """
    late = _recorded_late(session, asked)
    judged = _judged(session, asked)
    judged.subtract(asked.unit_of(holder) for holder in late.values())
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked):
        unit = asked.unit_of(one.unit)
        if unit in lists and one.case_id not in late:
            lists[unit].append(one)
    return [
        Finding(
            asked.indicator.code, unit, len(lists[unit]), judged[unit],
            items=tuple(lists[unit]) if asked.listed else (), listed=asked.listed, remedy=REMEDY,
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
    holder = CASES.c.holder_unit
    query = select(holder, func.count()).where(_delivered(asked, CASES.c.delivered_on))
    sums: Counter[int] = Counter()
    for code, number in session.execute(query.group_by(holder)):
        sums[asked.unit_of(code)] += number
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


def _items(session: Session, asked: Asked) -> list[Item]:
    """One item a case: the first repeat confirmed within the days counts."""
    c, again = CASES.c, CASES.alias("again")
    since = asked.period.first - _watched(asked)
    query = (
        select(c.id, c.no, c.holder_unit, c.delivered_on, LINKS.c.on, again.c.no,
               again.c.place_city)
        .join_from(LINKS, CASES, c.id == LINKS.c.earlier_id)
        .join(again, again.c.id == LINKS.c.case_id)
        .where(LINKS.c.kind == "repeat", LINKS.c.on.between(since, asked.known))
        .where(LINKS.c.on >= c.delivered_on, _delivered(asked, unindexed(c.delivered_on)))
        .order_by(c.no, LINKS.c.on, again.c.no)
    )  # fmt: skip
    found: dict[int, Item] = {}
    for case_id, no, unit, delivered, on, repeat_no, repeat_city in session.execute(query):
        if on <= delivered + _watched(asked) and case_id not in found:
            shown = repeat_no if repeat_city == city_of(unit) else ""
            found[case_id] = Item(
                case_id, no, None, unit, None, None, None, _reason(delivered, on, shown)
            )
    return list(found.values())


def _reason(delivered: date, on: date, repeat_no: str) -> str:
    """A repeat that lies in another city keeps its number to itself."""
    which = f"（{repeat_no}）" if repeat_no else ""
    days = (on - delivered).days
    return f"答复{delivered}送达后第{days}日（{on}）确认重复举报{which}"
