"""回访 as tabs and a table: whom to call, how often it was tried, and when next."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from db.queries import callbacks
from db.queries.callbacks import PAGE, Call, Caller, Part
from domain.people import Viewer
from domain.scope import Scope
from services.identity import Identity
from services.step_checks import TRIES
from services.store import read
from ui import reads
from ui.cases import below, pager
from ui.tables import Cell, Column, Html, day, empty, light, link, safe, table

LABELS = {Part.ALL: "全部", Part.TODAY: "今日可拨", Part.SOON: "即将到期", Part.LATE: "超期"}
COLUMNS = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("信访人"), Column("承办单位"),
    Column("回访期限"), Column("已拨"), Column("下次可拨"),
)  # fmt: skip


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def counts(scope: Scope, caller: Caller, today: date, version: int) -> Mapping[Part, int]:
    """How many contacts each part of the list has."""
    with read(scope) as session:
        return callbacks.counts(session, caller, reads.limits(today))


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def calls(
    scope: Scope, caller: Caller, part: Part, number: int, today: date, version: int
) -> list[Call]:
    """One page of a part of the list; nothing of an identity is in it."""
    with read(scope) as session:
        return callbacks.page(session, caller, part, reads.limits(today), number)


def caller_of(viewer: Viewer) -> Caller:
    """Who calls: the person, for the unit and those below it."""
    return Caller(viewer.person_id, viewer.unit)


def part_of_address() -> Part:
    """The part the address asks for; today's calls unless it says otherwise."""
    asked = st.query_params.get("part", "")
    return Part(asked) if asked in {part.value for part in Part} else Part.TODAY


def last_page(found: int) -> int:
    """The number of the last page of so many."""
    return max(1, -(-found // PAGE))


def tabs(found: Mapping[Part, int], part: Part, number: int) -> str:
    """The parts with their numbers, and the pages of the one shown."""
    ways = "".join(
        str(link(Html(f"{LABELS[one]} <b>{found[one]:,}</b>"), "callbacks", {"part": one.value},
                 css="xf-tab xf-on" if one is part else "xf-tab"))
        for one in (Part.TODAY, Part.SOON, Part.LATE, Part.ALL)
    )  # fmt: skip
    pages = pager(number, last_page(found[part]), "callbacks", {"part": part.value})
    return f'<div class="xf-pages"><span class="xf-ways">{ways}</span>{pages}</div>'


def listing(rows: list[Call], masked: Mapping[int, Identity], today: date) -> str:
    """The rows as a table, as cards on a phone."""
    if not rows:
        return empty("没有要回访的来件", "答复送达后7日内回访；没有联系上的改日再试，最多三次。")
    return table(COLUMNS, [_row(row, masked, today) for row in rows], css="xf-cards")


def _row(row: Call, masked: Mapping[int, Identity], today: date) -> list[Cell]:
    return [
        link(row.no, "case", {"id": row.case_id}, css="xf-no"), row.title,
        _whom(masked.get(row.submission)), reads.unit(row.holder_unit),
        Html(f"{light(row.shine)}{safe(day(row.due_on))}"
             f"{below(f'{row.delivered_on:%Y-%m-%d} 送达')}"),
        Html(f"{row.tries}/{TRIES} 次"
             f"{below(f'最近 {row.tried_on:%m-%d}') if row.tried_on else ''}"),
        _next(row, today),
    ]  # fmt: skip


def _whom(identity: Identity | None) -> Cell:
    """By what a petitioner is reached, masked: the name and the telephone, else the address."""
    if identity is None:
        return None
    where = identity.phone or identity.address
    return Html(f"{safe(identity.name or '未留姓名')}{below(where) if where else ''}")


def _next(row: Call, today: date) -> Cell:
    if row.own:
        return Html(f"由他人回访{below('您是承办人')}")
    following = row.next_on(today)
    if following == today:
        return Html("<b>今天</b>")
    return Html(f"{following:%m-%d}{below('今天已拨')}")
