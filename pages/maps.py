"""区域地图: where matters arise and how they are handled, city by city and county by county."""

import streamlit as st

from ui import maps, reads
from ui.figures_style import STYLE
from ui.page import open_page

page = open_page(__file__)
seen = maps.view(page.scope, page.viewer.unit, page.today)
rows = maps.listed(page.scope, seen, reads.version())

st.html(STYLE + maps.path(seen, page.scope) + maps.tabs(seen))
first, second, _ = st.columns([2, 2, 4])
maps.chooser(first, "period", "时段", maps.spans(page.today), str(seen.span))
maps.chooser(second, "category", "污染类型", maps.categories(), seen.category)

left, right = st.columns([6, 5], gap="large")
with left:
    picked = maps.drawn(seen, rows)
    st.html(f'<p class="xm-note">{maps.NOTE}</p>')
with right:
    st.html(maps.bars(seen, rows))
    st.html(f'<p class="xm-note">口径：{maps.COUNTS[seen.measure]}</p>')
if picked:
    maps.open_region(seen, picked)
