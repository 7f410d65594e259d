"""回访: whom to call today, who is due, who is late."""

import streamlit as st

from services import identity_view
from ui import callbacks, reads
from ui.case_filters import page_number
from ui.page import open_page

page = open_page(__file__)
caller = callbacks.caller_of(page.viewer)
part, version = callbacks.part_of_address(), reads.version()
found = callbacks.counts(page.scope, caller, page.today, version)
number = min(page_number(), callbacks.last_page(found[part]))
rows = callbacks.calls(page.scope, caller, part, number, page.today, version)
masked = identity_view.masked_of(page.viewer, [row.submission for row in rows])
st.html(callbacks.tabs(found, part, number))
st.html(callbacks.listing(rows, masked, page.today))
st.caption("打开事项，查看信访人联系方式（须写明理由），办理“回访”。承办人不回访自己办理的事项。")
