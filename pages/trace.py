"""操作留痕: an auditor reads the trace and checks its chain."""

from datetime import timedelta

import streamlit as st

from services import audit
from ui.account_views import trace_table
from ui.errors import refusals
from ui.page import offer, open_page

page = open_page(__file__)
kinds = audit.kinds()

left, middle, right = st.columns([2, 2, 2])
days = left.date_input("日期", (page.today - timedelta(days=7), page.today), key="days",
                       max_value=page.today, format="YYYY-MM-DD")  # fmt: skip
kind = middle.selectbox("事项", list(kinds), format_func=kinds.__getitem__, index=None, key="kind",
                        bind="query-params", placeholder="全部")  # fmt: skip
who = right.text_input("人员", key="who", bind="query-params", placeholder="姓名或账号")
if len(days) < 2:
    st.info("请再选一个结束日期。")
    st.stop()

shown = f"{days}{kind}{who}"
if st.session_state.get("shown") != shown:
    st.session_state.update(shown=shown, page=1)
wanted = audit.Wanted(days[0], days[1], kind or "", who, st.session_state.get("page", 1))
with refusals():
    lines, more = audit.lines(page.viewer, wanted)
    table = trace_table(lines)
    if lines:
        wide = {"内容": st.column_config.TextColumn(width="large")}
        height = min(33 * len(lines) + 37, 640)
        st.dataframe(table, hide_index=True, height=height, column_config=wide)
    else:
        st.info("这段时间没有符合条件的留痕。")
    before, place, after = st.columns([1, 4, 1])
    if before.button("上一页", disabled=wanted.page == 1):
        st.session_state["page"] = wanted.page - 1
        st.rerun()
    place.caption(f"第 {wanted.page} 页，每页 {audit.PAGE} 条，新的在前")
    if after.button("下一页", disabled=not more):
        st.session_state["page"] = wanted.page + 1
        st.rerun()
    if lines:
        offer(page, "导出本页", f"操作留痕_{page.today:%Y%m%d}.csv", "text/csv",
              lambda: audit.as_csv(lines), f"操作留痕 {len(lines)} 条")  # fmt: skip

st.subheader("核验")
st.caption("逐条核验留痕的加密链：任何一条被删除、改动或从末尾截去，都会在这里指出。")
if st.button("核验全部留痕", type="primary", icon=":material/verified_user:"):
    with refusals(), st.spinner("正在核验…"):
        faults = audit.check_chain(page.viewer, page.now)
        if not faults:
            st.success("核验通过：所有留痕完整，没有被改动。")
        for fault in faults:
            st.error(fault)
