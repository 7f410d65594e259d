"""The rows a case is stored as: the fold of its events and its clocks, nothing made up here."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from domain.clocks import CaseFacts, Clock, SubmissionFacts, work_out
from domain.history import Event
from domain.people import city_of
from domain.workflow import CaseState
from rules import Rules, load

Row = dict[str, Any]


def month_of(day: Any) -> int | None:
    """202610 for a day of October 2026."""
    return day.year * 100 + day.month if day else None


def state_columns(state: CaseState) -> Row:
    """The columns of `cases` that are the fold of its events."""
    return {
        "status": state.status.value,
        "track": state.track.value if state.track else None,
        "route": state.route,
        "registered_unit": state.registrar,
        "holder_unit": state.holder,
        "handler_id": state.handler,
        "received_on": state.received_on,
        # A case merged into another is no matter of its own: it is of no month.
        "received_month": 0 if state.merged_into else month_of(state.received_on),
        "decided_on": state.decided_on,
        "ended_on": state.ended_on,
        "ended_month": 0 if state.merged_into else month_of(state.ended_on),
        "concluded_on": state.concluded_on,
        "delivered_on": state.delivered_on,
        "conclusion": state.conclusion,
        "rating": state.rating,
        "simple": state.simple,
        "sealed": state.sealed_on is not None,
        "sender_unit": state.sender,
        "checked_on": state.checked_on,
        "archived_on": state.archived_on,
        "merged_into": state.merged_into,
        "supervised": bool(state.orders),
        "instructed": state.has("instruct"),
        "charged": state.has("charge"),
    }


def clocks_of(
    submissions: Iterable[SubmissionFacts],
    state: CaseState,
    events: Sequence[Event],
    rules: Rules | None = None,
    channel: str = "",
) -> list[Clock]:
    """All clocks of a case by the rules of this installation.

    `channel` is the case's own, for where its contacts went to another case.
    """
    rules = rules or load()
    facts = CaseFacts(tuple(submissions), state.track, state.simple, channel)
    return work_out(facts, events, rules.clocks, rules.calendar)


def clock_row(case_id: int, clock: Clock, sealed_on: date | None) -> Row:
    """The index row of a clock."""
    return {
        "case_id": case_id,
        "submission_id": clock.submission,
        "key": clock.key,
        "ordinal": clock.ordinal,
        "unit_code": clock.unit,
        "city_code": city_of(clock.unit),
        "started_on": clock.started_on,
        "known_on": clock.known_on,
        "first_due_on": clock.first_due_on,
        "due_on": clock.due_on,
        "provisional": clock.provisional,
        "done_on": clock.done_on,
        "shown_on": clock.shown_on,
        "duty": clock.duty,
        # An accusation is not assessed from its sealing on; what fell due before it stands.
        "exempt": clock.exempt or (sealed_on is not None and clock.due_on >= sealed_on),
        "sealed": sealed_on is not None,
        "named": clock.named,
        "rule_since": clock.rule_since,
    }


def unit_rows(case_id: int, place: int, state: CaseState) -> list[Row]:
    """The units for which a case is visible: its place, who registered it, who had it."""
    units = dict.fromkeys((place, state.registrar, *state.units))
    return [{"case_id": case_id, "unit_code": unit} for unit in units]
