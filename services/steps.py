"""Taking a step: event, state, clocks and side rows in one transaction, or nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, NotFound, Refused, Stale
from domain.history import Event
from domain.people import Viewer
from domain.scope import scope_of
from domain.table import APART, BY_KEY, Step
from domain.workflow import CaseState, fold, refusal
from services import notices, site_words, step_rows, trace
from services.history import events_of
from services.records import clean
from services.step_about import About
from services.step_checks import completed
from services.store import write


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
    if step_key in APART:
        raise NotAllowed("请在“关联事项”中办理")
    with write(scope_of(viewer)) as session:
        case, events = opened(session, case_id)
        if any(event.data.get("token") == token for event in events):
            return
        unchanged(session, case, version)
        step, state = BY_KEY[step_key], fold(events)
        if why := refusal(step, state, viewer):
            raise NotAllowed(why)
        event = _event(session, viewer, step, state, events, case, data, submission, now, token)
        record_event(session, case, events, event, viewer, now)


def opened(session: Session, case_id: int) -> tuple[m.Case, list[Event]]:
    """A case to be written to, with what happened to it; raises `NotFound`."""
    # Key share: a registration that names this case as repeated need not wait for the step.
    query = select(m.Case).where(m.Case.id == case_id).with_for_update(key_share=True)
    case = session.scalars(query).one_or_none()
    if case is None:
        raise NotFound("没有这个事项，或它不在您的可见范围内")
    return case, events_of(session, case_id)


def unchanged(session: Session, case: m.Case, version: int) -> None:
    """Refuse with who was quicker where a case is no longer as it was shown at `version`."""
    if case.version != version:
        raise Stale(_stale(session, case))


def record_event(
    session: Session,
    case: m.Case,
    events: Sequence[Event],
    event: Event,
    viewer: Viewer | None,
    now: datetime,
) -> CaseState:
    """Write an event with all that follows from it: state, side rows, clocks, trace, notices.

    The one way by which a case changes after its registration; `viewer` None is the petitioner.
    Raises `Invalid` for a text that names who complained.
    """
    site_words.require(session, [case], site_words.typed(event.step, event.data))
    before, after = fold(events), fold([*events, event])
    step_rows.state(session, case, after, viewer.person_id if viewer else None, now)
    step_rows.side_rows(session, case.id, event)
    step_rows.units(session, case, after)
    step_rows.clocks(session, case, [*events, event], after)
    trace.record_all(
        session, event.unit, [trace.row_of(event, case.id, viewer.ip if viewer else "")]
    )
    notices.tell(session, case, event, before, after, now)
    return after


def _stale(session: Session, case: m.Case) -> str:
    people, units = m.Person.__table__.c, m.Unit.__table__.c
    name = session.execute(
        select(units.short_name, people.name)
        .join_from(m.Person.__table__, m.Unit.__table__, units.code == people.unit_code)
        .where(people.id == case.changed_by)
    ).one_or_none()
    # Nobody of the department: by the contract of `record_event` the petitioner rated.
    who = f"{name[0]}{name[1]}" if name else "信访人"
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
        submission = _submission(session, case, step, state, submission)
    about = About(session, step, state, events, viewer, case, submission, now)
    cleaned = completed(about, cleaned)
    told = cleaned.get("delivered_on") or cleaned.get("requested_on") or now.date().isoformat()
    return Event(step.key, now, date.fromisoformat(told), viewer.unit,
                 submission if step.per_submission else None,
                 viewer.person_id, {**cleaned, "token": token})  # fmt: skip


def _submission(
    session: Session, case: m.Case, step: Step, state: CaseState, asked: int | None
) -> int:
    """The contact a step is about: the one named, if it is this case's, or the next it is owed."""
    query = select(m.Submission.id).where(m.Submission.case_id == case.id)
    own = session.scalars(query.order_by(m.Submission.id)).all()
    if asked is not None and asked not in own:
        raise NotFound("没有这个来件，或它不属于本事项")
    done = state.done.get(step.counted, frozenset())
    open_ = [one for one in own if one not in done and (one in state.owed or not state.owed)]
    chosen = asked if asked is not None else (open_ or own)[0]
    if step.once and chosen in done:
        raise Refused(f"“{step.label}”已经办理过")
    if state.owed and chosen not in state.owed:
        raise Refused("该来件的信访人无法联系，不需要此步骤；请选择其他来件")
    return chosen


_BEFORE = {
    "deliver": ("reply",),
    "notify": ("accept", "decline", "decline_final", "transfer"),
    "deliver_review": ("answer_review",),
    "deliver_re_review": ("answer_re_review",),
    "request_review": ("deliver",),
    "request_re_review": ("deliver_review",),
}


def _earliest(step: Step, events: list[Event], case: m.Case) -> date:
    """Nothing is delivered before it exists: no reply before it was issued, no notice before
    the decision it tells of."""
    made = [event.at.date() for event in events if event.step in _BEFORE.get(step.key, ())]
    return made[-1] if made else case.received_on
