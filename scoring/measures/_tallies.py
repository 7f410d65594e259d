"""The clocks of all lines, counted at once for a run: a cohort in its covering index, what is
left out of it and what fails from the index of trouble, which holds every row that any snapshot
can judge as either."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from db import models as m
from db.models.clocks import TROUBLE
from scoring.measures import Asked
from scoring.measures._cohort import (
    CLOCKS,
    RATING,
    Condition,
    all_keys,
    answered,
    counts,
    fails,
    in_time,
    learned,
    shared,
    unit_column,
)

UNITS = m.Unit.__table__
Tallies = dict[str, dict[int, "Tally"]]  # by clock and unit


@dataclass(frozen=True, slots=True)
class Tally:
    """A unit's judged clocks: all, those left out and why, and those that fail."""

    due: int = 0
    unseen: int = 0  # recorded after the snapshot: judged by the period that sees them
    sealed: int = 0  # an accusation is not assessed from its sealing on
    exempt: int = 0
    provisional: int = 0
    failed: int = 0  # with the two that follow
    shared: int = 0  # the same fault costs a heavier line
    answered: int = 0  # not rated, but reached

    @property
    def judged(self) -> int:
        """The denominator."""
        left_out = self.unseen + self.sealed + self.exempt + self.provisional + self.shared
        return self.due - left_out

    @property
    def met(self) -> int:
        """The numerator."""
        return self.judged - self.failed + self.shared + self.answered

    @property
    def done(self) -> int:
        """What was done itself in time: a window that was rated."""
        return self.met - self.answered

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        names = [field.name for field in fields(self)]
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def note(self) -> str:
        """What is in neither number and why, for the reader of the line."""
        parts = [
            f"暂定时限{self.provisional}件" if self.provisional else "",
            f"经批准剔除{self.exempt}件" if self.exempt else "",
            f"同一过错已在其他指标扣分{self.shared}件" if self.shared else "",
        ]
        told = "、".join(part for part in parts if part)
        return f"另有{told}，不计入分子分母" if told else ""


def tally(session: Session, asked: Asked, keys: Sequence[str]) -> dict[int, Tally]:
    """The tally of these clocks for every unit asked; all lines are counted with the first."""
    found: Tallies = asked.once("tallies", lambda: _all(session, asked))
    sums = dict.fromkeys(asked.units, Tally())
    for key in keys:
        for unit, one in found.get(key, {}).items():
            sums[unit] = sums[unit].plus(one)
    return sums


def _all(session: Session, asked: Asked) -> Tallies:
    keys = tuple(all_keys(asked))
    found: Tallies = {key: {} for key in keys}

    def add(key: str, unit: int, one: Tally) -> None:
        found[key][unit] = found[key].get(unit, Tally()).plus(one)

    for key, unit, due in _due(session, asked, keys):
        add(key, unit, Tally(due))
    few = and_(in_time(asked, keys), TROUBLE)
    for key, unit, _, *kinds in session.execute(_judged(asked, keys, few)):
        add(key, unit, Tally(0, *kinds))
    few = learned(asked, keys)
    for key, unit, *kinds in session.execute(_judged(asked, keys, few)):
        add(key, unit, Tally(*kinds))
    return found


def _due(session: Session, asked: Asked, keys: Sequence[str]) -> list[tuple[str, int, int]]:
    """How many clocks of each key and unit fell due in the period."""
    if asked.by_city:
        return _due_of_cities(session, asked, keys)
    unit = unit_column(asked)
    query = select(CLOCKS.c.key, unit, func.count()).where(in_time(asked, keys))
    return [tuple(row) for row in session.execute(query.group_by(CLOCKS.c.key, unit))]


def _due_of_cities(
    session: Session, asked: Asked, keys: Sequence[str]
) -> list[tuple[str, int, int]]:
    """A stretch of the index for each city and key: half the time of grouping."""
    query = select(UNITS.c.code, *(_stretch(asked, key) for key in keys))
    rows = session.execute(query.where(UNITS.c.code.in_(asked.units)))
    return [(key, unit, due) for unit, *dues in rows for key, due in zip(keys, dues, strict=True)]


def _stretch(asked: Asked, key: str) -> Any:
    c = CLOCKS.alias(f"of_{key}").c
    days = c.due_on.between(asked.period.first, asked.until)
    query = select(func.count()).where(c.key == key, c.city_code == UNITS.c.code, days)
    return (query.where(c.named) if key == RATING else query).scalar_subquery()


def _judged(asked: Asked, keys: Sequence[str], where: Condition) -> Select[Any]:
    """By key and unit: all rows, then the columns of a tally after the first."""
    c, unit = CLOCKS.c, unit_column(asked)
    known = c.known_on <= asked.known
    late = and_(counts(asked), fails(asked))
    kinds = (
        ~known,
        and_(known, c.exempt, c.sealed),
        and_(known, c.exempt, ~c.sealed),
        and_(known, ~c.exempt, c.provisional),
        late,
        and_(shared(asked, keys), late),  # the key is looked at first
        and_(answered(asked), late),
    )
    columns = (_number(kind) for kind in kinds)
    return select(c.key, unit, func.count(), *columns).where(where).group_by(c.key, unit)


def _number(kind: Condition) -> ColumnElement[int]:
    return func.count().filter(kind)
