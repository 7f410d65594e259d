"""Numbers by region for the map: every one is a part of a whole, and each opens as a list.

Received, overdue and satisfaction go by where a case lies; concluding on time goes by the unit
responsible for the clock, as on the scoresheet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import models as m
from db.models.clocks import TROUBLE
from db.queries import metrics
from db.queries.cases import CaseFilter
from db.queries.metrics import Period
from domain.clocks import Lights
from domain.labelled import Labelled
from domain.people import Level, city_of, level_of

Rows = dict[int, int]


class Measure(Labelled):
    """What a map shows."""

    RECEIVED = "received", "收件量"
    PER_CAPITA = "per_capita", "每万人收件"
    OVERDUE = "overdue", "在办超期率"
    ON_TIME = "on_time", "按期办结率"
    SATISFACTION = "satisfaction", "满意率"


@dataclass(frozen=True, slots=True)
class Part:
    """A region's number: cases that count, and those they are counted among (None: no rate)."""

    part: int
    whole: int | None = None


# The named numbers behind a measure: its part and its whole. The lists open by these keys.
NAMES: Mapping[Measure, tuple[str, str]] = {
    Measure.RECEIVED: ("received", ""),
    Measure.PER_CAPITA: ("received", ""),
    Measure.OVERDUE: ("in_hand_overdue", "in_hand"),
    Measure.ON_TIME: ("met", "due"),
    Measure.SATISFACTION: ("satisfied", "rated"),
}
BY_DUTY = (Measure.ON_TIME,)


def numbers(
    session: Session, measure: Measure, root: int, period: Period, category: str, limits: Lights
) -> dict[int, Part]:
    """The measure of every region below `root` that has any; whole months only.

    Keys are cities under the province and counties under a city; what lies with the bureau of
    the province or city itself is under its own code.
    """
    counted = {
        Measure.OVERDUE: _overdue, Measure.ON_TIME: _on_time, Measure.SATISFACTION: _satisfied,
    }.get(measure, _received)  # fmt: skip
    return counted(session, root, period, category, limits)


def asked(
    measure: Measure, code: int, period: Period, category: str, *, own: bool = False,
    whole: bool = False,
) -> CaseFilter:  # fmt: skip
    """The list a region's number opens: its part, or the whole it is counted among."""
    first, second = NAMES[measure]
    found: dict[str, Any] = {"metric": second if whole and second else first}
    if measure is not Measure.OVERDUE:  # what is overdue is so today, whenever it was received
        found |= {"first": period.first, "last": period.last}
    if measure in BY_DUTY:
        found |= {"clock": "conclude", "duty": code, "own": own}
    else:
        found |= {"place": code}
    return CaseFilter(category=category, **found)


def last_received(session: Session) -> int | None:
    """The latest month anything was received in, as 202610; None where nothing is visible."""
    return session.scalar(
        select(m.Case.received_month).order_by(m.Case.received_month.desc()).limit(1)
    )


