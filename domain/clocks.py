"""Clocks: worked out from what happened, by the rule in force when each one started."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from domain.clock_rules import ClockRule, Owner, Per
from domain.history import Event, Moment, exempt_apart, moments
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
    channel: str = ""  # of the case; needed where another case has its contacts now


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


class _Start(NamedTuple):
    """A start of a clock: where its stops are looked for, its ordinal and its submission."""

    moment: Moment
    after: int
    ordinal: int
    submission: SubmissionFacts | None


Found = Mapping[str, Sequence[tuple[Moment, int]]]  # moments of a kind, each with its place


def work_out(
    facts: CaseFacts, events: Sequence[Event], rules: Sequence[ClockRule], calendar: Calendar
) -> list[Clock]:
    """All clocks of a case from its events, ordered by rule and start.

    `rules` holds every dated rule; the one in force on the day a clock started counts.
    Nothing here looks at today's date: the same history always gives the same clocks.
    """
    happened = moments(events)
    found: dict[str, list[tuple[Moment, int]]] = {}
    joined: dict[int, Moment] = {}  # when a contact of a merged case had arrived with its own
    for place, moment in enumerate(happened):
        if moment.kind == "arrived" and moment.submission is not None:
            joined.setdefault(moment.submission, moment)
        else:
            found.setdefault(moment.kind, []).append((moment, place))
    holders = _holders(found)
    moving = [e for e in events if e.step in ("extend", "hold_hearing", "exempt")]
    apart = exempt_apart(events)
    clocks: list[Clock] = []
    for versions in _by_key(rules):
        arrival = versions[0].starts == "arrived"
        if versions[0].starts not in found and not (arrival and joined):
            continue
        for start in _starts(versions[0], found, facts, joined if arrival else {}):
            rule = _in_force(versions, start, facts)
            first = _due(rule, start.moment, 0, calendar) if rule else None
            if rule and first:
                stop = _stop(rule, start, happened)
                last, exempt = _moved(rule, start.moment, first, moving, calendar)
                if start.submission and start.submission.id in apart:
                    exempt = rule.key in apart[start.submission.id]
                unit = _owner(rule, start, last, stop, holders)
                clocks.append(_clock(rule, start, first, last, stop, unit, exempt))
    return clocks


_grouped: tuple[Sequence[ClockRule], list[list[ClockRule]]] | None = None


def _by_key(rules: Sequence[ClockRule]) -> list[list[ClockRule]]:
    """The dated rules of each clock; the same rules as last time are not grouped again."""
    global _grouped
    known = _grouped
    if known and known[0] is rules and isinstance(rules, tuple):
        return known[1]
    by_key: dict[str, list[ClockRule]] = {}
    for rule in sorted(rules, key=lambda r: r.since, reverse=True):
        by_key.setdefault(rule.key, []).append(rule)
    _grouped = (rules, [by_key[key] for key in dict.fromkeys(r.key for r in rules)])
    return _grouped[1]


def _holders(found: Found) -> list[tuple[date, int]]:
    """Who had the case from which day: the first registrar, then each unit it arrived at."""
    first, arrived = found.get("registered", ())[:1], found.get("arrived", ())
    return [(moment.on, moment.unit) for moment, _ in (*first, *arrived)]


def _starts(
    rule: ClockRule, found: Found, facts: CaseFacts, joined: Mapping[int, Moment]
) -> Iterator[_Start]:
    """Each start; a step taken again restarts no clock: the first counts; a new order does."""
    starting = found.get(rule.starts, [])
    if rule.per is Per.SUBMISSION:
        for submission in facts.submissions:
            if submission.id in joined:
                yield _Start(joined[submission.id], 0, 1, submission)
                continue
            for moment, _ in starting:
                if moment.submission in (None, submission.id):
                    yield _Start(_since_receipt(moment, submission, found), 0, 1, submission)
                    break
    elif rule.per is Per.UNIT:
        first = {m.unit: m for m, _ in reversed(starting)}
        for ordinal, unit in enumerate(dict.fromkeys(m.unit for m, _ in starting), 1):
            yield _Start(first[unit], 0, ordinal, None)
    elif rule.per is Per.ORDER:
        named = [(m, i) for m, i in starting if m.until or rule.term]
        for ordinal, (moment, index) in enumerate(named, 1):
            yield _Start(moment, index, ordinal, None)
    elif starting:
        yield _Start(starting[0][0], 0, 1, None)


def _since_receipt(start: Moment, submission: SubmissionFacts, found: Found) -> Moment:
    """A submission joined to a running case is owed nothing before it was received."""
    for moment, _ in found.get("received", ()):
        if moment.submission == submission.id:
            if moment.on > start.on:
                return start._replace(on=moment.on, known=moment.known)
            return start
    return start


def _in_force(versions: list[ClockRule], start: _Start, facts: CaseFacts) -> ClockRule | None:
    for rule in versions:
        if rule.since <= start.moment.on and _applies(rule, facts, start.submission):
            return rule
    return None


def _applies(rule: ClockRule, facts: CaseFacts, submission: SubmissionFacts | None) -> bool:
    asked = (submission,) if submission else facts.submissions
    if rule.reachable and not any(s.reachable for s in asked):
        return False
    channel = submission.channel if submission else facts.channel or asked[0].channel
    if rule.channels and channel not in rule.channels:
        return False
    if rule.tracks and facts.track not in rule.tracks:
        return False
    return rule.simple is None or rule.simple == facts.simple


def _clock(
    rule: ClockRule, start: _Start, first: Due, last: Due, stop: Moment | None, unit: int,
    exempt: bool,
) -> Clock:  # fmt: skip
    submission = start.submission
    return Clock(
        key=rule.key,
        submission=submission.id if submission else None,
        ordinal=start.ordinal,
        unit=unit,
        started_on=start.moment.on,
        known_on=start.moment.known,
        first_due_on=first.on,
        due_on=last.on,
        provisional=last.provisional,
        done_on=stop.on if stop else None,
        shown_on=stop.known if stop else None,
        duty=rule.duty,
        exempt=exempt,
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
    rule: ClockRule, start: Moment, due: Due, events: Sequence[Event], calendar: Calendar
) -> tuple[Due, bool]:
    """What moves a clock or sets it aside: an extension, hearing days; whether it is exempt."""
    extended = exempt = False
    days = 0
    for event in events:
        if event.step == "exempt" and rule.key in event.data["clocks"]:
            exempt = True
        elif event.step == "extend" and rule.extendable and not extended:
            extended = True
            days += _granted(event, due.on)
        elif event.step == "hold_hearing" and rule.suspendable and _in_time(event, due.on):
            if event.at.date() < start.known:
                continue  # held in an earlier round
            days += max(int(event.data["days"]), 0)
        else:
            continue
        due = (_due(rule, start, days, calendar) if days else None) or due
    return due, exempt


def _in_time(event: Event, due_on: date) -> bool:
    return event.at.date() <= due_on and event.on <= due_on


def _granted(event: Event, due_on: date) -> int:
    """Days of the one extension, if approved and told by the original due date (条例 第34条)."""
    told = event.data.get("told_on")
    told_in_time = not told or date.fromisoformat(told) <= due_on
    granted = min(max(int(event.data["days"]), 0), MOST_EXTENSION)
    return granted if told_in_time and _in_time(event, due_on) else 0


def _stop(rule: ClockRule, start: _Start, happened: list[Moment]) -> Moment | None:
    """The first moment that stops the clock; lateness is a fact that nothing later erases."""
    submission, ref = start.submission, start.moment.ref
    for moment in happened[start.after :] if start.after else happened:
        if moment.kind == "merged":  # the case is no matter of its own any more
            return moment
        if moment.kind not in rule.stops or (ref and moment.ref and moment.ref != ref):
            continue
        if submission and moment.submission not in (None, submission.id):
            continue
        if rule.per is Per.UNIT and moment.unit != start.moment.unit:
            continue
        return moment
    return None


def _owner(
    rule: ClockRule, start: _Start, last: Due, stop: Moment | None, holders: list[tuple[date, int]]
) -> int:
    """The unit responsible when the clock fell due owns it; before that, the one that has it."""
    unit = start.moment.unit
    if rule.owner is Owner.PROVINCE:
        return province_of(unit)
    if rule.owner is Owner.REGISTRAR:
        return holders[0][1] if start.submission is None else unit
    if rule.owner is Owner.HOLDER:
        judged = min(last.on, stop.on) if stop else last.on
        for on, holder in reversed(holders):
            if on <= judged:
                return holder
    return unit


__all__ = [
    "CaseFacts", "Clock", "ClockRule", "Light", "Lights", "Owner", "Per", "SubmissionFacts",
    "work_out",
]  # fmt: skip
