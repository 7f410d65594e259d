"""The one who tells what happened: takes steps, keeps the time, knows who works where."""

from dataclasses import dataclass, field
from math import log
from random import Random
from typing import Any

from domain.history import Event
from domain.people import Role
from services.demo.days import DAY, Days, office
from services.demo.people import person_id
from services.demo.plan import Plan
from services.demo.province import Habits, province
from services.demo.words import Words

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
    left_at: str = ""  # the step after which nothing was done
    limit: int = field(init=False, default=0)  # the day an order names
    rng: Random = field(init=False)
    events: list[tuple[int, Event]] = field(init=False, default_factory=list)
    holder: int = field(init=False)
    arrived: int = field(init=False)  # the day the holder has it from

    def __post_init__(self) -> None:
        self.rng, self.holder = self.plan.rng, self.plan.unit
        self.arrived = self.plan.received // DAY

    def _habits(self) -> Habits:
        return province().habits[self.holder]

    def _clerk(self) -> int:
        return person_id(self.holder, Role.CLERK)

    def _handler(self) -> int:
        return person_id(self.holder, Role.HANDLER, second=self.plan.index % 2 == 1)

    def _reviewer(self) -> int:
        return person_id(self.holder, Role.REVIEWER)

    def _take(
        self, at: int, step: str, person: int, unit: int, data: dict[str, Any],
        on: int | None = None, submission: bool = False,
    ) -> None:  # fmt: skip
        day = self.days.date(at // DAY if on is None else on)
        number = self.submission if submission else None
        self.events.append((at, Event(step, self.days.at(at), day, unit, number, person, data)))

    def _by(self, due: int, from_moment: int, miss: float, slow: bool = False) -> int:
        """A moment after another: by the due day, or late for the share of misses."""
        days, chance = self.days, self.rng.random
        if chance() < miss:
            late = 1 + waiting(chance(), 2.6)
            late += 22 if slow and chance() < SLOW else 0
            return office(days, chance, max(due * DAY, from_moment), min(late, 60))
        room = max(days.between(from_moment // DAY, due), 0)
        return office(days, chance, from_moment, int(chance() ** 1.8 * (room + 0.999)))

    def _deliver(self, at: int, step: str, earliest: int) -> None:
        """Hand something over with proof; now and then it is recorded a day later."""
        chance, day = self.rng.random, at // DAY
        if chance() < 0.06 and day > earliest:
            day -= 1
        way = WAYS[int(chance() * len(WAYS))]
        data = {"way": way, "delivered_on": self.days.text(day),
                "proof": f"{way.upper()[:2]}{int(chance() * 1e8):08d}"}  # fmt: skip
        self._take(at, step, self._handler(), self.holder, data, day, submission=True)


def waiting(share: float, mean: float) -> int:
    """Whole days of waiting, many short and few long, from a share between 0 and 1."""
    return int(-mean * log(max(share, 1e-9)))
