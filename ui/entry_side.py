"""来件登记: what stands beside the form: missing ★, the draft, earlier cases, the result."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from domain.statuses import Status
from intake.model import Incoming
from rules import load
from services import clock
from services.duplicates import Suggestion
from services.registration import Registered
from ui import entry
from ui.division_picker import place_name
from ui.entry_form import Sheet, fill, start_over
from ui.errors import plain
from ui.page import viewer_now


def restored(form: Sheet) -> None:
    """That an unfinished form came back."""
    if form.restored:
        st.info(
            f"已恢复 {form.restored:%m月%d日 %H:%M} 未登记完的内容，可接着填写；不需要请点“清空”。"
        )


def draft_line(form: Sheet) -> None:
    """That nothing is lost, and the way to throw it away."""
    saved = f"草稿已保存 {form.kept_at:%H:%M:%S}" if form.kept_at else "填写后自动保存草稿"
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(saved)
    right.button("清空", key="entry_clear", on_click=_clear)


def _clear() -> None:
    viewer = viewer_now()
    if viewer:
        start_over(viewer, clock.now())


def stars(lacking: Sequence[str]) -> None:
    """The ★ fields still missing; registration goes on without them, the indicator notes it."""
    if not lacking:
        st.success("★ 项目已齐")
        return
    named = plain("、".join(lacking))
    st.warning(f"尚缺 ★ {len(lacking)} 项：{named}。可以先登记，但计入首次登记不完整（A3）。")


def guide() -> None:
    """What each ★ field asks for."""
    with st.expander("★ 项目填写说明"):
        st.text("\n".join(f"{label}：{text}" for label, text in entry.guide()))


def earlier(found: Sequence[Suggestion], incoming: Incoming, form: Sheet) -> None:
    """Earlier cases this one may repeat, and what the clerk says of them."""
    if form.earlier:
        st.info(f"已认定：重复于 {plain(form.earlier_no)}")
        st.button("改为独立", key="entry_single", on_click=_decide, args=(None, ""))
    if not found:
        return
    st.markdown(f"**可能重复 {len(found)} 件**（不选即按独立登记）")
    for one in found:
        _suggestion(one, incoming, form)


def _suggestion(one: Suggestion, incoming: Incoming, form: Sheet) -> None:
    with st.container(border=True):
        st.text(one.title)
        st.caption(plain("；".join(one.reasons)))
        status = status_label(one.status)
        st.text(f"{one.no} · {one.received_on} · {status}")
        left, right = st.columns(2)
        if left.button("并排比较", key=f"compare_{one.case_id}"):
            compare(one, incoming)
        right.button(
            "重复于此件", key=f"repeat_{one.case_id}", disabled=form.earlier == one.case_id,
            on_click=_decide, args=(one.case_id, one.no),
        )  # fmt: skip


@st.dialog("并排比较", width="large")
def compare(one: Suggestion, incoming: Incoming) -> None:
    """Both texts beside each other, then the decision."""
    left, right = st.columns(2)
    mine = (incoming.title, place_name(incoming.division), incoming.address, incoming.subject,
            _labels(incoming), incoming.content)  # fmt: skip
    theirs = (one.title, place_name(one.place), one.address, one.subject, "", one.content)
    _facts(left, "本件（未登记）", mine)
    _facts(right, f"{one.no}（{one.received_on} 收到，{status_label(one.status)}）", theirs)
    st.caption(plain("；".join(one.reasons)))
    single, repeat = st.columns(2)
    if single.button("独立，不是同一件", key=f"single_{one.case_id}", width="stretch"):
        _choose_next(None, "")
        st.rerun()
    if repeat.button("重复于此件", key=f"same_{one.case_id}", type="primary", width="stretch"):
        _choose_next(one.case_id, one.no)
        st.rerun()


def _choose_next(case_id: int | None, no: str) -> None:
    """The decision of the dialog; its widgets are drawn already, so the form follows next run."""
    form: Sheet = st.session_state["entry"]
    form.earlier, form.earlier_no = case_id, no
    st.session_state["entry_mark"] = "repeat" if case_id else "first"


def _facts(column: st.delta_generator.DeltaGenerator, head: str, facts: Sequence[str]) -> None:
    names = ("标题", "所在地", "地址", "对象", "类型", "内容")
    column.text(head)
    for name, fact in zip(names, facts, strict=True):
        if fact:
            column.caption(name)
            column.text(fact)


def _labels(incoming: Incoming) -> str:
    return "、".join(load().label("subcategory", key) for key in incoming.categories)


def status_label(key: str) -> str:
    """The label of a case's status."""
    return Status(key).label


def _decide(case_id: int | None, no: str) -> None:
    form: Sheet = st.session_state["entry"]
    form.earlier, form.earlier_no = case_id, no
    fill({"repeat": "repeat" if case_id else "first"})


def result(done: Registered) -> None:
    """What to read out, the way to the case and on to the next one."""
    st.success("登记成功，请把查询码念给信访人。")
    code = f"{done.query_code[:4]} {done.query_code[4:]}"
    for head, text in (("编号", done.no), ("查询码", code)):
        st.caption(head)
        st.html(f'<div style="font-size:1.9rem;font-weight:700;letter-spacing:.06em">'
                f"{escape(text)}</div>")  # fmt: skip
    st.html(f'<a class="xf-link" href="/case?id={done.case_id}" target="_self">打开该件'
            "（上传附件、分类、交办）</a>")  # fmt: skip
    st.button("继续登记下一件", key="entry_next", type="primary", on_click=_clear, shortcut="Alt+N")
