"""The proof of a failing item: its clock day by day, by the rule in force when it started."""

from dataclasses import dataclass, replace
from datetime import date

from db.queries import scores as stored
from domain.clock_rules import ClockRule
from domain.clocks import MOST_EXTENSION
from domain.errors import NotFound
from domain.people import Viewer
from domain.scope import scope_of
from domain.terms import DayLine, Term, TermUnit, due, explain
from rules import load
from services.store import read


@dataclass(frozen=True, slots=True)
class Proof:
    """A clock of an item: rule, length, and every day of it."""

    label: str
    basis: str
    length: str
    started_on: date
    due_on: date
    done_on: date | None
    extended: int  # days of an approved extension
    unit: TermUnit
    days: tuple[DayLine, ...]


def proof(viewer: Viewer, run_id: int, item_id: int) -> Proof | None:
    """The proof of an item the viewer may see; None for an item that no clock counts."""
    with read(scope_of(viewer)) as session:
        row = stored.item(session, run_id, item_id)
        if row is None:
            raise NotFound("没有这一条扣分事项，或不在您的可见范围内")
        channel = stored.channel_of(session, row.submission_id, row.case_id)
    if row.clock_key is None or row.started_on is None or row.due_on is None:
        return None
    rule = rule_of(row.clock_key, row.started_on, channel)
    if rule.term is None:
        return None
    term, more = _extended(rule.term, row.started_on, row.due_on)
    days = explain(row.started_on, term, load().calendar)
    return Proof(
        rule.label, rule.basis, rule.term.text, row.started_on, row.due_on, row.done_on, more,
        term.unit, tuple(days),
    )  # fmt: skip


def rule_of(key: str, started_on: date, channel: str | None) -> ClockRule:
    """The rule of a clock in force on the day it started."""
    fitting = [
        rule
        for rule in load().clocks
        if rule.key == key
        and rule.since <= started_on
        and (channel is None or not rule.channels or channel in rule.channels)
    ]
    if not fitting:
        raise NotFound("当时没有这一时限的规则")
    return max(fitting, key=lambda rule: rule.since)


def _extended(term: Term, started_on: date, due_on: date) -> tuple[Term, int]:
    """The term with the days of an approved extension that lead to the due date."""
    calendar = load().calendar
    for more in range(MOST_EXTENSION + 1):
        longer = replace(term, length=term.length + more)
        if due(started_on, longer, calendar).on >= due_on:
            return longer, more
    return term, 0
