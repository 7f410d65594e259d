"""文件导入: a channel's ledger comes in, checked whole before anything is written."""

import streamlit as st

from services import importing
from ui import file_intake, file_report
from ui.entry import subchannels
from ui.errors import refusals
from ui.page import offer, open_page

page = open_page(__file__)

left, right = st.columns([2, 3])
with left:
    subchannel = st.selectbox(
        "这份台账来自哪个子渠道", list(subchannels()), index=None, key="file_subchannel",
        format_func=lambda key: subchannels()[key], placeholder="请选择，可输入名称查找",
    )  # fmt: skip
    offer(page, "下载空白模板", "台账模板.xlsx", file_report.XLSX, importing.template,
          "台账模板", key="file_template")  # fmt: skip
with right:
    upload = st.file_uploader("台账文件（xlsx、csv）", type=["xlsx", "csv"], key="file_upload")
if upload is None:
    st.session_state.pop("file_work", None)
    st.session_state.pop("file_sheet", None)
if upload is None or subchannel is None:
    st.info("选好子渠道和文件后，先整份检查、列出全部问题；您确认之前不会写入任何内容。")
    st.stop()

with refusals():
    held = file_intake.work(page.viewer, upload, subchannel)
    if held.done:
        file_report.result(held, held.done)
        st.stop()
    file_intake.choose_sheet(held, upload.file_id)
    file_intake.preview(held)
    mapping = file_intake.mapping_form(held)
    check, keep = st.columns(2)
    if keep.button("只记住这份对应方案", key="file_keep", help="留给本单位下次导入该子渠道时使用"):
        importing.remember(page.viewer, subchannel, mapping, page.now)
        st.toast("已记住")
    if check.button("检查整份文件", type="primary", key="file_check"):
        with st.spinner("正在检查…"):
            held.examined = importing.examine(
                page.viewer, held.ledger, mapping, subchannel, page.now
            )
    examined = held.examined
    if examined is None:
        st.stop()
    if examined.mapping != mapping:
        st.info("对应方案已改动，请再点“检查整份文件”。")
        st.stop()
    st.divider()
    file_report.report(page, held, examined)
    if file_report.confirm(examined):
        held.done = file_report.write(page.viewer, held, examined, page.now)
        held.examined = None
        st.rerun()
