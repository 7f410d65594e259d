"""What a step writes beside its event: state columns, side rows, units, clocks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.clocks import SubmissionFacts
from domain.history import Event
from domain.workflow import CaseState
from services.rows import clock_row, clocks_of, state_columns, unit_rows


def state(
    session: Session, case: m.Case, after: CaseState, person: int | None, now: datetime
) -> None:
    """The columns that are the fold; the row's version grows with them."""
    for name, value in state_columns(after).items():
        setattr(case, name, value)
    case.changed_at, case.changed_by = now, person
    session.flush()


def units(session: Session, case: m.Case, after: CaseState) -> None:
    """For whom the case is visible; an undone merging takes back what it opened."""
    table = m.CaseUnit.__table__
    known = set(session.scalars(select(table.c.unit_code).where(table.c.case_id == case.id)))
    rows = unit_rows(case.id, case.place_code, after)
    wanted = {row["unit_code"] for row in rows}
    if new := [row for row in rows if row["unit_code"] not in known]:
        session.execute(insert(table), new)
    if gone := known - wanted:
        session.execute(
            delete(table).where(table.c.case_id == case.id, table.c.unit_code.in_(gone))
        )


def clocks(session: Session, case: m.Case, events: list[Event], after: CaseState) -> None:
    """Replace the case's clock rows by what its history now gives."""
    submissions, table = m.Submission.__table__.c, m.Clock.__table__
    query = select(
        submissions.id, submissions.channel, submissions.reachable, submissions.anonymous
    )
    facts = [
        SubmissionFacts(*row)
        for row in session.execute(
            query.where(submissions.case_id == case.id).order_by(submissions.id)
        )
    ]
    found = clocks_of(facts, after, events, channel=case.channel)
    rows = [clock_row(case.id, clock, after.sealed_on) for clock in found]
    session.execute(delete(table).where(table.c.case_id == case.id))
    if rows:
        session.execute(insert(table), rows)


def side_rows(session: Session, case_id: int, event: Event) -> None:
    """The rows beside the case by which lists and boards read a step."""
    data = event.data
    match event.step:
        case "approve" | "stage":
            _concluded(session, case_id, data)
        case "reply":
            for ordinal, answer in data["answers"].items():
                _demand(session, case_id, ordinal, answer=answer)
        case "callback":
            if data["reached"]:
                _answered(session, event)
            if data.get("rating"):
                _rating(session, case_id, event, "callback")
        case "rate":
            _rating(session, case_id, event, data.get("rated_by", "paper"))
        case "supervise":
            _insert(session, m.Supervision, case_id=case_id, ordinal=data["order"],
                    kind=data["order_kind"], source=data.get("source", "superior"),
                    unit_code=data["to"], reason=data["order_reason"], delivered_on=event.on,
                    due_on=_day(data["order_limit"]), ordered_by=event.unit)  # fmt: skip
        case "feedback":
            _order(session, case_id, data["order"], answered_on=event.on)
        case "accept_feedback":
            _order(session, case_id, data["order"], closed_on=event.on)
        case "instruct" | "charge" | "reception":
            text = data.get("instruction") or data.get("promise") or data.get("charge_note") or ""
            _insert(session, m.LeaderAction, case_id=case_id, kind=event.step,
                    ordinal=data["action"], leader=data["leader"], unit_code=event.unit, text=text,
                    on=_day(data.get("instructed_on")) or event.on,
                    due_on=_day(data.get("order_limit")))  # fmt: skip
        case "follow_up" if data["finished"]:
            where = (m.LeaderAction.case_id == case_id, m.LeaderAction.ordinal == data["action"])
            session.execute(update(m.LeaderAction).where(*where).values(done_on=event.on))
        case "request_review" | "request_re_review":
            kind = event.step.removeprefix("request_")
            _insert(session, m.Review, case_id=case_id, kind=kind, organ_code=event.unit,
                    requested_on=event.on)  # fmt: skip
        case "answer_review" | "answer_re_review":
            _review(session, case_id, event, outcome=data["outcome"], answered_on=event.on)
        case "deliver_review" | "deliver_re_review":
            _review(session, case_id, event, delivered_on=event.on)
        case "investigate":
            own = (m.Visit.case_id == case_id, m.Visit.done_at.is_(None),
                   m.Visit.unit_code == event.unit)  # fmt: skip
            session.execute(update(m.Visit).where(*own).values(done_at=event.at))


def _insert(session: Session, table: type[m.Base], **values: Any) -> None:
    session.execute(insert(table.__table__).values(**values))


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _concluded(session: Session, case_id: int, data: Any) -> None:
    for ordinal, finding in data["findings"].items():
        _demand(session, case_id, ordinal, finding=finding)
    fine = {"amount": data.get("amount"), "note": data.get("penalty_no")}
    rows = [
        {"case_id": case_id, "kind": kind, "amount": None, "note": None}
        | (fine if kind in FINED else {})
        for kind in dict.fromkeys(data["measures"])
    ]
    session.execute(delete(m.CaseMeasure).where(m.CaseMeasure.case_id == case_id))
    session.execute(insert(m.CaseMeasure), rows)


FINED = ("penalty", "daily_penalty")


def _demand(session: Session, case_id: int, ordinal: str, **values: str) -> None:
    where = (m.Demand.case_id == case_id, m.Demand.ordinal == int(ordinal))
    session.execute(update(m.Demand).where(*where).values(**values))


def _answered(session: Session, event: Event) -> None:
    """The petitioner was reached: only that, and not a third try, is participation (E1)."""
    reached = update(m.Submission).where(m.Submission.id == event.submission)
    session.execute(reached.values(answered_on=event.on))


def _rating(session: Session, case_id: int, event: Event, by: str) -> None:
    _insert(session, m.Rating, case_id=case_id, submission_id=event.submission, stage="handling",
            score=int(event.data["rating"]), by=by, on=event.on, at=event.at)  # fmt: skip


def _order(session: Session, case_id: int, ordinal: int, **values: Any) -> None:
    where = (m.Supervision.case_id == case_id, m.Supervision.ordinal == ordinal)
    session.execute(update(m.Supervision).where(*where).values(**values))


def _review(session: Session, case_id: int, event: Event, **values: Any) -> None:
    kind = event.step.split("_", 1)[1]
    where = (m.Review.case_id == case_id, m.Review.kind == kind, m.Review.delivered_on.is_(None))
    session.execute(update(m.Review).where(*where).values(**values))
