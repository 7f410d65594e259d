"""The counts of a month: grouped statements over covering indexes, never a loop over cases.

`root` is a division; rows are the cities of the province, the counties of a city, or the county.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import metrics, regions
from db.queries.metrics import Period
from domain.clocks import Lights

Rows = dict[int, int]
Condition = ColumnElement[bool]


class Came(NamedTuple):
    """Cases received in a month by row and channel."""

    month: int
    row: int
    channel: str
    number: int


class Left(NamedTuple):
    """Cases that left hand in a month by row and present status."""

    month: int
    row: int
    status: str
    number: int


class Sort(NamedTuple):
    """Cases received in the month of one sort; `subs` are all its sub-categories."""

    row: int
    industry: str | None
    repeat: bool
    subs: tuple[str, ...]
    number: int


class Found(NamedTuple):
    """Cases concluded in the month with one conclusion; `subs` are all its sub-categories."""

    conclusion: str
    subs: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Clocks of a rate by responsible unit: those that fell due and those missed."""

    due: Rows
    missed: Rows


def received(session: Session, root: int, months: Sequence[int]) -> list[Came]:
    """What came in each month."""
    by = (m.Case.received_month, regions.row_of(root), m.Case.channel)
    where = (m.Case.received_month.in_(months), *metrics.lying_in(root))
    return [Came(*row) for row in session.execute(_counted(by, where))]


def ended(session: Session, root: int, months: Sequence[int]) -> list[Left]:
    """What left hand in each month."""
    by = (m.Case.ended_month, regions.row_of(root), m.Case.status)
    where = (m.Case.ended_month.in_(months), *metrics.lying_in(root))
    return [Left(*row) for row in session.execute(_counted(by, where))]


def in_hand(session: Session, root: int) -> Rows:
    """What is in hand now."""
    return _by_row(session, root, [metrics.in_hand()])


def accepted(session: Session, root: int, period: Period) -> Rows:
    """What was accepted in a period."""
    return _by_row(session, root, [metrics.accepted(period)])


def staged(session: Session, root: int, period: Period) -> Rows:
    """What was concluded in stages in a period: a rectification plan was approved with it."""
    case, clock = m.Case, m.Clock
    row = regions.row_of(root)
    query = (
        select(row, func.count(case.id.distinct()))
        .join(clock, clock.case_id == case.id)
        .where(clock.key == "rectification", period.holds(clock.started_on))
        .where(period.holds(case.concluded_on), *metrics.lying_in(root))
    )
    return dict(session.execute(query.group_by(row)).tuples().all())


def sorts(session: Session, root: int, month: int) -> list[Sort]:
    """What came in a month by row, industry, repetition and types: one walk of the month."""
    by = (regions.row_of(root), m.Case.industry, m.Case.is_repeat, _subs())
    where = (m.Case.received_month == month, *metrics.lying_in(root))
    found = session.execute(_counted(by, where))
    return [Sort(row, kind, bool(again), _split(subs), n) for row, kind, again, subs, n in found]


def found(session: Session, root: int, month: int) -> list[Found]:
    """What was concluded in a month by conclusion and types."""
    by = (m.Case.conclusion, _subs())
    where = (m.Case.ended_month == month, m.Case.conclusion.is_not(None), *metrics.lying_in(root))
    rows = session.execute(_counted(by, where))
    return [Found(conclusion, _split(subs), number) for conclusion, subs, number in rows]


def rates(
    session: Session, root: int, period: Period, limits: Lights
) -> dict[str, Rate]:
    """The rates of `metrics.RATES` by responsible unit."""
    return {
        key: Rate(*regions.due_and_missed(session, root, key, period, limits))
        for key in metrics.RATES
    }


def ratings(
    session: Session, root: int, period: Period, limits: Lights
) -> dict[int, regions.Part]:
    """Rated and satisfied, by place."""
    measure = regions.Measure.SATISFACTION
    return regions.numbers(session, measure, root, period, "", limits)


def verified(session: Session, root: int, period: Period) -> dict[str, int]:
    """How the province's verifications made in a period went: upheld and overturned."""
    event = m.Event
    # An event is recorded on its day or later, so that the index by moment bounds the days too.
    since = datetime(period.first.year, period.first.month, period.first.day)
    query = (
        select(event.data.contains('"upheld":"overturned"'), func.count(event.case_id.distinct()))
        .join(m.Case, m.Case.id == event.case_id)
        .where(event.kind == "verify", event.at >= since, period.holds(event.on))
        .where(*metrics.lying_in(root))
        .group_by(event.data.contains('"upheld":"overturned"'))
    )
    counts = {bool(turned): number for turned, number in session.execute(query)}
    return {"upheld": counts.get(False, 0), "overturned": counts.get(True, 0)}


def tally(pairs: Iterable[tuple[Any, int]]) -> Counter[Any]:
    """The sum of the numbers of each key."""
    out: Counter[Any] = Counter()
    for key, number in pairs:
        out[key] += number
    return out


def _subs() -> ColumnElement[str]:
    """The sub-categories of a case as one text; a case is one of its row, whatever it has."""
    return (
        select(func.aggregate_strings(m.CaseCategory.sub, ","))
        .where(m.CaseCategory.case_id == m.Case.id)
        .scalar_subquery()
    )


def _split(subs: str | None) -> tuple[str, ...]:
    return tuple(subs.split(",")) if subs else ()


def _counted(by: Sequence[Any], where: Sequence[Condition]) -> Select[Any]:
    return select(*by, func.count(m.Case.id)).where(*where).group_by(*by)


def _by_row(session: Session, root: int, where: list[Condition]) -> Rows:
    row = regions.row_of(root)
    query = _counted((row,), [*where, *metrics.lying_in(root)])
    return dict(map(tuple, session.execute(query)))
