"""督办台账 as tables: proposals with their reasons, orders with their light."""

from datetime import date

from db.queries import orders
from db.queries.metrics import shine_of
from db.queries.orders import REASONS, Order, Proposal
from domain.scope import Scope
from services.records import choices
from services.store import read
from ui import reads
from ui.tables import Cell, Column, Html, day, empty, joined, light, link, mark, safe, table

PROPOSED = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("承办单位"), Column("收件日期"),
    Column("理由"),
)  # fmt: skip
RUNNING = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("方式"), Column("承办单位"),
    Column("下达单位"), Column("下达日期"), Column("反馈期限"), Column("进展"),
)  # fmt: skip


def proposed(scope: Scope, unit: int, today: date) -> tuple[int, str]:
    """How many cases should be supervised, and the table of them."""
    with read(scope) as session:
        found = orders.proposals(session, unit, reads.limits(today))
    if not found:
        return 0, empty(
            "没有建议督办的事项", "超期、批示、媒体、多次重复、多次不满意的会列在这里。"
        )
    return len(found), table(PROPOSED, [_proposal(one) for one in found], css="xf-cards")


def _proposal(one: Proposal) -> list[Cell]:
    reasons = joined((mark(REASONS[key], "xf-loud") for key in one.reasons), "")
    return [
        link(one.no, "case", {"id": one.id}, css="xf-no"), one.title, reads.unit(one.holder_unit),
        day(one.received_on), reasons,
    ]  # fmt: skip


def standing(scope: Scope, unit: int, today: date) -> tuple[int, str]:
    """How many orders run, and the table of them."""
    with read(scope) as session:
        found = orders.running(session, unit)
    return len(found), _listed(found, today, "没有未办结的督办")


def ended(scope: Scope, unit: int, since: date, today: date) -> tuple[int, str]:
    """How many orders were closed since a day, and the table of them."""
    with read(scope) as session:
        found = orders.closed(session, unit, since)
    return len(found), _listed(found, today, "没有办结的督办")


def _listed(found: list[Order], today: date, none: str) -> str:
    if not found:
        return empty(none, "")
    return table(RUNNING, [_order(one, today) for one in found], css="xf-cards")


def _order(one: Order, today: date) -> list[Cell]:
    return [
        link(one.no, "case", {"id": one.case_id}, css="xf-no"), one.title,
        choices("order_kind").get(one.kind, one.kind), reads.unit(one.unit_code),
        reads.unit(one.ordered_by), day(one.delivered_on), _due(one, today), _progress(one),
    ]  # fmt: skip


def _due(one: Order, today: date) -> Cell:
    if one.due_on is None:
        return None
    if one.closed_on:
        return day(one.due_on)
    shine = shine_of(one.due_on, False, reads.limits(today))
    return Html(f"{light(shine)} {safe(day(one.due_on))}")


def _progress(one: Order) -> str:
    if one.closed_on:
        return f"{one.closed_on:%Y-%m-%d} 办结"
    return f"{one.answered_on:%Y-%m-%d} 已反馈，待审" if one.answered_on else "待反馈"
