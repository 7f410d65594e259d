"""走访: visits of a unit planned for a day, and what its officers need on the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound, Refused
from domain.history import Event
from domain.people import Role, Viewer
from domain.scope import scope_of
from domain.statuses import Status
from domain.table import BY_KEY
from domain.workflow import CaseState, fold, refusal
from services import site_words, steps, trace
from services.history import events_of
from services.store import read, write

MAY_VISIT = frozenset({Role.CLERK, Role.HANDLER})
OPEN = (Status.TO_SIGN, Status.HANDLING)
ON_SITE = ("sign", "investigate")  # the steps taken on the site
AHEAD = timedelta(days=60)
MOST = 300  # cases offered for a visit
NOTE = 200  # characters
NOT_YOURS = "走访由登记员、承办人安排"
GONE = "没有这个走访，或它已经完成"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit with what is known and asked of its case, petitioners apart.

    `lon`, `lat` are WGS-84, None without a point; `steps` are those of `ON_SITE` open to the
    viewer; `photos` counts those sent from the site.
    """

    id: int
    on: date
    note: str
    done_at: datetime | None
    case_id: int
    no: str
    title: str
    subject: str
    address: str
    place: int
    lon: Decimal | None
    lat: Decimal | None
    status: Status
    version: int
    demands: tuple[tuple[int, str], ...]
    steps: tuple[str, ...]
    photos: int


def plan(viewer: Viewer, case_id: int, on: date, note: str, now: datetime) -> int:
    """Plan a visit to a case the viewer's unit handles; planned again, it moves to the new day.

    Returns the visit's id. Raises `NotAllowed`, `NotFound`, `Invalid`, `Refused`.
    """
    _check(viewer, on, note.strip(), now.date())
    with write(scope_of(viewer)) as session:
        case, events = steps.opened(session, case_id)
        if why := _unfit(case, fold(events), viewer.unit):
            raise Refused(why)
        site_words.require(session, [case], {"note": note}, {"note": "备注"})
        own = (m.Visit.case_id == case_id, m.Visit.unit_code == viewer.unit)
        found = session.scalars(select(m.Visit).where(*own, m.Visit.done_at.is_(None))).first()
        visit = found or m.Visit(case_id=case_id, unit_code=viewer.unit)
        if found and (found.on, found.note) == (on, note.strip()):
            return found.id
        visit.on, visit.note, visit.planned_by = on, note.strip(), viewer.person_id
        session.add(visit)
        session.flush()
        about = {"on": on.isoformat(), "note": visit.note}
        trace.record(session, "plan_visit", now, viewer=viewer, case_id=case_id, data=about)
        return visit.id


def _check(viewer: Viewer, on: date, note: str, today: date) -> None:
    if not viewer.has(*MAY_VISIT):
        raise NotAllowed(NOT_YOURS)
    if not today <= on <= today + AHEAD:
        raise Invalid({"on": f"走访日期须在今天至 {today + AHEAD} 之间，请重新选择"})
    if len(note) > NOTE:
        raise Invalid({"note": f"“备注”有 {len(note)} 字，超过 {NOTE} 字，请缩短"})


def _team(state: CaseState, unit: int) -> bool:
    return unit == state.holder or unit in state.assisting


def _unfit(case: m.Case, state: CaseState, unit: int) -> str:
    """Why a unit plans no visit to a case, or nothing."""
    if case.merged_into:
        return "该件已并入其他事项，请在并入的事项中安排走访"
    if not _team(state, unit):
        return "该件不由本单位承办或协办，不能安排走访"
    label = Status(case.status).label
    return "" if case.status in OPEN else f"该件当前状态为“{label}”，不需要走访"


def drop(viewer: Viewer, visit_id: int, now: datetime) -> None:
    """Take back a visit of the own unit that was not made; raises `NotFound`."""
    if not viewer.has(*MAY_VISIT):
        raise NotAllowed(NOT_YOURS)
    own = (m.Visit.id == visit_id, m.Visit.unit_code == viewer.unit, m.Visit.done_at.is_(None))
    with write(scope_of(viewer)) as session:
        visit = session.scalars(select(m.Visit).where(*own)).one_or_none()
        if visit is None:
            raise NotFound(GONE)
        about = {"on": visit.on.isoformat(), "note": visit.note}
        trace.record(session, "drop_visit", now, viewer=viewer, case_id=visit.case_id, data=about)
        session.delete(visit)


