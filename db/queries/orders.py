"""督办台账: what should be supervised and why, and the orders that run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import metrics
from db.queries.metrics import Shine
from domain.clocks import Lights
from domain.people import last_below

MOST = 200  # proposals of a reason, longest held first
REPEATS, DISSATISFIED = 3, 2
REASONS: Mapping[str, str] = {
    "overdue": "超期",
    "instructed": "领导批示",
    "media": "媒体舆情",
    "repeats": f"重复{REPEATS}次以上",
    "dissatisfied": f"{DISSATISFIED}次不满意",
}
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case that should be supervised, with the keys of `REASONS`."""

    id: int
    no: str
    title: str
    holder_unit: int
    received_on: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its case; `answered_on` while its feedback waits for acceptance."""

    case_id: int
    no: str
    title: str
    ordinal: int
    kind: str
    unit_code: int
    ordered_by: int | None
    reason: str
    delivered_on: date
    due_on: date | None
    answered_on: date | None
    closed_on: date | None


def proposals(session: Session, unit: int, limits: Lights) -> list[Proposal]:
    """Cases held below a unit that no order is on yet, those with most reasons first."""
    case = m.Case
    found: dict[int, Proposal] = {}
    for key in REASONS:
        query = (
            select(case.id, case.no, case.title, case.holder_unit, case.received_on)
            .where(_reason(key, limits), ~case.supervised, case.archived_on.is_(None))
            .where(case.holder_unit > unit, case.holder_unit <= last_below(unit))
            .order_by(case.received_on, case.id)
            .limit(MOST)
        )
        for one, no, title, holder, received in session.execute(query):
            known = found.get(one) or Proposal(one, no, title, holder, received, ())
            found[one] = replace(known, reasons=(*known.reasons, key))
    return sorted(found.values(), key=lambda p: (-len(p.reasons), p.received_on, p.id))


def _reason(key: str, limits: Lights) -> Condition:
    case = m.Case
    match key:
        case "overdue":
            return metrics.has_clock(metrics.light(Shine.RED, limits))
        case "instructed":
            return and_(case.instructed, case.ended_on.is_(None))
        case "media":
            return and_(case.subchannel == "media", case.ended_on.is_(None))
        case "repeats":
            link = m.CaseLink
            often = select(link.earlier_id).where(link.kind == "repeat").group_by(link.earlier_id)
            return case.id.in_(often.having(func.count() >= REPEATS))
    rating = m.Rating
    bad = select(rating.case_id).where(rating.score == 3, rating.stage == "handling")
    return case.id.in_(bad.group_by(rating.case_id).having(func.count() >= DISSATISFIED))


def running(session: Session, unit: int) -> list[Order]:
    """The open orders on cases a unit and those below it answer for or gave, soonest due first."""
    order = m.Supervision
    whose = metrics.within(order.unit_code, unit) | metrics.within(order.ordered_by, unit)
    return _orders(session, and_(order.closed_on.is_(None), whose))


def closed(session: Session, unit: int, since: date) -> list[Order]:
    """The orders closed since a day."""
    order = m.Supervision
    whose = metrics.within(order.unit_code, unit) | metrics.within(order.ordered_by, unit)
    return _orders(session, and_(order.closed_on >= since, whose))


def _orders(session: Session, where: Condition) -> list[Order]:
    order, case = m.Supervision, m.Case
    query = (
        select(
            case.id, case.no, case.title, order.ordinal, order.kind, order.unit_code,
            order.ordered_by, order.reason, order.delivered_on, order.due_on, order.answered_on,
            order.closed_on,
        )
        .join(case, case.id == order.case_id)
        .where(where)
        .order_by(order.due_on, case.id, order.ordinal)
        .limit(MOST)
    )  # fmt: skip
    return [Order(*tuple(row)) for row in session.execute(query)]
