"""Clocks: worked out from what happened, by the rule in force when each one started."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from domain.history import Event, Moment, moments
from domain.people import province_of
from domain.terms import Due, Term, due
from domain.workdays import Calendar


class Per(StrEnum):
    """What has one clock of a kind: the case, each submission, or each unit it arrives at."""

    CASE = "case"
    SUBMISSION = "submission"
    UNIT = "unit"
    ORDER = "order"


class Owner(StrEnum):
    """Whose clock it is: who registered, who held the case when it fell due, or the province."""

    REGISTRAR = "registrar"
    HOLDER = "holder"
    ARRIVED = "arrived"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One dated rule: in force for clocks that start from `since` until the next of its key."""

    key: str
    label: str
    starts: str
    stops: tuple[str, ...]
    term: Term | None  # None: the order or the plan names the date
    rolls: bool
    per: Per
    owner: Owner
    duty: bool  # False: a window of the petitioner's, never overdue for a unit
    extendable: bool
    basis: str
    since: date
    baseline: bool = False  # †: an administrator may change it
    reachable: bool = False  # applies only where the petitioner can be reached
    channels: frozenset[str] = frozenset()  # empty: all
    tracks: frozenset[str] = frozenset()  # empty: all
    simple: bool | None = None  # True: only in the simple procedure; False: only outside it
    suspendable: bool = False  # hearing days do not count


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What clocks need to know of one submission."""

    id: int
    channel: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What clocks need to know of a case beside its events."""

    submissions: tuple[SubmissionFacts, ...]
    track: str | None
    simple: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case. `done_on` None: running. `known_on`/`shown_on`: when recorded."""

    key: str
    submission: int | None
    ordinal: int  # 1, 2 … for clocks a case has once per unit
    unit: int  # responsible when it fell due, or now
    started_on: date
    known_on: date
    first_due_on: date
    due_on: date
    provisional: bool
    done_on: date | None
    shown_on: date | None
    duty: bool
    exempt: bool
    rule_since: date

    @property
    def late(self) -> bool:
        """Done after the due date: a fact that nothing erases."""
        return self.done_on is not None and self.done_on > self.due_on

    def overdue(self, today: date) -> bool:
        """Not done and past due: the duty of a unit, not exempted."""
        return self.duty and not self.exempt and self.done_on is None and self.due_on < today


class Light(StrEnum):
    """红 overdue; 橙 due today or the next workday; 黄 within three workdays; 绿 otherwise."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Lights:
    """The last due dates of each light on a given day; the same dates serve SQL and Python."""

    today: date
    orange_until: date
    yellow_until: date

    @classmethod
    def on(cls, today: date, calendar: Calendar) -> "Lights":
        """The limits of the lights for `today`."""
        return cls(today, calendar.advance(today, 1), calendar.advance(today, 3))

    def of(self, due_on: date) -> Light:
        """The light of a running clock due on `due_on`."""
        if due_on < self.today:
            return Light.RED
        if due_on <= self.orange_until:
            return Light.ORANGE
        return Light.YELLOW if due_on <= self.yellow_until else Light.GREEN


def work_out(
    facts: CaseFacts, events: Sequence[Event], rules: Sequence[ClockRule], calendar: Calendar
) -> list[Clock]:
    """All clocks of a case from its events, ordered by rule and start.

    `rules` holds every dated rule; the one in force on the day a clock started counts.
    Nothing here looks at today's date: the same history always gives the same clocks.
    """
    happened = moments(events)
    holders = [(m.on, m.unit) for m in happened if m.kind in ("registered", "arrived")]
    clocks: list[Clock] = []
    for key in dict.fromkeys(rule.key for rule in rules):
        versions = [rule for rule in rules if rule.key == key]
        for start, ordinal, submission in _starts(versions[0], happened, facts):
            rule = _in_force(versions, start, facts, submission)
            if rule:
                clock = _clock(rule, start, submission, ordinal, happened, events, calendar)
                if clock:
                    clocks.append(_owned(clock, rule, start, holders))
    return clocks


