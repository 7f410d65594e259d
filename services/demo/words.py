"""The texts of a case: what was told, asked, found and answered, put together from phrases."""

from datetime import date
from random import Random
from typing import Any

from rules import load
from services.demo.days import DAY
from services.demo.plan import Plan
from services.demo.province import asset, province
from services.step_rows import FINED

MEASURES = ("order_correct", "correct_in_time", "correct_on_site", "penalty", "seal",
            "stop_production", "complete_permits", "to_department", "mediate", "daily_penalty",
            "close_down", "to_police")  # fmt: skip
MEASURE_ODDS = (0.3, 0.52, 0.74, 0.84, 0.86, 0.88, 0.92, 0.95, 0.985, 0.99, 0.997, 1.0)
BASIS = {"A": 1, "N": 2, "W": 3, "S": 4}


def one(rng: Random, phrases: Any) -> str:
    """One of several phrases."""
    return phrases[int(rng.random() * len(phrases))]


class Words:
    """The texts of one plan, drawn in a fixed order from its own dice."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.texts = plan, asset("texts.json")
        self.subs = [self.texts["subs"][key] for key in plan.subs]
        rng = plan.rng
        self.source_no = self._source(rng)
        self.title = self._title(rng)
        self.content = self._content(rng)
        self.demands = self._demands(rng)

    def _source(self, rng: Random) -> str:
        """The number of the item in its own ledger; empty where the channel has none."""
        plan = self.plan
        if not load().subchannel(plan.subchannel).external:
            return ""
        year = 2000 + (plan.index + 7) % 30
        return f"{plan.subchannel[:2].upper()}{year % 100:02d}{plan.index * 7 + 10_000_003:010d}"

    def _fill(self, rng: Random, text: str) -> str:
        fill = self.texts["fill"]
        for name, phrases in fill.items():
            mark = "{" + name + "}"
            if mark in text:
                text = text.replace(mark, one(rng, phrases))
        return text.replace("{subject}", self.plan.subject.name)

    def _title(self, rng: Random) -> str:
        plan, place = self.plan, province().short[self.plan.county]
        if plan.route == "elsewhere":
            return f"{place}{one(rng, self.texts['elsewhere'])[:14]}"
        if plan.route == "accusation":
            return f"反映{place}工作人员履职问题"
        return plan.subject.name + "、".join(s["title"][int(rng.random() * len(s["title"]))]
                                            for s in self.subs[:2])  # fmt: skip

    def _content(self, rng: Random) -> str:
        plan, texts = self.plan, self.texts
        special = {"elsewhere": "elsewhere", "accusation": "accusation", "petition": "petition"}
        if plan.route in special:
            told = self._fill(rng, one(rng, texts[special[plan.route]]))
        else:
            told = "；".join(self._fill(rng, one(rng, sub["told"])) for sub in self.subs)
        since = one(rng, texts["since"]).replace("{n}", str(2 + int(rng.random() * 28)))
        where = one(rng, texts["where"]).replace("{address}", plan.subject.address)
        again = "此前已举报过一次，问题又出现了。" if plan.repeats is not None else ""
        opening, before = one(rng, texts["opening"]), one(rng, texts["before"])
        return f"{opening}{told}，{since}。{where}{again}{before}"

    def _demands(self, rng: Random) -> list[str]:
        wanted = self.texts["demand"]
        if self.plan.route in self.texts["wanted"]:
            return [self.texts["wanted"][self.plan.route]]
        found = [one(rng, wanted[self.plan.subs[0][0]])]
        if len(self.plan.subs) > 1 or rng.random() < 0.18:
            more = wanted[self.plan.subs[-1][0]] if len(self.plan.subs) > 1 else self.texts["more"]
            found.append(one(rng, more))
        return list(dict.fromkeys(found))

    # --- what the steps record

    def declined(self, rng: Random, reason: str) -> dict[str, Any]:
        """What a decision not to accept records."""
        entry = load().decline(reason)
        note = f"经审核，该事项属于“{entry.label}”情形。"
        data: dict[str, Any] = {"decline_reason": reason, "article": entry.article,
                                "basis_note": note}  # fmt: skip
        if entry.needs_contact_attempt:
            hour = 9 + int(rng.random() * 8)
            data["contact_attempt"] = one(rng, self.texts["contact"]).replace("{h}", str(hour))
        return data

    def department(self, rng: Random) -> dict[str, Any]:
        """What a transfer to another department records."""
        place = province().names[self.plan.county]
        return {"transfer_to": place + one(rng, self.texts["departments"]),
                "telephone": f"0000-{int(rng.random() * 1e7):07d}"}  # fmt: skip

    def final(self, rng: Random) -> dict[str, Any]:
        """What a decision records that a matter is at its end: the opinion that ended it."""
        on = date.fromordinal(self.plan.received // DAY - 30 - int(rng.random() * 300))
        return {"final_no": f"苏政复核〔{on.year}〕{1 + int(rng.random() * 90)}号",
                "final_on": on.isoformat(), "basis_note": one(rng, self.texts["final"]),
                "article": "《信访工作条例》第36条"}  # fmt: skip

    def visited(self, rng: Random, on: str, officers: str) -> dict[str, Any]:
        """What a visit to the site records; never who complained."""
        chance, texts, main = rng.random, self.texts, self.plan.subs[0][0]
        notes = one(rng, texts["site"]) + one(rng, texts["site_more"])
        data: dict[str, Any] = {"visited_on": on, "officers": officers, "site_notes": notes}
        if main in texts["monitoring"] and chance() < 0.3:
            value = one(rng, texts["monitoring"][main]).replace("{v}", str(11 + int(chance() * 60)))
            data |= {"monitoring": value, "standard": texts["standard"][main]}
        if chance() < 0.15:
            data["contacted"] = one(rng, texts["contacted"])
        return data

    def concluded(
        self, rng: Random, demands: int, found: list[str]
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """The findings by demand, and what the handler's conclusion records."""
        findings = {str(n): finding for n, finding in enumerate(found[:demands], 1)}
        measures = ["none"]
        if set(found) != {"unsubstantiated"}:
            measures = list(
                dict.fromkeys(self._measure(rng) for _ in range(1 + (rng.random() < 0.3)))
            )
        facts = "。".join(self._fact(rng, n, f) for n, f in enumerate(found))
        data: dict[str, Any] = {"findings": findings, "measures": measures,
                                "facts": f"经现场检查：{facts}。"}  # fmt: skip
        if any(kind in FINED for kind in measures):
            data |= {"penalty_no": f"环罚立〔{rng.randrange(1, 999):03d}〕号",
                     "amount": f"{1000 * rng.randrange(5, 200)}.00"}  # fmt: skip
        if measures != ["none"] and rng.random() < 0.02:
            data["talked"] = 1 + int(rng.random() * 3)
        return findings, data

    def _measure(self, rng: Random) -> str:
        share = rng.random()
        return next(key for key, odds in zip(MEASURES, MEASURE_ODDS, strict=True) if share < odds)

    def _fact(self, rng: Random, ordinal: int, finding: str) -> str:
        sub = self.subs[min(ordinal, len(self.subs) - 1)]
        return self._fill(rng, one(rng, sub["clean" if finding == "unsubstantiated" else "fact"]))

    def approved(self, rng: Random, derived: str, draft: dict[str, Any]) -> dict[str, Any]:
        """What the review records; partly may become mostly, with a reason."""
        mostly = derived == "partly" and rng.random() < 0.3
        opinion = self.texts["mostly"] if mostly else one(rng, self.texts["opinion"])
        data = {key: value for key, value in draft.items() if key != "facts"}
        data["conclusion"] = "mostly" if mostly else derived
        return data | ({"opinion": opinion} if opinion else {})

    def planned(self, rng: Random, due: str) -> dict[str, Any]:
        """What a conclusion by stages records besides: the plan that is left."""
        return {"plan_item": one(rng, self.texts["plan_item"]), "plan_due": due,
                "plan_unit": self.plan.subject.name,
                "plan_check": one(rng, self.texts["plan_check"]), "staged": True}  # fmt: skip

    def rejected(self, rng: Random) -> dict[str, Any]:
        """Why the reviewer gave it back."""
        return {"reason": one(rng, self.texts["reject"])}

    def replied(self, rng: Random, findings: dict[str, str], measures: list[str]) -> dict[str, Any]:
        """The answers, demand by demand."""
        answers = {n: self._answer(rng, int(n) - 1, f, measures) for n, f in findings.items()}
        basis = self.texts["reply_basis"][BASIS.get(self.plan.subs[0][0], 0)]
        return {"answers": answers, "reply_basis": basis}

    def _answer(self, rng: Random, ordinal: int, finding: str, measures: list[str]) -> str:
        fact = self._fact(rng, ordinal, finding)
        if finding == "unsubstantiated":
            return one(rng, self.texts["reply_no"]).replace("{clean}", fact)
        done = self.texts["measure"][measures[min(ordinal, len(measures) - 1)]]
        done = done.replace("{n}", str(5 * (1 + int(rng.random() * 6))))
        done = done.replace("{m}", f"{1 + rng.random() * 19:.1f}")
        text = one(rng, self.texts["reply_ok"])
        return text.replace("{fact}", fact).replace("{measure}", done)

    def called(self, rng: Random, content: float, rated: bool) -> dict[str, Any]:
        """What a callback that reached the petitioner records."""
        data: dict[str, Any] = {"solved": ("yes", "yes", "partly", "no")[int(rng.random() * 4)]}
        if not rated and rng.random() < 0.9:
            data["rating"] = self.score(rng.random(), content)
        return data | ({"note": one(rng, self.texts["note"])} if rng.random() < 0.3 else {})

    @staticmethod
    def score(share: float, content: float) -> str:
        """满意, 基本满意 or 不满意 by the share of contented people."""
        if share >= content:
            return "3"
        return "1" if share < content * 0.7 else "2"
