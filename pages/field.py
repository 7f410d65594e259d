"""移动办理: today's visits, the way to the phone page, and the planning of visits."""

import streamlit as st

from services import visits
from ui import field
from ui.page import open_page

page = open_page(__file__)
st.html(field.WAY)
field.told()
found = visits.of_unit(page.viewer, page.today, field.AHEAD)
for title, ones in field.by_day(found, page.today).items():
    st.subheader(f"{title}（{len(ones)}）", anchor=False)
    st.html(field.listing(ones))
if not found:
    st.html(field.NONE)
field.planning(page)
field.dropping(found)
