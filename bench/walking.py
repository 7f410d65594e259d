"""A random walk over the table of steps: two cases, people at three levels, days passing.

Only steps the table permits are taken, each by somebody who sees the case; what a step records is
told by `bench.telling`. Nothing here knows a database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

from bench.telling import LEADING, About, possible, told
from domain.clocks import Clock, SubmissionFacts
from domain.history import Event, exempted, moments
from domain.people import Role, Viewer, above
from domain.scope import scope_of
from domain.statuses import Status
from domain.table import TABLE, Step
from domain.workflow import CaseState, apply, fold, refusal
from services.merged_rows import CARRIED
from services.oversight_checks import incomplete
from services.rows import clocks_of, unit_rows

PROVINCE, CITY, COUNTY = 320000, 320100, 320102
UNITS = (PROVINCE, CITY, COUNTY, 320104, 320500, 320505)
PLACES = (COUNTY, 320104, 320505)
ROLES = (Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR, Role.LEADER)
EVERYBODY = frozenset(ROLES) - {Role.LEADER}  # of a small unit: one person does it all
CHANNELS = ("phone", "letter", "web", "visit", "other")
# What is beside the way of a case is taken less often, so that most walks get somewhere.
RARELY = {"classify": 0.5, "instruct": 0.1, "charge": 0.1, "reception": 0.1, "follow_up": 0.2,
          "exempt": 0.1, "reopen": 0.1, "supervise": 0.2, "feedback": 0.5, "merge": 0.5,
          "separate": 0.4, "investigate": 0.3, "reassign": 0.4, "decline": 0.2, "transfer": 0.2,
          "decline_final": 0.3, "undeliverable": 0.2, "reclassify": 0.2,
          "pass_on": 0.5, "archive": 1.0, "reject": 0.5, "rate": 0.5}  # fmt: skip
PAUSES = (0, 0, 0, 1, 1, 2, 4, 9, 16, 31)  # days


@cache
def person(unit: int, role: Role | None) -> Viewer:
    """The person of a unit with a role; None is the one who has every role but a leader's."""
    number = unit * 10 + (ROLES.index(role) if role else 9)
    return Viewer(number, str(number), unit, str(unit), frozenset({role}) if role else EVERYBODY)


@cache
def _leaving(status: Status) -> tuple[list[Step], list[float]]:
    """The steps the table has from a status, with how often each is tried."""
    steps = [step for step in TABLE if status in step.sources]
    return steps, [RARELY.get(step.key, 3.0 if step.to else 1.0) for step in steps]


@dataclass
class Case:
    """A case on its way: its events, the state they give, its contacts and clocks."""

    number: int
    place: int
    channel: str
    contacts: list[SubmissionFacts]
    events: list[Event]
    state: CaseState
    clocks: list[Clock] = field(default_factory=list)

    def work_out(self) -> None:
        """Its clocks, from its events."""
        self.clocks = clocks_of(self.contacts, self.state, self.events, channel=self.channel)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do on it."""
        return self.state.has("archived") or self.state.merged_into is not None

    def seen_by(self, viewer: Viewer) -> bool:
        """Whether it lies in a person's scope."""
        scope = scope_of(viewer)
        units = (row["unit_code"] for row in unit_rows(self.number, self.place, self.state))
        return (scope.sealed or not self.state.sealed_on) and any(map(scope.covers, units))


@dataclass(frozen=True, slots=True)
class File:
    """What the completeness of an archive asks of a case that is in no database."""

    case: Case
    today: date

    @property
    def state(self) -> CaseState:
        """What the case has come to."""
        return self.case.state

    @property
    def events(self) -> list[Event]:
        """What happened to it."""
        return self.case.events

    def clock(self, *keys: str) -> Clock | None:
        """The latest clock of these keys that the case has."""
        found = [clock for clock in self.case.clocks if clock.key in keys]
        return max(found, key=lambda clock: clock.due_on, default=None)


def lacking(case: Case, today: date) -> list[str]:
    """What the file of a case lacks before it can be archived."""
    file: Any = File(case, today)
    return incomplete(file)


