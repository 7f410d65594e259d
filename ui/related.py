"""关联事项 on the case page: what other cases are to this one, decided, merged and taken back."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from db.queries.case_file import CaseFile
from domain.errors import Refused
from domain.people import Viewer
from domain.statuses import Status
from domain.table import BY_KEY
from domain.workflow import refusal
from services import clock, duplicates, relating
from services.duplicates import Suggestion
from services.merged_rows import standing
from services.merging import merge, separate
from services.registration import Registered
from services.reopening import reopen
from ui import reads, related_view
from ui.case_state import events_of, state_of
from ui.errors import plain
from ui.page import STRANGER, Page, viewer_now
from ui.step_forms import DONE
from ui.tables import empty

Act = Callable[[Viewer, str, datetime, str], object]  # viewer, reason, now, token
SAID, ANEW = "related.refused", "related.reopened"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an act stands on the page: its case, and the beginning of its fields' keys."""

    case_id: int
    prefix: str


def relations(page: Page, file: CaseFile) -> None:
    """The tab: where it went or what joined it, decisions, candidates, and reopening."""
    if file.case.merged_into is not None:
        st.html(related_view.gone(file))
        return
    shown = _joined(page, file)
    shown |= _decided(page, file)
    if relating.may_relate(page.viewer, file.case.holder_unit):
        found = duplicates.beside(page.viewer, file.case.id)
        shown |= bool(found)
        if found:
            st.subheader(f"疑似重复 {len(found)} 件", anchor=False)
        for one in found:
            _candidate(file, one)
    if not shown:
        st.html(empty("没有关联事项"))
    _reopen(page, file)


def _spot(file: CaseFile, name: str) -> Spot:
    turn = st.session_state.get(f"generation.{file.case.id}", 0)
    return Spot(file.case.id, f"r.{file.case.id}.{name}.{turn}")


def _may(page: Page, file: CaseFile, step: str) -> bool:
    return refusal(BY_KEY[step], state_of(file), page.viewer) is None


# --- what was merged into it, what was decided


def _joined(page: Page, file: CaseFile) -> bool:
    merged = standing(events_of(file))
    if not merged:
        return False
    st.subheader("并入的来件", anchor=False)
    st.html(related_view.joined(file, merged))
    if _may(page, file, "separate"):
        with st.expander("撤销合并"):
            _separation(page, file, [e.data["other"] for e in merged])
    return True


def _separation(page: Page, file: CaseFile, ids: Sequence[int]) -> None:
    """Of those the viewer sees; the others are undone by a superior of both."""
    seen = (reads.case_file(page.scope, number) for number in ids)
    cases = {one.case.id: one.case for one in seen if one}
    spot = _spot(file, "separate")

    def act(viewer: Viewer, reason: str, now: datetime, token: str) -> None:
        other = cases[st.session_state[f"{spot.prefix}.other"]]
        separate(viewer, file.case.id, other.id, reason, now, main_version=file.case.version,
                 other_version=other.version, token=token)  # fmt: skip

    with st.form(f"{spot.prefix}.form", border=False, enter_to_submit=False):
        st.selectbox("原事项", list(cases), format_func=lambda number: cases[number].no,
                     key=f"{spot.prefix}.other", persist_state="page")  # fmt: skip
        _reason(spot)
        _button("撤销合并", spot, act, "已撤销合并")


def _decided(page: Page, file: CaseFile) -> bool:
    if not file.links:
        return False
    st.subheader("已认定", anchor=False)
    st.html(related_view.decided(file.links))
    undone = {r.id: f"{r.no} · {related_view.relation(r)}"
              for r in file.links if r.kind != "reopened"}  # fmt: skip
    if undone and relating.may_relate(page.viewer, file.case.holder_unit):
        with st.expander("撤销认定"):
            _undoing(file, undone)
    return True


def _undoing(file: CaseFile, names: Mapping[int, str]) -> None:
    spot = _spot(file, "unlink")

    def act(viewer: Viewer, reason: str, now: datetime, _token: str) -> None:
        other = st.session_state[f"{spot.prefix}.other"]
        relating.unlink(viewer, file.case.id, other, reason, now)

    with st.form(f"{spot.prefix}.form", border=False, enter_to_submit=False):
        st.selectbox("事项", list(names), format_func=names.__getitem__,
                     key=f"{spot.prefix}.other", persist_state="page")  # fmt: skip
        _reason(spot)
        _button("撤销认定", spot, act, "已撤销认定")


# --- candidates


