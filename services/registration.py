"""Registering: the form, a file and an interface all end here."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat

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
from services import preparing, trace
from services.incoming_rows import About, Writing, letters
from services.keys import keys as the_keys
from services.numbers import query_codes, series_of, take_all
from services.store import write
from services.vocabulary import vocabulary

AT_ONCE = 5000  # submissions written between two reports of progress
Progress = Callable[[int, int], None]
# What a clerk is told of a value somebody else wrote down at the same moment.
IN_USE = {
    "source_no": "来源编号刚刚由他人登记，没有写入；请核对后再试",
    "idempotency_key": "同一内容正在登记，请稍候刷新",
    "query_code": "查询码偶然重复，没有写入；请再试一次",
}
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
            raise refusal(error) from error
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
    progress: Progress | None = None,
) -> list[Registered]:
    """Register checked submissions within the caller's transaction, some thousands at a time.

    All numbers are taken before the first event is chained, in one order for everybody, so that
    two at once never wait for each other.
    """
    writing = Writing(viewer, now, batch)
    abouts = _abouts(session, viewer, incomings, now, keys)
    for done, made in preparing.parts(writing, incomings, abouts, the_keys(), AT_ONCE):
        registering.write_plain(session, made.tables)
        words.add(session, made.words)
        trace.record_told(session, viewer.unit, made.events)
        if progress:
            progress(done, len(incomings))
    return [Registered(about.case_id, about.no, about.code) for about in abouts]


def refusal(error: IntegrityError) -> Exception:
    """What a broken rule of the tables is to a clerk; what no clerk can mend, as it was."""
    said = IN_USE.get(registering.in_use(error))
    return Refused(said) if said else error


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
) -> list[About]:
    of = letters()
    heads = {channel: series_of(viewer.unit, now.date(), letter) for channel, letter in of.items()}
    wanted = Counter(heads[incoming.channel] for incoming in incomings)
    following, count = take_all(session, wanted), len(incomings)
    ids, codes = registering.take_ids(session, count), query_codes(session, count)
    abouts = []
    for incoming, own, code, key in zip(incomings, ids, codes, keys or repeat(None)):  # noqa: B905
        head = heads[incoming.channel]
        abouts.append(About(*own, f"{head}{following[head]:05d}", code, key))
        following[head] += 1
    return abouts


def _link(session: Session, viewer: Viewer, case_id: int, earlier: int, now: datetime) -> None:
    if not registering.visible(session, earlier):
        raise Refused("所选的前件不在您的可见范围内，请重新选择")
    link = {"case_id": case_id, "earlier_id": earlier, "kind": "repeat", "reason": "登记时确认",
            "on": now.date(), "confirmed_by": viewer.person_id}  # fmt: skip
    registering.write_rows(session, {m.CaseLink: [link]})
    trace.record(session, "confirm_repeat", now, viewer=viewer, case_id=case_id,
                 data={"earlier": earlier})  # fmt: skip
