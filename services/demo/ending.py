"""How a case ends: visit, conclusion, review, reply, delivery, callback, rating, checks, file."""

from typing import Any

from domain.people import Role
from domain.workflow import overall
from services.demo.days import DAY, office
from services.demo.orders import Orders
from services.demo.people import officers_of, person_id
from services.demo.province import PROVINCE
from services.demo.reviews import Reviews

YES = {"A": 0.6, "N": 0.66, "W": 0.55, "S": 0.68, "R": 0.15, "P": 0.4}  # substantiated


class Ending(Orders, Reviews):
    """The steps from the visit to the site on."""

    def _finish(self, since: int, at: int, simple_due: int | None, again: bool = False) -> None:
        """From a moment on: conclusion at another, reply, and what is said to it."""
        days = self.days
        findings, draft = self.words.concluded(self.rng, self.demands, self._findings())
        at = self._submitted(since, at, draft, simple_due)
        derived = overall(findings.values())
        approve = self.words.approved(self.rng, derived, draft)
        staged = self._turn("stage") and derived != "unsubstantiated"
        if staged := staged and simple_due is None and not again:
            planned = days.text(days.roll(at // DAY + 90))
            approve |= self.words.planned(self.rng, planned)
        self._take(at, "stage" if staged else "approve", self._reviewer(), self.holder, approve)
        if derived == "unsubstantiated" and self.plan.route == "procedure":
            self._verify(at)
        if staged:
            self._rectified(at)
        self.checked = False
        if self.reachable and simple_due is None and not again and self._turn("undeliverable"):
            self._not_found(at, findings, draft["measures"])
        if self.reachable:
            at = self._reply(at, findings, draft["measures"], simple_due)
            back = self.sender and not (self.passed or again or staged)
            back = back and derived != "unsubstantiated"
            if back and simple_due is None and self._turn("send_back"):
                self._sent_back(at)
                return
        self._check(at)
        if self.reachable:
            self._ask(at)
            told = 0 if again else self._reviewed(at)
            if told:
                self._finish(told, self._office(told, 6 + int(self.rng.random() * 12)), None, True)

    def _findings(self) -> list[str]:
        chance = self.rng.random
        yes = YES.get(self.plan.subs[0][0], 0.5)
        yes = 1.0 if self.example.turns else yes  # nothing that most of them cannot follow
        found = []
        for _ in range(self.demands):
            roll = chance()
            found.append("substantiated" if roll < yes else
                         "unsubstantiated" if roll > yes + 0.1 else "partly")  # fmt: skip
        return found

    def _submitted(self, since: int, at: int, draft: dict[str, Any], simple_due: int | None) -> int:
        """Visits and the handler's conclusion, given back now and then; when it is approved."""
        days, chance = self.days, self.rng.random
        rejected = self._turn("reject") and simple_due is None
        first = at - DAY * 3 if rejected and at - DAY * 3 > since else at
        if self.plan.route != "suggestion" or chance() < 0.2:
            self._visit(since, first, self._handler(), self.holder)
            if self.assisting:
                who = person_id(self.assisting, Role.HANDLER)
                self._visit(since, first, who, self.assisting)
        if rejected:
            self._take(first, "conclude", self._handler(), self.holder, draft)
            back = office(days, chance, first + 30, 0)
            self._take(
                back, "reject", self._reviewer(), self.holder, {"reason": self._said("reject")}
            )
            at = office(days, chance, back + 30, 1)
        self._take(at, "conclude", self._handler(), self.holder, draft)
        return office(days, chance, at + 10, 0)

    def _visit(self, since: int, until: int, who: int, unit: int) -> None:
        """A visit to the site between two moments, recorded at once; not in every case."""
        share = self.rng.random()
        if share < 0.94:
            at = since + 1 + int((until - since - 2) * share)
            data = self.words.visited(self.rng, self.days.text(at // DAY), officers_of(unit))
            self._take(at, "investigate", who, unit, data)

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
        """Progress month by month, and the last look at the site."""
        planned = self.days.roll(at // DAY + 90)
        for month in (30, 60):
            moment = self._office((at // DAY + month) * DAY, 0)
            data = {"progress": self._said("rectify")}
            self._take(moment, "rectify", self._handler(), self.holder, data)
        moment = self._by(planned, (planned - 20) * DAY, self._habits().conclude)
        data = {"verified_on": self.days.text(moment // DAY), "proof": self._said("rectified")}
        self._take(moment, "verify_rectification", self._reviewer(), self.holder, data)

    def _reply(
        self, at: int, findings: dict[str, str], measures: list[str], simple_due: int | None
    ) -> int:
        """The answer and its delivery; the moment of that."""
        due = self.days.advance(at // DAY, 3)
        if simple_due is not None:
            due = max(min(due, simple_due), at // DAY)
        replied = self._office(at + 15, 0)
        answers = self.words.replied(self.rng, findings, measures)
        self._take(replied, "reply", self._reviewer(), self.holder, answers)
        moment = self._by(due, replied + 10, self._habits().reply)
        self._deliver(moment, "deliver", replied // DAY)
        return moment

    def _not_found(self, at: int, findings: dict[str, str], measures: list[str]) -> None:
        """The answer is written, and whom it is for is at neither try where they said."""
        replied = self._office(at + 15, 0)
        answers = self.words.replied(self.rng, findings, measures)
        self._take(replied, "reply", self._reviewer(), self.holder, answers)
        tries = [self._office(replied, days) for days in (1, 2)]
        first, second = (self.days.text(one // DAY) for one in tries)
        data = {"tried_on": first, "tried_again_on": second, "attempts": self._said("attempts"),
                "evidence": "邮政退件"}  # fmt: skip
        self._take(tries[1] + 60, "undeliverable", self._reviewer(), self.holder, data,
                   submission=True)  # fmt: skip
        self.reachable = False

    def _check(self, at: int) -> None:
        """The sender passes the conclusion, sooner or later; some are never looked at."""
        self.checked = bool(self.sender) and not (self.passed or self._turn("unchecked"))
        if self.checked:
            moment = self._office(at + 60, 1 + self._days(2.0))
            data = {"opinion": self._said("check")} if self.rng.random() < 0.12 else {}
            self._take(moment, "pass_check", self._upper(self.sender), self.sender, data)

    def _sent_back(self, at: int) -> None:
        """The sender gives it back after a callback, and it is handled again."""
        self._ask(at)
        back = self._office(self._last() + 60, 1)
        redo = self.days.roll(back // DAY + 30)
        data = {"reason": self._said("send_back"), "redo_by": self.days.text(redo)}
        self._take(back, "send_back", self._upper(self.sender), self.sender, data)
        again = self._office(back, 5 + int(self.rng.random() * 9))
        self._finish(back, again, None, again=True)

    def _ask(self, at: int) -> None:
        """The callback, up to three tries on as many days, and a rating."""
        chance, days, habits = self.rng.random, self.days, self._habits()
        due = days.roll(at // DAY + 7)
        reached = chance() < habits.reached
        if chance() < 0.05 and not self._rated():
            self._rate(at)
        moment = self._by(due, at + 60, habits.notice) if reached else self._office(at + 60, 1)
        who = self._clerk()
        for ordinal in range(1 if reached else 3):
            data: dict[str, Any] = {"reached": reached, "finished": reached or ordinal == 2}
            if reached:
                data |= self.words.called(self.rng, habits.content, self._rated())
            self._take(moment, "callback", who, self.holder, data, submission=True)
            moment = self._office(moment, 1)

    def _rated(self) -> bool:
        return any(event.step == "rate" or "rating" in event.data for _, event in self.events)

    def _concluded(self) -> bool:
        return any(event.step in ("approve", "stage") for _, event in self.events)

    def _rate(self, at: int) -> None:
        chance = self.rng.random
        moment = self._office(at + 30, int(chance() * 4))
        score = self.words.score(chance(), self._habits().content)
        by = {"rated_by": "query_code"} if chance() < 0.7 else {
            "rated_by": "paper", "proof": "评价单已归入案卷"}  # fmt: skip
        self._take(moment, "rate", self._clerk(), self.holder, {"rating": score, **by},
                   submission=True)  # fmt: skip

    def _file(self) -> None:
        """The file is closed some weeks after the last that happened."""
        unseen = self.sender and self._concluded() and not (self.passed or self.checked)
        if self.plan.route == "accusation" or self._turn("unfiled") or unseen:
            return
        moment = self._office(self._last(), 25 + int(self.rng.random() * 30))
        if moment < self.days.cutoff:
            years = "30" if self.rng.random() < 0.1 else "10"
            data = {"retention": years, "index": [], "attachments": 0}
            self._take(moment, "archive", self._upper(self.holder), self.holder, data)
