"""批量办理: one step on the cases of a queue's page, each taken or refused by itself."""

import secrets
from typing import Any

import streamlit as st

from db.queries.cases import CaseFilter, CaseRow
from domain.people import Viewer
from domain.table import BY_KEY
from services import batches, clock
from services.records import fields_of
from ui.errors import plain
from ui.page import STRANGER, Page, viewer_now
from ui.step_forms import draw_field

# The queues whose step is the same for many: what is recorded is of the unit, not of the case.
BATCHED = {"sign": "sign", "check": "pass_check", "assign": "assign"}
RESULT, TOKEN = "batch.result", "batch.token"


def batch(page: Page, asked: CaseFilter, rows: list[CaseRow]) -> None:
    """The form of the queue's step over the cases of this page."""
    if result := st.session_state.pop(RESULT, None):
        st.success(result[0], icon=":material/done_all:")
        for words in result[1]:
            st.warning(plain(words))
    step = BY_KEY.get(BATCHED.get(asked.queue, ""))
    if step is None or asked.at != page.viewer.unit or not rows:
        return
    if not page.viewer.has(*step.roles):
        return
    shown = {row.id: row for row in rows}
    token = st.session_state.setdefault(TOKEN, secrets.token_hex(16))
    with st.expander(f"批量办理：{step.label}"), st.form("batch.form", enter_to_submit=False):
        st.multiselect("事项", list(shown), default=list(shown), key=f"batch.{token}.cases",
                       format_func=lambda one: f"{shown[one].no}　{shown[one].title}")  # fmt: skip
        for record, needed in fields_of(step):
            draw_field(record, needed, f"batch.{token}", None, page.viewer)
        st.form_submit_button(f"全部办理：{step.label}", type="primary", on_click=_take,
                              args=(step.key, token, shown))  # fmt: skip


def _take(key: str, token: str, shown: dict[int, CaseRow]) -> None:
    viewer: Viewer | None = viewer_now()
    if viewer is None:
        st.session_state[RESULT] = ("没有办理", [STRANGER])
        return
    step, state = BY_KEY[key], st.session_state
    chosen = [one for one in state.get(f"batch.{token}.cases", []) if one in shown]
    data: dict[str, Any] = {r.key: state.get(f"batch.{token}.{r.key}") for r, _ in fields_of(step)}
    bar = st.progress(0.0, "正在办理")

    def told(done: int, all_: int) -> None:
        bar.progress(done / all_, f"已办理 {done}/{all_}")

    versions = {one: shown[one].version for one in chosen}
    refused = batches.take_many(viewer, versions, key, data, clock.now(), token=token,
                                progress=told)  # fmt: skip
    said = [f"{shown[one].no}：{why}" for one, why in refused.items()]
    state[RESULT] = (f"已办理 {len(chosen) - len(refused)} 件，未办理 {len(refused)} 件", said)
    if len(refused) < len(chosen):
        state.pop(TOKEN, None)  # what was typed stays only where nothing was taken
