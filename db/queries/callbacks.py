"""回访: answered contacts whose callback clock runs, with the tries so far; soonest due first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from db import models as m
from db.models.clocks import RUNNING
from db.queries import metrics
from db.queries.metrics import Shine, shine_of
from domain.clocks import Lights
from domain.table import BY_KEY

PAGE = 50
Condition = ColumnElement[bool]


class Part(StrEnum):
    """Which of the list: all, those that may be called today, those due soon, those late."""

    ALL = "all"
    TODAY = "today"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a person of a unit; what they handled themselves, others call about."""

    person: int
    unit: int


@dataclass(frozen=True, slots=True)
class Call:
    """A contact to call back. `tries` were made, the last on `tried_on`; `own` is the caller's."""

    case_id: int
    submission: int
    no: str
    title: str
    holder_unit: int
    delivered_on: date
    due_on: date
    shine: Shine
    own: bool
    tries: int = 0
    tried_on: date | None = None

    def next_on(self, today: date) -> date:
        """The day of the next try: today, but not a second time on one day."""
        return today + timedelta(days=1) if self.tried_on == today else today


def counts(session: Session, caller: Caller, limits: Lights) -> Mapping[Part, int]:
    """How many contacts each part of the list has."""
    asked: list[ColumnElement[Any]] = [
        func.count().filter(_of(part, caller, limits)) for part in Part
    ]
    row = session.execute(_listed(asked, caller)).one()
    return dict(zip(Part, row, strict=True))


def page(
    session: Session, caller: Caller, part: Part, limits: Lights, number: int = 1, size: int = PAGE
) -> list[Call]:
    """One page of a part of the list, soonest due first."""
    clock, case = m.Clock, m.Case
    columns = (
        clock.case_id, clock.submission_id, case.no, case.title, case.holder_unit,
        clock.started_on, clock.due_on, clock.provisional, case.handler_id,
    )  # fmt: skip
    query = _listed(columns, caller).where(_of(part, caller, limits))
    ordered = query.order_by(clock.due_on, clock.case_id, clock.submission_id)
    rows = session.execute(ordered.limit(size).offset((max(number, 1) - 1) * size)).all()
    tried = _tried(session, [row.case_id for row in rows])
    return [_call(row, caller, limits, *tried.get(row.submission_id, (0, None))) for row in rows]


def _call(row: Row[Any], caller: Caller, limits: Lights, tries: int, last: date | None) -> Call:
    return Call(
        row.case_id, row.submission_id, row.no, row.title, row.holder_unit, row.started_on,
        row.due_on, shine_of(row.due_on, row.provisional, limits),
        row.handler_id == caller.person, tries, last,
    )  # fmt: skip


def _listed(columns: Sequence[Any], caller: Caller) -> Select[Any]:
    """The running callback clocks of cases held at or below the caller's unit, where one may call.

    Key, status and holder as expressions, so that the few running clocks drive, and neither the
    callbacks nor the cases of all years.
    """
    clock, case = m.Clock, m.Case
    statuses = sorted(status.value for status in BY_KEY["callback"].sources)
    return (
        select(*columns)
        .select_from(clock)
        .join(case, case.id == clock.case_id)
        .where(RUNNING, clock.key + "" == "callback", (case.status + "").in_(statuses))
        .where(metrics.within(case.holder_unit + 0, caller.unit))
    )


def _of(part: Part, caller: Caller, limits: Lights) -> Condition:
    match part:
        case Part.TODAY:
            return and_(_others(caller), ~_tried_on(limits.today))
        case Part.SOON:
            return or_(*(metrics.light(s, limits) for s in (Shine.ORANGE, Shine.YELLOW)))
        case Part.LATE:
            return metrics.light(Shine.RED, limits)
    return true()


def _others(caller: Caller) -> Condition:
    """Who handled a matter does not call about it (domain: privacy)."""
    return or_(m.Case.handler_id.is_(None), m.Case.handler_id != caller.person)


def _tried_on(day: date) -> Condition:
    event = m.Event.__table__.c
    return exists().where(
        event.case_id == m.Clock.case_id, event.submission_id == m.Clock.submission_id,
        event.kind == "callback", event.on == day,
    )  # fmt: skip


def _tried(session: Session, cases: Sequence[int]) -> dict[int, tuple[int, date]]:
    """How often each contact of these cases was called, and when last."""
    event = m.Event.__table__.c
    query = (
        select(event.submission_id, func.count().label("tries"), func.max(event.on).label("last"))
        .where(event.case_id.in_(cases), event.kind == "callback")
        .group_by(event.submission_id)
    )
    return {row.submission_id: (row.tries, row.last) for row in session.execute(query)}
