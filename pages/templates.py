"""文书模板: an administrator edits the texts of letters, looks at them and keeps each version."""

import streamlit as st

from domain.errors import Invalid
from services import letter_texts as texts
from ui.errors import plain, refusals
from ui.letter_view import STYLE, fields_of, sheet, versions
from ui.page import open_page

page = open_page(__file__)
names = texts.choices()
st.html(STYLE)
chosen = st.selectbox("文书", list(names), format_func=names.__getitem__, key="template")
kind, slot = chosen
history = texts.history(page.viewer, kind, slot)
now = history[0]
if words := st.session_state.pop("template.done", ""):
    st.toast(words, icon=":material/check_circle:")

left, right = st.columns(2, gap="large")
with left:
    st.caption(f"现行版本：第 {now.version} 版" if now.version else "现行版本：随系统提供的文本")
    key = f"body.{kind}.{slot}.{now.version}"
    body = st.text_area("正文", now.body, height=520, key=key)
    with st.expander("怎样书写", icon=":material/help:"):
        st.html(fields_of(kind))
    note = st.text_input("修改理由", max_chars=200, key=f"note.{key}")
    changed = body.strip() != now.body.strip()
    if st.button("保存为新版本", type="primary", disabled=not changed):
        with refusals():
            made = texts.save(page.viewer, kind, slot, body, note, page.now, seen=now.version)
            st.session_state["template.done"] = f"已保存第 {made} 版，此后出具的文书使用新的文本"
            st.rerun()

with right:
    st.caption("预览：〔 〕中为出具时填入的内容")
    try:
        st.html(sheet(texts.preview(kind, slot, body, page.today)))
    except Invalid as error:
        st.error(plain(str(error)), icon=":material/block:")

st.subheader("历次版本", anchor=False)
st.html(versions(history))
older = {text.version: text for text in history}
seen = st.selectbox(
    "查看版本", list(older), index=None, placeholder="选择一个版本查看全文",
    format_func=lambda number: f"第 {number} 版" if number else "出厂文本",
)  # fmt: skip
if seen is not None:
    st.code(older[seen].body, language=None, wrap_lines=True)
