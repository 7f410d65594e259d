"""What the rarer steps do to the state of a case: returns, extensions, redoing, reviews, orders.

Each takes the state in the making, the event, and the status before the table's own.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from domain.history import Event
from domain.statuses import Status

# What a round of handling is counted by, and what a redone one begins without.
ROUND = ("conclude", "approve", "stage", "reply", "deliver", "pass_check", "verify",
         "called_back", "request_review", "answer_review", "request_re_review",
         "answer_re_review", "hold_hearing")  # fmt: skip
ROUND_FLAGS = {"unsubstantiated", "checked", "staged", "rectified", "answered", "reviewed"}
GONE = (Status.DECLINED, Status.TRANSFERRED)


def _return(now: Any, _event: Event, before: Status) -> None:
    now.resume = before
    now.returned |= {now.holder}
    now.flags |= {"returned"}


def _accept_return(now: Any, event: Event, _before: Status) -> None:
    """The case is the sender's again, to be given to another."""
    now.senders.pop(now.holder, None)
    now.holder, now.resume = event.unit, None
    now.flags -= {"sent", "returned", "passed_on"}
    if now.holder in now.passed:
        now.flags |= {"passed_on"}
    if event.unit in now.senders:
        now.flags |= {"sent"}
    if event.unit in now.returned:
        now.flags |= {"returned"}


def _refuse_return(now: Any, _event: Event, _before: Status) -> None:
    now.status, now.resume = now.resume or Status.TO_SIGN, None


def _extension(now: Any, event: Event, _before: Status) -> None:
    now.flags -= {"extension_applied"}
    now.flags |= {
        "apply_extension": {"extension_applied"}, "extend": {"extended"}, "refuse_extension": set(),
    }[event.step]  # fmt: skip


def _pass(now: Any, event: Event, _before: Status) -> None:
    now.flags |= {"checked"}
    now.checked_on = event.on


def redo(now: Any) -> None:
    """The case is in hand again. What was late stays so; the round is counted anew."""
    now.status = Status.HANDLING
    now.ended_on = now.concluded_on = now.delivered_on = now.conclusion = now.checked_on = None
    now.flags = (now.flags - ROUND_FLAGS) | {"redone"}
    for key in ROUND:
        now.done.pop(key, None)


def _send_back(now: Any, _event: Event, _before: Status) -> None:
    redo(now)


def _supervise(now: Any, event: Event, _before: Status) -> None:
    now.orders[int(event.data["order"])] = event.unit
    now.flags = (now.flags | {"supervised"}) - {"fed_back"}


def _feedback(now: Any, _event: Event, _before: Status) -> None:
    now.flags |= {"fed_back"}


def _accept_feedback(now: Any, event: Event, _before: Status) -> None:
    now.orders.pop(int(event.data["order"]), None)
    now.flags -= {"fed_back"} if now.orders else {"fed_back", "supervised"}


def _led(now: Any, event: Event, _before: Status) -> None:
    now.flags |= {"led", event.step}
    now.actions |= {int(event.data["action"])}


def _followed(now: Any, event: Event, _before: Status) -> None:
    """A leader's matter that is done needs no more following."""
    if event.data.get("finished"):
        now.actions -= {int(event.data["action"])}
        now.flags -= set() if now.actions else {"led"}


def _rectified(now: Any, _event: Event, _before: Status) -> None:
    now.flags |= {"rectified"}


def _request(now: Any, event: Event, _before: Status) -> None:
    now.organ = event.unit
    now.flags -= {"answered"}


def _answer(now: Any, event: Event, _before: Status) -> None:
    now.flags |= {"answered"}


def _delivered(now: Any, event: Event, _before: Status) -> None:
    """A maintained or changed opinion ends it; a revoked one is handled again."""
    now.flags = (now.flags | {"reviewed"}) - {"answered"}
    if event.step == "deliver_re_review":
        now.flags |= {"final"}
    if event.data.get("redo_by"):
        redo(now)


def _undeliverable(now: Any, event: Event, _before: Status) -> None:
    """Nothing more is owed to who cannot be found; what was late until then stays so."""
    now.owed = tuple(one for one in now.owed if one != event.submission)
    if not now.owed:
        now.flags -= {"reachable"}
        if now.status is Status.TO_DELIVER:
            now.status = Status.STAGED if "staged" in now.flags else Status.CONCLUDED


def _archive(now: Any, event: Event, before: Status) -> None:
    """Declined and passed-on cases keep their status, by which they are counted."""
    now.archived_on = event.on
    now.flags |= {"archived"}
    if before in GONE:
        now.status = before


def _merge(now: Any, event: Event, _before: Status) -> None:
    """The contacts of another case become this one's, each with what it was already told."""
    now.flags |= {"merged"}
    for unit in event.data["units"]:
        if unit not in now.units:
            now.units += (unit,)
    for joined in event.data["joined"]:
        if joined["reachable"]:
            now.flags |= {"reachable"}
            now.owed += (joined["submission"],)
        if any(kind == "notice_delivered" for kind, *_ in joined["moments"]):
            now.done["notified"] = now.done.get("notified", frozenset()) | {joined["submission"]}


def _merged(now: Any, event: Event, _before: Status) -> None:
    """No matter of its own any more: it is in no count but that of contacts."""
    now.merged_into, now.ended_on = int(event.data["into"]), event.on
    now.decided_on = None
    now.orders = {}
    now.flags -= {"supervised", "instruct", "charge"}


MORE: Mapping[str, Callable[[Any, Event, Status], None]] = {
    "return": _return,
    "accept_return": _accept_return,
    "refuse_return": _refuse_return,
    "apply_extension": _extension,
    "extend": _extension,
    "refuse_extension": _extension,
    "pass_check": _pass,
    "send_back": _send_back,
    "supervise": _supervise,
    "feedback": _feedback,
    "accept_feedback": _accept_feedback,
    "instruct": _led,
    "charge": _led,
    "reception": _led,
    "follow_up": _followed,
    "verify_rectification": _rectified,
    "request_review": _request,
    "request_re_review": _request,
    "answer_review": _answer,
    "answer_re_review": _answer,
    "deliver_review": _delivered,
    "deliver_re_review": _delivered,
    "undeliverable": _undeliverable,
    "archive": _archive,
    "merge": _merge,
    "merged": _merged,
}


def day_of(text: Any) -> date | None:
    """The day an event's data names."""
    return date.fromisoformat(text) if text else None
