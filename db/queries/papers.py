"""Issued papers of a case, the versions of their texts, and what their numbers are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db import models as m
from domain.people import city_of, province_of


@dataclass(frozen=True, slots=True)
class Organ:
    """A unit as a letter names it."""

    code: int
    name: str
    short: str  # with its city's before it, so that no two are alike
    upper: str  # the organ above it; the people's government for the province's


def organ(session: Session, code: int) -> Organ:
    """How a unit signs its letters, and to whom one turns against it."""
    units = m.Unit.__table__.c
    query = select(units.code, units.name, units.short_name, units.division, units.parent_code)
    wanted = (code, city_of(code), province_of(code))
    known = {row.code: row for row in session.execute(query.where(units.code.in_(wanted)))}
    own = known[code]
    path = [known[c].short_name for c in dict.fromkeys((city_of(code), code)) if c in known]
    above = known.get(own.parent_code)
    upper = above.name if above else f"{own.division}人民政府"
    return Organ(code, own.name, "".join(path), upper)


def names(session: Session, codes: Sequence[int]) -> dict[int, str]:
    """The names of units by code."""
    units = m.Unit.__table__.c
    query = select(units.code, units.name).where(units.code.in_(list(codes)))
    return {row.code: row.name for row in session.execute(query)}


def locked_case(session: Session, case_id: int) -> bool:
    """Hold a visible case until the transaction ends; False where there is none to see."""
    query = select(m.Case.id).where(m.Case.id == case_id).with_for_update(key_share=True)
    return session.scalars(query).one_or_none() is not None


ISSUED = (
    m.Document.id, m.Document.kind, m.Document.number, m.Document.unit_code, m.Document.at,
    m.Document.submission_id, m.Document.sha256, m.Document.key,
)  # fmt: skip


def issued(session: Session, case_id: int) -> Sequence[Row[Any]]:
    """The papers of a case in the order of their issue, without their records."""
    query: Any = select(*ISSUED).where(m.Document.case_id == case_id)
    rows: Sequence[Row[Any]] = session.execute(query.order_by(m.Document.id)).all()
    return rows


def paper(session: Session, document_id: int) -> m.Document | None:
    """One visible paper of a case."""
    query = select(m.Document).where(m.Document.id == document_id, m.Document.case_id.is_not(None))
    return session.scalars(query).one_or_none()


def by_key(session: Session, key: str) -> m.Document | None:
    """What was issued under a key already."""
    return session.scalars(select(m.Document).where(m.Document.key == key)).one_or_none()


def last_record(session: Session, unit: int) -> str | None:
    """The record of the letter a unit issued last."""
    query = select(m.Document.record).where(
        m.Document.unit_code == unit, m.Document.case_id.is_not(None)
    )
    return session.scalars(query.order_by(m.Document.id.desc()).limit(1)).first()


def query_code(session: Session, submission_id: int) -> str:
    """By which the petitioner of a contact asks after the case."""
    query = select(m.Submission.query_code).where(m.Submission.id == submission_id)
    return session.scalars(query).one()


# --- the texts


def versions(session: Session, kind: str, track: str) -> Sequence[Row[Any]]:
    """Every edited text of a kind and track with its author, newest first."""
    people, text = m.Person.__table__.c, m.Template
    query = (
        select(text.id, text.version, text.body, text.note, text.at, people.name)
        .outerjoin(m.Person.__table__, people.id == text.made_by)
        .where(text.kind == kind, text.track == track)
    )
    return session.execute(query.order_by(text.version.desc())).all()


def in_force(session: Session, kind: str, track: str) -> Row[Any] | None:
    """The newest edited text of a kind and track; none while the shipped one holds."""
    return next(iter(versions(session, kind, track)), None)