def _starts(
    rule: ClockRule, happened: list[Moment], facts: CaseFacts
) -> Iterable[tuple[Moment, int, SubmissionFacts | None]]:
    """The starting moments: a step taken again does not restart a clock, so the first counts."""
    found = [m for m in happened if m.kind == rule.starts]
    if rule.per is Per.SUBMISSION:
        for submission in facts.submissions:
            own = [m for m in found if m.submission in (None, submission.id)]
            if own:
                yield own[0], 1, submission
    elif rule.per is Per.UNIT:
        first = {m.unit: m for m in reversed(found)}
        for ordinal, moment in enumerate(dict.fromkeys(first[m.unit] for m in found), 1):
            yield moment, ordinal, None
    elif found:
        yield found[0], 1, None


def _in_force(
    versions: list[ClockRule], start: Moment, facts: CaseFacts, submission: SubmissionFacts | None
) -> ClockRule | None:
    fitting = [r for r in versions if r.since <= start.on and _applies(r, facts, submission)]
    return max(fitting, key=lambda r: r.since, default=None)


def _applies(rule: ClockRule, facts: CaseFacts, submission: SubmissionFacts | None) -> bool:
    asked = (submission,) if submission else facts.submissions
    if rule.reachable and not any(s.reachable for s in asked):
        return False
    if rule.channels and asked[0].channel not in rule.channels:
        return False
    if rule.tracks and facts.track not in rule.tracks:
        return False
    return rule.simple is None or rule.simple == facts.simple


def _clock(
    rule: ClockRule,
    start: Moment,
    submission: SubmissionFacts | None,
    ordinal: int,
    happened: list[Moment],
    events: Sequence[Event],
    calendar: Calendar,
) -> Clock | None:
    first = _due(rule, start, 0, calendar)
    if first is None:
        return None
    stop = _stop(rule, start, submission, happened)
    days = _extension(rule, first.on, events) + _hearing(rule, events)
    final = _due(rule, start, days, calendar) if days else first
    assert final is not None
    return Clock(
        key=rule.key,
        submission=submission.id if submission else None,
        ordinal=ordinal,
        unit=start.unit,
        started_on=start.on,
        known_on=start.known,
        first_due_on=first.on,
        due_on=final.on,
        provisional=final.provisional,
        done_on=stop.on if stop else None,
        shown_on=stop.known if stop else None,
        duty=rule.duty,
        exempt=_exempted(rule.key, events),
        rule_since=rule.since,
    )


def _due(rule: ClockRule, start: Moment, more_days: int, calendar: Calendar) -> Due | None:
    if rule.term is None:
        if start.until is None:
            return None
        end = start.until + timedelta(days=more_days)
        return Due(end, calendar.is_provisional(end))
    return due(start.on, replace(rule.term, length=rule.term.length + more_days), calendar)


def _stop(
    rule: ClockRule, start: Moment, submission: SubmissionFacts | None, happened: list[Moment]
) -> Moment | None:
    for moment in happened:
        if moment.kind not in rule.stops:
            continue
        if submission and moment.submission not in (None, submission.id):
            continue
        if rule.per is Per.UNIT and moment.unit != start.unit:
            continue
        return moment
    return None


def _extension(rule: ClockRule, due_on: date, events: Sequence[Event]) -> int:
    """Days of the one extension, if approved and told by the original due date (条例 第34条)."""
    if not rule.extendable:
        return 0
    for event in events:
        if event.step == "extend":
            in_time = event.at.date() <= due_on and event.on <= due_on
            return min(int(event.data["days"]), 30) if in_time else 0
    return 0


def _hearing(rule: ClockRule, events: Sequence[Event]) -> int:
    """Only a hearing suspends a clock, and only the re-review's (条例 第36条)."""
    if not rule.suspendable:
        return 0
    return sum(int(e.data["days"]) for e in events if e.step == "hold_hearing")


def _exempted(key: str, events: Sequence[Event]) -> bool:
    return any(e.step == "exempt" and key in e.data["clocks"] for e in events)


def _owned(
    clock: Clock, rule: ClockRule, start: Moment, holders: list[tuple[date, int]]
) -> Clock:
    """The unit responsible when the clock fell due owns it; before that, the one that has it."""
    if rule.owner is Owner.PROVINCE:
        return replace(clock, unit=province_of(start.unit))
    if rule.owner is Owner.REGISTRAR:
        return replace(clock, unit=holders[0][1] if clock.submission is None else start.unit)
    if rule.owner is Owner.ARRIVED:
        return clock
    judged = min(clock.due_on, clock.done_on) if clock.done_on else clock.due_on
    held = [unit for on, unit in holders if on <= judged]
    return replace(clock, unit=held[-1] if held else start.unit)