class Walk:
    """A walk by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng, self.minutes = Random(seed), 0
        self.today = date(2024, 1, 2) + timedelta(days=self.rng.randrange(700))
        self.cases = [self._registered(1), self._registered(2)]

    def _registered(self, number: int) -> Case:
        rng, place = self.rng, self.rng.choice(PLACES)
        unit = rng.choice((PROVINCE, above(place) or PROVINCE, place))
        reachable, channel = rng.random() < 0.75, rng.choice(CHANNELS)
        day = self.today - timedelta(days=rng.choice((0, 0, 1, 3, 20)))
        facts = SubmissionFacts(number * 10, channel, reachable, anonymous=not reachable)
        data: dict[str, Any] = {"no": str(number), "channel": channel, "reachable": reachable}
        if rng.random() < 0.1:
            data["forwarded"] = True
        clerk = person(unit, Role.CLERK)
        event = Event("register", datetime.combine(self.today, time(9)), day, unit, facts.id,
                      clerk.person_id, data)  # fmt: skip
        case = Case(number, place, channel, [facts], [event], fold([event]))
        case.work_out()
        return case

    @property
    def over(self) -> bool:
        """Whether nothing is left to do on either case."""
        return all(case.over for case in self.cases)

    def pause(self) -> None:
        """Some days pass, or none."""
        self.today += timedelta(days=self.rng.choice(PAUSES))

    def choose(self, tries: int = 60) -> tuple[Case, About] | None:
        """A permitted step with who takes it; None when none was found."""
        for _ in range(tries):
            case = self.rng.choice(self.cases)
            steps, often = _leaving(case.state.status)
            step = self.rng.choices(steps, often)[0]
            viewer = self._somebody(case, step)
            if refusal(step, case.state, viewer) or not case.seen_by(viewer):
                continue
            about = self.about(case, step, viewer)
            if possible(about) and self._fits(case, about):
                return case, about
        return None

    def _somebody(self, case: Case, step: Step) -> Viewer:
        state = case.state
        units = [state.holder, state.holder, above(state.holder), PROVINCE, state.sender,
                 state.organ, *state.assisting]  # fmt: skip
        unit = self.rng.choice([u for u in units if u])
        role = None if self.rng.random() < 0.15 else self.rng.choice(sorted(step.roles))
        return person(unit, role)

    def about(self, case: Case, step: Step, viewer: Viewer) -> About:
        """A step about to be taken now; the contact is the next that it is owed to."""
        submission = None
        if step.per_submission:
            done, owed = case.state.done.get(step.counted, frozenset()), case.state.owed
            open_ = [c.id for c in case.contacts if c.id not in done and (not owed or c.id in owed)]
            submission = (open_ or [case.contacts[0].id])[0]
        return About(step, case.state, case.events, viewer, self.today, UNITS, submission, self.rng)

    def _fits(self, case: Case, about: About) -> bool:
        match about.step.key:
            case "archive":
                return not lacking(case, self.today)
            case "merge":
                return joins(case, self._other(case), about)
            case "separate":
                return parts(case, self._other(case))
        return True

    def _other(self, case: Case) -> Case:
        return self.cases[2 - case.number]

    def step(self) -> list[tuple[Case, Event]]:
        """Take a step that is found: each event as it was written, with its case; or nothing."""
        found = self.choose()
        if found is None:
            return []
        written = list(self._events(*found))
        for case, event in written:
            write(case, event)
        for case, _ in written:
            case.work_out()
        return written

    def _events(self, case: Case, about: About) -> Iterator[tuple[Case, Event]]:
        other = self._other(case)
        if about.step.key == "merge":
            contacts = [
                joined(contact, other.events, other.state.owed) for contact in other.contacts
            ]
            data = {"other": other.number, "units": list(other.state.units), "reason": "同一事项",
                    "joined": contacts}  # fmt: skip
            case.contacts, other.contacts = [*case.contacts, *other.contacts], []
            yield case, self.event(about, data)
            yield other, self.event(about, {"other": case.number, "into": case.number}, "merged")
        elif about.step.key == "separate":
            ids = _joined_last(case)
            other.contacts = [one for one in case.contacts if one.id in ids]
            case.contacts = [one for one in case.contacts if one.id not in ids]
            yield case, self.event(about, {"other": other.number, "reason": "不是同一事项"})
            yield other, self.event(about, {"other": case.number}, "separated")
        else:
            yield case, self.event(about, told(about))

    def event(self, about: About, data: dict[str, Any], step: str = "") -> Event:
        """The event of a step, on the day it says."""
        day = data.get("delivered_on") or data.get("requested_on") or self.today.isoformat()
        self.minutes += 1
        at = datetime.combine(self.today, time(10)) + timedelta(minutes=self.minutes)
        return Event(step or about.step.key, at, date.fromisoformat(day), about.viewer.unit,
                     about.submission, about.viewer.person_id, data)  # fmt: skip


def write(case: Case, event: Event) -> None:
    """Add an event; a step that undoes another is folded anew, any other is applied."""
    case.events = [*case.events, event]
    undoes = event.step in ("separate", "separated")
    case.state = fold(case.events) if undoes else apply(case.state, event)


def joins(main: Case, other: Case, about: About) -> bool:
    """Whether the other case may be merged into the main one, as the service asks."""
    state, ours = other.state, main.state
    happened = {moment.kind for moment in moments(other.events)}
    led = sum(e.step in LEADING for e in other.events)
    done = sum(e.step == "follow_up" and e.data["finished"] for e in other.events)
    return not (
        not other.seen_by(about.viewer) or refusal(about.step, state, about.viewer)
        or state.has("merged") or happened & {"concluded", "forwarded"} or state.orders
        or (state.track and ours.track and state.track != ours.track)
        or (state.has("decided") and not ours.has("decided")) or led > done
    )  # fmt: skip


def parts(main: Case, other: Case) -> bool:
    """Whether the merging may be undone: nothing was said or found since of what was joined."""
    if other.state.merged_into != main.number or main.state.status is Status.TO_APPROVE:
        return False
    ids = set(_joined_last(main))
    at = max(i for i, e in enumerate(main.events) if e.step == "merge")
    left = [one for one in main.contacts if one.id not in ids]
    return not any(
        e.step in ("approve", "stage") or (main.state.simple and not any(c.reachable for c in left))
        or (e.submission in ids and (e.step != "notify" or e.data.get("delivered_on")))
        for e in main.events[at + 1 :]
    )  # fmt: skip


def _joined_last(main: Case) -> list[int]:
    made = next(e for e in reversed(main.events) if e.step == "merge")
    return [one["submission"] for one in made.data["joined"]]


def joined(
    contact: SubmissionFacts, events: Sequence[Event], owed: Sequence[int | None]
) -> dict[str, Any]:
    """A contact of a case that is merged: what happened to it, and when its case had arrived."""
    happened = moments(events)
    arrived = next((m for m in happened if m.kind == "arrived"), None)
    own = [m for m in happened if m.kind in CARRIED and m.submission == contact.id]
    kept = [*own, arrived] if arrived else own
    facts = [[m.kind, m.on.isoformat(), m.known.isoformat(), m.unit] for m in kept]
    return {"submission": contact.id, "reachable": contact.id in owed, "moments": facts,
            "exempt": exempted(events)}  # fmt: skip
