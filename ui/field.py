"""移动办理 on the desk: visits as tables, planned and dropped here, made on the phone page."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from services import clock, visits
from services.visits import Visit
from ui import reads
from ui.errors import plain, refusals
from ui.gate import FIELD_PAGE
from ui.page import Page, viewer_now
from ui.tables import Cell, Column, Html, day, empty, link, mark, safe, table

AHEAD = 30  # days shown beyond today
DONE = "field.done"
WAY = (
    f'<a class="xf-link xf-big" href="{FIELD_PAGE}" target="_self">进入现场办理（手机页）</a>'
    '<p class="xf-soft">签收、拍照、填写调查情况；断网时内容保存在本机，接通后自动上传。'
    "出发前请在手机上打开一次。</p>"
)
NONE = empty("没有安排走访", "在下面选择事项和日期安排走访。")
COLUMNS = (
    Column("日期"), Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("被反映对象"),
    Column("地址"), Column("状态"), Column("照片", "xf-num"),
)  # fmt: skip


def by_day(found: Sequence[Visit], today: date) -> dict[str, list[Visit]]:
    """The visits undone from earlier days, today's and those to come; empty groups left out."""
    groups = {
        "以前未走访": [one for one in found if one.on < today and not one.done_at],
        "今天": [one for one in found if one.on == today or one.done_at],
        "以后": [one for one in found if one.on > today and not one.done_at],
    }
    return {title: ones for title, ones in groups.items() if ones}


def listing(found: Sequence[Visit]) -> str:
    """Visits as a table, as cards on a phone."""
    return table(COLUMNS, [_row(one) for one in found], css="xf-cards")


def _row(one: Visit) -> list[Cell]:
    note = f'<br><span class="xf-soft">{safe(one.note)}</span>' if one.note else ""
    state = f"已完成 {one.done_at:%H:%M}" if one.done_at else one.status.label
    return [
        day(one.on), link(one.no, "case", {"id": one.case_id}, css="xf-no"),
        Html(f"{safe(one.title)}{note}"), one.subject, f"{reads.place(one.place)}{one.address}",
        mark(state), one.photos or None,
    ]  # fmt: skip


def told() -> None:
    """Say what was just planned or dropped."""
    if words := st.session_state.pop(DONE, ""):
        st.success(plain(words), icon=":material/check_circle:")


def planning(page: Page) -> None:
    """The form that plans a visit to a case in hand, or moves one by its number."""
    offered = visits.candidates(page.viewer)
    with st.expander("安排走访", expanded=True), st.form("field.plan", enter_to_submit=False):
        chosen = st.selectbox("事项", list(offered), index=None, placeholder="待签收、办理中的事项",
                              format_func=offered.__getitem__, key="field.case")  # fmt: skip
        no = st.text_input("或填事项编号（协办的、改期的）", max_chars=40, key="field.no")
        on = st.date_input("走访日期", value=page.today, format="YYYY-MM-DD", key="field.on",
                           min_value=page.today, max_value=page.today + visits.AHEAD)  # fmt: skip
        note = st.text_input("备注（选填）", max_chars=visits.NOTE, key="field.note")
        sent = st.form_submit_button("安排走访", type="primary", key="field.planned")
    if sent:
        with refusals():
            _plan(chosen, no, on, note)


def _plan(chosen: int | None, no: str, on: date, note: str) -> None:
    viewer = viewer_now()
    if viewer is None or not (chosen or no.strip()):
        st.error("请选择事项，或填写事项编号", icon=":material/block:")
        return
    case = chosen or visits.numbered(viewer, no)
    visits.plan(viewer, case, on, note, clock.now())
    st.session_state[DONE] = f"已安排 {on:%Y-%m-%d} 走访"
    st.rerun()


def dropping(found: Sequence[Visit]) -> None:
    """A way to take back a visit that was not made."""
    open_ = {one.id: f"{one.on} {one.no}　{one.title}" for one in found if not one.done_at}
    if not open_:
        return
    with st.expander("取消走访"), st.form("field.drop", enter_to_submit=False):
        chosen = st.selectbox("走访", list(open_), index=None, placeholder="请选择",
                              format_func=open_.__getitem__, key="field.visit")  # fmt: skip
        sent = st.form_submit_button("取消走访", key="field.dropped")
    if sent and chosen:
        with refusals():
            _drop(chosen)


def _drop(chosen: int) -> None:
    viewer = viewer_now()
    if viewer is None:
        st.error("请先登录", icon=":material/block:")
        return
    visits.drop(viewer, chosen, clock.now())
    st.session_state[DONE] = "已取消走访"
    st.rerun()
