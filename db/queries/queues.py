"""What waits at a unit, and for whom: one condition a queue, for its number and for its list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from db import models as m
from db.models.clocks import RUNNING
from domain.people import Role
from domain.statuses import Status

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR
MOST = 999  # counted so far; a longer queue says 999+
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Queue:
    """Cases that wait at a unit for a step: what for, whose it is, and which they are."""

    key: str
    label: str
    roles: frozenset[Role]
    where: Callable[[int], Condition]


def _held(*statuses: Status) -> Callable[[int], Condition]:
    """With the unit in one of these statuses."""
    values = [status.value for status in statuses]
    return lambda unit: and_(m.Case.holder_unit == unit, m.Case.status.in_(values))


def _sent(*statuses: Status, unchecked: bool = False) -> Callable[[int], Condition]:
    """Given on by the unit, and now in one of these statuses."""
    values = [status.value for status in statuses]

    def where(unit: int) -> Condition:
        found = and_(m.Case.sender_unit == unit, m.Case.status.in_(values))
        return and_(found, m.Case.checked_on.is_(None)) if unchecked else found

    return where


def _to_answer(unit: int) -> Condition:
    """Concluded, and somebody can be answered."""
    own = exists().where(m.Submission.case_id == m.Case.id, m.Submission.reachable)
    return and_(_held(Status.CONCLUDED, Status.STAGED)(unit), own)


def _extension(unit: int) -> Condition:
    """An extension was applied for and not decided."""
    asked, decided = aliased(m.Event), aliased(m.Event)
    later = exists().where(
        decided.case_id == asked.case_id,
        decided.id > asked.id,
        decided.kind.in_(("extend", "refuse_extension")),
    )
    waiting = exists().where(asked.case_id == m.Case.id, asked.kind == "apply_extension", ~later)
    return and_(_held(Status.HANDLING, Status.TO_APPROVE)(unit), waiting)


def _clock(key: str) -> Callable[[int], Condition]:
    """With a running clock that is the unit's duty."""
    return lambda unit: m.Case.id.in_(
        select(m.Clock.case_id).where(
            RUNNING, m.Clock.key == key, m.Clock.unit_code == unit,
            m.Clock.city_code == unit // 100 * 100,
        )
    )  # fmt: skip


def _to_decide(unit: int) -> Condition:
    """In hand, but neither accepted nor declined."""
    return and_(_held(Status.HANDLING)(unit), m.Case.decided_on.is_(None))


def _to_notify(unit: int) -> Condition:
    """Decided, and a petitioner was not told: also of what was declined or passed on."""
    return and_(_clock("notice")(unit), m.Case.decided_on.is_not(None))


def _to_deliver(unit: int) -> Condition:
    """Answered, and one of the petitioners did not get the answer yet."""
    more = and_(_held(Status.DELIVERED)(unit), _clock("reply")(unit))
    return or_(_held(Status.TO_DELIVER)(unit), more)


def _order(answered: bool) -> Callable[[int], Condition]:
    """With an open order: one the unit has to answer, or an answer to its own."""
    order = m.Supervision

    def where(unit: int) -> Condition:
        state = order.answered_on.is_not(None) if answered else order.answered_on.is_(None)
        open_ = select(order.case_id).where(order.closed_on.is_(None), state)
        if answered:
            return m.Case.id.in_(open_.where(order.ordered_by == unit))
        return and_(m.Case.holder_unit == unit, m.Case.id.in_(open_))  # who has the case answers

    return where


def _review(unit: int) -> Condition:
    review = m.Review
    waits = select(review.case_id).where(review.organ_code == unit, review.delivered_on.is_(None))
    return m.Case.id.in_(waits)


def _led(unit: int) -> Condition:
    action = m.LeaderAction
    open_ = select(action.case_id).where(action.done_on.is_(None))
    return and_(m.Case.holder_unit == unit, m.Case.id.in_(open_))


def _of(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


QUEUES: Mapping[str, Queue] = {
    queue.key: queue
    for queue in (
        Queue("sort", "待分类", _of(C, S), _held(Status.REGISTERED)),
        Queue("assign", "待交办", _of(C, S), _held(Status.TO_ASSIGN)),
        Queue("sign", "待签收", _of(C, H), _held(Status.TO_SIGN)),
        Queue("returned", "退回待定", _of(C, S), _sent(Status.RETURNING)),
        Queue("decide", "待受理", _of(C, R), _to_decide),
        Queue("notify", "待告知", _of(C, H), _to_notify),
        Queue("handle", "待办理", _of(H), _held(Status.HANDLING)),
        Queue("approve", "待审核", _of(R), _held(Status.TO_APPROVE)),
        Queue("extension", "延期待批", _of(R), _extension),
        Queue("answer", "待答复", _of(R), _to_answer),
        Queue("deliver", "待送达", _of(C, H), _to_deliver),
        Queue("feedback", "督办待反馈", _of(H, R), _order(answered=False)),
        Queue("led", "领导事项待落实", _of(C, H, S), _led),
        Queue("rectify", "整改待销号", _of(H, R, S), _clock("rectification")),
        Queue("check", "待办结审核", _of(C, S),
              _sent(Status.CONCLUDED, Status.STAGED, Status.TO_DELIVER, Status.DELIVERED,
                    unchecked=True)),
        Queue("order", "反馈待审", _of(S), _order(answered=True)),
        Queue("call", "待回访", _of(C, S), _clock("callback")),
        Queue("review", "复查复核待办", _of(R, C), _review),
        Queue("verify", "待核查", _of(S), _clock("verification")),
    )
}  # fmt: skip


def condition(key: str, unit: int) -> Condition:
    """The cases of a queue at a unit; one merged into another waits there."""
    return and_(QUEUES[key].where(unit), m.Case.merged_into.is_(None))


def counts(session: Session, keys: Sequence[str], unit: int) -> dict[str, int]:
    """How many wait in each queue of a unit, counted up to `MOST` + 1."""
    out = {}
    for key in keys:
        found = select(m.Case.id).where(condition(key, unit)).limit(MOST + 1).subquery()
        out[key] = session.scalar(select(func.count()).select_from(found)) or 0
    return out
