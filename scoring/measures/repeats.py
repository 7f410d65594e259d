"""D3 重复举报率: concluded cases that somebody had to report again within ninety days."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from db import models as m
from db.models.cases import TROUBLE
from domain.people import city_of, last_below
from scoring.measures import Asked
from scoring.measures._cohort import CASES, CLOCKS, Condition
from scoring.model import Finding, Item

LINKS = m.CaseLink.__table__
REMEDY = "办结前到现场核实整改效果，答复讲清措施和时限；重复举报的由负责人包案处理"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Cases delivered so that their ninety days ended in the period, and those repeated."""
    judged = _judged(session, asked)
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked):
        lists[asked.unit_of(one.unit)].append(one)
    return [
        Finding(
            asked.indicator.code, unit, len(lists[unit]), judged.get(unit, 0),
            items=tuple(lists[unit]) if asked.listed else (), listed=asked.listed, remedy=REMEDY,
        )
        for unit in asked.units
    ]  # fmt: skip


def _watched(asked: Asked) -> timedelta:
    return timedelta(days=asked.indicator.window_days or 0)


def _delivered(asked: Asked) -> Condition:
    """The reply was delivered so many days before a judged day, by a unit asked."""
    c, days = CASES.c, _watched(asked)
    within = c.delivered_on.between(asked.period.first - days, asked.until - days)
    low, high = min(asked.units), last_below(max(asked.units))
    return and_(within, c.holder_unit.between(low, high))


def _judged(session: Session, asked: Asked) -> dict[int, int]:
    """All of them, less those sealed and those whose delivery was recorded after the snapshot."""
    holder = CASES.c.holder_unit
    every = select(holder, func.count()).where(_delivered(asked)).group_by(holder)
    sealed = every.where(CASES.c.sealed)
    late = select(holder, func.count(CASES.c.id.distinct())).where(_recorded_late(asked))
    late = late.join_from(CLOCKS, CASES, CASES.c.id == CLOCKS.c.case_id).where(~CASES.c.sealed)
    late = late.where(_delivered(asked)).group_by(holder)
    sums = _sums(session, asked, every, 1)
    for query in (sealed, late):
        for unit, number in _sums(session, asked, query, -1).items():
            sums[unit] += number
    return sums


def _sums(session: Session, asked: Asked, query: Select[Any], sign: int) -> dict[int, int]:
    sums: dict[int, int] = dict.fromkeys(asked.units, 0)
    for holder, number in session.execute(query):
        unit = asked.unit_of(holder)
        if unit in sums:
            sums[unit] += sign * number
    return sums


def _recorded_late(asked: Asked) -> Condition:
    """A delivery that the snapshot does not know: its reply clock was stopped later.

    Such a clock is in the index of trouble, for it was shown months after it was due.
    """
    c = CLOCKS.c
    return and_(c.key == "reply", TROUBLE, c.shown_on > asked.known)


def _items(session: Session, asked: Asked) -> list[Item]:
    """One item a case: the first repeat confirmed within the days counts."""
    c, again = CASES.c, CASES.alias("again")
    late = select(CLOCKS.c.case_id).where(_recorded_late(asked), CLOCKS.c.case_id == c.id).exists()
    query = (
        select(c.id, c.no, c.holder_unit, c.delivered_on, LINKS.c.on, again.c.no,
               again.c.place_city)
        .join_from(LINKS, CASES, c.id == LINKS.c.earlier_id)
        .join(again, again.c.id == LINKS.c.case_id)
        .where(LINKS.c.kind == "repeat", LINKS.c.on <= asked.known, _delivered(asked))
        .where(LINKS.c.on >= c.delivered_on, ~c.sealed, ~late)
        .order_by(c.no, LINKS.c.on, again.c.no)
    )  # fmt: skip
    found: dict[int, Item] = {}
    for case_id, no, unit, delivered, on, repeat_no, repeat_city in session.execute(query):
        due = delivered + _watched(asked)
        if on <= due and case_id not in found and asked.unit_of(unit) in asked.units:
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
