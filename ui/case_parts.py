"""The parts of the case page that act: attachments in and out, and opening an identity."""

from datetime import datetime
from typing import Any

import streamlit as st

from db.queries.case_file import CaseFile
from domain.people import Viewer
from domain.workflow import CONCLUSIONS
from rules import load
from services import attachments, identity_view
from services.attachments import KINDS
from ui.errors import plain, refusals
from ui.page import Page, offer
from ui.tables import Column, facts, safe, table

FILES = (Column("文件", "xf-wide"), Column("大小", "xf-num"), Column("上传时间"))


def files(page: Page, file: CaseFile) -> None:
    """The attachments, each handed out once under scope, and a way to add one."""
    if not attachments.may_attach(page.viewer):
        st.caption(f"{attachments.CLOSED}。")
        return
    if not file.attachments:
        st.caption("还没有附件。")
    else:
        rows = [[a.name, size(a.size), f"{a.at:%Y-%m-%d %H:%M}"] for a in file.attachments]
        st.html(table(FILES, rows, css="xf-cards"))
        _hand_out(page, file)
    _add(page.viewer, file.case.id, page.now)


def _hand_out(page: Page, file: CaseFile) -> None:
    names = {a.id: a.name for a in file.attachments}
    chosen = st.selectbox("取用附件", list(names), format_func=names.__getitem__, key="attachment")
    offer(
        page, "下载附件", names[chosen], _mime(file, chosen),
        lambda: attachments.fetch(page.viewer, chosen).data,
        f"事项 {file.case.no} 的附件 {names[chosen]}", key=f"file.{chosen}", case_id=file.case.id,
    )  # fmt: skip


def _mime(file: CaseFile, chosen: int) -> str:
    return str(next(a.mime for a in file.attachments if a.id == chosen))


def _add(viewer: Viewer, case_id: int, now: datetime) -> None:
    turn = st.session_state.setdefault("attach.turn", 0)
    given: Any = st.file_uploader("上传附件", type=list(KINDS), key=f"attach.{case_id}.{turn}",
                                  accept_multiple_files=True)  # fmt: skip
    if given and st.button("保存附件", key="attach.save"):
        with refusals():
            for one in given:
                attachments.attach(viewer, case_id, one.name, one.getvalue(), now)
            st.session_state["attach.turn"] = turn + 1
            st.session_state["step.done"] = "附件已保存"
            st.rerun()


def size(count: int) -> str:
    """A size a reader grasps."""
    return f"{count / 1048576:.1f} MB" if count >= 1048576 else f"{max(count / 1024, 0.1):.1f} KB"


def identity(page: Page, file: CaseFile) -> None:
    """查看身份: for a reason, on the record, for one view."""
    numbers = {s.id: s.no for s in file.submissions if not s.anonymous}
    if not numbers or not identity_view.may_see(page.viewer):
        return
    with st.popover("查看信访人身份", icon=":material/badge:"):
        st.caption(
            f"每次查看都会记录查看人、时间和理由；当日超过 {identity_view.DAILY} 次将提示督办员。"
        )
        with st.form("identity", border=False, clear_on_submit=True):
            chosen = st.selectbox("来件", list(numbers), format_func=numbers.__getitem__)
            reason = st.text_input("查看理由", max_chars=200, placeholder="如：电话核实举报地点")
            wanted = st.form_submit_button("查看一次", type="primary")
        if wanted:
            with refusals():
                shown = identity_view.view(page.viewer, chosen, reason, page.now)
                who = shown.identity
                st.html(facts((("姓名", who.name), ("电话", who.phone), ("证件号", who.id_no),
                               ("住址", who.address))))  # fmt: skip
                st.caption(f"这是您今天第 {shown.today} 次查看；离开或刷新本页后不再显示。")


def draft(file: CaseFile) -> None:
    """What the handler proposes, for whoever has to approve it."""
    entry = next((e for e in reversed(file.history) if e.kind == "conclude"), None)
    if entry is None or file.case.status != "to_approve":
        return
    data = entry.data
    found = "；".join(
        f"第{n}项 {CONCLUSIONS.get(v, v)}" for n, v in sorted(data["findings"].items())
    )
    measures = "、".join(load().label("measure", key) for key in data["measures"])
    st.html(facts((("拟认定", found), ("拟处理", measures), ("承办人", entry.person_name))))
    st.html(f'<div class="xf-typed">{safe(str(data.get("facts", "")))}</div>')


def told() -> None:
    """Say what was just done."""
    if words := st.session_state.pop("step.done", ""):
        st.toast(plain(words), icon=":material/check_circle:")
