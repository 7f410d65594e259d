"""Earlier cases that an incoming may repeat: candidates only, all within the session's scope."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from db import models as m
from db import words

NEWEST = 60  # candidates of one kind
Window = tuple[date, date]  # days a case was received on, both included


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier case with what it is compared by."""

    id: int
    no: str
    title: str
    place_code: int
    address: str
    subject_name: str
    received_on: date
    status: str
    holder_unit: int
    content: str
    version: int
    categories: frozenset[str] = frozenset()


def same_person(session: Session, hashes: Mapping[str, bytes | None]) -> dict[int, set[str]]:
    """Case → which of phone, ID and name its petitioners share with these keyed hashes."""
    wanted = {name: value for name, value in hashes.items() if value}
    if not wanted:
        return {}
    petitioner = m.Petitioner
    columns = [getattr(petitioner, name) for name in wanted]
    query = (
        select(m.Submission.case_id, *columns)
        .join(petitioner, petitioner.submission_id == m.Submission.id)
        .where(or_(*(getattr(petitioner, name) == value for name, value in wanted.items())))
        .order_by(m.Submission.id.desc())
        .limit(NEWEST)
    )
    found: dict[int, set[str]] = {}
    for case_id, *values in session.execute(query):
        pairs = zip(wanted.items(), values, strict=True)
        same = {name for (name, value), stored in pairs if value == stored}
        found.setdefault(case_id, set()).update(same)
    return found


def hashes_of(session: Session, case_id: int) -> list[dict[str, bytes | None]]:
    """The keyed hashes of each petitioner of a case; the identities stay sealed."""
    petitioner = m.Petitioner
    query = (
        select(petitioner.phone_hash, petitioner.id_hash, petitioner.person_hash)
        .join(m.Submission, m.Submission.id == petitioner.submission_id)
        .where(m.Submission.case_id == case_id)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def decided(session: Session, case_id: int) -> set[int]:
    """The cases of which it was decided how this one is related to them."""
    link = m.CaseLink.__table__.c
    query = select(link.case_id, link.earlier_id)
    rows = session.execute(query.where((link.case_id == case_id) | (link.earlier_id == case_id)))
    return {number for row in rows for number in row} - {case_id}


def of_subject(session: Session, place: int, subject: str, window: Window) -> set[int]:
    """The cases about this very subject in this place, received in the window."""
    case = m.Case
    query = select(case.id).where(*_within(place, window), case.subject_name == subject)
    return set(session.scalars(query.order_by(case.id.desc()).limit(NEWEST)))


def of_words(session: Session, place: int, phrase: str, window: Window) -> set[int]:
    """The newest cases of the place and the window whose text holds a phrase."""
    expression = words.query(session, phrase)
    if expression is None:
        return set()
    case = m.Case
    query = select(case.id).where(*_within(place, window), words.matching(session, expression))
    return set(session.scalars(query.order_by(case.id.desc()).limit(NEWEST)))


def newest(session: Session, place: int, window: Window) -> set[int]:
    """The newest cases of a place and the window."""
    case = m.Case
    query = select(case.id).where(*_within(place, window))
    return set(session.scalars(query.order_by(case.received_on.desc()).limit(NEWEST)))


def _within(place: int, window: Window) -> tuple[ColumnElement[bool], ...]:
    return m.Case.place_code == place, m.Case.received_on.between(*window)


def candidates(session: Session, ids: Collection[int]) -> list[Candidate]:
    """The cases of these ids with the text of their first contact and their types.

    One that was merged into another has no contact of its own, and so is none of them.
    """
    if not ids:
        return []
    case, submission = m.Case, m.Submission
    query = (
        select(case.id, case.no, case.title, case.place_code, case.address, case.subject_name,
               case.received_on, case.status, case.holder_unit, submission.content, case.version)
        .join(submission, submission.case_id == case.id)
        .where(case.id.in_(ids), _first(submission))
    )  # fmt: skip
    kinds: dict[int, set[str]] = {}
    typed = select(m.CaseCategory.case_id, m.CaseCategory.sub)
    for case_id, sub in session.execute(typed.where(m.CaseCategory.case_id.in_(ids))):
        kinds.setdefault(case_id, set()).add(sub)
    return [
        Candidate(**row, categories=frozenset(kinds.get(row["id"], ())))
        for row in session.execute(query).mappings()
    ]


def _first(submission: type[m.Submission]) -> ColumnElement[bool]:
    return submission.no == m.Case.no
