"""What a petitioner asks of the upper organs: 复查 by the next, 复核 by the province."""

from typing import Any

from domain.people import Role, above
from services.demo.days import DAY
from services.demo.people import person_id
from services.demo.province import PROVINCE
from services.demo.teller import Teller
from services.demo.turns import ORDINARY

WITHIN = 30  # days, 条例 第35、36条
OUTCOMES, ODDS = ("maintained", "changed", "revoke"), (0.72, 0.9)


class Reviews(Teller):
    """The steps from a request to the delivery of the answer."""

    def _reviewed(self, delivered: int) -> int:
        """The review of what was delivered and its own; when to handle it again, or 0."""
        organ = above(self.holder)
        if self.plan.route != "petition" or not organ or not self._turn("review"):
            return 0
        outcome = self._one_of(OUTCOMES, ODDS)
        if "re_review" in self.example.turns:
            outcome = "maintained"
        told = self._asked(delivered, "review", organ, outcome)
        if not told or outcome == "revoke":
            return told
        if organ != PROVINCE and self._turn("re_review"):
            self._asked(told, "re_review", PROVINCE, "maintained")
        return 0

    def _asked(self, told: int, kind: str, organ: int, outcome: str) -> int:
        """Request, answer and its delivery; the moment of that, or 0 if nobody asked in time."""
        days, chance = self.days, self.rng.random
        waited = int(chance() * 8) if self.example is ORDINARY else 0
        at = self._office(max(self._last() + 30, told), 2 + waited)
        if at // DAY > days.roll(told // DAY + WITHIN):
            return 0
        request = {"requested_on": days.text(at // DAY), "request": self._said("request")}
        self._take(at, f"request_{kind}", self._upper(organ), organ, request)
        if kind == "re_review" and self._turn("hearing"):
            held = self._office(at, 4 + int(chance() * 4))
            hearing = {"days": 5 + int(chance() * 6), "note": self._said("hearing")}
            self._take(held, "hold_hearing", person_id(organ, Role.REVIEWER), organ, hearing)
        answered = self._office(self._last(), 5 + int(chance() * 9))
        data: dict[str, Any] = {
            "outcome": "revoked" if outcome == "revoke" else outcome,
            "review_findings": self._said(f"review_{outcome}"),
            "review_basis": "《信访工作条例》第三十五条" if kind == "review" else
            "《信访工作条例》第三十六条",
        }  # fmt: skip
        again = (
            {"redo_by": days.text(days.roll(answered // DAY + 45))} if outcome == "revoke" else {}
        )
        self._take(answered, f"answer_{kind}", person_id(organ, Role.REVIEWER), organ, data | again)
        at = self._office(answered + 60, int(chance() * 3))
        handed = self._delivery(at // DAY) | again
        self._take(at, f"deliver_{kind}", person_id(organ, Role.CLERK), organ, handed)
        return at
