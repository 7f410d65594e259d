"""What a random step records: values a form would take, with what the service adds to them.

Everything is drawn from one `Random`, so that a walk can be told again from its seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from domain.history import Event
from domain.people import Viewer, last_below
from domain.statuses import OPINIONS
from domain.table import Step
from domain.workflow import CaseState, overall
from rules import load

DEMANDS = ("1", "2")
TRIES = 3  # callbacks
FINDINGS = ("substantiated", "unsubstantiated")
OUTCOMES = ("maintained", "changed", "revoked")
ROUTES = (*(route.key for route in load().routes), "procedure", "petition", "petition")
LEADING = ("instruct", "charge", "reception")
# The steps that leave something to be delivered: nothing is delivered before it was made.
MADE = frozenset({"accept", "decline", "decline_final", "transfer", "reply", "answer_review",
                  "answer_re_review", "deliver", "deliver_review", "approve", "stage"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """A step about to be told: by whom, on which day, of a case that has come to `state`."""

    step: Step
    state: CaseState
    events: Sequence[Event]
    viewer: Viewer
    today: date
    units: Sequence[int]  # the units there are
    submission: int | None
    rng: Random

    def last(self, *steps: str) -> Mapping[str, Any]:
        """What the latest of these steps recorded."""
        return next(e.data for e in reversed(self.events) if e.step in steps)

    def later(self) -> str:
        """A day to come."""
        return (self.today + timedelta(days=self.rng.randint(1, 60))).isoformat()

    def lately(self) -> str:
        """A day within three, not before what there is to deliver."""
        made = [e.at.date() for e in self.events if e.step in MADE] or [self.events[0].at.date()]
        day = self.today - timedelta(days=self.rng.choice((0, 0, 0, 1, 3)))
        return max(day, made[-1]).isoformat()

    def below(self) -> list[int]:
        """The units a viewer may give a case to, the holder apart."""
        own = self.viewer.unit
        return [u for u in self.units if own < u <= last_below(own) and u != self.state.holder]


Tell = Callable[[About], Any]


def _text(_about: About) -> str:
    return "经核实有关情况"


def _finding(about: About) -> dict[str, str]:
    all_one = about.rng.random() < 0.5
    first = about.rng.choice(FINDINGS)
    return {n: first if all_one else about.rng.choice(FINDINGS) for n in DEMANDS}


def _conclusion(about: About) -> str:
    found = overall(about.last("conclude")["findings"].values())
    return about.rng.choice(("mostly", "partly")) if found == "partly" else found


def _keys(name: str) -> Tell:
    return lambda about: about.rng.choice(getattr(load(), name)).key


FIELDS: dict[str, Tell] = {
    "route": lambda a: a.rng.choice(ROUTES),
    "simple": lambda a: a.state.has("reachable") and a.rng.random() < 0.2,
    "decline_reason": _keys("declines"),
    "way": _keys("ways"), "told_way": _keys("ways"),
    "final_on": lambda a: a.today.isoformat(), "visited_on": lambda a: a.today.isoformat(),
    "tried_on": lambda a: (a.today - timedelta(days=1)).isoformat(),
    "tried_again_on": lambda a: a.today.isoformat(),
    "told_on": lambda a: a.today.isoformat(), "verified_on": lambda a: a.today.isoformat(),
    "instructed_on": lambda a: a.today.isoformat(),
    "delivered_on": About.lately, "requested_on": About.lately,
    "limit": About.later, "plan_due": About.later, "redo_by": About.later,
    "order_limit": About.later,
    "to": lambda a: a.rng.choice(a.below()),
    "assist": lambda a: a.rng.sample(a.below(), 1),
    "officers": lambda _: "王某、李某",
    "demand_notes": lambda _: {DEMANDS[0]: "现场未见排放"},
    "days": lambda a: a.rng.randint(1, 30),
    "findings": _finding, "conclusion": _conclusion,
    "measures": lambda _: ["order_correct"],
    "amount": lambda _: "20000.00", "talked": lambda _: 1, "accountable": lambda _: 0,
    "opinions": lambda a: {n: a.rng.choice(OPINIONS) for n in DEMANDS},
    "answers": lambda _: dict.fromkeys(DEMANDS, "已经整改"),
    "reached": lambda a: a.rng.random() < 0.6,
    "finished": lambda a: a.rng.random() < 0.5,
    "solved": lambda a: a.rng.choice(("yes", "partly", "no")),
    "rating": lambda a: a.rng.choice("123"),
    "upheld": lambda a: a.rng.choice(("upheld", "overturned")),
    "order_kind": lambda a: a.rng.choice(("warning", "order", "talk")),
    "order": lambda a: a.rng.choice(sorted(_orders(a))),
    "action": lambda a: a.rng.choice(_actions(a)),
    "outcome": lambda a: a.rng.choice(OUTCOMES),
    "retention": lambda _: "30",
    "clocks": lambda a: a.rng.sample(sorted(load().clock_labels), 2),
}  # fmt: skip
# Asked of everybody here, though a form may leave them out.
ALWAYS = frozenset({"contact_attempt", "opinions", "delivered_on", "proof", "told_on",
                    "told_way", "opinion", "order", "action", "penalty_no", "amount"})  # fmt: skip
# Said only where the rest of the form asks for it.
SELDOM = frozenset({"failure", "redo_by", "rating"})


def told(about: About) -> dict[str, Any]:
    """The values of a step in JSON terms, as an event holds them."""
    data: dict[str, Any] = {}
    for name in about.step.records:
        key, optional = name.rstrip("?"), name.endswith("?")
        if optional and (key in SELDOM or (key not in ALWAYS and about.rng.random() < 0.5)):
            continue
        data[key] = FIELDS.get(key, _text)(about)
    return ADDED[about.step.key](about, data) if about.step.key in ADDED else data


def possible(about: About) -> bool:
    """Whether there is anything the step could be about, where the table cannot know."""
    match about.step.key:
        case "assign" | "reassign" | "pass_on":
            return bool(about.below())
        case "accept_feedback" | "feedback":
            return bool(_orders(about))
        case "follow_up":
            return bool(_actions(about))
        case "undeliverable":
            return about.submission not in about.state.done.get("deliver", frozenset())
        case "stage":
            return overall(about.last("conclude")["findings"].values()) != FINDINGS[1]
        case "callback":
            return all(e.on != about.today for e in _calls(about))
    return True


def _orders(about: About) -> set[int]:
    """The orders a feedback, or its acceptance, can be about."""
    if about.step.key == "feedback":
        return set(about.state.orders)
    own = about.viewer.unit
    said = {e.data["order"] for e in about.events if e.step == "feedback"}
    return {n for n, by in about.state.orders.items() if n in said and own <= by <= last_below(own)}


def _actions(about: About) -> list[int]:
    done = {e.data["action"] for e in about.events if e.step == "follow_up" and e.data["finished"]}
    return [e.data["action"] for e in about.events
            if e.step in LEADING and e.data["action"] not in done]  # fmt: skip


def _calls(about: About) -> list[Event]:
    return [e for e in about.events if e.step == "callback" and e.submission == about.submission]


def _notify(about: About, data: dict[str, Any]) -> dict[str, Any]:
    if about.rng.random() < 0.2:  # sent and come back
        return {"way": data["way"], "failure": "查无此人"}
    return data


def _callback(about: About, data: dict[str, Any]) -> dict[str, Any]:
    rated = about.submission in about.state.done.get("rated", frozenset())
    if data["reached"] and not rated and about.rng.random() < 0.7:
        data["rating"] = FIELDS["rating"](about)
    return {**data, "finished": data["reached"] or len(_calls(about)) + 1 >= TRIES}


def _answered(about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "redo_by": about.later()} if data["outcome"] == "revoked" else data


def _handed_over(about: About, data: dict[str, Any]) -> dict[str, Any]:
    redo_by = about.last(about.step.key.replace("deliver", "answer")).get("redo_by")
    return {**data, "redo_by": redo_by} if redo_by else data


def _led(about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "action": 1 + sum(e.step in LEADING for e in about.events)}


def _from(about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "from": about.state.holder}


def _ordered(about: About, data: dict[str, Any]) -> dict[str, Any]:
    number = 1 + sum(e.step == "supervise" for e in about.events)
    return {**data, "order": number, "to": about.state.holder}


def _classified(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "track": load().route(data["route"]).track}


def _assigned(_about: About, data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "assist": [unit for unit in data.get("assist", []) if unit != data["to"]]}


ADDED: dict[str, Callable[[About, dict[str, Any]], dict[str, Any]]] = {
    "classify": _classified, "reclassify": _classified,
    "assign": _assigned, "reassign": _from, "accept_return": _from, "notify": _notify,
    "extend": lambda a, data: {**data, "days": a.last("apply_extension")["days"]},
    "stage": lambda _, data: {**data, "staged": True},
    "callback": _callback, "supervise": _ordered, "instruct": _led, "charge": _led,
    "reception": _led, "answer_review": _answered, "answer_re_review": _answered,
    "deliver_review": _handed_over, "deliver_re_review": _handed_over,
}  # fmt: skip
