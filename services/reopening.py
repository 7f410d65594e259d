"""Reopening (重启): the matter begins anew as a case of its own, linked to the one that ended.

The new case has its own number, query code and clocks; the old one keeps all it had.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, NotFound
from domain.history import Event
from domain.people import Viewer
from domain.scope import scope_of
from domain.table import BY_KEY
from domain.workflow import fold, refusal
from intake.model import NOBODY, Incoming, Petitioner
from rules import load
from services.identity_view import opened as identities
from services.records import reason_of
from services.registration import Registered, register_all
from services.steps import opened, record_event, unchanged
from services.store import write


def reopen(
    viewer: Viewer,
    case_id: int,
    reason: str,
    now: datetime,
    *,
    version: int,
    token: str,
    submission: int | None = None,
) -> Registered:
    """Register the matter again and say so on the ended case, as shown at `version`.

    `submission` is whose contact it is, the case's own where none is named. A repeated `token`
    gives the first result again. Raises `NotFound`, `NotAllowed`, `Stale`, `Invalid`.
    """
    why = reason_of(reason)
    with write(scope_of(viewer)) as session:
        case, events = opened(session, case_id)
        if known := _replayed(events, token):
            return _made(session, known)
        unchanged(session, case, version)
        if fault := refusal(BY_KEY["reopen"], fold(events), viewer):
            raise NotAllowed(fault)
        contact = _contact(session, case, submission)
        made = register_all(session, viewer, [_anew(session, case, contact, now)], now)[0]
        if case.sealed:
            _seal(session, viewer, case, made.case_id, now)
        row = {"case_id": made.case_id, "earlier_id": case.id, "kind": "reopened",
               "reason": why[:200], "on": now.date(), "confirmed_by": viewer.person_id}  # fmt: skip
        session.execute(insert(m.CaseLink.__table__), row)
        told = {"reason": why, "to": made.case_id, "to_no": made.no, "token": token}
        event = Event("reopen", now, now.date(), viewer.unit, None, viewer.person_id, told)
        record_event(session, case, events, event, viewer, now)
        return made


def _replayed(events: Sequence[Event], token: str) -> Event | None:
    """The reopening of this click; that of another step is none, and its `to` is no case."""
    own = (e for e in events if e.step == "reopen" and e.data.get("token") == token)
    return next(own, None)


def _made(session: Session, known: Event) -> Registered:
    """What was registered then, also where its contact has gone to another case since."""
    no, columns = known.data["to_no"], m.Submission.__table__.c
    code = session.scalars(select(columns.query_code).where(columns.no == no)).one()
    return Registered(int(known.data["to"]), no, code)


def _contact(session: Session, case: m.Case, asked: int | None) -> m.Submission:
    own = m.Submission.no == case.no if asked is None else m.Submission.id == asked
    query = select(m.Submission).where(m.Submission.case_id == case.id, own)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("没有这个来件，或它不属于本事项")
    return found


def _anew(session: Session, case: m.Case, contact: m.Submission, now: datetime) -> Incoming:
    """The matter as it would come in now; the identity is opened for being sealed again only."""
    demands, kinds = m.Demand.__table__.c, m.CaseCategory.__table__.c
    asked = select(demands.text).where(demands.case_id == case.id).order_by(demands.ordinal)
    types = select(kinds.sub).where(kinds.case_id == case.id).order_by(kinds.sub)
    known = identities(session, [contact.id]).get(contact.id)
    external = load().subchannel(contact.subchannel).external
    return Incoming(
        received_at=now,
        channel=contact.channel,
        subchannel=contact.subchannel,
        # Where a ledger's number is asked for, the ended case is what this one comes from.
        source_no=case.no if external else "",
        title=case.title,
        content=contact.content,
        demands=tuple(session.scalars(asked)),
        division=case.place_code,
        address=case.address,
        longitude=float(case.lon) if case.lon is not None else None,
        latitude=float(case.lat) if case.lat is not None else None,
        subject=case.subject_name,
        credit_code=case.subject_code or "",
        categories=tuple(session.scalars(types)),
        industry=case.industry or "",
        time_pattern=contact.time_pattern or "",
        repeat=False,  # nobody wrote again
        group=case.is_group,
        headcount=contact.persons,
        anonymous=contact.anonymous,
        petitioner=Petitioner(known.name, known.phone, known.id_no, known.address)
        if known
        else NOBODY,
        confidential=contact.confidential,
        electronic_delivery=contact.e_delivery,
        urgency=case.urgency,
    )


def _seal(session: Session, viewer: Viewer, ended: m.Case, case_id: int, now: datetime) -> None:
    """An accusation is never open for a moment: the new case is classified at once, as it was."""
    case, events = opened(session, case_id)
    said = {"route": ended.route, "track": ended.track}
    event = Event("classify", now, now.date(), viewer.unit, None, viewer.person_id, said)
    record_event(session, case, events, event, viewer, now)
