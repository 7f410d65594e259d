"""事项详情: one case, its clocks and history, and the steps open to this person."""

import streamlit as st

from services import identity_view
from ui import case_parts as parts
from ui import case_view as view
from ui import reads
from ui.case_history import chain, history
from ui.case_state import steps_of
from ui.oversight import oversight
from ui.page import open_page
from ui.papers import papers
from ui.related import relations
from ui.step_forms import step_forms
from ui.tables import empty

page = open_page(__file__)
asked = st.query_params.get("id", "")
file = reads.case_file(page.scope, int(asked)) if asked.isdigit() and len(asked) < 19 else None
if file is None:
    st.html(empty(view.GONE, "请检查网址，或从“事项查询”进入。"))
    st.stop()

limits = reads.limits(page.today)
parts.told()
st.html(view.head(file, limits))
left, right = st.columns([5, 3], gap="large")

with left:
    st.html(view.about(file))
    st.subheader("诉求与答复", anchor=False)
    st.html(view.demands(file))

with right, st.container(border=True):
    st.subheader("办理", anchor=False)
    parts.draft(file)
    step_forms(file, steps_of(file, page.viewer), page.viewer)

st.subheader("时限", anchor=False)
st.html(view.clocks(file, limits))
view.explanation(file)
for title, body in oversight(file):
    st.subheader(title, anchor=False)
    st.html(body)
st.subheader("流转", anchor=False)
st.html(chain(file.history))

contacts, letters, files, related, past = st.tabs(["来件", "文书", "附件", "关联事项", "办理过程"])
with contacts:
    masked = identity_view.masked_of(page.viewer, [s.id for s in file.submissions])
    st.html(view.submissions(file, masked, identity_view.may_see(page.viewer)))
    parts.identity(page, file)
with letters:
    papers(page, file)
with files:
    parts.files(page, file)
with related:
    relations(page, file)
with past:
    st.html(history(file.history))