def _candidate(file: CaseFile, one: Suggestion) -> None:
    spot = _spot(file, str(one.case_id))
    with st.container(border=True):
        st.html(related_view.beside(file, one))
        with st.form(f"{spot.prefix}.form", border=False, enter_to_submit=False):
            _reason(spot)
            if open_ := _mergeable(file, one):
                first, second = sorted(((file.case.received_on, file.case.id, file.case.no),
                                        (one.received_on, one.case_id, one.no)))  # fmt: skip
                names = {first[1]: first[2], second[1]: second[2]}
                st.radio("合并时的主件", list(names), horizontal=True, persist_state="page",
                         format_func=names.__getitem__, key=f"{spot.prefix}.main")  # fmt: skip
            _choices(file, one, spot, open_)


def _mergeable(file: CaseFile, one: Suggestion) -> bool:
    return {Status(file.case.status), Status(one.status)} <= BY_KEY["merge"].sources


def _choices(file: CaseFile, one: Suggestion, spot: Spot, open_: bool) -> None:
    """The decisions side by side, one below the other on a phone."""
    kinds = list(relating.KINDS.items())
    columns = iter(st.columns(len(kinds) + open_))
    if open_:
        with next(columns):
            _button(
                "合并",
                spot,
                _merging(file, one, spot),
                f"已与 {one.no} 合并",
                primary=True,
                wide=True,
            )
    for kind, label in kinds:
        with next(columns):
            _button(
                label, spot, _linking(file, one, kind), f"已认定 {one.no} 为“{label}”", wide=True
            )


def _merging(file: CaseFile, one: Suggestion, spot: Spot) -> Act:
    versions = {file.case.id: file.case.version, one.case_id: one.version}

    def act(viewer: Viewer, reason: str, now: datetime, token: str) -> None:
        main = st.session_state[f"{spot.prefix}.main"]
        [other] = versions.keys() - {main}
        merge(viewer, main, other, reason, now, main_version=versions[main],
              other_version=versions[other], token=token)  # fmt: skip

    return act


def _linking(file: CaseFile, one: Suggestion, kind: str) -> Act:
    return lambda viewer, reason, now, _token: relating.link(
        viewer, file.case.id, one.case_id, kind, reason, now
    )


# --- reopening


def _reopen(page: Page, file: CaseFile) -> None:
    done: tuple[int, Registered] | None = st.session_state.get(ANEW)
    if done and done[0] == file.case.id:
        code = f"{done[1].query_code[:4]} {done[1].query_code[4:]}"
        st.success(plain(f"已重启为 {done[1].no}，新的查询码 {code}，请告诉信访人。"))
    if not _may(page, file, "reopen"):
        return
    spot = _spot(file, "reopen")
    numbers = {s.id: s.no for s in file.submissions}

    def act(viewer: Viewer, reason: str, now: datetime, token: str) -> None:
        made = reopen(viewer, file.case.id, reason, now, version=file.case.version, token=token,
                      submission=st.session_state[f"{spot.prefix}.contact"])  # fmt: skip
        st.session_state[ANEW] = (file.case.id, made)

    with st.expander("重启为新事项"):
        st.caption("以同样的内容、对象、属地和信访人登记一件新事项；本件的办理和时限不变。")
        with st.form(f"{spot.prefix}.form", border=False, enter_to_submit=False):
            st.selectbox("来件", list(numbers), format_func=numbers.__getitem__,
                         key=f"{spot.prefix}.contact", persist_state="page")  # fmt: skip
            _reason(spot)
            _button("重启", spot, act, "已重启为新事项", primary=True)


# --- a reason, a button, and what becomes of it


def _reason(spot: Spot) -> None:
    refused: tuple[Spot, str] | None = st.session_state.get(SAID)
    if refused and refused[0] == spot:
        st.error(plain(refused[1]), icon=":material/block:")
    st.text_input("理由", max_chars=relating.LONGEST, key=f"{spot.prefix}.reason",
                  persist_state="page")  # fmt: skip


def _button(
    label: str, spot: Spot, act: Act, done: str, *, primary: bool = False, wide: bool = False
) -> None:
    st.session_state.setdefault(f"{spot.prefix}.token", secrets.token_hex(16))
    st.form_submit_button(
        label, key=f"{spot.prefix}.{label}", type="primary" if primary else "secondary",
        width="stretch" if wide else "content", on_click=_take, args=(spot, act, done),
    )  # fmt: skip


def _take(spot: Spot, act: Act, done: str) -> None:
    """What the button says, by the person who is there now; whatever is refused stays typed."""
    state, viewer = st.session_state, viewer_now()
    try:
        if viewer is None:
            raise Refused(STRANGER)
        said, token = state.get(f"{spot.prefix}.reason") or "", state[f"{spot.prefix}.token"]
        act(viewer, said, clock.now(), token)
    except Refused as error:
        state[SAID] = (spot, str(error))
        return
    state.pop(SAID, None)
    turn = f"generation.{spot.case_id}"
    state[turn] = state.get(turn, 0) + 1
    state[DONE] = done
