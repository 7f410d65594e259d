"""What superiors and leaders ask of a case in hand, and what is set aside for a reason."""

from typing import Any

from domain.people import Role, above
from services.demo.days import DAY
from services.demo.people import leader_of, person_id
from services.demo.province import PROVINCE
from services.demo.teller import Teller
from services.demo.turns import SUPERVISED_LATE

KINDS, KIND_ODDS = ("order", "warning", "on_site", "talk", "listed"), (0.45, 0.83, 0.91, 0.96)
LEADING, LEADING_ODDS = ("instruct", "charge", "reception"), (0.6, 0.8)


class Orders(Teller):
    """Orders with their feedback, leaders with what follows, clocks set aside."""

    def _overseen(self, since: int, until: int, due: int) -> None:
        """What is asked between acceptance and conclusion, which is due on a day."""
        late = until // DAY > due
        superior = above(self.holder)
        asked = self._turn("supervise") or (late and self.rng.random() < SUPERVISED_LATE)
        if superior and asked:
            self._supervise(due * DAY if late else self._between(since, until), late, superior)
        if self._turn("lead"):
            self._lead(self._between(since, until))
        if late and self._turn("exempt"):
            self._exempt(until)

    def _between(self, since: int, until: int) -> int:
        return since + int((until - since) * self.rng.random() * 0.7)

    def _supervise(self, after: int, late: bool, superior: int) -> None:
        """An order with a limit, its feedback, and the superior's acceptance of that."""
        days, chance = self.days, self.rng.random
        at = self._office(after + 15, 1 if late else 0)
        term = 5 + int(chance() * 6)
        upper = PROVINCE if chance() < 0.25 else superior
        who = person_id(upper, Role.SUPERVISOR)
        self._take(at, "supervise", who, upper, {
            "order_kind": self._one_of(KINDS, KIND_ODDS),
            "order_reason": "超过办结期限尚未办结" if late else self._said("order_reason"),
            "order_demands": self._said("order_demands"),
            "order_limit": days.text(days.advance(at // DAY, term)),
            "order": 1, "to": self.holder,
        })  # fmt: skip
        at = self._by(days.advance(at // DAY, term - 1), at + 60, self._habits().reply)
        answer = {"feedback": self._said("feedback"), "order": 1}
        self._take(at, "feedback", self._handler(), self.holder, answer)
        at = self._office(at + 60, int(chance() * 2))
        data = {"opinion": self._said("accept_feedback"), "order": 1}
        self._take(at, "accept_feedback", who, upper, data)

    def _lead(self, after: int) -> None:
        """A leader's instruction, charge or reception, followed up until it is done."""
        days, chance = self.days, self.rng.random
        at = self._office(after + 20, 0)
        unit = (above(self.holder) or self.holder) if chance() < 0.5 else self.holder
        kind, clerk = self._one_of(LEADING, LEADING_ODDS), person_id(unit, Role.CLERK)
        data: dict[str, Any] = {"leader": leader_of(unit)}
        if kind == "charge":
            data["charge_note"] = self._said("charge")
        else:
            words = "instruction" if kind == "instruct" else "promise"
            data |= {words: self._said(kind), "instructed_on": days.text(at // DAY),
                     "order_limit": days.text(days.roll(at // DAY + 20))}  # fmt: skip
        self._take(at, kind, clerk, unit, data | {"action": 1})
        for finished in (False, True) if chance() < 0.4 else (True,):
            at = self._office(at + 60, 2 + int(chance() * 6))
            done = {"progress": self._said("progress"), "finished": finished, "action": 1}
            self._take(at, "follow_up", clerk, unit, done)

    def _exempt(self, after: int) -> None:
        clock = "conclude_petition" if self.plan.route == "petition" else "conclude_report"
        data = {"clocks": [clock], "reason": self._said("exempt"), "evidence": "市局书面申请及佐证"}
        at = self._office(after + 60, 2)
        self._take(at, "exempt", person_id(PROVINCE, Role.SUPERVISOR), PROVINCE, data)
