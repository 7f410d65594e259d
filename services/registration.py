"""Registering: the form, a file and an interface all end here."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import models as m
from db import words
from db.queries import registering
from domain.errors import Invalid, NotAllowed, Refused
from domain.people import Role, Viewer
from domain.scope import scope_of
from intake.checks import check
from intake.model import Incoming
from services import trace
from services.incoming_rows import (
    About,
    Beginnings,
    collect,
    empty_rows,
    event_of,
    letters,
    words_of,
)
from services.numbers import query_code, series_of, take_all
from services.store import write
from services.vocabulary import vocabulary

ELSEWHERE = "来源编号 {} 已由其他单位登记，请与上级核对"


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
    may_register(viewer)
    problems = {p.field: p.message for p in check(incoming, now, vocabulary())}
    with write(scope_of(viewer)) as session:
        # Before the fields are judged: the second click of a form that went through is no fault.
        if key and (known := registering.by_key(session, key, viewer.person_id)):
            return Registered(*known)
        if problems:
            raise Invalid(problems)
        _source_free(session, incoming)
        try:
            made = register_all(session, viewer, [incoming], now, keys=[key])[0]
        except IntegrityError as error:
            raise Refused("同一内容正在登记，请稍候刷新") from error
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
    rows, beginnings = empty_rows(), Beginnings()
    abouts = _abouts(session, viewer, incomings, now, keys, batch)
    events = []
    for incoming, about in zip(incomings, abouts, strict=True):
        event = event_of(viewer, incoming, now, about)
        collect(rows, viewer, incoming, now, about, beginnings.of(incoming, event))
        events.append(trace.row_of(event, about.case_id, viewer.ip))
    registering.write_rows(session, rows)
    words.add(
        session,
        ((a.case_id, words_of(i)) for a, i in zip(abouts, incomings, strict=True)),
    )
    trace.record_all(session, viewer.unit, events)
    return [Registered(about.case_id, about.no, about.code) for about in abouts]


def may_register(viewer: Viewer) -> None:
    """Refuse whoever is not a clerk."""
    if not viewer.has(Role.CLERK):
        raise NotAllowed("只有登记员可以登记来件")


def new_key() -> str:
    """A key for one filled form, so that a double click registers once."""
    return secrets.token_hex(16)


def _source_free(session: Session, incoming: Incoming) -> None:
    """Refuse a source number in use: by its case where the viewer sees it, else without."""
    number = incoming.source_no
    if not number or not registering.source_taken(session, incoming.subchannel, number):
        return
    if known := registering.source_seen(session, incoming.subchannel, number):
        raise Invalid({"source_no": f"该来源编号已登记为 {known}，请核对，或在该件中办理"})
    raise Invalid({"source_no": ELSEWHERE.format(number)})


def _abouts(
    session: Session,
    viewer: Viewer,
    incomings: Sequence[Incoming],
    now: datetime,
    keys: Sequence[str | None],
    batch: int | None,
) -> list[About]:
    of = letters()
    heads = {i.channel: series_of(viewer.unit, now.date(), of[i.channel]) for i in incomings}
    wanted = Counter(heads[incoming.channel] for incoming in incomings)
    ids = {"cases.id": len(incomings), "submissions.id": len(incomings)}
    following = take_all(session, wanted | ids)
    abouts = []
    for n, incoming in enumerate(incomings):
        head = heads[incoming.channel]
        no = f"{head}{following[head]:05d}"
        following[head] += 1
        ids_of_it = following["cases.id"] + n, following["submissions.id"] + n
        abouts.append(About(*ids_of_it, no, query_code(), keys[n] if keys else None, batch))
    return abouts


def _link(session: Session, viewer: Viewer, case_id: int, earlier: int, now: datetime) -> None:
    if not registering.visible(session, earlier):
        raise Refused("所选的前件不在您的可见范围内，请重新选择")
    link = {"case_id": case_id, "earlier_id": earlier, "kind": "repeat", "reason": "登记时确认",
            "on": now.date(), "confirmed_by": viewer.person_id}  # fmt: skip
    registering.write_rows(session, {m.CaseLink: [link]})
    trace.record(session, "confirm_repeat", now, viewer=viewer, case_id=case_id,
                 data={"earlier": earlier})  # fmt: skip
