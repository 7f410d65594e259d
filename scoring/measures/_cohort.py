"""The clocks a period judges, as its snapshot sees them: which they are, and which of them fail.

A period judges the clocks that fell due in it, and those of earlier periods that the snapshot
before did not see: what is hidden until a period is over costs as much, only later.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from db import models as m
from db.models.clocks import LEARNED, TROUBLE, trouble
from db.models.submissions import ANSWERED
from domain.history import RELEASES
from rules.model import Indicator
from scoring.measures import Asked

CLOCKS = m.Clock.__table__
CASES = m.Case.__table__
SUBMISSIONS = m.Submission.__table__
RATING = "rating"  # the window of a petitioner; a window of one without a name is in no number
Condition = ColumnElement[bool]


class Failure(NamedTuple):
    """A clock that fails; `done_on` is None unless the snapshot knows that it was done."""

    case_id: int
    case_no: str
    submission_id: int | None
    unit: int
    key: str
    started_on: date
    due_on: date
    done_on: date | None


# --- what a period judges


def _of(asked: Asked, keys: Sequence[str], key: Any, city: Any, unit: Any) -> Condition:
    ours = key == keys[0] if len(keys) == 1 else key.in_(keys)
    if asked.by_city:
        one = len(asked.units) == 1
        return and_(ours, city == asked.units[0] if one else city.in_(asked.units))
    return and_(ours, city == asked.city, unit.in_(asked.units))


def _ours(asked: Asked, keys: Sequence[str]) -> Condition:
    """Clocks of these keys and of the units asked, found by these columns."""
    c = CLOCKS.c
    found = _of(asked, keys, c.key, c.city_code, c.unit_code)
    return and_(found, or_(c.key != RATING, c.named)) if RATING in keys else found


def in_time(asked: Asked, keys: Sequence[str]) -> Condition:
    """The clocks that fell due in the judged days."""
    days = CLOCKS.c.due_on.between(asked.period.first, asked.until)
    return and_(_ours(asked, keys), days)


def learned(asked: Asked, keys: Sequence[str]) -> Condition:
    """The clocks of earlier periods that this snapshot is the first of its kind to see."""
    return and_(_ours(asked, keys), LEARNED, _learned_days(asked))


def _learned_days(asked: Asked) -> Condition:
    c = CLOCKS.c
    seen = and_(c.known_on > asked.known_before, c.known_on <= asked.known)
    return and_(seen, c.due_on < asked.period.first)


def judged_of_case(asked: Asked, keys: Sequence[str]) -> Condition:
    """Both kinds, of clocks that other rows lead to: no column may lead to them instead."""
    c = CLOCKS.c
    key, city, unit, due = (unindexed(x) for x in (c.key, c.city_code, c.unit_code, c.due_on))
    days = or_(due.between(asked.period.first, asked.until), _learned_days(asked))
    return and_(_of(asked, keys, key, city, unit), days)


def unindexed(column: Any) -> Any:
    """The column, hidden from the planner: the few rows that lead to it are found first."""
    return func.coalesce(column, column)


def unit_column(asked: Asked) -> ColumnElement[int]:
    """The column that names the scored unit."""
    return CLOCKS.c.city_code if asked.by_city else CLOCKS.c.unit_code


# --- what fails


def counts(asked: Asked, clocks: FromClause = CLOCKS) -> Condition:
    """The clock is known at the snapshot and nothing sets it aside."""
    c = clocks.c
    return and_(c.known_on <= asked.known, ~c.exempt, ~c.provisional)


def still_open(asked: Asked, clocks: FromClause = CLOCKS) -> Condition:
    """The snapshot does not know that it was done."""
    return or_(clocks.c.done_on.is_(None), clocks.c.shown_on > asked.known)


def fails(asked: Asked, clocks: FromClause = CLOCKS) -> Condition:
    """Past due and not done, or done late: lateness is a fact that nothing erases."""
    c = clocks.c
    return and_(c.due_on <= asked.until, or_(still_open(asked, clocks), c.done_on > c.due_on))


def done(asked: Asked) -> ColumnElement[date | None]:
    """The day it was done; what is recorded after the snapshot is not there."""
    return case((still_open(asked), None), else_=CLOCKS.c.done_on)


def answered(asked: Asked) -> Condition:
    """The petitioner was reached by a callback within the window, as far as the snapshot knows."""
    c, s = CLOCKS.c, SUBMISSIONS.c
    reached = and_(ANSWERED, s.answered_on <= c.due_on, s.answered_on <= asked.known)
    own = and_(s.case_id == c.case_id, unindexed(s.id) == c.submission_id)
    return and_(c.key == RATING, exists(select(1).where(own, reached)))


def failing(asked: Asked, keys: Sequence[str]) -> Condition:
    """What the tally counts as failing, of the clocks that are judged."""
    excused = [answered(asked)] if RATING in keys else []
    return and_(TROUBLE, counts(asked), fails(asked), ~or_(shared(asked, keys), *excused))


def failures(session: Session, asked: Asked, keys: Sequence[str]) -> list[Failure]:
    """The failing clocks of the units asked, by due date and case number."""
    c = CLOCKS.c
    columns = (c.case_id, CASES.c.no, c.submission_id, c.unit_code, c.key, c.started_on, c.due_on,
               done(asked))  # fmt: skip
    query = select(*columns).join(CASES, CASES.c.id == c.case_id)
    query = query.where(failing(asked, keys))
    rows = [Failure(*row) for row in session.execute(query.where(in_time(asked, keys))).all()]
    rows += [Failure(*row) for row in session.execute(query.where(learned(asked, keys))).all()]
    return sorted(rows, key=lambda row: (row.due_on, row.case_no, row.submission_id or 0))


# One fault, one deduction: where one missing act fails two clocks, the heavier line takes it.


def shared(asked: Asked, keys: Sequence[str]) -> Condition:
    """The same act fails a clock of a heavier line in the same case and unit."""
    pairs = [(key, heavier) for key in keys if (heavier := _heavier_keys(asked, key))]
    return or_(false(), *(_shared(asked, key, heavier) for key, heavier in pairs))


def _shared(asked: Asked, key: str, heavier: tuple[str, ...]) -> Condition:
    c, other = CLOCKS.c, CLOCKS.alias("other")
    same_unit = (
        other.c.city_code == c.city_code if asked.by_city else other.c.unit_code == c.unit_code
    )
    same_act = or_(
        and_(still_open(asked), still_open(asked, other)),
        and_(~still_open(asked), ~still_open(asked, other), other.c.done_on == c.done_on),
    )
    found = select(1).where(
        # The key is hidden from the planner: the clocks of one case are found first.
        other.c.case_id == c.case_id, func.coalesce(other.c.key, "").in_(heavier),
        same_unit, same_act, counts(asked, other), fails(asked, other),
    )  # fmt: skip
    return and_(c.key == key, c.case_id.in_(_in_trouble(asked, heavier)), exists(found))


def _in_trouble(asked: Asked, keys: Sequence[str]) -> Select[tuple[int]]:
    """The few cases that may share a fault, found at once."""
    c = CLOCKS.alias("few").c
    ours = _of(asked, keys, c.key, c.city_code, c.unit_code)
    return select(c.case_id).where(ours, c.due_on <= asked.until, trouble(c))


def _heavier_keys(asked: Asked, key: str) -> tuple[str, ...]:
    """Clocks of heavier lines that the same acts stop as this one."""
    order = {i.code: n for n, i in enumerate(asked.rules.indicators)}

    def strength(indicator: Indicator) -> tuple[Any, int]:
        return indicator.weight, -order[indicator.code]

    own = next(line for line in asked.rules.indicators if key in line.clocks)
    acts = set(asked.rules.clock(key).stops) - RELEASES
    return tuple(
        other
        for line in asked.rules.indicators
        if line.ready and strength(line) > strength(own)
        for other in line.clocks
        if acts & set(asked.rules.clock(other).stops)
    )


def all_keys(asked: Asked) -> Iterator[str]:
    """The clocks of every ready line."""
    for line in asked.rules.indicators:
        yield from line.clocks if line.ready else ()
