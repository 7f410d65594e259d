"""The rows an incoming becomes: its case, submission, sealed petitioner, demands and clocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from db import models as m
from domain.clocks import Clock, SubmissionFacts
from domain.history import Event
from domain.people import Viewer, city_of
from domain.workflow import CaseState, fold
from intake.checks import missing_stars
from intake.model import Incoming
from rules import load
from services.identity import Identity, matches, seal
from services.keys import keys
from services.rows import Row, clock_row, clocks_of, state_columns, unit_rows
from services.vocabulary import vocabulary

TABLES: tuple[type[m.Base], ...] = (
    m.Case, m.Submission, m.Petitioner, m.Demand, m.CaseCategory, m.CaseUnit, m.Clock,
)  # fmt: skip
Rows = dict[type[m.Base], list[Row]]


@dataclass(frozen=True, slots=True)
class About:
    """What a registration gives an incoming: ids, numbers, the key and the batch it came with."""

    case_id: int
    submission_id: int
    no: str
    code: str
    key: str | None = None
    batch: int | None = None


@cache
def letters() -> dict[str, str]:
    """Channel → its letter in case numbers."""
    return {channel.key: channel.letter for channel in load().channels}


def empty_rows() -> Rows:
    """An empty list for every table, in the order they are written."""
    return {table: [] for table in TABLES}


def identity_of(incoming: Incoming) -> Identity:
    """The identity of an incoming's petitioner, as it is sealed."""
    person = incoming.petitioner
    return Identity(person.name, person.phone, person.id_number, person.home_address)


# What an inspection forwards has a term of its own from the day of receipt (督察转办).
FORWARDED = frozenset({"central_inspection", "provincial_inspection"})


def event_of(viewer: Viewer, incoming: Incoming, now: datetime, about: About) -> Event:
    """The event of the registration; it never holds an identity."""
    assert incoming.received_at is not None
    data: dict[str, object] = {
        "no": about.no,
        "channel": incoming.channel,
        "subchannel": incoming.subchannel,
        "source_no": incoming.source_no,
        "reachable": identity_of(incoming).reachable,
    }
    if incoming.subchannel in FORWARDED:
        data["forwarded"] = True
    return Event("register", now, incoming.received_at.date(), viewer.unit, about.submission_id,
                 viewer.person_id, data)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an incoming begins as: the same for all of one channel, day and reachability."""

    state: CaseState
    columns: Row
    clocks: tuple[Clock, ...]


class Beginnings(dict[tuple[str, bool, bool, date], Beginning]):
    """The beginnings of one writing, worked out once each: unit and moment are the same in it."""

    def of(self, incoming: Incoming, event: Event) -> Beginning:
        """The fold of the event of this incoming and its clocks."""
        reachable = bool(event.data["reachable"])
        key = incoming.channel, reachable, "forwarded" in event.data, event.on
        if key not in self:
            state = fold([event])
            facts = SubmissionFacts(event.submission or 0, incoming.channel, reachable)
            clocks = clocks_of([facts], state, [event])
            self[key] = Beginning(state, state_columns(state), tuple(clocks))
        return self[key]


def collect(
    rows: Rows, viewer: Viewer, incoming: Incoming, now: datetime, about: About, start: Beginning
) -> None:
    """Add the rows of one incoming."""
    case_id, place = about.case_id, incoming.division or 0
    identity = identity_of(incoming)
    rows[m.Case].append({**_case(incoming, now, about), **start.columns,
                         "changed_by": viewer.person_id})  # fmt: skip
    rows[m.Submission].append(_submission(viewer, incoming, now, about, identity.reachable))
    if incoming.petitioner:
        rows[m.Petitioner].append(
            petitioner_row(identity, about.submission_id, about.no, city_of(place))
        )
    rows[m.Demand].extend(_demands(incoming, case_id))
    rows[m.CaseCategory].extend(
        {"case_id": case_id, "sub": key, "main": key[0]}
        for key in dict.fromkeys(incoming.categories)
    )
    rows[m.CaseUnit].extend(unit_rows(case_id, place, start.state))
    for clock in start.clocks:
        row = clock_row(case_id, clock, None)
        if clock.submission is not None:
            row["submission_id"] = about.submission_id
        rows[m.Clock].append(row)


def petitioner_row(identity: Identity, submission_id: int, no: str, city: int) -> Row:
    """The sealed row of an identity."""
    return {
        "submission_id": submission_id,
        "sealed": seal(identity, no),
        "key_id": keys().id,
        **matches(identity, city),
    }


def words_of(incoming: Incoming) -> str:
    """The text a search finds the case by; no identity in it."""
    return " ".join((incoming.title, incoming.content, incoming.subject, incoming.address))


def _demands(incoming: Incoming, case_id: int) -> Iterable[Row]:
    # Nothing asked for is still one thing to answer: the matter itself.
    texts = incoming.demands or (incoming.title or incoming.content[:200],)
    return ({"case_id": case_id, "ordinal": n, "text": text} for n, text in enumerate(texts, 1))


def _case(incoming: Incoming, now: datetime, about: About) -> Row:
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


def _submission(
    viewer: Viewer, incoming: Incoming, now: datetime, about: About, reachable: bool
) -> Row:
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
        "reachable": reachable,
        "receiver": incoming.receiver or None,
        "outcome": incoming.visit_outcome or None,
        "recording_no": incoming.recording_no or None,
        "missing": ",".join(missing_stars(incoming, vocabulary())),
        "batch_id": about.batch,
        "idempotency_key": about.key,
    }
