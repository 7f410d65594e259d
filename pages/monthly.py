"""月度汇总: a month of the province, a city or a county, each title stating its finding."""

import streamlit as st

from services.monthly_sheets import book
from ui import maps, monthly, monthly_choice, reads, reads_regions
from ui.figures_style import STYLE
from ui.page import offer, open_page

page = open_page(__file__)
month = monthly_choice.month_of(page.today)
unit = monthly_choice.unit_of(page.scope, page.viewer.unit)
found = reads_regions.summary(page.scope, str(month), unit, page.today, reads.version())

first, second, third = st.columns([2, 3, 3], vertical_alignment="bottom")
maps.chooser(first, "month", "月份", monthly_choice.months(page.today), str(month))
divisions = monthly_choice.units(page.scope, page.viewer.unit)
maps.chooser(second, "unit", "范围", divisions, str(unit))
with third:
    offer(
        page, "下载 Excel", f"月度汇总_{found.unit_name}_{month}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda: book(found), f"{found.unit_name}{month.label}月度汇总，各节合计数与分地区数",
        key="export",
    )  # fmt: skip

st.html(STYLE + monthly.heading(found, 1, "总体") + monthly.tiles(found) + monthly.balance(found))
st.vega_lite_chart(monthly.line(found), width="stretch", key="line")
st.html(monthly.heading(found, 2, "渠道") + monthly.channels(found))
more = '<p class="xm-lead">一件可涉及多个类型，合计大于100%</p>'
st.html(monthly.heading(found, 3, "污染类型") + more)
for half, column in enumerate(st.columns(2, gap="large")):
    column.html(monthly.kinds(found, half) or "<span></span>")
st.html(monthly.heading(found, 4, "行业"))
for half, column in enumerate(st.columns(2, gap="large")):
    column.html(monthly.industries(found, half))
st.html(monthly.heading(found, 5, "地区") + monthly.regions(found))
spec = monthly.map_spec(found)
if spec:
    st.vega_lite_chart(spec, width="stretch", key="map")
    st.html('<p class="xm-note">示意图，非标准地图。颜色为本月收件量。</p>')
st.html(monthly.heading(found, 6, "属实率") + monthly.verified(found))
left, right = st.columns([6, 5], gap="large")
with left:
    st.html(monthly.outcomes(found))
with right:
    if found.outcome.concluded:
        st.vega_lite_chart(monthly.outcome_chart(found), width="stretch", key="outcomes")
with st.expander("口径说明", icon=":material/info:"):
    st.html(monthly.notes(found))