def months_of(period: Period) -> list[int]:
    """The months of a period of whole months: 202609, 202610."""
    first, last = (day.year * 12 + day.month - 1 for day in (period.first, period.last))
    return [n // 12 * 100 + n % 12 + 1 for n in range(first, last + 1)]


def row_of(root: int) -> InstrumentedAttribute[int]:
    """The column of the place a row stands for: cities under the province, else counties."""
    return m.Case.place_city if level_of(root) is Level.PROVINCE else m.Case.place_code


def _received(
    session: Session, root: int, period: Period, category: str, _limits: Lights
) -> dict[int, Part]:
    # By month, not by day: the index of months covers, and whole months ask the same.
    where = [m.Case.received_month.in_(months_of(period)), *metrics.lying_in(root)]
    counts = _grouped(session, row_of(root), m.Case.id, [*where, *_kind(category)])
    return {code: Part(number) for code, number in counts.items()}


def _overdue(
    session: Session, root: int, _period: Period, category: str, limits: Lights
) -> dict[int, Part]:
    where = [metrics.in_hand(), *metrics.lying_in(root), *_kind(category)]
    whole = _grouped(session, row_of(root), m.Case.id, where)
    part = overdue_in_hand(session, root, limits, *_kind(category))
    return {code: Part(part.get(code, 0), number) for code, number in whole.items()}


def overdue_in_hand(
    session: Session, root: int, limits: Lights, *also: ColumnElement[bool]
) -> Rows:
    """Cases in hand with a red clock, by region."""
    where = [metrics.in_hand(), metrics.overdue(limits), *metrics.lying_in(root), *also]
    return _grouped(session, row_of(root), m.Case.id, where)


def _satisfied(
    session: Session, root: int, period: Period, category: str, limits: Lights
) -> dict[int, Part]:
    where = [metrics.rated(period), *_cities(session, root), *_kind(category)]
    query = select(row_of(root), m.Case.rating, func.count(m.Case.id)).where(*where)
    out: dict[int, Part] = {}
    rows: Any = session.execute(query.group_by(row_of(root), m.Case.rating))
    for code, rating, number in rows:
        before = out.get(code, Part(0, 0))
        happy = number if rating < 3 else 0
        out[code] = Part(before.part + happy, (before.whole or 0) + number)
    return out


def _on_time(
    session: Session, root: int, period: Period, category: str, limits: Lights
) -> dict[int, Part]:
    kind = [metrics.of_category(category, m.Clock.case_id)] if category else []
    due, missed = due_and_missed(session, root, "conclude", period, limits, *kind)
    return {code: Part(number - missed.get(code, 0), number) for code, number in due.items()}


def due_and_missed(
    session: Session, root: int, key: str, period: Period, limits: Lights,
    *also: ColumnElement[bool],
) -> tuple[Rows, Rows]:  # fmt: skip
    """Clocks of a rate that fell due in a period by responsible unit, and those missed.

    All are counted in the covering index; what is left out and what failed is read from the
    short index of trouble.
    """
    clock, days = m.Clock, metrics.judged(period, limits)
    ours = [*metrics.whose(key, None), days.holds(clock.due_on), *also]
    outside = and_(TROUBLE, clock.exempt | clock.provisional)
    also_true: list[list[ColumnElement[bool]]] = [[], [outside], [metrics.missed(period, limits)]]
    every, left_out, missed = _by_duty(session, root, [[*ours, *one] for one in also_true])
    due = {code: number - left_out.get(code, 0) for code, number in every.items()}
    return {code: number for code, number in due.items() if number}, missed


def _by_duty(
    session: Session, root: int, conditions: list[list[ColumnElement[bool]]]
) -> list[Rows]:
    """Clocks by responsible unit; a city's by a plain count, a third of a grouped one's cost."""
    clock, unit = m.Clock, m.Unit
    if level_of(root) is not Level.PROVINCE:
        own = metrics.whose("", root)
        return [_grouped(session, clock.unit_code, clock.id, [*one, *own]) for one in conditions]
    plain = select(func.count()).select_from(clock).where(clock.city_code == unit.code)
    numbers = [plain.where(*one).correlate(unit).scalar_subquery() for one in conditions]
    cities = (unit.code == root) | (unit.parent_code == root)
    found = session.execute(select(unit.code, *numbers).where(cities)).all()
    return [{row[0]: row[n] for row in found} for n in range(1, len(conditions) + 1)]


def _cities(session: Session, root: int) -> list[ColumnElement[bool]]:
    if level_of(root) is Level.PROVINCE:
        return [m.Case.place_city.in_([root, *children(session, root)])]
    return metrics.lying_in(root)


def children(session: Session, root: int) -> dict[int, m.Unit]:
    """The units one level below a unit, by code; itself where nothing is below."""
    own = m.Unit.parent_code == root if level_of(root) is not Level.COUNTY else m.Unit.code == root
    return {unit.code: unit for unit in session.scalars(select(m.Unit).where(own))}


def named(session: Session, code: int) -> m.Unit:
    """A unit by its code."""
    return session.get_one(m.Unit, code)


def _kind(category: str) -> list[ColumnElement[bool]]:
    return [metrics.of_category(category)] if category else []


def _grouped(session: Session, row: Any, counted: Any, where: list[ColumnElement[bool]]) -> Rows:
    query = select(row, func.count(counted)).where(*where).group_by(row)
    return counted_rows(session, query)


def counted_rows(session: Session, query: Any) -> Rows:
    """Code → number of a grouped statement."""
    return {row[0]: row[1] for row in session.execute(query)}


def root_of(code: int) -> int:
    """The region whose map a unit belongs on: the province, or the city of a county."""
    return code if level_of(code) is Level.PROVINCE else city_of(code)


def places(session: Session) -> dict[int, tuple[float, float, float | None]]:
    """Longitude, latitude and residents (in ten thousands, where known) of every division."""
    return {
        unit.code: (float(unit.lon), float(unit.lat),
                    float(unit.population_wan) if unit.population_wan else None)
        for unit in session.scalars(select(m.Unit))
    }  # fmt: skip
