"""What must hold after every step of a walk: clocks, days, and that the history is the state."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bench.walking import Case, Walk
from domain.clocks import Clock
from domain.history import Event
from domain.people import city_of, province_of
from domain.statuses import ENDED, Status
from domain.workflow import fold
from services.rows import state_columns

Name = tuple[str, str, int, int]  # key, whose, its number, ordinal
Named = dict[Name, Clock]
Place = tuple[int, int]  # division, month
# The judging that nobody does who worked on the matter (「谁经办谁不评判」).
WORK = ("investigate", "apply_extension", "conclude", "rectify")
JUDGING = ("approve", "stage", "extend", "callback", "rate", "verify", "pass_check",
           "answer_review", "answer_re_review", "verify_rectification")  # fmt: skip


class Broken(AssertionError):
    """A rule that a walk broke, with all that had happened."""


def named(case: Case) -> Named:
    """The clocks of a case: a contact's keep their name in whichever case it is."""
    return {
        (c.key, "submission", c.submission, 1) if c.submission else (c.key, "case", case.number,
                                                                     c.ordinal): c
        for c in case.clocks
    }  # fmt: skip


def together(clocks: dict[int, Named]) -> Named:
    """The clocks of both cases."""
    one, two = clocks.values()
    if not one.keys().isdisjoint(two):
        raise Broken("a contact's clock runs in two cases")
    return one | two


