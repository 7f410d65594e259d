"""The rows an incoming becomes: its case, submission, sealed petitioner, demands and clocks.

Rows are tuples of plain values (a day and a moment as text, as both databases take them), so that
they can be made elsewhere than where they are written.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from db.inserts import Lean, Plain, lean
from db.words import pairs
from domain.clocks import SubmissionFacts
from domain.history import Event
from domain.people import Viewer, city_of
from domain.workflow import fold
from intake.checks import missing_stars
from intake.model import Incoming
from rules import load
from services.identity import Identity, matches, seal
from services.keys import Keys
from services.rows import clock_row, clocks_of, state_columns, unit_rows
from services.trace import Told, told
from services.vocabulary import vocabulary


class About(NamedTuple):
    """What a registration gives an incoming: ids, numbers and the key it came with."""

    case_id: int
    submission_id: int
    no: str
    code: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """What is the same for all incomings of one writing."""

    viewer: Viewer
    now: datetime
    batch: int | None = None


@dataclass(slots=True)
class Made:
    """The rows of many incomings by table, in the order they are written; words and events."""

    tables: dict[str, Lean] = field(default_factory=dict)
    words: list[tuple[int, str]] = field(default_factory=list)
    events: list[Told] = field(default_factory=list)


_STATE = (
    "status", "track", "route", "registered_unit", "holder_unit", "handler_id", "received_on",
    "received_month", "decided_on", "ended_on", "ended_month", "concluded_on", "delivered_on",
    "conclusion", "rating", "simple", "sealed",
)  # fmt: skip
_CLOCK = (
    "key", "ordinal", "unit_code", "city_code", "started_on", "known_on", "first_due_on", "due_on",
    "provisional", "done_on", "shown_on", "duty", "exempt", "sealed", "named", "rule_since",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    "cases": (
        "id", "no", "title", "place_code", "place_city", "address", "lon", "lat", "subject_name",
        "subject_code", "industry", "channel", "subchannel", "registered_on", "is_group",
        "is_repeat", "confidential", "urgency", "kinds", "submissions", "changed_at", "changed_by",
        "version", *_STATE,
    ),
    "submissions": (
        "id", "case_id", "no", "query_code", "channel", "subchannel", "source_no", "received_at",
        "registered_at", "registered_on", "registered_unit", "registered_city", "registered_by",
        "content", "time_pattern", "urgency", "first_or_repeat", "persons", "anonymous",
        "confidential", "e_delivery", "reachable", "receiver", "outcome", "recording_no",
        "missing", "batch_id", "idempotency_key",
    ),
    "petitioners": ("submission_id", "sealed", "key_id", "phone_hash", "id_hash", "person_hash"),
    "demands": ("case_id", "ordinal", "text"),
    "case_categories": ("case_id", "sub", "main"),
    "case_units": ("case_id", "unit_code"),
    "clocks": ("case_id", "submission_id", *_CLOCK),
}  # fmt: skip


@cache
def letters() -> dict[str, str]:
    """Channel → its letter in case numbers."""
    return {channel.key: channel.letter for channel in load().channels}


def identity_of(incoming: Incoming) -> Identity:
    """The identity of an incoming's petitioner, as it is sealed."""
    person = incoming.petitioner
    return Identity(person.name, person.phone, person.id_number, person.home_address)


