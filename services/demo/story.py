"""What happened to a case, step by step as the table of steps permits, up to the cut-off."""

from dataclasses import dataclass, field
from math import log
from random import Random
from typing import Any

from domain.history import Event
from domain.people import Role, city_of
from domain.workflow import overall
from services.demo.days import DAY, Days, office
from services.demo.people import person_id
from services.demo.plan import Plan
from services.demo.province import PROVINCE, Habits, province
from services.demo.words import Words

WAYS = ("sms", "sms", "phone", "wechat", "in_person", "post", "web")
FORWARDED = ("central_inspection", "provincial_inspection")
STUCK = 0.0016  # forgotten somewhere on the way
STUCK_SINCE = 200  # days before today
SLOW = 0.004  # of the late ones: by more than a month


@dataclass
class Teller:
    """Tells the story of one plan; `events` hold (moment, event) in the order they were taken."""

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

    def tell(self) -> list[tuple[int, Event]]:
        """All that happened before the cut-off, in time."""
        plan, chance = self.plan, self.rng.random
        self._register()
        stuck = chance() < STUCK and plan.registered // DAY > self.days.last - STUCK_SINCE
        at = office(self.days, chance, plan.registered, self._until_dispatch())
        seen = plan.registered + 5 + int(chance() * 150)
        data = {"route": plan.route, "track": _TRACKS[plan.route]}
        self._take(seen, "classify", self._clerk(), plan.unit, data)
        self._decide(max(at, seen + 2))
        events = sorted(self.events, key=lambda e: e[0])
        if stuck:
            events = events[: 1 + int(chance() * len(events))]
        elif self.left_at:
            events = self._left(events)
        return [e for e in events if e[0] < self.days.cutoff]

    def _left(self, events: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
        """Nothing was done after the named step."""
        last = next((i for i, (_, e) in enumerate(events) if e.step == self.left_at), -1)
        return events[: last + 1] or events

    # --- small words

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
            late = 1 + int(-2.6 * _log(chance()))
            late += 22 if slow and chance() < SLOW else 0
            return office(days, chance, max(due * DAY, from_moment), min(late, 60))
        room = max(days.between(from_moment // DAY, due), 0)
        return office(days, chance, from_moment, int(chance() ** 1.8 * (room + 0.999)))

    # --- the steps

    def _register(self) -> None:
        plan = self.plan
        data: dict[str, Any] = {
            "no": self.no, "channel": plan.channel, "subchannel": plan.subchannel,
            "source_no": self.words.source_no, "reachable": self.reachable,
        }  # fmt: skip
        if plan.subchannel in FORWARDED:
            data["forwarded"] = True
        received = plan.received // DAY
        self._take(plan.registered, "register", person_id(plan.unit, Role.CLERK), plan.unit, data,
                   received, submission=True)  # fmt: skip

    def _until_dispatch(self) -> int:
        """Workdays from registration to the decision who handles it."""
        plan, days, chance = self.plan, self.days, self.rng.random
        term = 3 if plan.channel in ("letter", "visit") else 2
        due = days.advance(plan.received // DAY, term)
        room = max(days.between(plan.registered // DAY, due), 0)
        if chance() < self._habits().dispatch:
            return room + 1 + int(-1.5 * _log(chance()))
        return int(chance() * (room + 0.35))

    def _decide(self, at: int) -> None:
        route, chance = self.plan.route, self.rng.random
        if route == "accusation":
            to = {"transfer_to": "驻厅纪检监察组" if self.holder == PROVINCE else "纪检监察机构",
                  "note": "密封移交"}  # fmt: skip
            self._take(at, "transfer", self._clerk(), self.holder, to)
        elif route == "litigation":
            self._decline(at, "litigation")
            self._notify(at)
        elif route == "elsewhere":
            if chance() < 0.7:
                self._take(
                    at, "transfer", self._clerk(), self.holder, self.words.department(self.rng)
                )
            else:
                self._decline(at, "not_our_duty")
            self._notify(at)
        elif chance() < 0.018 and not self.plan.repeats:
            self._decline(at, ("unclear", "in_progress", "duplicate", "withdrawn", "other")[
                int(chance() * 5)])  # fmt: skip
            self._notify(at)
        else:
            self._handle(at)

    def _decline(self, at: int, reason: str) -> None:
        data = self.words.declined(self.rng, reason)
        self._take(at, "decline", self._reviewer(), self.holder, data)

    def _handle(self, at: int) -> None:
        plan, chance = self.plan, self.rng.random
        home = plan.county
        if self.holder == PROVINCE and chance() < 0.6:
            at = self._assign(at, city_of(home))
            at = office(self.days, chance, at, int(chance() * 2))
            at = self._assign(at, home) if chance() < 0.95 else at
        elif self.holder != home and (self.holder == PROVINCE or chance() < 0.94):
            at = self._assign(at, home)
        if self.holder != plan.unit:
            due = self.days.roll(self.arrived + 15)
            quick = min(due, self.days.advance(at // DAY, 4))
            miss = self._habits().decide
            at = self._by(quick if chance() > miss else due, at, miss)
        self._accept(at)

    def _assign(self, at: int, to: int) -> int:
        """Assign to a unit below, which signs; the moment it signed."""
        chance, days = self.rng.random, self.days
        data: dict[str, Any] = {"to": to}
        if chance() < 0.12:
            self.limit = days.advance(at // DAY, 22 + int(chance() * 12))
            data["limit"] = days.text(self.limit)
        role = Role.CLERK if chance() < 0.7 else Role.SUPERVISOR
        self._take(at, "assign", person_id(self.holder, role), self.holder, data)
        self.holder, self.arrived = to, at // DAY
        due = days.advance(self.arrived, 1)
        at = self._by(due, at + 20, self._habits().dispatch * 0.8)
        who = self._handler() if chance() < 0.6 else self._clerk()
        self._take(at, "sign", who, to, {})
        return at + 4

    def _accept(self, at: int) -> None:
        chance = self.rng.random
        kind = self.plan.subs[0]
        quick = self.reachable and kind in ("N02", "N03", "A04", "A05", "S04", "N06", "A07")
        simple = quick and self.plan.route == "procedure" and chance() < 0.3
        self._take(at, "accept", self._handler(), self.holder, {"simple": simple})
        self._notify(at)
        accepted = at // DAY
        if simple:
            due = self.days.advance(accepted, 10)
            self._finish(self._by(due - 5, at + 60, 0.0), simple_due=due)
            return
        due, chosen = self.days.roll(accepted + 60), chance()
        ordered = self._ordered()
        if ordered:
            room = max(ordered - accepted, 1) * DAY
            self._finish(self._by(ordered - 1, at + int(room * chance() * 0.6), 0.06), None)
            return
        if chosen < 0.035:
            due = self._extend(at, due)
        self._finish(self._conclude_at(at, due, chosen < 0.035), None)

    def _ordered(self) -> int:
        """The day an order or an inspection wants the result by, or 0."""
        if self.plan.subchannel in FORWARDED:
            return self.plan.received // DAY + 10
        return self.limit

    def _extend(self, at: int, due: int) -> int:
        """The one extension, applied for, approved and told before the due date."""
        chance, days = self.rng.random, self.days
        told = office(days, chance, (due - 4 - int(chance() * 9)) * DAY, 0)
        if told // DAY > due:
            return due
        more = (15, 20, 30)[int(chance() * 3)]
        data = {"days": more, "reason": "需委托第三方监测鉴定，情况复杂",
                "told_on": days.text(told // DAY)}  # fmt: skip
        self._take(told, "extend", self._reviewer(), self.holder, data)
        return days.roll(at // DAY + 60 + more)

    def _conclude_at(self, at: int, due: int, extended: bool) -> int:
        days, chance = self.days, self.rng.random
        if chance() < self._habits().conclude:
            return self._by(due, at, 1.0, slow=True)
        low = 58 if extended else 3
        spread = min(due - 1, at // DAY + low + int(self.rng.lognormvariate(3.15, 0.5)))
        return office(days, chance, max(spread, at // DAY) * DAY + 500, 0) if (
            days.roll(spread) <= due) else office(days, chance, at, 1)  # fmt: skip

    def _notify(self, at: int) -> None:
        if not self.reachable:
            return
        chance, days = self.rng.random, self.days
        due, miss = days.roll(self.arrived + 15), self._habits().notice
        quick = max(min(due, days.advance(at // DAY, 5)), at // DAY)
        moment = self._by(due, at + 15, 1.0) if chance() < miss else self._by(quick, at + 15, 0.0)
        self._deliver(moment, "notify", at // DAY)

    def _deliver(self, at: int, step: str, earliest: int) -> None:
        """Hand something over with proof; now and then it is recorded a day later."""
        chance, day = self.rng.random, at // DAY
        if chance() < 0.06 and day > earliest:
            day -= 1
        way = WAYS[int(chance() * len(WAYS))]
        data = {"way": way, "delivered_on": self.days.text(day),
                "proof": f"{way.upper()[:2]}{int(chance() * 1e8):08d}"}  # fmt: skip
        self._take(at, step, self._handler(), self.holder, data, day, submission=True)

    def _finish(self, at: int, simple_due: int | None) -> None:
        """Conclusion, review, reply, delivery, and what the petitioner says to it."""
        chance, days, words = self.rng.random, self.days, self.words
        findings, conclude = words.concluded(self.rng, self.demands, self._findings())
        if chance() < 0.035 and simple_due is None:
            early = max(self.plan.registered, at - DAY * 3)
            self._take(early if early > self.events[-1][0] else at, "conclude", self._handler(),
                       self.holder, conclude)  # fmt: skip
            at = office(days, chance, self.events[-1][0] + 30, 0)
            self._take(at, "reject", self._reviewer(), self.holder, words.rejected(self.rng))
            at = office(days, chance, at + 30, 1)
        self._take(at, "conclude", self._handler(), self.holder, conclude)
        at = office(days, chance, at + 10, 0)
        derived = overall(findings.values())
        approve = words.approved(self.rng, derived, findings, conclude["measures"])
        staged = chance() < 0.03 or self.left_at == "approve"
        if staged and derived != "unsubstantiated" and simple_due is None:
            approve |= {"staged": True, "plan_due": days.text(days.roll(at // DAY + 90))}
        self._take(at, "approve", self._reviewer(), self.holder, approve)
        if derived == "unsubstantiated" and self.plan.route == "procedure":
            self._verify(at)
        if approve.get("plan_due"):
            self._rectified(at)
        if self.reachable:
            self._reply(at, findings, conclude["measures"], simple_due)

    def _findings(self) -> list[str]:
        chance = self.rng.random
        main = self.plan.subs[0][0]
        yes = {"A": 0.6, "N": 0.66, "W": 0.55, "S": 0.68, "R": 0.15, "P": 0.4}.get(main, 0.5)
        found = []
        for _ in range(self.demands):
            roll = chance()
            found.append("substantiated" if roll < yes else
                         "unsubstantiated" if roll > yes + 0.1 else "partly")  # fmt: skip
        return found

    def _verify(self, at: int) -> None:
        due = self.days.advance(at // DAY, 15)
        moment = self._by(due, at + 60, 0.01)
        upheld = "overturned" if self.rng.random() < self._habits().overturned else "upheld"
        data = {
            "upheld": upheld,
            "note": "调阅案卷并现场复核" if upheld == "upheld" else "现场复核发现问题属实",
        }
        self._take(moment, "verify", person_id(PROVINCE, Role.SUPERVISOR), PROVINCE, data)

    def _rectified(self, at: int) -> None:
        planned = self.days.roll(at // DAY + 90)
        moment = self._by(planned, (planned - 20) * DAY, self._habits().conclude)
        self._take(
            moment,
            "verify_rectification",
            self._reviewer(),
            self.holder,
            {"note": "现场核验，整改到位"},
        )

    def _reply(
        self, at: int, findings: dict[str, str], measures: list[str], simple_due: int | None
    ) -> None:
        chance, days = self.rng.random, self.days
        due, miss = days.advance(at // DAY, 3), self._habits().reply
        if simple_due is not None:
            due = max(min(due, simple_due), at // DAY)
        replied = office(days, chance, at + 15, 0)
        self._take(
            replied,
            "reply",
            self._reviewer(),
            self.holder,
            self.words.replied(self.rng, findings, measures),
        )
        moment = self._by(due, replied + 10, miss)
        self._deliver(moment, "deliver", replied // DAY)
        self._ask(moment)

    def _ask(self, at: int) -> None:
        """The callback, up to three tries, and a rating."""
        chance, days, habits = self.rng.random, self.days, self._habits()
        due = days.roll(at // DAY + 7)
        reached = chance() < habits.reached
        if chance() < 0.05:
            self._rate(at)
        last = self._by(due, at + 60, habits.notice)
        who = self._clerk()
        for ordinal in range(1 if reached else 3):
            data: dict[str, Any] = {"reached": reached, "finished": reached or ordinal == 2}
            if reached:
                data |= self.words.called(self.rng, habits.content, self._rated())
            moment = last if reached else last + ordinal * 25
            self._take(moment, "callback", who, self.holder, data, submission=True)

    def _rated(self) -> bool:
        return any(event.step == "rate" for _, event in self.events)

    def _rate(self, at: int) -> None:
        chance = self.rng.random
        moment = office(self.days, chance, at + 30, int(chance() * 4))
        score = self.words.score(chance(), self._habits().content)
        data = {"rating": score, "rated_by": "query_code" if chance() < 0.7 else "paper"}
        self._take(moment, "rate", self._clerk(), self.holder, data, submission=True)


_TRACKS = {
    "procedure": "report", "petition": "petition", "suggestion": "suggestion",
    "litigation": "litigation", "accusation": "accusation", "elsewhere": "elsewhere",
}  # fmt: skip


def _log(share: float) -> float:
    return log(max(share, 1e-9))
