"""Taking a step: event, state, clocks and side rows in one transaction, or nothing."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.clocks import SubmissionFacts
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.history import Event
from domain.people import Viewer
from domain.scope import scope_of
from domain.workflow import (
    BY_KEY,
    CaseState,
    Step,
    apply,
    fold,
    may_assign,
    overall,
    refusal,
)  # fmt: skip
from rules import load
from services import trace
from services.history import events_of
from services.records import clean
from services.rows import clock_row, clocks_of, state_columns, unit_rows
from services.store import write

TRIES = 3  # callbacks; after that 无法联系


def take_step(
    viewer: Viewer,
    case_id: int,
    step_key: str,
    data: Mapping[str, Any],
    now: datetime,
    *,
    version: int,
    token: str,
    submission: int | None = None,
) -> None:
    """Take one step on a case as it was shown at `version`.

    A repeated `token` (double click) is the same step and changes nothing. Raises `NotFound`,
    `NotAllowed`, `Stale` when somebody else was quicker, `Invalid` per field.
    """
    with write(scope_of(viewer)) as session:
        # Key share: a registration that names this case as repeated need not wait for the step.
        query = select(m.Case).where(m.Case.id == case_id).with_for_update(key_share=True)
        case = session.scalars(query).one_or_none()
        if case is None:
            raise NotFound("没有这个事项，或它不在您的可见范围内")
        events = events_of(session, case_id)
        if any(event.data.get("token") == token for event in events):
            return
        if case.version != version:
            raise Stale(_stale(session, case))
        step, state = BY_KEY[step_key], fold(events)
        if why := refusal(step, state, viewer):
            raise NotAllowed(why)
        event = _event(session, viewer, step, state, events, case, data, submission, now, token)
        _write(session, case, [*events, event], apply(state, event), viewer, now)
        trace.record_all(session, viewer.unit, [trace.row_of(event, case_id, viewer.ip)])


def _stale(session: Session, case: m.Case) -> str:
    people, units = m.Person.__table__.c, m.Unit.__table__.c
    name = session.execute(
        select(units.short_name, people.name)
        .join_from(m.Person.__table__, m.Unit.__table__, units.code == people.unit_code)
        .where(people.id == case.changed_by)
    ).one_or_none()
    who = f"{name[0]}{name[1]}" if name else "系统"
    when = f"{case.changed_at:%m月%d日 %H:%M}"
    return f"已由 {who} 于 {when} 更新，请刷新后再办理；您填写的内容仍在页面上"


def _event(
    session: Session,
    viewer: Viewer,
    step: Step,
    state: CaseState,
    events: list[Event],
    case: m.Case,
    data: Mapping[str, Any],
    submission: int | None,
    now: datetime,
    token: str,
) -> Event:
    demands = tuple(session.scalars(select(m.Demand.ordinal).where(m.Demand.case_id == case.id)))
    earliest = _earliest(step, events, case)
    cleaned = clean(step, data, tuple(sorted(demands)), now.date(), earliest)
    if step.per_submission:
        submission = _submission(session, case, submission)
        if step.once and submission in state.done.get(step.key, frozenset()):
            raise Refused(f"“{step.label}”已经办理过")
    cleaned = _completed(session, step, cleaned, state, events, viewer, case.id, submission, now)
    on = date.fromisoformat(cleaned.get("delivered_on") or now.date().isoformat())
    return Event(step.key, now, on, viewer.unit, submission if step.per_submission else None,
                 viewer.person_id, {**cleaned, "token": token})  # fmt: skip


def _submission(session: Session, case: m.Case, asked: int | None) -> int:
    """The submission a step is about: the one named, if it is this case's, or the first."""
    query = select(m.Submission.id).where(m.Submission.case_id == case.id)
    own = session.scalars(query.order_by(m.Submission.id)).all()
    if asked is not None and asked not in own:
        raise NotFound("没有这个来件，或它不属于本事项")
    return own[0] if asked is None else asked


def _earliest(step: Step, events: list[Event], case: m.Case) -> date:
    """Nothing is delivered before it exists: no reply before it was issued, no notice before
    the decision it tells of."""
    before = {"deliver": ("reply",), "notify": ("accept", "decline", "transfer")}.get(step.key, ())
    made = [event.at.date() for event in events if event.step in before]
    return made[-1] if made else case.received_on


def _completed(
    session: Session,
    step: Step,
    data: dict[str, Any],
    state: CaseState,
    events: list[Event],
    viewer: Viewer,
    case_id: int,
    submission: int | None,
    now: datetime,
) -> dict[str, Any]:
    """What follows from the recorded values, and the checks across them."""
    match step.key:
        case "classify":
            data["track"] = load().route(data["route"]).track
        case "accept" if data["simple"] and not state.has("reachable"):
            raise Invalid({"simple": "信访人无法联系，不能答复送达，不适用简易办理"})
        case "assign":
            known = session.get(m.Unit, data["to"])
            if known is None or not may_assign(viewer.unit, data["to"]):
                raise Invalid({"to": "只能交办给下级单位，请重新选择承办单位"})
        case "decline":
            reason = load().decline(data["decline_reason"])
            data["article"] = reason.article
            if reason.needs_contact_attempt and not data.get("contact_attempt"):
                raise Invalid(
                    {"contact_attempt": f"以“{reason.label}”不予受理，须先联系信访人并填写联系记录"}
                )
        case "approve":
            return _approved(session, data, events, case_id)
        case "callback":
            earlier = [e for e in events if e.step == "callback" and e.submission == submission]
            return _called(data, earlier, now.date())
    return data


