"""One case with all that hangs on it, as one person may see it; identities are not in here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from db import models as m
from db.queries.named import RELATING, other_of, unnamed, unseen
from domain.people import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history: who did what, when, and what was recorded."""

    id: int
    kind: str
    at: datetime
    on: date
    unit: int
    submission: int | None
    person: int | None
    person_name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, its parts as plain rows in their order, and its history, oldest first."""

    case: Row[Any]
    handler: str
    categories: tuple[str, ...]
    measures: Sequence[Row[Any]]
    demands: Sequence[Row[Any]]
    submissions: Sequence[Row[Any]]
    clocks: Sequence[Row[Any]]
    units: tuple[int, ...]
    links: Sequence[Row[Any]]
    attachments: Sequence[Row[Any]]
    history: tuple[Entry, ...]


CASE = tuple(getattr(m.Case, column.key) for column in m.Case.__table__.columns)
SUBMISSION = (
    m.Submission.id, m.Submission.no, m.Submission.channel, m.Submission.subchannel,
    m.Submission.source_no, m.Submission.received_at, m.Submission.registered_at,
    m.Submission.registered_unit, m.Submission.content, m.Submission.time_pattern,
    m.Submission.urgency, m.Submission.first_or_repeat, m.Submission.persons,
    m.Submission.anonymous, m.Submission.confidential, m.Submission.reachable,
    m.Submission.receiver, m.Submission.outcome, m.Submission.recording_no, m.Submission.missing,
)  # fmt: skip
CLOCK = (
    m.Clock.id, m.Clock.submission_id, m.Clock.key, m.Clock.ordinal, m.Clock.unit_code,
    m.Clock.started_on, m.Clock.first_due_on, m.Clock.due_on, m.Clock.provisional,
    m.Clock.done_on, m.Clock.duty, m.Clock.exempt, m.Clock.rule_since,
)  # fmt: skip


def case_file(session: Session, case_id: int) -> CaseFile | None:
    """The file of a case, or None when it is not visible or does not exist."""
    case = session.execute(select(*CASE).where(m.Case.id == case_id)).one_or_none()
    if case is None:
        return None
    units = m.CaseUnit.__table__.c
    own = select(units.unit_code).where(units.case_id == case_id).order_by(units.unit_code)
    return CaseFile(
        case=case,
        handler=_name(session, case.handler_id),
        categories=tuple(session.scalars(_of(m.CaseCategory.sub, m.CaseCategory, case_id))),
        measures=session.execute(
            _of((m.CaseMeasure.kind, m.CaseMeasure.amount, m.CaseMeasure.note), m.CaseMeasure,
                case_id)
        ).all(),
        demands=session.execute(
            _of((m.Demand.ordinal, m.Demand.text, m.Demand.finding, m.Demand.answer), m.Demand,
                case_id).order_by(m.Demand.ordinal)
        ).all(),
        submissions=session.execute(
            _of(SUBMISSION, m.Submission, case_id).order_by(m.Submission.id)
        ).all(),
        clocks=session.execute(
            _of(CLOCK, m.Clock, case_id).order_by(m.Clock.started_on, m.Clock.id)
        ).all(),
        units=tuple(session.scalars(own)),
        links=_links(session, case_id),
        attachments=session.execute(
            _of((m.Attachment.id, m.Attachment.name, m.Attachment.mime, m.Attachment.size,
                 m.Attachment.at, m.Attachment.added_by), m.Attachment, case_id)
            .order_by(m.Attachment.id)
        ).all(),
        history=_history(session, case_id),
    )  # fmt: skip


def _of(columns: Any, table: Any, case_id: int) -> Any:
    wanted = columns if isinstance(columns, tuple) else (columns,)
    return select(*wanted).where(table.case_id == case_id)


def _name(session: Session, person: int | None) -> str:
    people = m.Person.__table__.c
    return session.scalar(select(people.name).where(people.id == person)) or "" if person else ""


def _links(session: Session, case_id: int) -> Any:
    """The related cases that are visible themselves, with the kind and direction of the link."""
    link = m.CaseLink
    other = or_(
        (link.case_id == case_id) & (m.Case.id == link.earlier_id),
        (link.earlier_id == case_id) & (m.Case.id == link.case_id),
    )
    query = select(
        m.Case.id, m.Case.no, m.Case.title, m.Case.received_on, m.Case.status, link.kind,
        (link.case_id == case_id).label("earlier"),
    ).join(link, other)  # fmt: skip
    return session.execute(query.order_by(m.Case.received_on)).all()


def _history(session: Session, case_id: int) -> tuple[Entry, ...]:
    people = m.Person.__table__.c
    event = m.Event
    query = (
        select(event.id, event.kind, event.at, event.on, event.chain, event.submission_id,
               event.person_id, people.name, event.data)
        .outerjoin(m.Person.__table__, people.id == event.person_id)
        .where(event.case_id == case_id)
        .order_by(event.id)
    )  # fmt: skip
    entries = [
        Entry(number, kind, at, on, unit, submission, person, name or "系统", json.loads(data))
        for number, kind, at, on, unit, submission, person, name, data in session.execute(query)
    ]
    return _told(session, entries)


def _told(session: Session, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries without what they say of a case that is not visible itself."""
    hidden = unseen(session, ((e.kind, e.data) for e in entries))
    if not hidden:
        return tuple(entries)
    about = ((e, other_of(e.kind, e.data) in hidden) for e in entries)
    return tuple(
        replace(e, data=unnamed(e.data)) if hides else e
        for e, hides in about
        if not (hides and e.kind in RELATING)
    )


def views_today(session: Session, viewer: Viewer, midnight: datetime) -> int:
    """How many identities a person has opened since `midnight`."""
    event = m.Event.__table__.c
    seen = select(event.id).where(
        event.kind == "view_identity", event.at >= midnight, event.person_id == viewer.person_id
    )
    return len(session.execute(seen).all())


def many_views(
    session: Session, low: int, high: int, midnight: datetime, most: int
) -> Sequence[Row[Any]]:
    """Who of the units from `low` to `high` opened more than `most` identities since `midnight`.

    Counts of people alone and nothing of a case, so it stands outside the scope of cases.
    """
    event, people, units = m.Event.__table__.c, m.Person.__table__.c, m.Unit.__table__.c
    query = (
        select(people.name, units.name.label("unit"), func.count().label("count"))
        .select_from(m.Event.__table__)
        .join(m.Person.__table__, people.id == event.person_id)
        .join(m.Unit.__table__, units.code == people.unit_code)
        .where(event.kind == "view_identity", event.at >= midnight, event.chain.between(low, high))
        .group_by(people.id, people.name, units.name)
        .having(func.count() > most)
        .order_by(func.count().desc(), people.id)
    )
    return session.execute(query).all()
