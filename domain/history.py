"""What happened to a case: events as recorded, and the moments that start and stop clocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.people import Level, level_of, province_of


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was taken: recorded `at`, happened `on`, by a person of `unit`.

    `data` holds what the step recorded, in JSON terms (dates as ISO text), never an identity.
    """

    step: str
    at: datetime
    on: date
    unit: int
    submission: int | None = None
    person: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


class Moment(NamedTuple):
    """A fact that can start or stop a clock: happened `on`, known to the system on `known`."""

    kind: str
    on: date
    known: date
    unit: int
    submission: int | None = None
    until: date | None = None  # the end an order or plan names
    ref: int | None = None  # the number of the order it belongs to


# Every word a clock rule may use for its start and stop.
MOMENTS = frozenset(
    {
        "received", "registered", "sent", "arrived", "assigned", "transferred", "accepted",
        "declined", "signed", "return_accepted", "notice_delivered", "concluded",
        "result_reported", "reply_delivered", "callback_finished", "rated", "unsubstantiated",
        "verified", "plan_approved", "rectification_verified", "review_requested",
        "review_answered", "review_answer_delivered", "re_review_requested", "re_review_answered",
        "order_delivered", "feedback_accepted", "forwarded", "merged", "finding_changed",
        "plan_dropped", "passed_on", "undeliverable",
    }
)  # fmt: skip

# What ends a duty without its act: two duties that it ends are not one.
RELEASES = frozenset({"merged", "undeliverable"})

DECISIONS = {
    "accept": "accepted", "decline": "declined", "decline_final": "declined",
    "transfer": "transferred",
}  # fmt: skip
# A merging is two events, one on each case; so is its undoing.
UNDOES = {"separate": "merge", "separated": "merged"}

# Steps whose moment has the same unit, day and submission as the step itself.
PLAIN = {
    "sign": "signed",
    "deliver": "reply_delivered",
    "rate": "rated",
    "verify": "verified",
    "report": "result_reported",
    "request_review": "review_requested",
    "answer_review": "review_answered",
    "request_re_review": "re_review_requested",
    "answer_re_review": "re_review_answered",
    "merged": "merged",
    "undeliverable": "undeliverable",
    "verify_rectification": "rectification_verified",
}


def live(events: Sequence[Event]) -> Sequence[Event]:
    """The events that stand: a merging that was undone, and its undoing, are as never made."""
    undone = [e for e in events if e.step in UNDOES]
    if not undone:
        return events
    gone: set[int] = set()
    for undoing in undone:
        at = events.index(undoing)
        step, other = UNDOES[undoing.step], undoing.data["other"]
        made = [i for i, e in enumerate(events[:at]) if e.step == step
                and i not in gone and e.data["other"] == other]  # fmt: skip
        gone |= {at, *made[-1:]}
    return [event for i, event in enumerate(events) if i not in gone]


def exempt_apart(events: Sequence[Event]) -> dict[int, set[str]]:
    """The clocks set aside of each contact that came by a merging: by its own case, or since."""
    found: dict[int, set[str]] = {}
    for event in live(events):
        if event.step == "merge":
            for joined in event.data["joined"]:
                found[joined["submission"]] = set(joined.get("exempt", ()))
        elif event.step == "exempt":
            for keys in found.values():
                keys.update(event.data["clocks"])
    return found


def exempted(events: Sequence[Event]) -> list[str]:
    """The keys of the clocks that were set aside, each once."""
    keys = (key for e in events if e.step == "exempt" for key in e.data["clocks"])
    return list(dict.fromkeys(keys))


def moments(events: Sequence[Event]) -> list[Moment]:
    """The moments of a case in the order they were recorded."""
    out: list[Moment] = []
    for event in live(events):
        out.extend(_moments_of(event, out))
    return out


