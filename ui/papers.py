"""文书 on the case page: what was issued, and what may be issued next, looked at before."""

from collections.abc import Sequence

import streamlit as st

from db.queries.case_file import CaseFile
from domain.errors import Refused
from domain.statuses import OPINIONS
from services import letter_facts, letter_list, letters
from services.letter_list import Paper, Ready
from ui.errors import plain, refusals
from ui.letter_view import STYLE, sheet
from ui.mask_confirm import confirm
from ui.page import Page, offer
from ui.tables import Cell, Column, table

ISSUED = (
    Column("文书", "xf-key"), Column("文号", "xf-wide"), Column("出具单位"), Column("日期"),
    Column("来件"),
)  # fmt: skip


def papers(page: Page, file: CaseFile) -> None:
    """The tab: issued letters to take out, then the way to issue the next one."""
    known = letter_list.issued(page.viewer, file)
    if known:
        _issued(page, file, known)
    else:
        st.caption("还没有出具文书。")
    if letter_facts.may_issue(page.viewer):
        _next(page, file, letter_list.ready(page.viewer, file))


def _issued(page: Page, file: CaseFile, known: Sequence[Paper]) -> None:
    rows: list[list[Cell]] = [
        [p.label, p.number, p.unit, f"{p.at:%Y-%m-%d %H:%M}", p.whom] for p in reversed(known)
    ]  # fmt: skip
    st.html(table(ISSUED, rows, css="xf-cards"))
    names = {p.id: f"{p.label} {p.number}" for p in reversed(known)}
    chosen = st.selectbox("取用文书", list(names), format_func=names.__getitem__,
                          key=f"papers.{len(names)}")  # fmt: skip
    offer(
        page, "下载文书", f"{names[chosen]}.pdf", "application/pdf",
        lambda: letters.opened(page.viewer, chosen, page.now)[1],
        f"事项 {file.case.no} 的文书 {names[chosen]}", key=f"paper.{chosen}",
        case_id=file.case.id,
    )  # fmt: skip


def _next(page: Page, file: CaseFile, open_: Sequence[Ready]) -> None:
    st.subheader("可出具", anchor=False)
    if not open_:
        st.caption("目前没有需要出具的文书；办理步骤后，对应的文书会出现在这里。")
        return
    at = st.selectbox("文书", range(len(open_)), key=f"letter.{file.case.id}.{len(open_)}",
                      format_func=lambda n: open_[n].label)  # fmt: skip
    one = open_[at]
    prefix = f"letter.{one.kind}.{one.event}.{one.submission}"
    given = _given(one, prefix)
    try:
        masked, sure = _masked(page, file, one, prefix) if one.masked else (None, True)
        made = letters.draft(page.viewer, file.case.id, one.kind, page.now, one.submission,
                             one.event, masked_text=masked, given=given)  # fmt: skip
    except Refused as error:
        st.warning(plain(str(error)), icon=":material/edit_note:")
        return
    st.html(STYLE)
    st.html(sheet(made))
    if st.button("出具", type="primary", key=f"{prefix}.issue", disabled=not sure):
        with refusals():
            done = letters.issue(
                page.viewer, file.case.id, one.kind, one.submission, page.now, masked,
                event=one.event, given={**given, letters.CONTACT: made.contact},
            )  # fmt: skip
            st.session_state["step.done"] = f"已出具 {done.number}"
            st.rerun()


def _given(one: Ready, prefix: str) -> dict[str, str]:
    """What an issuer adds: the contact, and what no step recorded."""
    names = one.asks if one.to_file else (*one.asks, letters.CONTACT)
    given = {}
    for name in names:
        key = f"{prefix}.{name}"
        if name.endswith("处理意见"):
            given[name] = st.segmented_control(name, OPINIONS, key=key) or ""
        else:
            help_ = "联系人和电话；不填则用本单位上一份文书的" if name == letters.CONTACT else None
            given[name] = st.text_input(name, max_chars=100, key=key, help=help_)
    return given


def _masked(page: Page, file: CaseFile, one: Ready, prefix: str) -> tuple[str | None, bool]:
    """The text that may leave, and whether a person confirmed it."""
    said, spans = letters.to_mask(page.viewer, file.case.id, one.kind, one.event)
    st.markdown("**脱敏确认**　事项概要不得让人认出信访人")
    text = confirm(f"{prefix}.mask", said, spans)
    return text, text is not None
