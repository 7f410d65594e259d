"""In-app notices (站内提醒): a step that hands work to somebody tells them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.history import Event
from domain.people import Role, Viewer, province_of
from domain.scope import SYSTEM
from domain.workflow import CaseState
from services import clock
from services.store import read, write

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of a step: the unit by a word, its roles, and what there is to do."""

    whom: str  # holder, before, sender, superior, organ, province
    roles: tuple[Role, ...]
    words: str


TELLINGS: Mapping[str, Telling] = {
    "assign": Telling("holder", (C, H), "交办来件，请签收"),
    "reassign": Telling("holder", (C, H), "改派来件，请签收"),
    "return": Telling("sender", (C, S), "下级提出退回，请决定"),
    "accept_return": Telling("before", (C, H), "退回已同意"),
    "refuse_return": Telling("holder", (C, H), "退回未同意，请继续办理"),
    "apply_extension": Telling("holder", (R,), "申请延期，请审批"),
    "extend": Telling("holder", (H,), "延期已批准"),
    "refuse_extension": Telling("holder", (H,), "延期未批准，请按期办理"),
    "conclude": Telling("holder", (R,), "结论待审定"),
    "reject": Telling("holder", (H,), "结论被退回，请修改"),
    "approve": Telling("holder", (H, C), "已办结，请答复送达"),
    "stage": Telling("holder", (H, C), "已阶段性办结，请答复送达并按期整改"),
    "reply": Telling("holder", (H, C), "答复已审定，请送达"),
    "deliver": Telling("sender", (C, S), "已答复送达，请办理办结审核"),
    "send_back": Telling("holder", (H, R), "办结审核退回，请重新办理"),
    "merge": Telling("holder", (H, C), "有来件并入，请一并办理"),
    "separate": Telling("holder", (H, C), "并入的来件已撤出"),
    "merged": Telling("holder", (H, C), "已并入其他事项"),
    "separated": Telling("holder", (H, C), "已撤销并入，请继续办理"),
    "supervise": Telling("holder", (H, R, C), "收到督办，请按期反馈"),
    "feedback": Telling("superior", (S,), "督办已反馈，请审核"),
    "accept_feedback": Telling("holder", (H, R), "督办已办结"),
    "instruct": Telling("holder", (H, R, C), "收到领导批示"),
    "charge": Telling("holder", (H, R, C), "列为领导包案"),
    "request_review": Telling("holder", (R, C), "信访人申请复查"),
    "request_re_review": Telling("holder", (R, C), "信访人申请复核"),
    "answer_review": Telling("organ", (C, H), "复查意见已作出，请送达"),
    "answer_re_review": Telling("organ", (C, H), "复核意见已作出，请送达"),
    "deliver_review": Telling("holder", (R, C, H), "复查意见已送达"),
    "deliver_re_review": Telling("holder", (R, C, H), "复核意见已送达"),
}


def tell(
    session: Session, case: m.Case, event: Event, before: CaseState, after: CaseState, now: datetime
) -> None:
    """Write the notices of a step."""
    rows = [
        {"person_id": person, "case_id": case.id, "kind": event.step, "text": text, "at": now}
        for unit, roles, text in addressed(case.no, event, before, after)
        for person in _people(session, unit, roles)
        if person != event.person
    ]
    if rows:
        session.execute(insert(m.Notice.__table__), rows)


def addressed(
    no: str, event: Event, before: CaseState, after: CaseState
) -> Iterator[tuple[int | None, tuple[Role, ...], str]]:
    """Unit, roles and text of each notice of a step on the case of a number.

    The text has the number only, for a notice outlives what one may see.
    """
    telling = TELLINGS.get(event.step)
    tellings = [telling] if telling else []
    if after.has("unsubstantiated") and not before.has("unsubstantiated"):
        tellings.append(Telling("province", (S,), "认定不属实，请核查"))
    for one in tellings:
        yield _unit(one.whom, event, before, after), one.roles, f"{no}　{one.words}"


def _unit(whom: str, event: Event, before: CaseState, after: CaseState) -> int | None:
    match whom:
        case "before":
            return before.holder
        case "sender":
            return after.sender
        case "superior":
            return after.sender or province_of(after.holder)
        case "organ":
            return after.organ
        case "province":
            return province_of(event.unit)
    return after.holder


def _people(session: Session, unit: int | None, roles: tuple[Role, ...]) -> list[int]:
    people, held = m.Person.__table__.c, m.PersonRole.__table__.c
    query = (
        select(people.id)
        .where(people.unit_code == unit, people.disabled_at.is_(None))
        .where(people.id.in_(select(held.person_id).where(held.role.in_(roles))))
        .order_by(people.id)
    )
    return list(session.scalars(query)) if unit else []


def of(viewer: Viewer) -> list[m.Notice]:
    """The newest notices of a person, unread ones first."""
    query = select(m.Notice).where(m.Notice.person_id == viewer.person_id)
    with read(SYSTEM) as session:
        newest = query.order_by(m.Notice.read_at.is_not(None), m.Notice.id.desc()).limit(SHOWN)
        return list(session.scalars(newest))


def unread(viewer: Viewer) -> int:
    """How many notices a person has not read."""
    own = (m.Notice.person_id == viewer.person_id, m.Notice.read_at.is_(None))
    with read(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(m.Notice).where(*own)) or 0


def mark_read(viewer: Viewer) -> None:
    """Mark all notices of a person as read."""
    own = (m.Notice.person_id == viewer.person_id, m.Notice.read_at.is_(None))
    with write(SYSTEM) as session:
        session.execute(update(m.Notice).where(*own).values(read_at=clock.now()))
