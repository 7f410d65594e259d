"""What a petitioner's query code leads to: states and dates, no text and no identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
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
    sub, case = m.Submission.__table__.c, m.Case.__table__.c
    row = session.execute(
        select(
            sub.id, sub.case_id, sub.registered_unit, case.status, sub.received_at,
            sub.registered_on, case.decided_on, case.concluded_on, case.delivered_on,
        )
        .join_from(m.Submission.__table__, m.Case.__table__, case.id == sub.case_id)
        .where(sub.query_code == code, ~case.sealed)
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
