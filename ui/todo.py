"""今日待办: what waits for a person by role, what falls due, and what they were told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from db import models as m
from db.queries import queues
from db.queries.callbacks import Part
from db.queries.cases import CaseFilter
from db.queries.metrics import Shine
from db.queries.queues import MOST, QUEUES, Desk
from domain.people import Viewer
from domain.scope import Scope
from domain.table import BY_KEY
from services import notices
from services.store import read
from ui import callbacks, reads
from ui.cases import pressing
from ui.page import Page, viewer_now
from ui.tables import WEEKDAYS, Column, Html, empty, light, link, safe, table

URGENT = 10
COLUMNS = (Column("事项", "xf-wide"), Column("最近时限"), Column("余期"))
DUE = {Shine.RED: "已超期", Shine.ORANGE: "1个工作日内到期", Shine.YELLOW: "3个工作日内到期"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of what waits for a person, and the list that counts the same."""

    label: str
    number: int
    page: str
    asked: Mapping[str, object]


@st.cache_data(ttl=60, max_entries=400, show_spinner=False)
def counted(scope: Scope, keys: tuple[str, ...], desk: Desk, version: int) -> dict[str, int]:
    """How many cases wait in each queue of a desk."""
    with read(scope) as session:
        return queues.counts(session, keys, desk)


def waiting(page: Page, version: int) -> list[Waiting]:
    """What waits for a person's roles: queues in the order of a case's life, then calls."""
    viewer, desk = page.viewer, Desk(page.viewer.unit, page.today)
    keys = tuple(key for key, queue in QUEUES.items() if viewer.has(*queue.roles))
    found = [
        Waiting(QUEUES[key].label, number, "cases", {"queue": key, "at": desk.unit})
        for key, number in counted(page.scope, keys, desk, version).items()
    ]
    if viewer.has(*BY_KEY["callback"].roles):
        parts = callbacks.counts(page.scope, callbacks.caller_of(viewer), page.today, version)
        number = parts[Part.TODAY]
        found.append(Waiting("今日待回访", number, "callbacks", {"part": Part.TODAY.value}))
    return found


def head(viewer: Viewer, today: date) -> str:
    """The day, and whose work this is."""
    roles = "、".join(sorted(role.label for role in viewer.roles))
    return (
        f'<div class="xf-path"><span><b>{safe(viewer.name)}</b> · {safe(viewer.unit_name)} · '
        f'{safe(roles)}</span><span class="xf-soft">{today:%Y年%m月%d日} '
        f"周{WEEKDAYS[today.weekday()]}</span></div>"
    )


def tiles(found: Sequence[Waiting]) -> str:
    """One tile for each thing that waits; what does not in one line."""
    full = [one for one in found if one.number]
    clear = "、".join(one.label for one in found if not one.number)
    if not full:
        return empty("没有等待办理的事项", "新交办、新退回、新反馈的事项会出现在这里。")
    none = f'<p class="xf-soft">没有：{safe(clear)}</p>' if clear else ""
    return f'<div class="xf-tiles xf-queues">{"".join(map(_tile, full))}</div>{none}'


def _tile(one: Waiting) -> str:
    said = f"{MOST}+" if one.number > MOST else f"{one.number:,}"
    inner = Html(
        f'<span class="xf-tile-head">{safe(one.label)}</span>'
        f'<span class="xf-tile-number">{said}<small>件</small></span>'
    )
    return str(link(inner, one.page, one.asked, css="xf-tile xf-tile-plain"))


def due(scope: Scope, unit: int, today: date, version: int) -> str:
    """The unit's clocks under the three pressing lights, and the most pressing cases."""
    shown = reads.board(scope, unit, Shine.RED.value, 5, today, version).totals
    lights = "".join(
        str(link(Html(f"{light(shine)} {words} <b>{shown[shine]:,}</b>"), "cases",
                 {"light": shine.value, "duty": unit}, css="xf-tab"))
        for shine, words in DUE.items()
    )  # fmt: skip
    asked = CaseFilter(duty=unit, sort="due")
    rows = reads.case_page(scope, asked, 1, today, version)[:URGENT]
    shown_rows = [pressing(row, today) for row in rows]
    found = table(COLUMNS, shown_rows, css="xf-cards") if rows else empty("没有运行中的时限", "")
    return f'<div class="xf-ways">{lights}</div>{found}'


def told(viewer: Viewer) -> None:
    """What the person was told, unread first, and the way to have read it."""
    found = notices.of(viewer)
    unread = sum(notice.read_at is None for notice in found)
    st.subheader(f"提醒（{unread} 条未读）" if unread else "提醒", anchor=False)
    if not found:
        st.html(empty("没有提醒", "交办、退回、督办等事项到您这里时会提醒。"))
        return
    if unread:
        st.button("全部标为已读", on_click=_read_all, key="todo.read")
    st.html(_lines(found))


def _read_all() -> None:
    viewer = viewer_now()
    if viewer:
        notices.mark_read(viewer)


def _lines(found: Sequence[m.Notice]) -> str:
    lines = []
    for notice in found:
        css = ' class="xf-quiet"' if notice.read_at else ""
        text = link(notice.text, "case", {"id": notice.case_id}) if notice.case_id else notice.text
        lines.append(f"<li{css}>{safe(text)} <small>{notice.at:%m-%d %H:%M}</small></li>")
    return f'<ol class="xf-history">{"".join(lines)}</ol>'
