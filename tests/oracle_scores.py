"""The ten measures once more, case by case in plain Python, from histories and not from rows.

A snapshot is taken at its word: what was recorded later is struck from the history before the
clocks are worked out, so none of the columns that the set-based measures read is used here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from domain.clocks import CaseFacts, Clock, work_out
from domain.people import city_of
from domain.workflow import fold
from rules import Rules
from scoring.period import Period
from tests.score_histories import History

CLOCK_LINES = {"A2": ("entry",), "B1": ("dispatch",), "B2": ("decision",), "C1": ("notice",),
               "B3": ("conclude_petition", "conclude_report", "conclude_simple"),
               "C2": ("reply",)}  # fmt: skip
# The act that stops both clocks, and which line is the lighter one.
SAME_ACT = {"decision": ("dispatch",), "reply": ("conclude_simple",)}

Named = tuple[str, int | None, int]


def name(clock: Clock) -> Named:
    """What tells the clocks of a case apart."""
    return clock.key, clock.submission, clock.ordinal


@dataclass
class Answer:
    """What one unit has on one line."""

    numerator: int = 0
    denominator: int = 0
    failing: Counter[str] = field(default_factory=Counter)  # case numbers
    long_overdue: int = 0

    def take(self, no: str, met: bool) -> None:
        self.denominator += 1
        self.numerator += met
        if not met:
            self.failing[no] += 1


class Oracle:
    """Answers for a period and a snapshot; `level` turns a unit's code into the scored unit."""

    def __init__(self, rules: Rules, period: Period, snapshot: datetime, level=city_of) -> None:
        self.rules, self.period, self.snapshot, self.level = rules, period, snapshot, level
        workdays = rules.scoresheet.snapshot_workdays
        self.before = period.previous().snapshot(rules.calendar, workdays)
        self.answers: dict[tuple[str, int], Answer] = {}

    def answer(self, line: str, unit: int) -> Answer:
        return self.answers.setdefault((line, self.level(unit)), Answer())

    def over(self, day) -> bool:
        """The term's last day is gone, and lies in the period."""
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        gone = midnight <= self.snapshot + timedelta(microseconds=1)
        return gone and self.period.first <= day <= self.period.last

    def missed(self, clock: Clock, before: set[Named]) -> bool:
        """It fell due in a period whose snapshot did not see it at all."""
        return clock.due_on < self.period.first and name(clock) not in before

    def ask(self, histories: Iterable[History]) -> "Oracle":
        for history in histories:
            self._case(history)
        return self

    def _case(self, history: History) -> None:
        sealed_on = fold(history.events).sealed_on
        exempt = [e for e in history.events if e.step == "exempt"]
        seen = [e for e in history.events if e.at <= self.snapshot]
        if not seen:
            return
        state = fold(seen)
        facts = CaseFacts((history.facts,), state.track, state.simple)
        before = self._clocks_before(history)
        asked = [*seen, *(e for e in exempt if e not in seen)]
        clocks = [
            clock
            for clock in work_out(facts, asked, self.rules.clocks, self.rules.calendar)
            if not clock.provisional
            and not clock.exempt
            and (sealed_on is None or clock.due_on < sealed_on)
        ]
        self._registered(history)
        for line, keys in CLOCK_LINES.items():
            for clock in clocks:
                judged = self.over(clock.due_on) or self.missed(clock, before)
                if clock.key in keys and judged:
                    self._clock(line, history, clock, clocks)
        for clock in clocks:
            judged = self.over(clock.due_on) or self.missed(clock, before)
            if clock.key == "rating" and judged and not history.anonymous:
                self._window(history, clock, seen)
        self._repeated(history, state, seen)

    def _clocks_before(self, history: History) -> set[Named]:
        """The clocks that the snapshot of the period before saw."""
        seen = [e for e in history.events if e.at <= self.before]
        if not seen:
            return set()
        state = fold(seen)
        facts = CaseFacts((history.facts,), state.track, state.simple)
        return {name(c) for c in work_out(facts, seen, self.rules.clocks, self.rules.calendar)}

    def _registered(self, history: History) -> None:
        first = history.events[0]
        if self.period.first <= first.at.date() <= self.period.last:
            self.answer("A3", first.unit).take(history.no, not history.missing)

    def _clock(self, line: str, history: History, clock: Clock, clocks: list[Clock]) -> None:
        met = clock.done_on is not None and clock.done_on <= clock.due_on
        if not met and any(self._same_fault(clock, other) for other in clocks):
            return
        answer = self.answer(line, clock.unit)
        answer.take(history.no, met)
        if line == "B3" and not met:
            end = clock.done_on or (self.snapshot - timedelta(microseconds=1)).date()
            answer.long_overdue += (end - clock.due_on).days > 30

    def _same_fault(self, clock: Clock, other: Clock) -> bool:
        if other.key not in SAME_ACT.get(clock.key, ()) or not self._gone(other):
            return False
        met = other.done_on is not None and other.done_on <= other.due_on
        same_unit = self.level(other.unit) == self.level(clock.unit)
        return not met and other.done_on == clock.done_on and same_unit

    def _gone(self, clock: Clock) -> bool:
        last = min(self.period.last, (self.snapshot + timedelta(microseconds=1)).date()
                   - timedelta(days=1))  # fmt: skip
        return clock.due_on <= last

    def _window(self, history: History, clock: Clock, seen) -> None:
        inside = [e for e in seen if e.on <= clock.due_on]
        rated = [int(e.data["rating"]) for e in inside if e.data.get("rating")]
        called = any(e.step == "callback" and e.data.get("reached") for e in inside)
        self.answer("E1", clock.unit).take(history.no, bool(rated) or called)
        if rated:
            self.answer("E2", clock.unit).take(history.no, rated[0] < 3)

    def _repeated(self, history: History, state, seen) -> None:
        if not state.delivered_on or not self.over(state.delivered_on + timedelta(days=90)):
            return
        known = [r for r in history.repeats if datetime.combine(r[0], time()) <= self.snapshot]
        days = [(received - state.delivered_on).days for _, _, received in known]
        again = any(0 < n <= 90 for n in days)
        answer = self.answer("D3", fold(history.events).holder)
        answer.denominator += 1
        answer.numerator += again
        answer.failing.update([history.no] if again else [])
