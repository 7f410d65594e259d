"""Registering: the form, a file and an interface all end here."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import models as m
from db import words
from domain.clocks import SubmissionFacts
from domain.errors import Invalid, NotAllowed, Refused
from domain.history import Event
from domain.people import Role, Viewer, city_of
from domain.scope import scope_of
from domain.workflow import fold
from intake.checks import check, missing_stars
from intake.model import Incoming
from rules import load
from services import trace
from services.identity import Identity, matches, seal
from services.keys import keys
from services.numbers import query_code, series_of, take
from services.rows import Row, clock_row, clocks_of, state_columns, unit_rows, write_all
from services.store import write
from services.vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class Registered:
    """What a registration gives back: for the clerk to read out and to open the case."""

    case_id: int
    no: str
    query_code: str


def register(
    viewer: Viewer,
    incoming: Incoming,
    now: datetime,
    *,
    key: str | None = None,
    repeats: int | None = None,
) -> Registered:
    """Register one submission as a new case; a repeated `key` gives the first result again.

    `repeats` names the earlier case that the clerk confirmed this one to repeat. Raises
    `Invalid` with a sentence per field, `NotAllowed`, or `Refused` for a number in use.
    """
    _may_register(viewer)
    _sound(incoming, now)
    with write(scope_of(viewer)) as session:
        if key and (known := _by_key(session, key)):
            return known
        _source_free(session, incoming)
        try:
            made = register_all(session, viewer, [incoming], now, keys=[key])[0]
        except IntegrityError as error:
            raise Refused(_clash(incoming, error)) from error
        if repeats:
            _link(session, viewer, made.case_id, repeats, now)
        return made


def register_all(
    session: Session,
    viewer: Viewer,
    incomings: Sequence[Incoming],
    now: datetime,
    *,
    keys: Sequence[str | None] = (),
    batch: int | None = None,
) -> list[Registered]:
    """Register checked submissions within the caller's transaction, one insert a table."""
    count = len(incomings)
    first_case = take(session, "cases.id", count)
    first_submission = take(session, "submissions.id", count)
    rows: dict[Any, list[Row]] = {
        table: []
        for table in (
            m.Case,
            m.Submission,
            m.Petitioner,
            m.Demand,
            m.CaseCategory,
            m.CaseUnit,
            m.Clock,
        )
    }
    made: list[Registered] = []
    events: list[tuple[int, Event]] = []
    numbered = _numbers(session, viewer, incomings, now)
    for index, incoming in enumerate(incomings):
        case_id, submission_id = first_case + index, first_submission + index
        event = _event(viewer, incoming, now, submission_id, numbered[index])
        events.append((case_id, event))
        key = keys[index] if keys else None
        about = _About(case_id, submission_id, numbered[index], query_code(), key, batch)
        _collect(rows, viewer, incoming, now, about, event)
        made.append(Registered(case_id, about.no, about.code))
    write_all(session, rows)
    words.add(session, ((r.case_id, _text(i)) for r, i in zip(made, incomings, strict=True)))
    trace.record_all(session, viewer.unit, [trace.row_of(e, c, viewer.ip) for c, e in events])
    return made


@dataclass(frozen=True, slots=True)
class _About:
    case_id: int
    submission_id: int
    no: str
    code: str
    key: str | None
    batch: int | None


def _may_register(viewer: Viewer) -> None:
    if not viewer.has(Role.CLERK):
        raise NotAllowed("只有登记员可以登记来件")


def _sound(incoming: Incoming, now: datetime) -> None:
    problems = {p.field: p.message for p in check(incoming, now, vocabulary())}
    if problems:
        raise Invalid(problems)


def _by_key(session: Session, key: str) -> Registered | None:
    query = select(m.Submission).where(m.Submission.idempotency_key == key)
    found = session.scalars(query).one_or_none()
    return Registered(found.case_id, found.no, found.query_code) if found else None


def _source_free(session: Session, incoming: Incoming) -> None:
    if not incoming.source_no:
        return
    query = select(m.Submission.no).where(
        m.Submission.subchannel == incoming.subchannel,
        m.Submission.source_no == incoming.source_no,
    )
    if known := session.scalars(query).one_or_none():
        raise Invalid({"source_no": f"该来源编号已登记为 {known}，请核对，或在该件中办理"})


def _clash(incoming: Incoming, error: IntegrityError) -> str:
    if "source_no" in str(error.orig):
        return f"来源编号 {incoming.source_no} 已由其他单位登记，请与上级核对"
    return "同一内容正在登记，请稍候刷新"


def _numbers(
    session: Session, viewer: Viewer, incomings: Sequence[Incoming], now: datetime
) -> list[str]:
    letters = {channel.key: channel.letter for channel in load().channels}
    wanted: dict[str, int] = {}
    for incoming in incomings:
        letter = letters[incoming.channel]
        wanted[letter] = wanted.get(letter, 0) + 1
    heads = {letter: series_of(viewer.unit, now.date(), letter) for letter in sorted(wanted)}
    following = {letter: take(session, head, wanted[letter]) for letter, head in heads.items()}
    out = []
    for incoming in incomings:
        letter = letters[incoming.channel]
        out.append(f"{heads[letter]}{following[letter]:05d}")
        following[letter] += 1
    return out