class Watch:
    """Watches a walk: `step()` takes one and raises `Broken` when a rule does not hold."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.clocks = {case.number: named(case) for case in walk.cases}
        self.standing: dict[int, Named] = {}  # what a merged-away case had of its own
        self.taken: Counter[str] = Counter()
        self.steps = 0

    def step(self) -> bool:
        """One step, or none when nothing was found to do."""
        before = dict(self.clocks)
        written = self.walk.step()
        try:
            for case, event in written:
                self.clocks[case.number] = named(case)
                whole(case, event)
                judged_by_others(case, event)
                if case.state.status is Status.ARCHIVED:
                    nothing_runs(case)
            if written:
                self._clocks(written[0][1], before)
        except Broken as broken:
            raise Broken(f"{broken}\n{story(self.walk)}") from None
        self.steps += 1
        self.taken.update(event.step for _, event in written)
        return bool(written)

    def _clocks(self, event: Event, own: dict[int, Named]) -> None:
        before, after, today = together(own), together(self.clocks), event.at.date()
        if event.step == "merge":
            self.standing[event.data["other"]] = own[event.data["other"]]
        if event.step == "separate":
            parted = self.walk.cases[event.data["other"] - 1]
            there = unexempted(self.standing.pop(parted.number))
            if unexempted(self.clocks[parted.number]) != there:
                raise Broken("undoing a merging gives other clocks back than there were")
            ids = {contact.id for contact in parted.contacts}
            before = {name: clock for name, clock in before.items()
                      if not belongs(name, parted.number, ids)}  # fmt: skip
        for name, old in before.items():
            if name not in after:
                raise Broken(f"{name} is gone")
            if after[name] != old or old.done_on is None:
                kept(name, old, after[name], today)


def unexempted(clocks: Named) -> Named:
    """Clocks as if none was set aside: that may be done to a merged case too."""
    return {name: replace(clock, exempt=False) for name, clock in clocks.items()}


def belongs(name: Name, case: int, contacts: set[int]) -> bool:
    """Whether a clock is a case's own or one of its contacts'."""
    _, whose, number, _ = name
    return number == case if whose == "case" else number in contacts


def kept(name: Name, old: Clock, new: Clock, today: date) -> None:
    """No clock restarts, no stop moves, no lateness goes but by an exemption."""
    if (new.started_on, new.first_due_on) != (old.started_on, old.first_due_on):
        raise Broken(f"{name} restarted: {old} is now {new}")
    if old.done_on and new.done_on != old.done_on:
        raise Broken(f"{name} was stopped at another day: {old} is now {new}")
    if new.due_on < old.due_on or (old.exempt and not new.exempt):
        raise Broken(f"{name} was made worse: {old} is now {new}")
    if new.exempt:
        return
    if old.late and not new.late:
        raise Broken(f"{name} is late no more: {old} is now {new}")
    if old.overdue(today) and not (new.late or new.overdue(today) or learned_late(new)):
        raise Broken(f"{name} is overdue no more: {old} is now {new}")


def learned_late(clock: Clock) -> bool:
    """Stopped in time, which was recorded only after the due date."""
    return bool(clock.done_on and clock.shown_on
                and clock.done_on <= clock.due_on < clock.shown_on)  # fmt: skip


def whole(case: Case, event: Event) -> None:
    """The events give the stored state, also from their JSON; its days agree with each other."""
    state = case.state
    if fold(case.events) != state or json.loads(json.dumps(event.data)) != event.data:
        raise Broken(f"case {case.number}: its events give another state")
    if state.merged_into:
        if state.ended_on is None or (columns := state_columns(state))["ended_month"]:
            raise Broken(f"case {case.number} is merged and still counts")
        if columns["received_month"]:
            raise Broken(f"case {case.number} is merged and still counts as received")
        return
    if (state.status in ENDED) != (state.ended_on is not None):
        raise Broken(f"case {case.number} {state.status.label}: ended on {state.ended_on}")
    if state.has("decided") != (state.decided_on is not None):
        raise Broken(f"case {case.number}: decided on {state.decided_on}")
    if (state.conclusion is None) != (state.concluded_on is None):
        raise Broken(f"case {case.number}: {state.conclusion} on {state.concluded_on}")
    if state.ended_on and state.received_on and state.ended_on < state.received_on:
        raise Broken(f"case {case.number} ended before it came")


def judged_by_others(case: Case, event: Event) -> None:
    """A step was not the judging of somebody who had worked on the case."""
    if event.step in JUDGING:
        workers = {e.person for e in case.events[:-1] if e.step in WORK}
        if event.person in workers:
            raise Broken(f"case {case.number}: {event.step} by one who worked on it")


def nothing_runs(case: Case) -> None:
    """An archived case has no duty left that nobody could ever end."""
    running = [c.key for c in case.clocks if c.duty and not c.exempt and c.done_on is None]
    if running:
        raise Broken(f"case {case.number} is archived and still runs {running}")


def story(walk: Walk) -> str:
    """Everything that happened in a walk."""
    return "\n".join(
        f"case {case.number} {e.at:%Y-%m-%d} ({e.on}) {e.step} by {e.person} {dict(e.data)}"
        for case in walk.cases
        for e in case.events
    )


@dataclass
class Counted:
    """How many cases came, ended and were passed on, by division and month; what is in hand."""

    received: Counter[Place] = field(default_factory=Counter)
    ended: Counter[Place] = field(default_factory=Counter)
    passed: Counter[Place] = field(default_factory=Counter)
    in_hand: Counter[int] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        """Count a case in its county, city and province, by the columns it is stored with."""
        row, state = state_columns(case.state), case.state
        gone = self.passed if state.status is Status.TRANSFERRED else self.ended
        for unit in (case.place, city_of(case.place), province_of(case.place)):
            self.received[unit, row["received_month"]] += bool(row["received_month"])
            gone[unit, row["ended_month"] or 0] += bool(row["ended_month"])
            self.in_hand[unit] += state.status not in ENDED and not state.merged_into

    def more(self, other: "Counted") -> None:
        """Add another population."""
        for mine, theirs in zip(self._all, other._all, strict=True):
            mine.update(theirs)

    @property
    def _all(self) -> tuple[Counter[Any], ...]:
        return self.received, self.ended, self.passed, self.in_hand

    def balances(self) -> Iterator[tuple[int, int, int]]:
        """Each division and month with what is in hand at its end: 上月结存 + 收 − 结 − 移送."""
        months = sorted({month for counts in self._all[:3] for _, month in counts} - {0})
        for unit in self.in_hand:
            stock = 0
            for month in months:
                at = (unit, month)
                stock += self.received[at] - self.ended[at] - self.passed[at]
                yield unit, month, stock

    def faults(self) -> list[str]:
        """Where 结存 is not what the statuses say is in hand, or ever less than nothing."""
        last = {unit: stock for unit, _, stock in self.balances()}
        wrong = [f"{unit}: {stock} by months, {self.in_hand[unit]} by status"
                 for unit, stock in last.items() if stock != self.in_hand[unit]]  # fmt: skip
        return wrong + [f"{u} {m}: {stock} in hand" for u, m, stock in self.balances() if stock < 0]

    @property
    def text(self) -> str:
        """The whole balance of the province in a line, and how many were looked at."""
        unit = min(self.in_hand)
        into, out, passed = (sum(n for (u, _), n in counts.items() if u == unit)
                             for counts in self._all[:3])  # fmt: skip
        return (f"balance: {into:,} received - {out:,} ended - {passed:,} passed on = "
                f"{self.in_hand[unit]:,} in hand; {len(list(self.balances())):,} balances of "
                f"{len(self.in_hand)} divisions")  # fmt: skip
