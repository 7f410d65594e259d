"""Clocks: worked out from what happened, by the rule in force when each one started."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.clock_rules import ClockRule, Owner, Per
from domain.history import Event, Moment, moments
from domain.lights import Light, Lights
from domain.people import province_of
from domain.terms import Due, due
from domain.workdays import Calendar

MOST_EXTENSION = 30  # days, 条例 第34条


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What clocks need to know of one submission."""

    id: int
    channel: str
    reachable: bool
    anonymous: bool = False


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
    named: bool = False  # of a submission whose petitioner gave a name

    @property
    def late(self) -> bool:
        """Done after the due date: a fact that nothing erases."""
        return self.done_on is not None and self.done_on > self.due_on

    def overdue(self, today: date) -> bool:
        """Not done and past due: the duty of a unit, not exempted."""
        return self.duty and not self.exempt and self.done_on is None and self.due_on < today


def work_out(
    facts: CaseFacts, events: Sequence[Event], rules: Sequence[ClockRule], calendar: Calendar
) -> list[Clock]:
    """All clocks of a case from its events, ordered by rule and start.

    `rules` holds every dated rule; the one in force on the day a clock started counts.
    Nothing here looks at today's date: the same history always gives the same clocks.
    """
    happened = moments(events)
    holders = _holders(happened)
    kinds = {m.kind for m in happened}
    moving = [e for e in events if e.step in ("extend", "hold_hearing", "exempt")]
    clocks: list[Clock] = []
    for versions in _by_key(rules):
        if versions[0].starts not in kinds:
            continue
        for start, after, ordinal, submission in _starts(versions[0], happened, facts):
            fitting = _in_force(versions, start, facts, submission)
            first = _due(fitting, start, 0, calendar) if fitting else None
            if fitting and first:
                stop = _stop(fitting, start, submission, happened[after:])
                clock = _clock(fitting, start, first, stop, submission, ordinal)
                if moving:
                    clock = _moved(clock, fitting, start, moving, calendar)
                clocks.append(_owned(clock, fitting, start, holders))
    return clocks


_grouped: tuple[Sequence[ClockRule], list[list[ClockRule]]] | None = None


def _by_key(rules: Sequence[ClockRule]) -> list[list[ClockRule]]:
    """The dated rules of each clock; the same rules as last time are not grouped again."""
    global _grouped
    known = _grouped
    if known and known[0] is rules and isinstance(rules, tuple):
        return known[1]
    by_key: dict[str, list[ClockRule]] = {}
    for rule in rules:
        by_key.setdefault(rule.key, []).append(rule)
    _grouped = (rules, list(by_key.values()))
    return _grouped[1]


def _holders(happened: list[Moment]) -> list[tuple[date, int]]:
    """Who had the case from which day: the first registrar, then each unit it arrived at."""
    first = next((m for m in happened if m.kind == "registered"), None)
    arrived = [(m.on, m.unit) for m in happened if m.kind == "arrived"]
    return [(first.on, first.unit), *arrived] if first else arrived


def _starts(
    rule: ClockRule, happened: list[Moment], facts: CaseFacts
) -> Iterator[tuple[Moment, int, int, SubmissionFacts | None]]:
    """Each start, where its stops are looked for, its ordinal and its submission.

    A step taken again does not restart a clock: the first counts. A new order is a new clock.
    """
    found = [(m, i) for i, m in enumerate(happened) if m.kind == rule.starts]
    if rule.per is Per.SUBMISSION:
        for submission in facts.submissions:
            own = [m for m, _ in found if m.submission in (None, submission.id)]
            if own:
                yield _since_receipt(own[0], submission, happened), 0, 1, submission
    elif rule.per is Per.UNIT:
        first = {m.unit: m for m, _ in reversed(found)}
        for ordinal, unit in enumerate(dict.fromkeys(m.unit for m, _ in found), 1):
            yield first[unit], 0, ordinal, None
    elif rule.per is Per.ORDER:
        named = [(m, i) for m, i in found if m.until or rule.term]
        for ordinal, (moment, index) in enumerate(named, 1):
            yield moment, index, ordinal, None
    elif found:
        yield found[0][0], 0, 1, None


