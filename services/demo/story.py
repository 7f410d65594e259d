"""What happened to a case, step by step as the table of steps permits, up to the cut-off."""

from typing import Any

from domain.history import Event
from domain.people import Role, city_of
from services.demo.days import DAY, office
from services.demo.ending import Ending
from services.demo.people import person_id
from services.demo.province import PROVINCE
from services.demo.sending import Sending
from services.demo.teller import waiting
from services.demo.turns import ORDINARY, REFUSED

FORWARDED = ("central_inspection", "provincial_inspection")
STUCK = 0.0016  # forgotten somewhere on the way
STUCK_SINCE = 200  # days before today
_TRACKS = {
    "procedure": "report", "petition": "petition", "suggestion": "suggestion",
    "litigation": "litigation", "accusation": "accusation", "elsewhere": "elsewhere",
}  # fmt: skip


def _classified(route: str) -> dict[str, Any]:
    return {"route": route, "track": _TRACKS[route]}


class Story(Sending, Ending):
    """The whole story of a case."""

    wrongly = False  # classified at first

    def tell(self) -> list[tuple[int, Event]]:
        """All that happened before the cut-off, in time."""
        plan, chance = self.plan, self.rng.random
        self._register()
        stuck = chance() < STUCK and plan.registered // DAY > self.days.last - STUCK_SINCE
        at = office(self.days, chance, plan.registered, self._until_dispatch())
        seen = plan.registered + 5 + int(chance() * 150)
        self.wrongly = plan.route == "procedure" and self._turn("reclassify")
        self._take(seen, "classify", self._clerk(), plan.unit,
                   _classified("petition" if self.wrongly else plan.route))  # fmt: skip
        self._decide(max(at, seen + 2))
        self._file()
        events = sorted(self.events, key=lambda e: e[0])
        if stuck:
            events = events[: 1 + int(chance() * len(events))]
        elif self.example.left_at:
            events = self._left(events)
        return [e for e in events if e[0] < self.days.cutoff]

    def _left(self, events: list[tuple[int, Event]]) -> list[tuple[int, Event]]:
        """Nothing was done after the named step."""
        last = next((i for i, (_, e) in enumerate(events) if e.step == self.example.left_at), -1)
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
        if self._misses(self._habits().dispatch):
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
                to = self.words.department(self.rng)
                to |= {"copies": "街道办事处"} if self._turn("copies") else {}
                self._take(at, "transfer", self._clerk(), self.holder, to)
            else:
                self._decline(at, "not_our_duty")
            self._notify(at)
        elif route == "petition" and self._turn("decline_final"):
            self._take(at, "decline_final", self._reviewer(), self.holder,
                       self.words.final(self.rng))  # fmt: skip
            self._notify(at)
        elif self._declines():
            self._decline(at, ("unclear", "in_progress", "duplicate", "withdrawn", "other")[
                int(chance() * 5)])  # fmt: skip
            self._notify(at)
        else:
            self._handle(at)

    def _declines(self) -> bool:
        """Whether it is declined for what it tells; never what is told twice or put wrongly."""
        rare = self.rng.random() < 0.018 and not self.plan.repeats
        return rare and self.example is ORDINARY and not self.wrongly

    def _decline(self, at: int, reason: str) -> None:
        data = self.words.declined(self.rng, reason)
        self._take(at, "decline", self._reviewer(), self.holder, data)

    def _handle(self, at: int) -> None:
        plan, chance = self.plan, self.rng.random
        home = plan.county
        if self.holder == PROVINCE and chance() < 0.6:
            at = self._send(at, city_of(home))
            at = office(self.days, chance, at, int(chance() * 2))
            at = self._send(at, home) if chance() < 0.95 else at
        elif self.holder != home and (self.holder == PROVINCE or self._turn("assign")):
            at = self._send(at, home)
        if self.holder != plan.unit:
            due = self.days.roll(self.arrived + 15)
            quick = min(due, self.days.advance(at // DAY, 4))
            missed = self._misses(self._habits().decide * 0.6)
            at = self._by(due, at, 1.0) if missed else self._by(quick, at, 0.0)
        if self.wrongly:
            at = self._put_right(at)
        self._accept(at)

    def _put_right(self, at: int) -> int:
        """The classification, by the unit that has it now; a little later."""
        data = _classified(self.plan.route)
        step = "classify" if self.holder == self.plan.unit else "reclassify"
        data |= {"reason": self._said("reclassify")} if step == "reclassify" else {}
        self._take(at, step, self._clerk(), self.holder, data)
        return at + 2

    def _accept(self, at: int) -> None:
        chance = self.rng.random
        kind = self.plan.subs[0]
        quick = self.reachable and kind in ("N02", "N03", "A04", "A05", "S04", "N06", "A07")
        simple = quick and self.plan.route == "procedure" and chance() < 0.3
        simple = simple and self.example is ORDINARY
        self._take(at, "accept", self._handler(), self.holder, {"simple": simple})
        self._notify(at)
        if simple:
            due = self.days.advance(at // DAY, 10)
            self._finish(at, self._by(due - 5, at + 60, 0.0), simple_due=due)
            return
        due, ordered, since = self.days.roll(at // DAY + 60), self._ordered(), at
        if ordered:
            room = max(ordered - at // DAY, 1) * DAY
            end = self._by(ordered - 1, at + int(room * chance() * 0.6), 0.06)
        elif self._turn("extend") and self.plan.route != "suggestion":
            since, end, due = self._extended(at, due)
        else:
            end = self._conclude_at(at, due)
        self._overseen(at, end, due)
        self._finish(since, end, None)

    def _ordered(self) -> int:
        """The day an order or an inspection wants the result by, or 0."""
        if self.plan.subchannel in FORWARDED and self.example is ORDINARY:
            return self.plan.received // DAY + 10
        return self.limit

    def _extended(self, at: int, due: int) -> tuple[int, int, int]:
        """The one extension, decided before the due date; when, the conclusion, its due day."""
        chance, days = self.rng.random, self.days
        told = self._office((due - 4 - int(chance() * 9)) * DAY, 0)
        asked = self._office((told // DAY - 3) * DAY, 0)
        if told // DAY > due or asked >= told:
            return at, self._conclude_at(at, due), due
        more = (15, 20, 30)[int(chance() * 3)]
        data = {"days": more, "reason": self._said("extend")}
        self._take(asked, "apply_extension", self._handler(), self.holder, data)
        if chance() < REFUSED or "refuse_extension" in self.example.turns:
            why = {"reason": self._said("refuse_extension")}
            self._take(told, "refuse_extension", self._reviewer(), self.holder, why)
            return told, self._by(due, told + 60, self._habits().conclude), due
        if self.reachable:
            data |= {"told_on": days.text(told // DAY), "told_way": self._way()}
        self._take(told, "extend", self._reviewer(), self.holder, data)
        later = days.roll(at // DAY + 60 + more)
        return told, self._conclude_at(at, later, 58), later

    def _conclude_at(self, at: int, due: int, low: int = 3) -> int:
        days, chance = self.days, self.rng.random
        if self._misses(self._habits().conclude) or "late" in self.example.turns:
            return self._by(due, at, 1.0, slow=True)
        if self.example is not ORDINARY and low == 3:
            return self._office(at, 3 + int(chance() * 5))
        spread = min(due - 1, at // DAY + low + int(self.rng.lognormvariate(3.15, 0.5)))
        return office(days, chance, max(spread, at // DAY) * DAY + 500, 0) if (
            days.roll(spread) <= due) else office(days, chance, at, 1)  # fmt: skip

    def _notify(self, at: int) -> None:
        """The decision is told; now and then only at the second try."""
        if not self.reachable:
            return
        days = self.days
        due, miss = days.roll(self.arrived + 15), self._habits().notice
        quick = max(min(due, days.advance(at // DAY, 5)), at // DAY)
        tried = at + 15
        if self._turn("notify_fails"):
            tried = self._office(tried, 0)
            data = {"way": self._way(), "failure": self._said("failure")}
            self._take(tried, "notify", self._handler(), self.holder, data, submission=True)
            tried += 30
        moment = self._by(due, tried, 1.0) if self._misses(miss) else self._by(quick, tried, 0.0)
        self._deliver(moment, "notify", at // DAY)
