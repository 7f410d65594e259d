"""What waits at a unit, and for whom: one condition a queue, for its number and for its list."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from db import models as m
from db.models.clocks import RUNNING, TROUBLE
from db.queries import metrics
from domain.people import Role
from domain.statuses import Status
from domain.table import BY_KEY

C, H, R, S = Role.CLERK, Role.HANDLER, Role.REVIEWER, Role.SUPERVISOR
MOST = 999  # counted so far; a longer queue says 999+
Condition = ColumnElement[bool]


class Desk(NamedTuple):
    """Where and when it waits: at a unit, on a day."""

    unit: int
    today: date


Where = Callable[[Desk], Condition]


@dataclass(frozen=True, slots=True)
class Queue:
    """Cases that wait at a unit for a step: what for, whose it is, and which they are."""

    key: str
    label: str
    roles: frozenset[Role]
    where: Where


def _held(*statuses: Status) -> Where:
    """With the unit in one of these statuses."""
    return lambda desk: and_(m.Case.holder_unit == desk.unit, _in(statuses))


def _in(statuses: Iterable[Status]) -> Condition:
    return m.Case.status.in_([status.value for status in statuses])


def _sent(*statuses: Status, unchecked: bool = False) -> Where:
    """Given on by the unit, and now in one of these statuses."""

    def where(desk: Desk) -> Condition:
        found = and_(m.Case.sender_unit == desk.unit, _in(statuses))
        return and_(found, _unchecked()) if unchecked else found

    return where


def _unchecked() -> Condition:
    """Assigned, so that its sender looks at the conclusion, and not looked at; else passed on."""
    given, later = aliased(m.Event), aliased(m.Event)
    passed = exists().where(
        later.case_id == given.case_id, later.chain == given.chain, later.id > given.id,
        later.kind == "pass_on",
    )  # fmt: skip
    assigned = exists().where(
        given.case_id == m.Case.id, given.chain == m.Case.sender_unit, given.kind == "assign",
        ~passed,
    )  # fmt: skip
    return and_(m.Case.checked_on.is_(None), assigned)


def _to_answer(desk: Desk) -> Condition:
    """Concluded, and somebody can be answered who was not found to be gone."""
    gone = exists().where(
        m.Event.case_id == m.Case.id, m.Event.submission_id == m.Submission.id,
        m.Event.kind == "undeliverable",
    )  # fmt: skip
    own = exists().where(m.Submission.case_id == m.Case.id, m.Submission.reachable, ~gone)
    return and_(_held(Status.CONCLUDED, Status.STAGED)(desk), own)


def _extension(desk: Desk) -> Condition:
    """An extension was applied for and not decided."""
    asked, decided = aliased(m.Event), aliased(m.Event)
    later = exists().where(
        decided.case_id == asked.case_id,
        decided.id > asked.id,
        decided.kind.in_(("extend", "refuse_extension")),
    )
    waiting = exists().where(asked.case_id == m.Case.id, asked.kind == "apply_extension", ~later)
    return and_(_held(Status.HANDLING, Status.TO_APPROVE)(desk), waiting)


def _clock(key: str) -> Where:
    """With a running clock that is the unit's duty."""
    return lambda desk: m.Case.id.in_(
        select(m.Clock.case_id).where(
            RUNNING, m.Clock.key == key, m.Clock.unit_code == desk.unit,
            m.Clock.city_code == desk.unit // 100 * 100,
        )
    )  # fmt: skip


def _to_decide(desk: Desk) -> Condition:
    """In hand, but neither accepted nor declined."""
    return and_(_held(Status.HANDLING)(desk), m.Case.decided_on.is_(None))


def _to_notify(desk: Desk) -> Condition:
    """Decided, and a petitioner was not told: also of what was declined or passed on."""
    return and_(_clock("notice")(desk), m.Case.decided_on.is_not(None))


def _to_deliver(desk: Desk) -> Condition:
    """Answered, and one of the petitioners did not get the answer yet."""
    more = and_(_held(Status.DELIVERED)(desk), _clock("reply")(desk))
    return or_(_held(Status.TO_DELIVER)(desk), more)


def _order(answered: bool) -> Where:
    """With an open order: one the unit has to answer, or an answer to its own."""
    order = m.Supervision

    def where(desk: Desk) -> Condition:
        state = order.answered_on.is_not(None) if answered else order.answered_on.is_(None)
        open_ = select(order.case_id).where(order.closed_on.is_(None), state)
        if answered:
            return m.Case.id.in_(open_.where(order.ordered_by == desk.unit))
        # Who has the case answers.
        return and_(m.Case.holder_unit == desk.unit, m.Case.id.in_(open_))

    return where