def _called(data: dict[str, Any], earlier: list[Event], today: date) -> dict[str, Any]:
    """A callback ends when the petitioner was reached, or with the third try on a third day."""
    if any(event.on == today for event in earlier):
        raise Refused("今天已经回访过一次，没有联系上的请改日再试")
    if data.get("rating") and not data["reached"]:
        raise Invalid({"rating": "没有联系上信访人，不能登记满意度"})
    return {**data, "finished": data["reached"] or len(earlier) + 1 >= TRIES}


def _approved(
    session: Session, data: dict[str, Any], events: list[Event], case_id: int
) -> dict[str, Any]:
    draft = next(e for e in reversed(events) if e.step == "conclude").data
    derived = overall(draft["findings"].values())
    if data["conclusion"] not in (derived, "mostly" if derived == "partly" else derived):
        raise Invalid(
            {"conclusion": "总体认定须与逐项认定一致；部分属实的可以认定为基本属实，请写明理由"}
        )
    if data["conclusion"] == "mostly" and not data.get("opinion"):
        raise Invalid({"opinion": "认定为基本属实的，请在审定意见中写明理由"})
    if data["conclusion"] == "unsubstantiated":
        kept = select(m.Attachment.id).where(m.Attachment.case_id == case_id)
        if session.scalars(kept).first() is None:
            raise Invalid(
                {"conclusion": "认定不属实须附证据，请先在“附件”中上传现场检查或监测材料"}
            )
    return {**data, "findings": draft["findings"], "measures": draft["measures"]}


def _write(
    session: Session,
    case: m.Case,
    events: list[Event],
    state: CaseState,
    viewer: Viewer,
    now: datetime,
) -> None:
    for name, value in state_columns(state).items():
        setattr(case, name, value)
    case.changed_at, case.changed_by = now, viewer.person_id
    session.flush()
    _side_rows(session, case.id, events[-1])
    _units(session, case, state)
    _clocks(session, case.id, events, state)


def _side_rows(session: Session, case_id: int, event: Event) -> None:
    data = event.data
    match event.step:
        case "approve":
            for ordinal, finding in data["findings"].items():
                _demand(session, case_id, ordinal, finding=finding)
            rows = [{"case_id": case_id, "kind": kind} for kind in dict.fromkeys(data["measures"])]
            session.execute(delete(m.CaseMeasure).where(m.CaseMeasure.case_id == case_id))
            session.execute(insert(m.CaseMeasure), rows)
        case "reply":
            for ordinal, answer in data["answers"].items():
                _demand(session, case_id, ordinal, answer=answer)
        case "callback":
            if data["reached"]:
                _answered(session, event)
            if data.get("rating"):
                _rating(session, case_id, event)
        case "rate":
            _rating(session, case_id, event)


def _demand(session: Session, case_id: int, ordinal: str, **values: str) -> None:
    where = (m.Demand.case_id == case_id, m.Demand.ordinal == int(ordinal))
    session.execute(update(m.Demand).where(*where).values(**values))


def _answered(session: Session, event: Event) -> None:
    """The petitioner was reached: only that, and not a third try, is participation (E1)."""
    reached = update(m.Submission).where(m.Submission.id == event.submission)
    session.execute(reached.values(answered_on=event.on))


def _rating(session: Session, case_id: int, event: Event) -> None:
    by = "callback" if event.step == "callback" else "paper"
    session.execute(
        insert(m.Rating).values(
            case_id=case_id, submission_id=event.submission, stage="handling",
            score=int(event.data["rating"]), by=by, on=event.on, at=event.at,
        )
    )  # fmt: skip


def _units(session: Session, case: m.Case, state: CaseState) -> None:
    units = m.CaseUnit.__table__
    known = set(session.scalars(select(units.c.unit_code).where(units.c.case_id == case.id)))
    rows = [r for r in unit_rows(case.id, case.place_code, state) if r["unit_code"] not in known]
    if rows:
        session.execute(insert(units), rows)


def _clocks(session: Session, case_id: int, events: list[Event], state: CaseState) -> None:
    """Replace the case's clock rows by what its history now gives."""
    submissions, clocks = m.Submission.__table__.c, m.Clock.__table__
    query = select(
        submissions.id, submissions.channel, submissions.reachable, submissions.anonymous
    )
    facts = [
        SubmissionFacts(*row)
        for row in session.execute(
            query.where(submissions.case_id == case_id).order_by(submissions.id)
        )
    ]
    rows = [clock_row(case_id, clock, state.sealed_on) for clock in clocks_of(facts, state, events)]
    session.execute(delete(clocks).where(clocks.c.case_id == case_id))
    if rows:
        session.execute(insert(clocks), rows)
