"""What the overdue board shows: a few grouped statements over the index of running clocks.

Every count is of distinct cases, by the conditions of `metrics`; `root` is the unit whose
subtree answers for the clocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import models as m
from db.queries import metrics
from db.queries.metrics import Period, Shine
from domain.clocks import Lights
from domain.people import Level, level_of

CASES = func.count(m.Clock.case_id.distinct())


@dataclass(frozen=True, slots=True)
class Matrix:
    """Cases under one light: by unit and clock, and the distinct totals of rows and columns."""

    cells: Mapping[tuple[int, str], int]
    units: Mapping[int, int]
    clocks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Running:
    """One running clock with what a list needs of its case."""

    case_id: int
    no: str
    title: str
    place_code: int
    unit_code: int
    key: str
    started_on: date
    due_on: date
    provisional: bool


def totals(session: Session, root: int, limits: Lights) -> dict[Shine, int]:
    """How many cases have a clock under each light, green left out: it is no call to act."""
    return {
        shine: session.scalar(select(CASES).where(*_at(shine, root, limits))) or 0
        for shine in (Shine.RED, Shine.ORANGE, Shine.YELLOW, Shine.PROVISIONAL)
    }


def in_hand(session: Session, root: int) -> int:
    """How many cases that lie in a unit's division have not ended."""
    where = (metrics.in_hand(), *metrics.lying_in(root))
    return session.scalar(select(func.count(m.Case.id)).where(*where)) or 0


def matrix(session: Session, root: int, shine: Shine, limits: Lights) -> Matrix:
    """Cases under a light by unit (one level below `root`) and clock."""
    where = _at(shine, root, limits)
    # As expressions, so that no index by key or city is taken in place of the one by due date.
    unit, key = rows_of(root) + 0, m.Clock.key + ""
    cells = session.execute(select(unit, key, CASES).where(*where).group_by(unit, key)).all()
    units = session.execute(select(unit, CASES).where(*where).group_by(unit)).all()
    clocks = session.execute(select(key, CASES).where(*where).group_by(key)).all()
    return Matrix(
        {(row[0], row[1]): row[2] for row in cells},
        {row[0]: row[1] for row in units},
        {row[0]: row[1] for row in clocks},
    )


def rows_of(root: int) -> InstrumentedAttribute[int]:
    """The column that names a row of the board: cities under the province, else units."""
    return m.Clock.city_code if level_of(root) is Level.PROVINCE else m.Clock.unit_code


def longest(
    session: Session, root: int, shine: Shine, limits: Lights, most: int = 100
) -> list[Running]:
    """The clocks under a light, longest missed first."""
    order = (
        m.Clock.due_on, m.Clock.city_code, m.Clock.key, m.Clock.unit_code, m.Clock.case_id,
    )  # fmt: skip
    query = select(
        m.Clock.case_id, m.Case.no, m.Case.title, m.Case.place_code, m.Clock.unit_code,
        m.Clock.key, m.Clock.started_on, m.Clock.due_on, m.Clock.provisional,
    ).join(m.Case, m.Case.id == m.Clock.case_id)  # fmt: skip
    rows = session.execute(query.where(*_at(shine, root, limits)).order_by(*order).limit(most))
    return [Running(*row) for row in rows]


def falling_due(session: Session, root: int, period: Period) -> dict[date, int]:
    """How many cases have a clock that ends on each day of a period."""
    where = (metrics.falls_due(period), *_under(root))
    query = select(m.Clock.due_on, CASES).where(*where).group_by(m.Clock.due_on)
    return {row[0]: row[1] for row in session.execute(query.order_by(m.Clock.due_on))}


def units(session: Session) -> Sequence[Row[int, str, str, str, str, str]]:
    """Every unit's names in the order of the codes: a city before its counties."""
    unit = m.Unit
    return session.execute(
        select(unit.code, unit.division, unit.short_name, unit.name, unit.pinyin, unit.initials)
        .order_by(unit.code)
    ).all()  # fmt: skip


def version(session: Session) -> int:
    """A number that changes with every step, entry and view: the newest event's."""
    return session.scalar(select(func.max(m.Event.__table__.c.id))) or 0


def _at(shine: Shine, root: int, limits: Lights) -> tuple[ColumnElement[bool], ...]:
    return (metrics.light(shine, limits), *_under(root))


def _under(root: int) -> tuple[ColumnElement[bool], ...]:
    if level_of(root) is Level.PROVINCE:  # everything: no condition, and the index covers
        return ()
    return (metrics.responsible(root),)
