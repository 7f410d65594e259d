"""今日待办: what waits, what falls due, what changed."""

import streamlit as st

from ui import reads, todo
from ui.page import open_page

page = open_page(__file__)
unit, version = page.viewer.unit, reads.recent_version()
st.html(todo.head(page.viewer, page.today))
if waiting := todo.waiting(page, version):
    st.subheader("等我办理", anchor=False)
    st.html(todo.tiles(waiting))
with st.container(key="todo_body"):
    left, right = st.columns([5, 3], gap="large")
with left:
    st.subheader("本单位及下级最急的时限", anchor=False)
    st.html(todo.due(page.scope, unit, page.today, version))
with right:
    todo.told(page.viewer)
