"""What a petitioner's query code leads to: states and dates, no text and no identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import models as m


@dataclass(frozen=True, slots=True)
class Asked:
    """A contact and the case it belongs to now; `window` is when it may be rated, ends included."""

    submission: int
    case_id: int
    registered_unit: int
    status: str
    received_on: date
    registered_on: date
    decided_on: date | None
    concluded_on: date | None
    delivered_on: date | None
    window: tuple[date, date] | None
    rated: Mapping[str, int]  # stage → score


def by_code(session: Session, code: str) -> Asked | None:
    """The contact of a code; a sealed one is not found, like one that never was."""
    contact, case = m.Submission.__table__, m.Case.__table__
    # A contact of a merged case asks after the case it was merged into.
    own = case.alias()
    sub, now = contact.c, case.c
    row = session.execute(
        select(
            sub.id, now.id.label("case_id"), sub.registered_unit, now.status, sub.received_at,
            sub.registered_on, now.decided_on, now.concluded_on, now.delivered_on,
        )
        .join_from(contact, own, own.c.id == sub.case_id)
        .join(case, now.id == func.coalesce(own.c.merged_into, own.c.id))
        .where(sub.query_code == code, ~now.sealed, ~own.c.sealed)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return Asked(
        row.id, row.case_id, row.registered_unit, row.status, row.received_at.date(),
        row.registered_on, row.decided_on, row.concluded_on, row.delivered_on,
        _window(session, row.case_id, row.id), _rated(session, row.id),
    )  # fmt: skip


def _window(session: Session, case_id: int, submission: int) -> tuple[date, date] | None:
    clock = m.Clock.__table__.c
    query = select(clock.started_on, clock.due_on).where(
        clock.case_id == case_id, clock.submission_id == submission, clock.key == "rating"
    )
    row = session.execute(query.order_by(clock.ordinal.desc()).limit(1)).one_or_none()
    return (row.started_on, row.due_on) if row else None


def _rated(session: Session, submission: int) -> dict[str, int]:
    rating = m.Rating.__table__.c
    query = select(rating.stage, rating.score).where(rating.submission_id == submission)
    return {row.stage: row.score for row in session.execute(query)}
