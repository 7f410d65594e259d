"""The state of a case, and how each event changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import SimpleNamespace

from domain.history import Event
from domain.people import province_of
from domain.statuses import Status, Track
from domain.turns import MORE


@dataclass(frozen=True, slots=True)
class CaseState:
    """The state of a case: what the fold of its events gives, and nothing else."""

    status: Status = Status.REGISTERED
    track: Track | None = None
    route: str | None = None
    registrar: int = 0
    holder: int = 0
    units: tuple[int, ...] = ()  # every unit that ever held it
    flags: frozenset[str] = frozenset()
    conclusion: str | None = None
    rating: int | None = None
    handler: int | None = None
    handlers: frozenset[int] = frozenset()  # who worked on it: they judge it nowhere
    received_on: date | None = None
    decided_on: date | None = None
    ended_on: date | None = None
    concluded_on: date | None = None
    delivered_on: date | None = None
    simple: bool = False
    sealed_on: date | None = None
    senders: Mapping[int, int] = field(default_factory=dict)  # unit → who gave it the case
    assisting: tuple[int, ...] = ()
    owed: tuple[int | None, ...] = ()  # submissions whose petitioner can be reached
    passed: frozenset[int] = frozenset()  # units it was passed on to: they report no result
    returned: frozenset[int] = frozenset()  # units that returned it: each may once
    resume: Status | None = None  # where a refused return goes on
    organ: int | None = None  # of the review
    checked_on: date | None = None
    archived_on: date | None = None
    merged_into: int | None = None
    orders: Mapping[int, int] = field(default_factory=dict)  # open supervisions → who ordered
    actions: frozenset[int] = frozenset()  # leaders' matters still to do, by their number
    done: Mapping[str, frozenset[int | None]] = field(default_factory=dict)

    def has(self, need: str) -> bool:
        """Whether a flag is set; `!flag` asks that it is not."""
        return need[1:] not in self.flags if need.startswith("!") else need in self.flags

    @property
    def sender(self) -> int | None:
        """The unit that gave the case to its holder."""
        return self.senders.get(self.holder)


# What makes a person one who handled the matter; signing for it is not handling it.
HANDLING = frozenset({"investigate", "apply_extension", "conclude", "rectify"})
_FIELDS = tuple(field.name for field in fields(CaseState))


class Draft:
    """A state while events are taken into it: changed in place, frozen once at the end."""

    def __init__(self, state: CaseState) -> None:
        self.now = SimpleNamespace(**{name: getattr(state, name) for name in _FIELDS})
        self.now.done = dict(state.done)
        self.now.senders, self.now.orders = dict(state.senders), dict(state.orders)

    def state(self) -> CaseState:
        """What it has come to; the draft takes no event after that."""
        return CaseState(**vars(self.now))

    def take(self, event: Event, to: Status | None) -> None:
        """One more event: `to` is the status its step leads to, the event says the rest."""
        now, data = self.now, event.data
        self._count(event.step, event.submission)
        before = now.status
        if to:
            now.status = to
        if event.step in HANDLING and event.person is not None:
            now.handlers |= {event.person}
        match event.step:
            case "register":
                self._registered(event)
            case "classify" | "reclassify":
                self._classified(event)
            case "assign" | "reassign" | "pass_on":
                self._given(event)
            case "sign" | "conclude":
                now.handler = event.person
            case "accept":
                now.flags |= {"decided", "accepted"}
                now.simple, now.decided_on = bool(data.get("simple")), event.on
            case "decline" | "decline_final" | "transfer":
                now.flags |= {"decided"}
                now.decided_on = now.ended_on = event.on
            case "approve" | "stage":
                self._concluded(event)
            case "deliver":
                now.delivered_on = event.on
            case "notify" if data.get("delivered_on"):
                self._count("notified", event.submission)
            case "callback":
                if data.get("finished"):
                    self._count("called_back", event.submission)
                self._rated(data.get("rating"), event.submission)
            case "rate":
                self._rated(data["rating"], event.submission)
            case step if step in MORE:
                MORE[step](now, event, before)

    def _count(self, key: str, submission: int | None) -> None:
        done = self.now.done
        done[key] = done.get(key, frozenset()) | {submission}

    def _had_by(self, unit: int) -> None:
        if unit not in self.now.units:
            self.now.units += (unit,)

    def _given(self, event: Event) -> None:
        """A unit gets the case, and may return it once to who gave it."""
        now, to = self.now, int(event.data["to"])
        on = event.step == "pass_on" or (event.step == "reassign" and now.holder in now.passed)
        now.passed = now.passed | {to} if on else now.passed - {to}
        if event.step != "reassign" or event.unit != to:
            now.senders[to] = event.unit
        now.holder, now.resume = to, None
        now.flags = (now.flags | {"sent"}) - {"returned", "passed_on"}
        now.flags |= {"passed_on"} if on else set()
        if to in now.returned:
            now.flags |= {"returned"}
        self._had_by(to)
        now.assisting = tuple(data_units(event.data.get("assist")))
        for unit in now.assisting:
            self._had_by(unit)

    def _registered(self, event: Event) -> None:
        """The first registration says who has the case and since when."""
        now = self.now
        if event.data.get("reachable"):
            now.flags |= {"reachable"}
            now.owed += (event.submission,)
        if now.registrar == 0:
            now.registrar = now.holder = event.unit
            now.received_on = event.on
        self._had_by(event.unit)

    def _classified(self, event: Event) -> None:
        """An accusation is sealed and the province's at once (条例 第30条); put right, it opens."""
        now = self.now
        now.route, now.track = event.data["route"], Track(event.data["track"])
        now.flags |= {"classified"}
        now.sealed_on, now.flags = None, now.flags - {"sealed"}
        if now.track is Track.ACCUSATION:
            now.sealed_on, now.holder = event.at.date(), province_of(event.unit)
            now.status = Status.TO_ASSIGN
            now.flags |= {"sealed"}
            self._had_by(now.holder)

    def _concluded(self, event: Event) -> None:
        now, conclusion = self.now, str(event.data["conclusion"])
        if event.data.get("staged"):
            now.status = Status.STAGED
        if now.status is Status.STAGED:
            now.flags = (now.flags | {"staged"}) - {"rectified"}
        now.flags |= {conclusion} if conclusion == "unsubstantiated" else set()
        now.conclusion = conclusion
        now.concluded_on = now.concluded_on or event.on
        now.ended_on = now.ended_on or event.on

    def _rated(self, rating: object, submission: int | None) -> None:
        if rating:
            self.now.rating = int(str(rating))
            self._count("rated", submission)


def data_units(value: object) -> list[int]:
    """Unit codes as a step recorded them."""
    return [int(unit) for unit in value] if isinstance(value, list) else []