@lru_cache(maxsize=8192, typed=True)
def plain(value: Any) -> Any:
    """A value as both databases take it: moments and days as text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


# What an inspection forwards has a term of its own from the day of receipt (督察转办).
FORWARDED = frozenset({"central_inspection", "provincial_inspection"})


def event_of(writing: Writing, incoming: Incoming, about: About, reachable: bool) -> Event:
    """The event of the registration; it never holds an identity."""
    assert incoming.received_at is not None
    data: dict[str, object] = {
        "no": about.no,
        "channel": incoming.channel,
        "subchannel": incoming.subchannel,
        "source_no": incoming.source_no,
        "reachable": reachable,
    }
    if incoming.subchannel in FORWARDED:
        data["forwarded"] = True
    viewer = writing.viewer
    return Event("register", writing.now, incoming.received_at.date(), viewer.unit,
                 about.submission_id, viewer.person_id, data)  # fmt: skip


class Beginning:
    """What an incoming begins as: the same for all of one channel, day and kind of petitioner."""

    def __init__(self, event: Event, facts: SubmissionFacts) -> None:
        self.state = fold([event])
        columns = state_columns(self.state)
        self.columns = tuple(plain(columns[name]) for name in _STATE)
        self._clocks = []
        for clock in clocks_of([facts], self.state, [event]):
            row = clock_row(0, clock, None)
            own = clock.submission is not None
            self._clocks.append((own, tuple(plain(row[name]) for name in _CLOCK)))
        self._units: dict[int, tuple[int, ...]] = {}

    def clocks(self, about: About) -> Iterable[Plain]:
        """The rows of its clocks."""
        case_id, submission = about.case_id, about.submission_id
        return [(case_id, submission if own else None, *rest) for own, rest in self._clocks]

    def units(self, case_id: int, place: int) -> Iterable[Plain]:
        """The units for which it is visible."""
        if place not in self._units:
            found = unit_rows(0, place, self.state)
            self._units[place] = tuple(row["unit_code"] for row in found)
        return [(case_id, unit) for unit in self._units[place]]


class Beginnings(dict[tuple[str, bool, bool, bool, date], Beginning]):
    """The beginnings of one writing, worked out once each: unit and moment are the same in it."""

    def of(self, incoming: Incoming, event: Event) -> Beginning:
        """The fold of the event of this incoming and its clocks."""
        reachable, anonymous = bool(event.data["reachable"]), incoming.anonymous
        key = incoming.channel, reachable, anonymous, "forwarded" in event.data, event.on
        if key not in self:
            facts = SubmissionFacts(event.submission or 0, incoming.channel, reachable, anonymous)
            self[key] = Beginning(event, facts)
        return self[key]


def make(
    writing: Writing, incomings: Sequence[Incoming], abouts: Sequence[About], keys: Keys
) -> Made:
    """All rows of some incomings; nothing is read and nothing written."""
    made, starts = Made(), Beginnings()
    tables: dict[str, list[Plain]] = {table: [] for table in COLUMNS}
    for incoming, about in zip(incomings, abouts, strict=True):
        identity = identity_of(incoming)
        event = event_of(writing, incoming, about, identity.reachable)
        made.events.append(told(event, about.case_id, writing.viewer.ip))
        made.words.append((about.case_id, pairs(words_of(incoming))))
        _collect(tables, writing, incoming, about, identity, starts.of(incoming, event), keys)
    made.tables = {table: lean(COLUMNS[table], rows) for table, rows in tables.items()}
    return made


def _collect(
    tables: dict[str, list[Plain]],
    writing: Writing,
    incoming: Incoming,
    about: About,
    identity: Identity,
    start: Beginning,
    keys: Keys,
) -> None:
    case_id, place = about.case_id, incoming.division or 0
    tables["cases"].append(_case(writing, incoming, about) + start.columns)
    tables["submissions"].append(_submission(writing, incoming, about, identity.reachable))
    if incoming.petitioner:
        tables["petitioners"].append(_petitioner(identity, about, city_of(place), keys))
    # Nothing asked for is still one thing to answer: the matter itself.
    texts = incoming.demands or (incoming.title or incoming.content[:200],)
    tables["demands"] += [(case_id, n, text) for n, text in enumerate(texts, 1)]
    kinds = sorted(set(incoming.categories))
    tables["case_categories"] += [(case_id, sub, sub[0]) for sub in kinds]
    tables["case_units"] += start.units(case_id, place)
    tables["clocks"] += start.clocks(about)


def words_of(incoming: Incoming) -> str:
    """The text a search finds the case by; no identity in it."""
    return " ".join((incoming.title, incoming.content, incoming.subject, incoming.address))


def _petitioner(identity: Identity, about: About, city: int, keys: Keys) -> Plain:
    found = matches(identity, city, keys)
    hashes = found["phone_hash"], found["id_hash"], found["person_hash"]
    return (about.submission_id, seal(identity, about.no, keys), keys.id, *hashes)


def _case(writing: Writing, incoming: Incoming, about: About) -> Plain:
    place = incoming.division or 0
    return (
        about.case_id, about.no, incoming.title or incoming.content[:40], place, city_of(place),
        incoming.address, incoming.longitude, incoming.latitude, incoming.subject or "不明",
        incoming.credit_code or None, incoming.industry or None, incoming.channel,
        incoming.subchannel, plain(writing.now.date()), incoming.group, bool(incoming.repeat),
        incoming.confidential, incoming.urgency or "normal",
        ",".join(sorted(set(incoming.categories))), 1, plain(writing.now),
        writing.viewer.person_id, 1,
    )  # fmt: skip


def _submission(writing: Writing, incoming: Incoming, about: About, reachable: bool) -> Plain:
    viewer, moment = writing.viewer, plain(writing.now)
    return (
        about.submission_id, about.case_id, about.no, about.code, incoming.channel,
        incoming.subchannel, incoming.source_no or None, plain(incoming.received_at), moment,
        plain(writing.now.date()), viewer.unit, city_of(viewer.unit), viewer.person_id,
        incoming.content or incoming.title, incoming.time_pattern or None,
        incoming.urgency or "normal", "repeat" if incoming.repeat else "first",
        incoming.headcount or 1, incoming.anonymous, incoming.confidential,
        incoming.electronic_delivery, reachable, incoming.receiver or None,
        incoming.visit_outcome or None, incoming.recording_no or None,
        ",".join(missing_stars(incoming, vocabulary())), writing.batch, about.key,
    )  # fmt: skip
