"""How a case ends: conclusion, review, reply, delivery, callback, rating, verification."""

from typing import Any

from domain.people import Role
from domain.workflow import overall
from services.demo.days import DAY, office
from services.demo.people import person_id
from services.demo.province import PROVINCE
from services.demo.teller import Teller


class Ending(Teller):
    """The steps from the handler's conclusion on."""

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