def _moments_of(event: Event, before: list[Moment]) -> Iterator[Moment]:
    known, data = event.at.date(), event.data

    def moment(kind: str, unit: int = event.unit, until: date | None = None) -> Moment:
        return Moment(kind, event.on, known, unit, event.submission, until)

    match event.step:
        case "register":
            yield moment("received")
            yield Moment("registered", known, known, event.unit, event.submission)
            if level_of(event.unit) is Level.COUNTY:
                # No unit is below it: what it receives it has, from the day of receipt.
                yield from _arrival_at_home(event, [*before, moment("received")])
            if data.get("forwarded") or data.get("forwarded_until"):
                yield moment("forwarded", until=_day(data.get("forwarded_until")))
        case "assign" | "reassign" | "pass_on":
            # Putting an address right is no new order: reassigning buys no time.
            if event.step == "assign":
                yield moment("assigned", until=_day(data.get("limit")))
            elif event.step == "pass_on":
                yield moment("passed_on")
            elif data.get("from"):
                yield moment("return_accepted", unit=int(data["from"]))
            yield moment("sent", unit=int(data["to"]))
            yield moment("arrived", unit=int(data["to"]))
        case "accept_return":
            yield from _returned(event, before)
        case "accept" | "decline" | "decline_final" | "transfer":
            yield from _arrival_at_home(event, before)
            yield moment(DECISIONS[event.step])
            if event.step != "accept":  # the answer to an order, where there was one
                yield moment("result_reported")
        case "notify" | "deliver" if not data.get("delivered_on"):
            return  # sent, but not yet proved delivered
        case "notify":
            yield moment("notice_delivered")
        case "approve" | "stage":
            yield from _conclusion(event, {moment.kind for moment in before})
        case "send_back" | "deliver_review" | "deliver_re_review":
            if event.step == "deliver_review":
                yield moment("review_answer_delivered")
            if data.get("redo_by"):  # an order of its own; what was late stays so
                yield moment("assigned", until=_day(data["redo_by"]))
        case "callback" if data.get("finished"):
            yield moment("callback_finished")
            if data.get("rating"):
                yield moment("rated")
        case "supervise":
            until, unit = _day(data.get("order_limit") or data.get("limit")), int(data["to"])
            yield Moment("order_delivered", event.on, known, unit, None, until, data.get("order"))
        case "accept_feedback":
            yield Moment("feedback_accepted", event.on, known, event.unit, ref=data.get("order"))
        case "merge":
            for joined in data["joined"]:
                for kind, on, learned, unit in joined["moments"]:
                    days = date.fromisoformat(on), date.fromisoformat(learned)
                    yield Moment(kind, *days, unit, joined["submission"])
        case step if step in PLAIN:
            yield moment(PLAIN[step])


def _arrival_at_home(event: Event, before: list[Moment]) -> Iterator[Moment]:
    """A unit that decides what it received itself had it from the day of receipt (条例 第22条).

    That a joined contact had arrived with its own case is no arrival of this one.
    """
    if any(m.kind == "arrived" and m.submission is None for m in before):
        return
    received = next((m for m in before if m.kind == "received"), None)
    if received:
        known = event.at.date()
        yield Moment("arrived", received.on, known, event.unit)


def _returned(event: Event, before: list[Moment]) -> Iterator[Moment]:
    """An accepted return ends the unit's signing and gives the case back to who accepted it."""
    known = event.at.date()
    sent = [m.unit for m in before if m.kind == "sent"]
    unit = int(event.data.get("from") or (sent[-1] if sent else event.unit))
    yield Moment("return_accepted", event.on, known, unit)
    yield Moment("arrived", event.on, known, event.unit)


def _conclusion(event: Event, before: set[str]) -> Iterator[Moment]:
    """A conclusion; one that is come to again may leave nothing to verify or to rectify."""
    known, data = event.at.date(), event.data
    yield Moment("concluded", event.on, known, event.unit)
    yield Moment("result_reported", event.on, known, event.unit)
    if data.get("conclusion") == "unsubstantiated":
        yield Moment("unsubstantiated", event.on, known, province_of(event.unit))
    elif "unsubstantiated" in before:
        yield Moment("finding_changed", event.on, known, event.unit)
    if data.get("plan_due"):
        yield Moment("plan_approved", event.on, known, event.unit, until=_day(data["plan_due"]))
    elif "plan_approved" in before:
        yield Moment("plan_dropped", event.on, known, event.unit)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
