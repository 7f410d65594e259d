"""The state of a case, and how each event changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import SimpleNamespace

from domain.history import Event
from domain.people import province_of
from domain.statuses import Status, Track


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
    received_on: date | None = None
    decided_on: date | None = None
    ended_on: date | None = None
    concluded_on: date | None = None
    delivered_on: date | None = None
    simple: bool = False
    sealed_on: date | None = None
    done: Mapping[str, frozenset[int | None]] = field(default_factory=dict)

    def has(self, need: str) -> bool:
        """Whether a flag is set; `!flag` asks that it is not."""
        return need[1:] not in self.flags if need.startswith("!") else need in self.flags


_FIELDS = tuple(field.name for field in fields(CaseState))


class Draft:
    """A state while events are taken into it: changed in place, frozen once at the end."""

    def __init__(self, state: CaseState) -> None:
        self.now = SimpleNamespace(**{name: getattr(state, name) for name in _FIELDS})
        self.now.done = dict(state.done)

    def state(self) -> CaseState:
        """What it has come to; the draft takes no event after that."""
        return CaseState(**vars(self.now))

    def take(self, event: Event, to: Status | None) -> None:
        """One more event: `to` is the status its step leads to, the event says the rest."""
        now, data = self.now, event.data
        now.done[event.step] = now.done.get(event.step, frozenset()) | {event.submission}
        if to:
            now.status = to
        match event.step:
            case "register":
                self._registered(event)
            case "classify":
                self._classified(event)
            case "assign" | "reassign":
                now.holder = int(data["to"])
                self._had_by(now.holder)
            case "sign" | "conclude":
                now.handler = event.person
            case "accept":
                now.flags |= {"decided", "accepted"}
                now.simple, now.decided_on = bool(data.get("simple")), event.on
            case "decline" | "transfer":
                now.flags |= {"decided"}
                now.decided_on = now.ended_on = event.on
            case "approve":
                self._concluded(event)
            case "deliver":
                now.delivered_on = event.on
            case "callback":
                now.flags |= {"called_back"} if data.get("finished") else set()
                self._rated(data.get("rating"))
            case "rate":
                self._rated(data["rating"])

    def _had_by(self, unit: int) -> None:
        if unit not in self.now.units:
            self.now.units += (unit,)

    def _registered(self, event: Event) -> None:
        """The first registration says who has the case and since when."""
        now = self.now
        now.flags |= {"reachable"} if event.data.get("reachable") else set()
        if now.registrar == 0:
            now.registrar = now.holder = event.unit
            now.received_on = event.on
        self._had_by(event.unit)

    def _classified(self, event: Event) -> None:
        """An accusation is sealed and the province's at once (条例 第30条); put right, it opens."""
        now = self.now
        now.route, now.track = event.data["route"], Track(event.data["track"])
        now.flags |= {"classified"}
        now.sealed_on = None
        if now.track is Track.ACCUSATION:
            now.sealed_on, now.holder = event.at.date(), province_of(event.unit)
            self._had_by(now.holder)

    def _concluded(self, event: Event) -> None:
        now, conclusion = self.now, str(event.data["conclusion"])
        now.status = Status.STAGED if event.data.get("staged") else Status.CONCLUDED
        now.flags |= {conclusion} if conclusion == "unsubstantiated" else set()
        now.conclusion = conclusion
        now.concluded_on = now.concluded_on or event.on
        now.ended_on = now.ended_on or event.on

    def _rated(self, rating: object) -> None:
        if rating:
            self.now.rating = int(str(rating))
            self.now.flags |= {"rated"}
