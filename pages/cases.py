"""事项查询: filters in the address, a page of cases, and their file."""

import streamlit as st

from rules import load
from services import case_export
from ui import reads
from ui.batch import batch
from ui.case_filters import asked_of_address, chips, filters, labels, page_number
from ui.cases import listing, summary
from ui.page import offer, open_page

page = open_page(__file__)
asked = asked_of_address()
filters(asked, labels(page.scope, load().digest))

version = reads.version()
count = reads.case_count(page.scope, asked, page.today, version)
number = min(page_number(), max(1, -(-min(count, reads.MOST) // reads.PAGE)))
rows = reads.case_page(page.scope, asked, number, page.today, version)
st.html(chips(asked) + summary(count, number, asked) + listing(rows, asked, page.today))

batch(page, asked, rows)
if count:
    offer(
        page, "导出 Excel", f"信访举报事项_{page.now:%Y%m%d_%H%M}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda: case_export.export(page.viewer, asked, page.now), case_export.said(asked, count),
        key="export",
    )  # fmt: skip
