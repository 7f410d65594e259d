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
from domain.table import GIVING
from domain.workflow import CaseState
from services import clock
from services.store import read, write

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of a step: the unit by a word, its roles, and what there is to do."""

    whom: str  # holder, before, sender, orderer, organ, province, assisting
    roles: tuple[Role, ...]
    words: str


TELLINGS: Mapping[str, Telling] = {
    "decline": Telling("sender", (C, S), "下级已决定不予受理"),
    "decline_final": Telling("sender", (C, S), "下级已决定不再受理"),
    "transfer": Telling("sender", (C, S), "下级已转送"),
    "assign": Telling("holder", (C, H), "交办来件，请签收"),
    "pass_on": Telling("holder", (C, H), "转送来件，请签收"),
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
    "pass_check": Telling("holder", (C, H), "办结审核已通过"),
    "send_back": Telling("holder", (H, R), "办结审核退回，请重新办理"),
    "merge": Telling("holder", (H, C), "有来件并入，请一并办理"),
    "separate": Telling("holder", (H, C), "并入的来件已撤出"),
    "merged": Telling("holder", (H, C), "已并入其他事项"),
    "separated": Telling("holder", (H, C), "已撤销并入，请继续办理"),
    "supervise": Telling("holder", (H, R, C), "收到督办，请按期反馈"),
    "feedback": Telling("orderer", (S,), "督办已反馈，请审核"),
    "accept_feedback": Telling("holder", (H, R), "督办已办结"),
    "instruct": Telling("holder", (H, R, C), "收到领导批示"),
    "charge": Telling("holder", (H, R, C), "列为领导包案"),
    "reception": Telling("holder", (H, R, C), "领导接访有承诺，请落实"),
    "verify": Telling("holder", (R, H), "不属实认定已经省级核查，请查看结果"),
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
    if after.has("sealed") and not before.has("sealed"):
        tellings.append(Telling("province", (S,), "检举控告件，请移交有权处理的机关"))
    if event.step in GIVING:
        tellings.append(Telling("assisting", (C, H), "列为协办单位，请协助办理"))
    for one in tellings:
        for unit in _units(one.whom, event, before, after):
            roles = one.roles
            if after.sealed_on:  # nobody hears of an accusation who may not see it
                roles = tuple({S} & set(roles)) if unit and unit == province_of(unit) else ()
            if roles:
                yield unit, roles, f"{no}　{one.words}"


def _units(whom: str, event: Event, before: CaseState, after: CaseState) -> tuple[int | None, ...]:
    match whom:
        case "before":
            return (before.holder,)
        case "sender":
            return (after.sender,)
        case "orderer":
            return (after.orders.get(int(event.data["order"])),)
        case "organ":
            return (after.organ,)
        case "province":
            return (province_of(event.unit),)
        case "assisting":
            return after.assisting
    return (after.holder,)


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