def _review(desk: Desk) -> Condition:
    review, unit = m.Review, desk.unit
    waits = select(review.case_id).where(review.organ_code == unit, review.delivered_on.is_(None))
    return m.Case.id.in_(waits)


def _led(desk: Desk) -> Condition:
    return and_(m.Case.holder_unit == desk.unit, _following())


def _following() -> Condition:
    """A leader's matter is still to be done."""
    action = m.LeaderAction
    return m.Case.id.in_(select(action.case_id).where(action.done_on.is_(None)))


# --- what was concluded in stages and is not put right yet


def _put_right(step: str, *waits: Condition) -> Condition:
    """Concluded in stages, its plan not fulfilled, and waiting for a step."""
    # The index of trouble has the few that are not done, and begins with the key.
    plan = and_(TROUBLE, m.Clock.key == "rectification", m.Clock.done_on.is_(None), *waits)
    return and_(_in(BY_KEY[step].sources), metrics.has_clock(plan))


def _progress(desk: Desk) -> Condition:
    """Nothing was said of its putting right for a month: progress is reported monthly."""
    month = month_before(desk.today)
    waits = _put_right("rectify", m.Clock.started_on <= month, ~_reported(m.Event.on > month))
    return and_(m.Case.holder_unit == desk.unit, waits)


def _to_verify(desk: Desk) -> Condition:
    """Held here or below, with something to look at: progress was reported, or its day has come."""
    told = _reported(m.Event.on >= m.Clock.started_on)
    waits = _put_right("verify_rectification", or_(m.Clock.due_on <= desk.today, told))
    return and_(metrics.within(m.Case.holder_unit, desk.unit), waits)


def _reported(when: Condition) -> Condition:
    event = m.Event
    return exists().where(event.case_id == m.Clock.case_id, event.kind == "rectify", when)


def month_before(day: date) -> date:
    """The same day a month earlier, the last of a shorter month."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# --- the archive

# What must be done before ends a clock each (services.oversight_checks.incomplete).
FILED = ("notice", "reply", "callback", "verification", "rectification")


def _to_archive(desk: Desk) -> Condition:
    """Out of hand with nothing left to do but its letters, which the step asks for."""
    case, clock = m.Case, m.Clock
    asking = and_(clock.key == "review_request", clock.due_on >= desk.today)
    lacking = exists().where(
        clock.case_id == case.id, clock.done_on.is_(None), or_(clock.key.in_(FILED), asking)
    )
    concluded = and_(case.concluded_on.is_not(None), _unchecked())
    ended = and_(_held(*BY_KEY["archive"].sources)(desk), case.archived_on.is_(None))
    return and_(ended, ~case.supervised, ~_following(), ~lacking, ~concluded, ~_unheard())


def _unheard() -> Condition:
    """Handled again since an answer was delivered: there is no answer yet, or no call after it.

    Clocks do not say so, for a step taken again starts none anew.
    """
    sent, later = aliased(m.Event), aliased(m.Event)
    since = exists().where(
        later.case_id == sent.case_id, later.submission_id == sent.submission_id,
        later.id > sent.id, later.kind.in_(("callback", "deliver")),
    )  # fmt: skip
    undone = or_(_in((Status.CONCLUDED, Status.STAGED)), ~since)
    return exists().where(sent.case_id == m.Case.id, sent.kind == "deliver", undone)


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
        Queue("rectify", "整改待报进展", _of(H), _progress),
        Queue("verify_rectification", "整改待销号", _of(R, S), _to_verify),
        Queue("check", "待办结审核", _of(C, S),
              _sent(Status.CONCLUDED, Status.STAGED, Status.TO_DELIVER, Status.DELIVERED,
                    unchecked=True)),
        Queue("order", "反馈待审", _of(S), _order(answered=True)),
        Queue("review", "复查复核待办", _of(R, C), _review),
        Queue("verify", "待核查", _of(S), _clock("verification")),
        Queue("archive", "待归档", _of(C, S), _to_archive),
    )
}  # fmt: skip


def condition(key: str, desk: Desk) -> Condition:
    """The cases of a queue at a desk; one merged into another waits there."""
    return and_(QUEUES[key].where(desk), m.Case.merged_into.is_(None))


def counts(session: Session, keys: Sequence[str], desk: Desk) -> dict[str, int]:
    """How many wait in each queue of a desk, counted up to `MOST` + 1."""
    out = {}
    for key in keys:
        found = select(m.Case.id).where(condition(key, desk)).limit(MOST + 1).subquery()
        out[key] = session.scalar(select(func.count()).select_from(found)) or 0
    return out