def _since_receipt(start: Moment, submission: SubmissionFacts, happened: list[Moment]) -> Moment:
    """A submission joined to a running case is owed nothing before it was received."""
    for moment in happened:
        if moment.kind == "received" and moment.submission == submission.id:
            if moment.on > start.on:
                return replace(start, on=moment.on, known=moment.known)
            return start
    return start


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
    first: Due,
    stop: Moment | None,
    submission: SubmissionFacts | None,
    ordinal: int,
) -> Clock:
    return Clock(
        key=rule.key,
        submission=submission.id if submission else None,
        ordinal=ordinal,
        unit=start.unit,
        started_on=start.on,
        known_on=start.known,
        first_due_on=first.on,
        due_on=first.on,
        provisional=first.provisional,
        done_on=stop.on if stop else None,
        shown_on=stop.known if stop else None,
        duty=rule.duty,
        exempt=False,
        rule_since=rule.since,
        named=submission is not None and not submission.anonymous,
    )


def _due(rule: ClockRule, start: Moment, more_days: int, calendar: Calendar) -> Due | None:
    """The date the order names, or else the rule's term; None where neither says."""
    if start.until:
        end = start.until + timedelta(days=more_days)
        return Due(end, calendar.is_provisional(end))
    if rule.term is None:
        return None
    term = replace(rule.term, length=rule.term.length + more_days) if more_days else rule.term
    return due(start.on, term, calendar)


def _moved(
    clock: Clock, rule: ClockRule, start: Moment, events: Sequence[Event], calendar: Calendar
) -> Clock:
    """The clock with what moves or sets it aside: an extension, hearing days, an exemption."""
    extended = False
    days = 0
    for event in events:
        if event.step == "exempt" and rule.key in event.data["clocks"]:
            clock = replace(clock, exempt=True)
        elif event.step == "extend" and rule.extendable and not extended:
            extended = True
            days += _granted(event, clock.due_on)
        elif event.step == "hold_hearing" and rule.suspendable and _in_time(event, clock.due_on):
            days += max(int(event.data["days"]), 0)
        else:
            continue
        later = _due(rule, start, days, calendar) if days else None
        if later:
            clock = replace(clock, due_on=later.on, provisional=later.provisional)
    return clock


def _in_time(event: Event, due_on: date) -> bool:
    return event.at.date() <= due_on and event.on <= due_on


def _granted(event: Event, due_on: date) -> int:
    """Days of the one extension, if approved and told by the original due date (条例 第34条)."""
    told = event.data.get("told_on")
    told_in_time = not told or date.fromisoformat(told) <= due_on
    granted = min(max(int(event.data["days"]), 0), MOST_EXTENSION)
    return granted if told_in_time and _in_time(event, due_on) else 0


def _stop(
    rule: ClockRule, start: Moment, submission: SubmissionFacts | None, happened: list[Moment]
) -> Moment | None:
    """The first moment that stops the clock; lateness is a fact that nothing later erases."""
    for moment in happened:
        if moment.kind not in rule.stops:
            continue
        if submission and moment.submission not in (None, submission.id):
            continue
        if rule.per is Per.UNIT and moment.unit != start.unit:
            continue
        return moment
    return None


def _owned(clock: Clock, rule: ClockRule, start: Moment, holders: list[tuple[date, int]]) -> Clock:
    """The unit responsible when the clock fell due owns it; before that, the one that has it."""
    unit = clock.unit
    if rule.owner is Owner.PROVINCE:
        unit = province_of(start.unit)
    elif rule.owner is Owner.REGISTRAR:
        unit = holders[0][1] if clock.submission is None else start.unit
    elif rule.owner is Owner.HOLDER:
        judged = min(clock.due_on, clock.done_on) if clock.done_on else clock.due_on
        held = [unit for on, unit in holders if on <= judged]
        unit = held[-1] if held else start.unit
    return clock if unit == clock.unit else replace(clock, unit=unit)


__all__ = [
    "CaseFacts", "Clock", "ClockRule", "Light", "Lights", "Owner", "Per", "SubmissionFacts",
    "work_out",
]  # fmt: skip