def identity_of(incoming: Incoming) -> Identity:
    """The identity of an incoming's petitioner, as it is sealed."""
    person = incoming.petitioner
    return Identity(person.name, person.phone, person.id_number, person.home_address)


def _event(viewer: Viewer, incoming: Incoming, now: datetime, submission: int, no: str) -> Event:
    assert incoming.received_at is not None
    data = {
        "no": no,
        "channel": incoming.channel,
        "subchannel": incoming.subchannel,
        "source_no": incoming.source_no,
        "reachable": identity_of(incoming).reachable,
    }
    return Event("register", now, incoming.received_at.date(), viewer.unit, submission,
                 viewer.person_id, data)  # fmt: skip


def _collect(
    rows: dict[Any, list[Row]],
    viewer: Viewer,
    incoming: Incoming,
    now: datetime,
    about: _About,
    event: Event,
) -> None:
    state = fold([event])
    reachable = identity_of(incoming).reachable
    facts = SubmissionFacts(about.submission_id, incoming.channel, reachable)
    rows[m.Case].append({**_case(incoming, now, about), **state_columns(state),
                         "changed_by": viewer.person_id})  # fmt: skip
    rows[m.Submission].append(_submission(viewer, incoming, now, about))
    if incoming.petitioner:
        identity = identity_of(incoming)
        rows[m.Petitioner].append(petitioner_row(identity, about.submission_id, about.no,
                                                 city_of(incoming.division or 0)))  # fmt: skip
    rows[m.Demand].extend(
        {"case_id": about.case_id, "ordinal": n, "text": text}
        for n, text in enumerate(incoming.demands or (incoming.title or incoming.content[:200],), 1)
    )
    rows[m.CaseCategory].extend(
        {"case_id": about.case_id, "sub": key, "main": key[0]}
        for key in dict.fromkeys(incoming.categories)
    )
    rows[m.CaseUnit].extend(unit_rows(about.case_id, incoming.division or 0, state))
    rows[m.Clock].extend(
        clock_row(about.case_id, clock, sealed=False)
        for clock in clocks_of([facts], state, [event])
    )


def _case(incoming: Incoming, now: datetime, about: _About) -> Row:
    place = incoming.division or 0
    return {
        "id": about.case_id,
        "no": about.no,
        "title": incoming.title or incoming.content[:40],
        "place_code": place,
        "place_city": city_of(place),
        "address": incoming.address,
        "lon": incoming.longitude,
        "lat": incoming.latitude,
        "subject_name": incoming.subject or "不明",
        "subject_code": incoming.credit_code or None,
        "industry": incoming.industry or None,
        "channel": incoming.channel,
        "subchannel": incoming.subchannel,
        "registered_on": now.date(),
        "is_group": incoming.group,
        "is_repeat": bool(incoming.repeat),
        "confidential": incoming.confidential,
        "urgency": incoming.urgency or "normal",
        "submissions": 1,
        "changed_at": now,
        "version": 1,
    }


def _submission(viewer: Viewer, incoming: Incoming, now: datetime, about: _About) -> Row:
    return {
        "id": about.submission_id,
        "case_id": about.case_id,
        "no": about.no,
        "query_code": about.code,
        "channel": incoming.channel,
        "subchannel": incoming.subchannel,
        "source_no": incoming.source_no or None,
        "received_at": incoming.received_at,
        "registered_at": now,
        "registered_on": now.date(),
        "registered_unit": viewer.unit,
        "registered_city": city_of(viewer.unit),
        "registered_by": viewer.person_id,
        "content": incoming.content or incoming.title,
        "time_pattern": incoming.time_pattern or None,
        "urgency": incoming.urgency or "normal",
        "first_or_repeat": "repeat" if incoming.repeat else "first",
        "persons": incoming.headcount or 1,
        "anonymous": incoming.anonymous,
        "confidential": incoming.confidential,
        "e_delivery": incoming.electronic_delivery,
        "reachable": identity_of(incoming).reachable,
        "receiver": incoming.receiver or None,
        "outcome": incoming.visit_outcome or None,
        "recording_no": incoming.recording_no or None,
        "missing": ",".join(missing_stars(incoming, vocabulary())),
        "batch_id": about.batch,
        "idempotency_key": about.key,
    }


def petitioner_row(identity: Identity, submission_id: int, no: str, city: int) -> Row:
    """The sealed row of an identity."""
    return {
        "submission_id": submission_id,
        "sealed": seal(identity, no),
        "key_id": keys().id,
        **matches(identity, city),
    }


def _text(incoming: Incoming) -> str:
    return " ".join((incoming.title, incoming.content, incoming.subject, incoming.address))


def _link(session: Session, viewer: Viewer, case_id: int, earlier: int, now: datetime) -> None:
    visible = session.scalars(select(m.Case.id).where(m.Case.id == earlier)).one_or_none()
    if visible is None:
        raise Refused("所选的前件不在您的可见范围内，请重新选择")
    session.execute(
        insert(m.CaseLink).values(
            case_id=case_id, earlier_id=earlier, kind="repeat", reason="登记时确认",
            on=now.date(), confirmed_by=viewer.person_id,
        )
    )  # fmt: skip
    trace.record(session, "confirm_repeat", now, viewer=viewer, case_id=case_id,
                 data={"earlier": earlier})  # fmt: skip


def new_key() -> str:
    """A key for one filled form, so that a double click registers once."""
    return secrets.token_hex(16)
