"""The rows a merging moves: contacts, demands, attachments and marks; and the same rows back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.history import Event, exempted, live, moments
from domain.workflow import CaseState
from rules import load

# What a contact was already told, and when it had come: its clocks go on with it.
CARRIED = frozenset({"received", "registered", "notice_delivered", "undeliverable"})
MARKS = ("is_group", "confidential", "urgency")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two cases, locked, with what happened to it."""

    case: m.Case
    events: list[Event]
    state: CaseState


def standing(events: Sequence[Event]) -> list[Event]:
    """The mergings into a case that were not undone, oldest first."""
    return [event for event in live(events) if event.step == "merge"]


def take(session: Session, main: Side, other: Side) -> dict[str, Any]:
    """Give the other's contacts, demands and attachments to the main case; what the event tells."""
    mine, theirs = main.case.id, other.case.id
    units, files = m.CaseUnit.__table__.c, m.Attachment.__table__.c
    visible = select(units.unit_code).where(units.case_id == theirs).order_by(units.unit_code)
    kept = select(files.id).where(files.case_id == theirs).order_by(files.id)
    told = {
        "units": list(session.scalars(visible)),
        "joined": _joined(session, other),
        "demands": _demands(session, mine, theirs),
        "attachments": list(session.scalars(kept)),
        "own": _own_marks(main),
        "marks": {name: getattr(other.case, name) for name in MARKS},
    }
    for table in (m.Submission, m.Attachment):
        _all_of(session, table, theirs, mine)
    return told


def _joined(session: Session, other: Side) -> list[dict[str, Any]]:
    """Each contact with the moments of its own that its clocks start and stop by."""
    happened = moments(other.events)
    arrived = next((one for one in happened if one.kind == "arrived"), None)
    columns = m.Submission.__table__.c
    query = select(columns.id).where(columns.case_id == other.case.id)
    out = []
    for number in session.scalars(query.order_by(columns.id)):
        own = [x for x in happened if x.kind in CARRIED and x.submission in (None, number)]
        carried = [[x.kind, x.on.isoformat(), x.known.isoformat(), x.unit]
                   for x in [*own, *((arrived,) if arrived else ())]]  # fmt: skip
        out.append({"submission": number, "reachable": number in other.state.owed,
                    "moments": carried, "exempt": exempted(other.events)})  # fmt: skip
    return out


def _demands(session: Session, mine: int, theirs: int) -> dict[str, int]:
    """Append the other's demands to the main case's: new ordinal → the one it had."""
    table = m.Demand.__table__
    last = session.scalar(select(func.max(table.c.ordinal)).where(table.c.case_id == mine)) or 0
    own = select(table.c.ordinal).where(table.c.case_id == theirs).order_by(table.c.ordinal)
    moved = {str(last + n): ordinal for n, ordinal in enumerate(session.scalars(own), 1)}
    for new, ordinal in moved.items():
        _renumber(session, (theirs, ordinal), (mine, int(new)))
    return moved


def _renumber(session: Session, known: tuple[int, int], to: tuple[int, int]) -> None:
    table = m.Demand.__table__
    one = update(table).where(table.c.case_id == known[0], table.c.ordinal == known[1])
    session.execute(one.values(case_id=to[0], ordinal=to[1]))


def _all_of(
    session: Session, table: Any, known: int, to: int, ids: Sequence[int] | None = None
) -> None:
    """Give the rows of one case, or those of them with these ids, to another."""
    rows = table.__table__
    query = update(rows).where(rows.c.case_id == known)
    session.execute((query if ids is None else query.where(rows.c.id.in_(ids))).values(case_id=to))


def give_back(session: Session, main: Side, other: Side, told: Mapping[str, Any]) -> None:
    """Put back what the event of a merging says went over."""
    mine, theirs = main.case.id, other.case.id
    contacts = [one["submission"] for one in told["joined"]]
    _all_of(session, m.Submission, mine, theirs, contacts)
    _all_of(session, m.Attachment, mine, theirs, told["attachments"])
    for new, ordinal in told["demands"].items():
        _renumber(session, (mine, int(new)), (theirs, ordinal))


# --- the marks of the main case: its own and those of every contact joined to it


def _own_marks(main: Side) -> dict[str, Any]:
    """The marks it had before anything was merged into it."""
    known = next((event.data["own"] for event in standing(main.events)), None)
    return dict(known) if known else {name: getattr(main.case, name) for name in MARKS}


def marks_joined(main: Side, but: Event | None = None) -> list[Mapping[str, Any]]:
    """The marks of every case that is merged into this one, one of them left out."""
    return [event.data["marks"] for event in standing(main.events) if event is not but]


def counted(
    main: Side, joined: Sequence[Mapping[str, Any]], more: int, own: Mapping[str, Any] | None = None
) -> None:
    """How many contacts it has now, and its marks; right before its event, as one change."""
    order = list(load().options("urgency"))
    every = [own or _own_marks(main), *joined]
    main.case.is_group = any(marks["is_group"] for marks in every)
    main.case.confidential = any(marks["confidential"] for marks in every)
    main.case.urgency = max((marks["urgency"] for marks in every), key=order.index)
    main.case.submissions += more
