"""市评分表: one city's lines, where the points went, and every item with its clock's proof."""

from functools import partial

import streamlit as st

from services import score_sheets, scoring
from ui import score_sheet as view
from ui import scores
from ui.page import offer, open_page
from ui.tables import address, empty

page = open_page(__file__)
period = scores.asked_period(page.today)
runs = scoring.runs(page.viewer, period)
run = scores.asked_run(runs)
sheets = scoring.league(page.viewer, run) if run else []
unit = view.asked_city(page.viewer, sheets)

st.html(scores.STYLE)
left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    scores.choose(period, page.today, "sheet")
if run is None or unit is None:
    hint = "由省级考核员运行评分后，在这里查看评分表。"
    st.html(empty(f"{period.label}没有可以查看的评分表", hint))
    st.stop()
with right:
    view.choose_city(sheets, unit)

sheet = next(one for one in sheets if one.unit == unit)
line = next((n for n in sheet.lines if n.code == st.query_params.get("line", "")), None)
st.html(scores.state(run) + view.hero(run, sheet))

first, second, _ = st.columns([1, 1, 2])
with first:
    name = f"{sheet.name}_{period}_评分单_第{run.ordinal}次.pdf"
    offer(
        page, "评分单 PDF", name, "application/pdf", partial(view.card, page, run, unit),
        f"{sheet.name}{period.label}评分单", key="card", primary=True,
    )  # fmt: skip
with second:
    offer(
        page, "评分表 Excel", name.replace("单", "表").replace(".pdf", ".xlsx"), scores.XLSX,
        partial(score_sheets.sheet_book, page.viewer, run, sheet),
        f"{sheet.name}{period.label}评分表和扣分事项", key="book",
    )  # fmt: skip

if line:
    rows = scoring.items(page.viewer, run, unit, line.code)
    at = view.asked_page(len(rows))
    st.subheader(f"{line.code} {line.label}：扣分事项 {len(rows)} 件", anchor=False)
    st.html(view.about(line))
    view.proof(page, run, rows)
    if rows:
        st.html(view.items(run, sheet, line, rows, at))
    back = address("sheet", {"period": period, "run": run.id, "city": unit})
    st.html(f'<a class="xf-go" href="{back}" target="_self">返回全部指标</a>')
else:
    st.subheader("失分最多的指标", anchor=False)
    st.html(view.losses(run, sheet))
    st.subheader("近六期总分", anchor=False)
    st.vega_lite_chart(
        view.trend(scoring.trend(page.viewer, run, unit)), width="stretch", key="trend"
    )
st.subheader(f"{len(sheet.lines)} 项指标", anchor=False)
st.html(view.lines(run, sheet, line.code if line else ""))
