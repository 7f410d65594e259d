"""The counts of a month: grouped statements over covering indexes, never a loop over cases.

`root` is a division; rows are the cities of the province, the counties of a city, or the county.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, column, func, select, values
from sqlalchemy.orm import Session

from db import models as m
from db.queries import metrics, regions
from db.queries.metrics import Period
from domain.clocks import Lights
from domain.people import province_of

Rows = dict[int, int]
Condition = ColumnElement[bool]
GONE = ("declined", "transferred")  # left hand without a conclusion


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


class Totals(NamedTuple):
    """A month's movements: received, left hand, and of these declined and passed on."""

    received: int
    ended: int
    declined: int
    transferred: int


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


def totals(
    session: Session, root: int, months: Sequence[int], came: Sequence[Came], left: Sequence[Left]
) -> dict[int, Totals]:
    """The movements of every month: plain counts, three times as fast as grouped ones.

    Months that are in `came` and `left` (both of the same months) are not counted again.
    """
    case, place = m.Case, metrics.lying_in(root)
    cities = place or [case.place_city.in_(_every_city(session, root))]
    into = tally((one.month, one.number) for one in came)
    out = tally((key, one.number) for one in left for key in (one.month, (one.month, one.status)))
    known = {
        month: Totals(into[month], out[month], *(out[month, way] for way in GONE))
        for month in into.keys() & out.keys()
    }
    asked = values(column("month", Integer), name="months")
    month = asked.data([(n,) for n in months if n not in known]).cte("asked").c.month

    def number(*where: Condition) -> Any:
        return select(func.count()).select_from(case).where(*where).scalar_subquery()

    ended = case.ended_month == month
    query = select(
        month, number(case.received_month == month, *place), number(ended, *place),
        *(number(ended, *cities, case.status == way) for way in GONE),
    )  # fmt: skip
    return known | {found: Totals(*counts) for found, *counts in session.execute(query)}


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
        # No term ends before it starts: by city and due date the index is walked from there on.
        .where(clock.due_on >= period.first, clock.city_code.in_(_every_city(session, root)))
    )
    return regions.counted_rows(session, query.group_by(row))


def sorts(session: Session, root: int, month: int) -> list[Sort]:
    """What came in a month by row, types, industry and repetition, in the order of an index."""
    by = (regions.row_of(root), m.Case.kinds, m.Case.industry, m.Case.is_repeat)
    where = (m.Case.received_month == month, *metrics.lying_in(root))
    found = session.execute(_counted(by, where))
    return [Sort(row, kind, bool(again), _split(kinds), n) for row, kinds, kind, again, n in found]


def found(session: Session, root: int, month: int) -> list[Found]:
    """What was concluded in a month by conclusion and types, in the order of an index."""
    case = m.Case
    where = (case.ended_month == month, case.conclusion.is_not(None), *metrics.lying_in(root))
    by = (case.place_city, case.status, case.conclusion, case.kinds)
    rows = session.execute(_counted(by, where))
    return [Found(conclusion, _split(kinds), number) for _, _, conclusion, kinds, number in rows]


def rates(session: Session, root: int, period: Period, limits: Lights) -> dict[str, Rate]:
    """The rates of `metrics.RATES` by responsible unit."""
    return {
        key: Rate(*regions.due_and_missed(session, root, key, period, limits))
        for key in metrics.RATES
    }


def ratings(session: Session, root: int, period: Period, limits: Lights) -> dict[int, regions.Part]:
    """Rated and satisfied, by place."""
    measure = regions.Measure.SATISFACTION
    return regions.numbers(session, measure, root, period, "", limits)


def verified(session: Session, root: int, period: Period) -> dict[str, int]:
    """How the province's verifications made in a period went: upheld and overturned."""
    event = m.Event
    # An event is recorded on its day or later, so that the index by moment bounds the days too.
    since = datetime(period.first.year, period.first.month, period.first.day)
    made = (
        select(event.data.contains('"upheld":"overturned"').label("turned"), event.case_id)
        .where(event.kind == "verify", event.at >= since, period.holds(event.on))
        .where(event.case_id.is_not(None))
    )
    # An event is visible with its case: only where it lies has to be read from the case.
    if place := metrics.lying_in(root):
        made = made.join(m.Case, m.Case.id == event.case_id).where(*place)
    each = made.subquery()
    number = func.count(each.c.case_id.distinct())
    query = select(each.c.turned, number).group_by(each.c.turned)
    counts = {bool(turned): number for turned, number in session.execute(query)}
    return {"upheld": counts.get(False, 0), "overturned": counts.get(True, 0)}


def tally(pairs: Iterable[tuple[Any, int]]) -> Counter[Any]:
    """The sum of the numbers of each key."""
    out: Counter[Any] = Counter()
    for key, number in pairs:
        out[key] += number
    return out


def _every_city(session: Session, root: int) -> list[int]:
    province = province_of(root)
    return [province, *regions.children(session, province)]


@cache
def _split(kinds: str) -> tuple[str, ...]:
    return tuple(kinds.split(",")) if kinds else ()


def _counted(by: Sequence[Any], where: Sequence[Condition]) -> Select[Any]:
    return select(*by, func.count()).select_from(m.Case).where(*where).group_by(*by)


def _by_row(session: Session, root: int, where: list[Condition]) -> Rows:
    row = regions.row_of(root)
    query = _counted((row,), [*where, *metrics.lying_in(root)])
    return regions.counted_rows(session, query)