def of_unit(viewer: Viewer, today: date, ahead: int = 0) -> list[Visit]:
    """The unit's visits: those undone up to `ahead` days from today, and those done today.

    What the unit no longer has in hand is left out. Oldest day first.
    """
    if not viewer.has(*MAY_VISIT):
        raise NotAllowed(NOT_YOURS)
    due = m.Visit.done_at.is_(None) & (m.Visit.on <= today + timedelta(days=ahead))
    done = m.Visit.done_at >= datetime.combine(today, time())
    query = (
        select(m.Visit, m.Case)
        .join(m.Case, m.Case.id == m.Visit.case_id)
        .where(m.Visit.unit_code == viewer.unit, or_(due, done), m.Case.merged_into.is_(None))
        .order_by(m.Visit.on, m.Visit.id)
    )
    with read(scope_of(viewer)) as session:
        found = [
            (visit, case, events_of(session, case.id)) for visit, case in session.execute(query)
        ]
        return [
            _shown(session, viewer, visit, case, events)
            for visit, case, events in found
            if visit.done_at or (case.status in OPEN and _team(fold(events), viewer.unit))
        ]


def _shown(
    session: Session, viewer: Viewer, visit: m.Visit, case: m.Case, events: list[Event]
) -> Visit:
    state, words = fold(events), site_words.own_words(session, case)
    asked = select(m.Demand.ordinal, m.Demand.text).where(m.Demand.case_id == case.id)
    sent = select(func.count(m.Attachment.client_key)).where(m.Attachment.case_id == case.id)
    title, address, note = (
        site_words.hidden(text, words) for text in (case.title, case.address, visit.note)
    )
    return Visit(
        visit.id, visit.on, note, visit.done_at, case.id, case.no, title,
        case.subject_name, address, case.place_code, case.lon, case.lat, Status(case.status),
        case.version,
        tuple((ordinal, site_words.hidden(text, words))
              for ordinal, text in session.execute(asked.order_by(m.Demand.ordinal))),
        tuple(key for key in ON_SITE if refusal(BY_KEY[key], state, viewer) is None),
        session.scalar(sent) or 0,
    )  # fmt: skip


def candidates(viewer: Viewer) -> dict[int, str]:
    """Cases the unit holds that a visit can be planned for, oldest first: id → number, title."""
    planned = select(m.Visit.case_id).where(
        m.Visit.unit_code == viewer.unit, m.Visit.done_at.is_(None)
    )
    query = (
        select(m.Case.id, m.Case.no, m.Case.title)
        .where(m.Case.holder_unit == viewer.unit, m.Case.status.in_(OPEN))
        .where(m.Case.id.not_in(planned), m.Case.merged_into.is_(None))
        .order_by(m.Case.received_on, m.Case.id)
        .limit(MOST)
    )
    with read(scope_of(viewer)) as session:
        return {row.id: f"{row.no}　{row.title}" for row in session.execute(query)}


def numbered(viewer: Viewer, no: str) -> int:
    """The visible case of a number; raises `NotFound`."""
    with read(scope_of(viewer)) as session:
        found = session.scalar(select(m.Case.id).where(m.Case.no == no.strip().upper()))
    if found is None:
        raise NotFound("没有这个编号的事项，或它不在您的可见范围内")
    return found


def act(
    viewer: Viewer, case_id: int, step: str, data: Mapping[str, Any], now: datetime, *,
    version: int, token: str,
) -> int:  # fmt: skip
    """Take a step of `ON_SITE` as `take_step` does; returns the version the case has now."""
    if step not in ON_SITE:
        raise NotAllowed("现场只能签收和登记调查情况，其他步骤请在“事项详情”中办理")
    steps.take_step(viewer, case_id, step, data, now, version=version, token=token)
    with read(scope_of(viewer)) as session:
        found = session.scalar(select(m.Case.version).where(m.Case.id == case_id))
    if found is None:
        raise NotFound("没有这个事项，或它不在您的可见范围内")
    return found
