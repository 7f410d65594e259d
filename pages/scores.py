"""考核评分: the league of a period, run and kept by the province; a city sees its own row."""

from functools import partial

import streamlit as st

from services import score_sheets, scoring
from ui import scores as view
from ui.page import offer, open_page
from ui.tables import empty

page = open_page(__file__)
period = view.asked_period(page.today)
runs = scoring.runs(page.viewer, period)
run = view.asked_run(runs)

st.html(view.STYLE)
view.choose(period, page.today, "scores")
if scoring.may_run(page.viewer):
    view.run_button(page, period, again=run is not None)
if run is None:
    st.html(empty(f"{period.label}还没有评分", "由省级考核员运行评分后，在这里查看成绩。"))
    st.stop()

sheets = scoring.league(page.viewer, run)
st.html(view.state(run))
if not sheets:
    st.html(empty("没有您单位的评分表", "考核评分按设区市统计，请向市局查询。"))
    st.stop()
alone = scoring.own_city(page.viewer) is not None
st.html(view.league(run, sheets, alone=alone))
st.html(f'<p class="xs-key">{view.KEY}</p>')

left, right, _ = st.columns([1, 1, 2])
with left:
    offer(
        page, "成绩表 Excel", f"考核评分_{period}_第{run.ordinal}次.xlsx", view.XLSX,
        partial(score_sheets.league_book, run, sheets), f"{period.label}考核评分成绩", key="book",
    )  # fmt: skip
with right:
    view.offer_cards(page, run, sheets, alone=alone)

with st.expander(f"评分记录：共 {len(runs)} 次，每次都不再改动", icon=":material/history:"):
    st.html(view.history(runs, run))
    if view.may_verify(page.viewer):
        view.verify_button(page.viewer, run)
