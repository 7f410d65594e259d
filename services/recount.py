"""When a year's notice is entered: which due dates change, shown first, then written on the record.

Clocks are worked out from events and rules; the stored rows are an index. A new notice makes the
index of running provisional clocks out of date, also of cases on which nobody takes a step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db import models as m
from domain.clocks import Clock, SubmissionFacts
from domain.scope import SYSTEM
from domain.workflow import fold
from rules import load
from services import trace
from services.history import events_of
from services.rows import Row, clock_row, clocks_of
from services.store import read, write

Progress = Callable[[int, int], None]
BATCH = 500  # cases written in one transaction


@dataclass(frozen=True, slots=True)
class Change:
    """One due date that the rules and the calendar now put elsewhere."""

    case_no: str
    clock: str
    before: date
    after: date
    provisional: bool  # still, after the change


def changes(progress: Progress | None = None) -> list[Change]:
    """What would change for every case with a provisional clock; nothing is written."""
    with read(SYSTEM) as session:
        cases = _affected(session)
        found: list[Change] = []
        for number, (case_id, no) in enumerate(cases, 1):
            found += _compared(session, case_id, no)
            _told(progress, number, len(cases))
        return found


def confirm(now: datetime, progress: Progress | None = None) -> int:
    """Write what `changes` shows, in batches, each an event; returns the number of changes."""
    with read(SYSTEM) as session:
        cases = _affected(session)
    written = 0
    for first in range(0, len(cases), BATCH):
        with write(SYSTEM) as session:
            written += _rewritten(session, cases[first : first + BATCH], now)
        _told(progress, min(first + BATCH, len(cases)), len(cases))
    return written


def _affected(session: Session) -> Sequence[tuple[int, str]]:
    query = (
        select(m.Case.id, m.Case.no)
        .where(m.Case.id.in_(select(m.Clock.case_id).where(m.Clock.provisional)))
        .order_by(m.Case.id)
    )
    return [(case_id, no) for case_id, no in session.execute(query)]


def _told(progress: Progress | None, number: int, total: int) -> None:
    if progress:
        progress(number, total)


def _wanted(session: Session, case_id: int) -> list[Row]:
    events = events_of(session, case_id)
    query = select(
        m.Submission.id, m.Submission.channel, m.Submission.reachable, m.Submission.anonymous
    )
    rows = session.execute(query.where(m.Submission.case_id == case_id).order_by(m.Submission.id))
    state = fold(events)
    clocks: list[Clock] = clocks_of(
        [SubmissionFacts(*row) for row in rows], state, events, channel=_channel(session, case_id)
    )
    return [clock_row(case_id, clock, state.sealed_on) for clock in clocks]


def _channel(session: Session, case_id: int) -> str:
    """The channel a case came by."""
    return session.scalars(select(m.Case.channel).where(m.Case.id == case_id)).one()


def _compared(session: Session, case_id: int, no: str) -> list[Change]:
    clocks = select(m.Clock).where(m.Clock.case_id == case_id)
    stored = {(c.key, c.submission_id, c.ordinal): c for c in session.scalars(clocks)}
    labels = load().clock_labels
    out = []
    for row in _wanted(session, case_id):
        old = stored.get((row["key"], row["submission_id"], row["ordinal"]))
        if old and (old.due_on, old.provisional) != (row["due_on"], row["provisional"]):
            label = labels.get(str(row["key"]), str(row["key"]))
            out.append(Change(no, label, old.due_on, row["due_on"], row["provisional"]))
    return out


def _rewritten(session: Session, cases: Sequence[tuple[int, str]], now: datetime) -> int:
    found = [change for case in cases for change in _compared(session, *case)]
    if not found:
        return 0
    numbers = {change.case_no for change in found}
    for case_id, no in cases:
        if no in numbers:
            rows = _wanted(session, case_id)
            session.execute(delete(m.Clock).where(m.Clock.case_id == case_id))
            session.execute(insert(m.Clock.__table__), rows)
    told = [f"{c.case_no} {c.clock} {c.before}→{c.after}" for c in found]
    data = {"calendar": load().calendar.version, "changes": told}
    trace.record(session, "recount_clocks", now, data=data)
    return len(found)
