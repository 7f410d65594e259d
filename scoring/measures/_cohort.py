"""The clocks that fell due in a period, as a snapshot sees them: counted, and read where they fail.

A cohort is counted in the covering index; what is left out of it and what fails is read from the
index of trouble alone, which holds every row that any snapshot can judge as either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from db import models as m
from db.models.cases import TROUBLE
from rules.model import Indicator
from scoring.measures import Asked

CLOCKS = m.Clock.__table__
CASES = m.Case.__table__
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


@dataclass(frozen=True, slots=True)
class Tally:
    """A unit's clocks that fell due: all, those left out and why, and those that fail."""

    due: int = 0
    unseen: int = 0  # recorded after the snapshot
    sealed: int = 0  # an accusation is not assessed from its sealing on
    exempt: int = 0
    provisional: int = 0
    shared: int = 0  # the same fault costs a heavier line
    failing: int = 0

    @property
    def judged(self) -> int:
        """The denominator."""
        left_out = self.unseen + self.sealed + self.exempt + self.provisional + self.shared
        return self.due - left_out

    @property
    def met(self) -> int:
        """The numerator."""
        return self.judged - self.failing

    def minus(self, other: "Tally") -> "Tally":
        """This tally without another one's clocks."""
        names = [field.name for field in fields(self)]
        return Tally(*(getattr(self, name) - getattr(other, name) for name in names))

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


def unit_column(asked: Asked) -> ColumnElement[int]:
    """The column that names the scored unit."""
    return CLOCKS.c.city_code if asked.by_city else CLOCKS.c.unit_code


def unindexed(column: Any) -> Any:
    """The column, hidden from the planner: the few rows that lead to it are found first."""
    return func.coalesce(column, column)


def cohort(asked: Asked, keys: Sequence[str], *, led: bool = False) -> Condition:
    """Clocks of these keys and of the units asked that fell due in the judged days.

    `led`: other rows lead to the clocks by their case, so nothing else may.
    """
    c = CLOCKS.c
    key, day, city, unit = (
        unindexed(column) if led else column
        for column in (c.key, c.due_on, c.city_code, c.unit_code)
    )
    ours = key == keys[0] if len(keys) == 1 else key.in_(keys)
    within = and_(ours, day.between(asked.period.first, asked.until))
    if asked.by_city:
        one = len(asked.units) == 1
        return and_(within, city == asked.units[0] if one else city.in_(asked.units))
    return and_(within, city == asked.city, unit.in_(asked.units))


def tally(
    session: Session,
    asked: Asked,
    keys: Sequence[str],
    *,
    excused: Condition | None = None,
    among: tuple[FromClause, Condition, Condition] | None = None,
) -> dict[int, Tally]:
    """The tally of every unit asked.

    `excused` forgives a failure; `among` names a table, its join and a condition on it, and
    counts only the clocks it leads to.
    """
    unit, kind = unit_column(asked), _kind(asked, keys, excused).label("kind")
    ours = cohort(asked, keys, led=among is not None)
    total = select(unit, func.count()).where(ours).group_by(unit)
    trouble = select(unit, kind, func.count()).where(ours, TROUBLE).group_by(unit, kind)
    if among:
        table, on, fits = among
        total = total.join_from(table, CLOCKS, on).where(fits)
        trouble = trouble.join_from(table, CLOCKS, on).where(fits)
    found: dict[int, dict[str, int]] = {code: {} for code in asked.units}
    for code, number in session.execute(total):
        found[code]["due"] = number
    for code, word, number in session.execute(trouble):
        if word != "met":
            found[code][word] = number
    return {code: Tally(**numbers) for code, numbers in found.items()}


def _kind(asked: Asked, keys: Sequence[str], excused: Condition | None) -> ColumnElement[str]:
    """Where a clock in trouble belongs: the first that holds."""
    c = CLOCKS.c
    shared = _shared(asked, keys)
    return case(
        (c.known_on > asked.known, "unseen"),
        (and_(c.exempt, c.sealed), "sealed"),
        (c.exempt, "exempt"),
        (c.provisional, "provisional"),
        (~fails(asked), "met"),
        *([] if shared is None else [(shared, "shared")]),
        *([] if excused is None else [(excused, "met")]),
        else_="failing",
    )


def failing(asked: Asked, keys: Sequence[str]) -> Condition:
    """Exactly the clocks that `tally` counts as failing, before anything excuses them."""
    shared = _shared(asked, keys)
    found = and_(cohort(asked, keys), TROUBLE, counts(asked), fails(asked))
    return found if shared is None else and_(found, ~shared)


def failures(
    session: Session, asked: Asked, keys: Sequence[str], *also: Condition
) -> list[Failure]:
    """The failing clocks of the units asked, by due date and case number."""
    c = CLOCKS.c
    # What is recorded after the snapshot is not there: the clock is open.
    done = case((still_open(asked), None), else_=c.done_on)
    query = (
        select(c.case_id, CASES.c.no, c.submission_id, c.unit_code, c.key, c.started_on,
               c.due_on, done)
        .join(CASES, CASES.c.id == c.case_id)
        .where(failing(asked, keys), *also)
    )  # fmt: skip
    rows = [Failure(*row) for row in session.execute(query)]
    return sorted(rows, key=lambda row: (row.due_on, row.case_no, row.submission_id or 0))


# One fault, one deduction: where one missing act fails two clocks, the heavier line takes it.


def _shared(asked: Asked, keys: Sequence[str]) -> Condition | None:
    """The same act fails a clock of a heavier line in the same case and unit."""
    heavier = _heavier_keys(asked, keys)
    if not heavier:
        return None
    c, other = CLOCKS.c, CLOCKS.alias("other")
    same_place = (
        other.c.city_code == c.city_code if asked.by_city else other.c.unit_code == c.unit_code
    )
    same_act = or_(
        and_(still_open(asked), still_open(asked, other)),
        and_(~still_open(asked), ~still_open(asked, other), other.c.done_on == c.done_on),
    )
    return exists(
        select(1).where(
            # The key is hidden from the planner: the clocks of one case are found first.
            other.c.case_id == c.case_id, func.coalesce(other.c.key, "").in_(heavier),
            same_place, same_act,
            counts(asked, other), fails(asked, other),
        )
    )  # fmt: skip


def _heavier_keys(asked: Asked, keys: Sequence[str]) -> tuple[str, ...]:
    """Clocks of heavier lines that the same acts stop as these."""
    order = {i.code: n for n, i in enumerate(asked.rules.indicators)}

    def strength(indicator: Indicator) -> tuple[Any, int]:
        return indicator.weight, -order[indicator.code]

    stops = {act for key in keys for act in asked.rules.clock(key).stops}
    return tuple(
        key
        for line in asked.rules.indicators
        if line.ready and strength(line) > strength(asked.indicator)
        for key in line.clocks
        if stops & set(asked.rules.clock(key).stops)
    )
