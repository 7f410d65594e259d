"""督办台账: what should be supervised, the orders that run, those closed this year."""

import streamlit as st

from ui import orders
from ui.page import open_page

page = open_page(__file__)
unit, today = page.viewer.unit, page.today
few, proposals = orders.proposed(page.scope, unit, today)
open_, running = orders.standing(page.scope, unit, today)
done, closed = orders.ended(page.scope, unit, today.replace(month=1, day=1), today)
first, second, third = st.tabs([f"建议督办 {few}", f"督办中 {open_}", f"今年办结 {done}"])
with first:
    st.caption("超期、领导批示、媒体舆情、重复3次以上、2次不满意的在办事项。打开事项后办理“督办”。")
    st.html(proposals)
with second:
    st.html(running)
with third:
    st.html(closed)
