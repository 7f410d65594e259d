"""The one who tells what happened: takes steps, keeps the time, knows who works where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from random import Random
from typing import Any

from domain.history import Event
from domain.people import Level, Role, level_of
from services.demo.days import DAY, Days, office
from services.demo.people import person_id
from services.demo.plan import Plan
from services.demo.province import Habits, province
from services.demo.turns import ORDINARY, SHARES, Example
from services.demo.words import Words, one

WAYS = ("sms", "sms", "phone", "wechat", "in_person", "post", "web")
SLOW = 0.004  # of the late ones: by more than a month


@dataclass
class Teller:
    """Tells of one plan; `events` hold (moment, event) in the order they were thought of."""

    plan: Plan
    days: Days
    words: Words
    reachable: bool
    submission: int
    no: str
    demands: int
    example: Example = ORDINARY
    limit: int = field(init=False, default=0)  # the day an order names
    sender: int = field(init=False, default=0)  # who gave it to the holder
    passed: bool = field(init=False, default=False)  # on to a unit that reports no result
    checked: bool = field(init=False, default=False)
    assisting: int = field(init=False, default=0)
    rng: Random = field(init=False)
    events: list[tuple[int, Event]] = field(init=False, default_factory=list)
    holder: int = field(init=False)
    arrived: int = field(init=False)  # the day a handling unit first had it

    def __post_init__(self) -> None:
        self.rng, self.holder = self.plan.rng, self.plan.unit
        self.arrived = self.plan.received // DAY

    def _turn(self, name: str) -> bool:
        """Whether the case takes a rarer turn; an example takes its own and no other."""
        taken = self.rng.random() < SHARES[name]
        return taken if self.example is ORDINARY else name in self.example.turns

    def _misses(self, share: float) -> bool:
        """Whether the unit is late, for the share of its misses; never with an example."""
        return self.rng.random() < share and self.example is ORDINARY

    def _one_of(self, names: Sequence[str], odds: Sequence[float]) -> str:
        """The turn the example names, or one by its odds, which add up to less than one."""
        share = self.rng.random()
        for name in names:
            if name in self.example.turns:
                return name
        for name, upto in zip(names, odds, strict=False):
            if share < upto:
                return name
        return names[-1]

    def _said(self, key: str) -> str:
        """One of the phrases of a kind."""
        return one(self.rng, self.words.texts[key])

    def _habits(self) -> Habits:
        return province().habits[self.holder]

    def _clerk(self) -> int:
        return person_id(self.holder, Role.CLERK)

    def _handler(self) -> int:
        return person_id(self.holder, Role.HANDLER, second=self.plan.index % 2 == 1)

    def _reviewer(self) -> int:
        return person_id(self.holder, Role.REVIEWER)

    def _upper(self, unit: int) -> int:
        """A clerk or a supervisor of a unit that has both."""
        below = level_of(unit) is Level.COUNTY or self.rng.random() < 0.7
        return person_id(unit, Role.CLERK if below else Role.SUPERVISOR)

    def _take(
        self, at: int, step: str, person: int, unit: int, data: dict[str, Any],
        on: int | None = None, submission: bool = False,
    ) -> None:  # fmt: skip
        moment = self.days.at(at)
        day = moment.date() if on is None else self.days.date(on)
        number = self.submission if submission else None
        self.events.append((at, Event(step, moment, day, unit, number, person, data)))

    def _office(self, after: int, workdays: int) -> int:
        """A moment in office hours, so many workdays after another."""
        return office(self.days, self.rng.random, after, workdays)

    def _last(self) -> int:
        """The moment of the latest that was told."""
        return max(at for at, _ in self.events)

    def _by(self, due: int, from_moment: int, miss: float, slow: bool = False) -> int:
        """A moment after another: by the due day, or late for the share of misses."""
        days, chance = self.days, self.rng.random
        if miss == 1.0 or self._misses(miss):
            late = 1 + waiting(chance(), 2.6)
            late += 22 if slow and chance() < SLOW else 0
            return office(days, chance, max(due * DAY, from_moment), min(late, 60))
        room = max(days.between(from_moment // DAY, due), 0)
        return office(days, chance, from_moment, int(chance() ** 1.8 * (room + 0.999)))

    def _days(self, mean: float) -> int:
        """Whole days something lies; an example lies nowhere."""
        return waiting(self.rng.random(), mean) if self.example is ORDINARY else 0

    def _way(self) -> str:
        return WAYS[int(self.rng.random() * len(WAYS))]

    def _delivery(self, day: int) -> dict[str, Any]:
        """How it was handed over, when, and the proof."""
        way = self._way()
        return {"way": way, "delivered_on": self.days.text(day),
                "proof": f"{way.upper()[:2]}{int(self.rng.random() * 1e8):08d}"}  # fmt: skip

    def _deliver(self, at: int, step: str, earliest: int) -> None:
        """Hand something over with proof; now and then it is recorded a day later."""
        day = at // DAY
        if self.rng.random() < 0.06 and day > earliest:
            day -= 1
        self._take(at, step, self._handler(), self.holder, self._delivery(day), day,
                   submission=True)  # fmt: skip


def waiting(share: float, mean: float) -> int:
    """Whole days of waiting, many short and few long, from a share between 0 and 1."""
    return int(-mean * log(max(share, 1e-9)))
