"""What happened to a case, step by step as the table of steps permits, up to the cut-off."""

from typing import Any

from domain.history import Event
from domain.people import Role, city_of
from services.demo.days import DAY, office
from services.demo.ending import Ending
from services.demo.people import person_id
from services.demo.province import PROVINCE
from services.demo.teller import waiting

FORWARDED = ("central_inspection", "provincial_inspection")
STUCK = 0.0016  # forgotten somewhere on the way
STUCK_SINCE = 200  # days before today
_TRACKS = {
    "procedure": "report", "petition": "petition", "suggestion": "suggestion",
    "litigation": "litigation", "accusation": "accusation", "elsewhere": "elsewhere",
}  # fmt: skip


class Story(Ending):
    """The whole story of a case."""

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
            return room + 1 + waiting(chance(), 1.5)
        return int(chance() * (room + 0.35))

    def _decide(self, at: int) -> None:
        route, chance = self.plan.route, self.rng.random
        if route == "accusation":
            # Sealed, it is the province's: its supervisor passes it on.
            self.holder = PROVINCE
            to = {"transfer_to": "驻厅纪检监察组", "note": "密封移交"}
            self._take(at, "transfer", person_id(PROVINCE, Role.SUPERVISOR), PROVINCE, to)
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
            missed = chance() < self._habits().decide * 0.6
            at = self._by(due, at, 1.0) if missed else self._by(quick, at, 0.0)
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
