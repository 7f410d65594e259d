"""来件登记: a clerk enters what somebody has just said."""

import streamlit as st

from domain.errors import Invalid
from services.duplicates import suggest
from services.registration import register
from ui import entry_form, entry_side
from ui.entry import Form
from ui.errors import refusals
from ui.page import open_page

page = open_page(__file__)
form = entry_form.sheet(page.viewer, page.now)
if form.done:
    entry_side.result(form.done)
    st.stop()
if mark := st.session_state.pop("entry_mark", None):
    entry_form.fill({"repeat": mark})

incoming, faults = entry_form.incoming_of(entry_form.values(), page.now)
problems = entry_form.problems(incoming, faults, page.now)
found = suggest(page.viewer, incoming, page.now)
entry_side.restored(form)
left, right = st.columns([2, 1], gap="medium")
with left:
    Form(page.viewer, entry_form.shown(form, problems)).draw()
    if found and not form.earlier:
        st.caption(f"旁边列出 {len(found)} 件可能重复（窄屏在下方），可先比较；不选即按独立登记。")
    wanted = st.button("登记", type="primary", key="entry_go", shortcut="Alt+S", width="stretch",
                       icon=":material/check:")  # fmt: skip
    if form.tried and problems:
        st.error(f"还有 {len(problems)} 项须改正，见上方红字；已填内容都在。")
    st.caption("快捷键 Alt+S 登记；Tab 到下一项。附件在登记后于事项页上传。")
with right, refusals():
    entry_form.keep(page.viewer, form, page.now)
    entry_side.draft_line(form)
    entry_side.stars(entry_form.missing(incoming))
    entry_side.earlier(found, incoming, form)
    entry_side.guide()

if not wanted:
    st.stop()
with left, refusals():
    form.tried = True
    if problems:
        st.rerun()
    try:
        form.done = register(page.viewer, incoming, page.now, key=entry_form.idempotency(form),
                             repeats=form.earlier)  # fmt: skip
    except Invalid as refused:
        form.told = entry_form.refused(form, refused.problems)
        st.rerun()
    entry_form.finish(page.viewer, incoming.subchannel, page.now)
    st.rerun()
