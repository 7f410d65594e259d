"""The rows beside a case as the steps write them, and what the people of the show are told."""

from collections.abc import Iterator
from typing import Any

from domain.history import Event
from domain.people import Role, level_of
from domain.workflow import apply, fold
from services.demo.days import DAY, Days
from services.demo.people import SHOWN, STAFF, person_id
from services.notices import addressed
from services.step_rows import FINED

Tuples = list[tuple[Any, ...]]
MANY = 60_000  # cases of which a day gives enough notices


def side_rows(case_id: int, events: list[Event]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Table and row, as `services.step_rows.side_rows` leaves them after all events."""
    kept: dict[tuple[str, Any], dict[str, Any]] = {}
    for event in events:
        _side(case_id, event, kept)
    for (table, _), row in kept.items():
        yield table, tuple(row.values())


def _side(case_id: int, event: Event, kept: dict[tuple[str, Any], dict[str, Any]]) -> None:
    data, on = event.data, event.on.isoformat()
    match event.step:
        case "supervise":
            kept["supervisions", data["order"]] = {
                "case_id": case_id, "kind": data["order_kind"], "source": "superior",
                "unit_code": data["to"], "reason": data["order_reason"], "delivered_on": on,
                "due_on": data["order_limit"], "closed_on": None, "ordinal": data["order"],
                "ordered_by": event.unit, "answered_on": None,
            }  # fmt: skip
        case "feedback":
            kept["supervisions", data["order"]]["answered_on"] = on
        case "accept_feedback":
            kept["supervisions", data["order"]]["closed_on"] = on
        case "instruct" | "charge" | "reception":
            text = data.get("instruction") or data.get("promise") or data.get("charge_note")
            kept["leader_actions", data["action"]] = {
                "case_id": case_id, "kind": event.step, "ordinal": data["action"],
                "leader": data["leader"], "unit_code": event.unit, "text": text,
                "on": data.get("instructed_on") or on, "due_on": data.get("order_limit"),
                "done_on": None,
            }  # fmt: skip
        case "follow_up" if data["finished"]:
            kept["leader_actions", data["action"]]["done_on"] = on
        case "request_review" | "request_re_review":
            kind = event.step.removeprefix("request_")
            kept["reviews", kind] = {
                "case_id": case_id, "kind": kind, "organ_code": event.unit, "requested_on": on,
                "outcome": None, "answered_on": None, "delivered_on": None,
            }  # fmt: skip
        case "answer_review" | "answer_re_review":
            row = kept["reviews", event.step.removeprefix("answer_")]
            row["outcome"], row["answered_on"] = data["outcome"], on
        case "deliver_review" | "deliver_re_review":
            kept["reviews", event.step.removeprefix("deliver_")]["delivered_on"] = on


def measure_rows(case_id: int, data: Any) -> Tuples:
    """What a conclusion did, with number and fine where it has them."""
    fine = float(data["amount"]) if "amount" in data else None, data.get("penalty_no")
    return [(case_id, kind, *(fine if kind in FINED else (None, None)))
            for kind in dict.fromkeys(data["measures"])]  # fmt: skip


def since_when(days: Days) -> int:
    """The moment from which the people of the show have notices: days, or weeks of a small one."""
    return days.cutoff - min(max(MANY // max(days.cases, 1), 2), 20) * DAY


def notice_rows(case_id: int, no: str, events: list[Event], recent: int) -> Tuples:
    """The unread notices of so many of the last events, for the people whom the show names."""
    rows: Tuples = []
    first = len(events) - recent
    state = fold(events[:first])
    for event in events[first:]:
        before, state = state, apply(state, event)
        for unit, roles, text in addressed(no, event, before, state):
            rows += [
                (person, case_id, event.step, text, event.at.isoformat(" ", "microseconds"))
                for person in _people(unit, roles)
                if person != event.person
            ]
    return rows


def _people(unit: int | None, roles: tuple[Role, ...]) -> list[int]:
    if unit not in SHOWN:
        return []
    staff = STAFF[level_of(unit)]
    found = [person_id(unit, role) for role in roles if role in staff]
    if Role.HANDLER in roles:
        found.append(person_id(unit, Role.HANDLER, second=True))
    return sorted(found)
