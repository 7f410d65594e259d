"""How a case is given to units below: assigned, signed, objected to, given to another."""

from functools import cache
from typing import Any

from domain.people import above
from services.demo.days import DAY
from services.demo.province import province
from services.demo.teller import Teller
from services.demo.turns import ORDINARY

RETURN_WITHIN = 5  # workdays from arrival
OUTCOMES, ODDS = ("return_refused", "return_accepted", "reassign"), (0.4, 0.75)


class Sending(Teller):
    """The steps from assigning to signing."""

    def _send(self, at: int, to: int) -> int:
        """Give it to a unit below; the moment that unit has signed for it."""
        if not self._turn("return"):
            return self._signed(self._assigned(at, to))
        outcome = self._one_of(OUTCOMES, ODDS)
        first = to if outcome == "return_refused" else self._beside(to)
        at, signed = self._assigned(at, first), self.rng.random() < 0.5
        last = self.days.advance(at // DAY, RETURN_WITHIN)
        if signed:
            at = self._signed(at)
        back = self._office(at + 15, int(self.rng.random() * 3))
        if back // DAY > last:  # too late to be returned
            return self._reassigned(back, to) if first != to else at if signed else self._signed(at)
        self._take(back, "return", self._handler(), first, {"objection": self._said("objection")})
        at = self._office(back + 30, int(self.rng.random() * 2))
        if outcome == "reassign":
            return self._reassigned(at, to)
        if outcome == "return_accepted":
            self._take(at, "accept_return", self._upper(self.sender), self.sender, {"from": first})
            self.holder = self.sender
            return self._signed(self._assigned(self._office(at + 10, 0), to))
        data = {"reason": self._said("refuse_return")}
        self._take(at, "refuse_return", self._upper(self.sender), self.sender, data)
        return at + 4 if signed else self._signed(at)

    def _reassigned(self, at: int, to: int) -> int:
        data = {"to": to, "reason": self._said("reassign"), "from": self.holder}
        self._take(at, "reassign", self._upper(self.sender), self.sender, data)
        self.holder, self.assisting = to, 0
        return self._signed(at)

    def _beside(self, unit: int) -> int:
        """Another unit under the same one."""
        others = [one for one in _below(above(unit)) if one != unit]
        return others[int(self.rng.random() * len(others))]

    def _assigned(self, at: int, to: int) -> int:
        self.passed = self._turn("pass_on")
        if self.passed:
            self._take(at, "pass_on", self._upper(self.holder), self.holder, {"to": to})
            self.assisting = 0
        else:
            self._take(at, "assign", self._upper(self.holder), self.holder, self._order(at, to))
        if not self.sender:
            self.arrived = at // DAY
        self.sender, self.holder = self.holder, to
        return at

    def _order(self, at: int, to: int) -> dict[str, Any]:
        """What an order says: by when now and then, and who assists."""
        days, chance = self.days, self.rng.random
        data: dict[str, Any] = {"to": to}
        if chance() < 0.12 and self.example is ORDINARY:
            self.limit = days.advance(at // DAY, 22 + int(chance() * 12))
            data["limit"] = days.text(self.limit)
        if self._turn("assist"):
            self.assisting = self._beside(to)
            data["assist"] = [self.assisting]
        else:
            self.assisting = 0
        return data

    def _signed(self, at: int) -> int:
        due = self.days.advance(at // DAY, 1)
        at = self._by(due, at + 20, self._habits().dispatch * 0.8)
        who = self._handler() if self.rng.random() < 0.6 else self._clerk()
        self._take(at, "sign", who, self.holder, {})
        return at + 4


@cache
def _below(unit: int | None) -> tuple[int, ...]:
    """The units one level below a unit."""
    return tuple(code for code in sorted(province().short) if above(code) == unit)
