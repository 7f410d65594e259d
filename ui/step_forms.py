"""The steps open to a person, each with a form drawn from what it records.

Keys carry a generation that grows with each step of ours: a second click on a button that was
taken finds no button, and a refused form keeps all that was typed.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from db.queries.case_file import CaseFile
from domain.errors import Invalid, Refused
from domain.people import Viewer
from domain.statuses import Track
from domain.table import BY_KEY, Step
from domain.workflow import may_assign
from services import clock
from services.records import Kind, Record, choices, fields_of
from services.steps import take_step
from ui import reads
from ui.case_history import readable
from ui.case_state import state_of
from ui.errors import plain
from ui.page import STRANGER, viewer_now
from ui.tables import safe

DONE, REFUSED = "step.done", "step.refused"
EACH = (Kind.FINDINGS, Kind.ANSWERS, Kind.NOTES)  # fields with one value a demand


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that was not taken: the sentence, the faults by field, and what had been typed."""

    case_id: int
    step: str
    words: str
    problems: Mapping[str, str]
    typed: str


def step_forms(file: CaseFile, steps: Sequence[Step], viewer: Viewer) -> None:
    """Draw the way to take a step; one form at a time, the others keep what was typed."""
    refused = _refusal(file.case.id)
    keys = [step.key for step in steps]
    if refused:
        st.error(plain(refused.words), icon=":material/block:")
        if refused.step not in keys and refused.typed:
            st.caption("您填写的内容没有保存，可从这里复制：")
            st.code(refused.typed, language=None, wrap_lines=True)
    if not steps:
        st.caption("目前没有需要您办理的步骤。")
        return
    start = refused.step if refused and refused.step in keys else keys[0]
    step = BY_KEY[_chosen(file.case.id, keys, start)]
    _form(file, step, viewer, refused.problems if refused and refused.step == step.key else {})


def _chosen(case_id: int, keys: Sequence[str], start: str) -> str:
    if len(keys) == 1:
        return keys[0]
    turn = st.session_state.get(f"generation.{case_id}", 0)  # a step taken, the likely one again
    chosen = st.pills("办理步骤", keys, default=start, required=True,
                      key=f"step.{case_id}.{turn}.{'.'.join(keys)}",
                      format_func=lambda key: BY_KEY[key].label)  # fmt: skip
    return chosen or start


def _refusal(case_id: int) -> Refusal | None:
    found: Refusal | None = st.session_state.get(REFUSED)
    return found if found and found.case_id == case_id else None


def _form(file: CaseFile, step: Step, viewer: Viewer, problems: Mapping[str, str]) -> None:
    prefix = _prefix(file.case.id, step.key)
    token = st.session_state.setdefault(f"{prefix}.token", secrets.token_hex(16))
    with st.form(f"{prefix}.form", enter_to_submit=False):
        submission = _submission(file, step, prefix)
        for record, needed in _drawn(file, step):
            draw_field(record, needed, prefix, file, viewer)
            if record.key in problems:
                st.error(plain(problems[record.key]))
        st.form_submit_button(
            f"办理：{step.label}", type="primary", key=f"{prefix}.take", on_click=_take,
            args=(file.case.id, step.key, file.case.version, token, prefix, submission),
        )  # fmt: skip


def _drawn(file: CaseFile, step: Step) -> Iterator[tuple[Record, bool]]:
    """The fields of a step; an opinion on each demand is a petition's alone, and always its."""
    petition = file.case.track == Track.PETITION
    for record, needed in fields_of(step):
        if record.key != "opinions" or petition:
            yield record, needed or record.key == "opinions"


def _prefix(case_id: int, step: str) -> str:
    generation = st.session_state.get(f"generation.{case_id}", 0)
    return f"s.{case_id}.{step}.{generation}"


def _submission(file: CaseFile, step: Step, prefix: str) -> int | None:
    """Which contact the step is for, asked only where it is owed to several."""
    state = state_of(file)
    done = state.done.get(step.counted, frozenset())
    numbers = {s.id: s.no for s in file.submissions
               if (s.id in state.owed or not state.owed) and s.id not in done}  # fmt: skip
    if not step.per_submission or len(numbers) < 2:
        return next(iter(numbers)) if step.per_submission and numbers else None
    st.selectbox("来件", list(numbers), format_func=numbers.__getitem__,
                 key=f"{prefix}.submission", persist_state="page")  # fmt: skip
    return None


def _take(
    case_id: int, step: str, version: int, token: str, prefix: str, submission: int | None
) -> None:
    """Take the step the form was shown for; whatever is refused stays typed."""
    state = st.session_state
    typed = _typed(prefix, BY_KEY[step])
    viewer = viewer_now()
    try:
        if viewer is None:
            raise Refused(STRANGER)
        take_step(viewer, case_id, step, typed, clock.now(), version=version, token=token,
                  submission=submission or state.get(f"{prefix}.submission"))  # fmt: skip
    except Refused as error:
        problems = dict(error.problems) if isinstance(error, Invalid) else {}
        words = "有内容需要修改，尚未办理。" if problems else str(error)
        state[REFUSED] = Refusal(case_id, step, words, problems, _said(step, typed))
        return
    state.pop(REFUSED, None)
    state[f"generation.{case_id}"] = state.get(f"generation.{case_id}", 0) + 1
    state[DONE] = f"已办理“{BY_KEY[step].label}”"


def _typed(prefix: str, step: Step) -> dict[str, Any]:
    """What the form holds, by field; per-demand fields as ordinal → value."""
    out: dict[str, Any] = {}
    for record, _needed in fields_of(step):
        key = f"{prefix}.{record.key}"
        if record.kind in EACH:
            head = f"{key}."
            given = {str(k)[len(head) :]: v for k, v in st.session_state.items()
                     if str(k).startswith(head) and v}  # fmt: skip
            out[record.key] = given
        else:
            out[record.key] = st.session_state.get(key)
    return out


def _said(step: str, typed: Mapping[str, Any]) -> str:
    """What was typed, as lines to copy."""
    lines = []
    for record, _needed in fields_of(BY_KEY[step]):
        value = typed.get(record.key)
        if isinstance(value, dict):
            words = choices(record.key) if record.kind is Kind.FINDINGS else {}
            lines += [f"{record.label} 第{n}项：{words.get(text, text)}"
                      for n, text in sorted(value.items())]  # fmt: skip
        elif value:
            lines.append(f"{record.label}：{readable(record.key, value)}")
    return "\n".join(lines)


def draw_field(
    record: Record, needed: bool, prefix: str, file: CaseFile | None, viewer: Viewer
) -> None:
    """One field by its kind; an optional one says so."""
    flag = record.kind is Kind.FLAG
    label = record.label if needed or flag else f"{record.label}（选填）"
    given: dict[str, Any] = {
        "key": f"{prefix}.{record.key}", "help": record.help or None, "persist_state": "page",
    }  # fmt: skip
    match record.kind:
        case Kind.CHOICE:
            options = choices(record.key)
            st.selectbox(label, list(options), index=None, placeholder="请选择",
                         format_func=options.__getitem__, **given)  # fmt: skip
        case Kind.CHOICES:
            options = choices(record.key)
            st.multiselect(label, list(options), placeholder="请选择，可多选",
                           format_func=options.__getitem__, **given)  # fmt: skip
        case Kind.NOTE:
            st.text_area(label, max_chars=record.limit, height=130, **given)
        case Kind.DATE:
            st.date_input(label, value=None, format="YYYY-MM-DD", **given)
        case Kind.FLAG:
            st.checkbox(label, **given)
        case Kind.UNIT:
            _unit(label, viewer, given)
        case Kind.UNITS:
            _unit(label, viewer, given, several=True)
        case Kind.FINDINGS | Kind.ANSWERS | Kind.NOTES if file:
            _each(record, needed, file, given)
        case _:
            st.text_input(label, max_chars=record.limit, **given)


def _unit(label: str, viewer: Viewer, given: dict[str, Any], several: bool = False) -> None:
    known = {code: u for code, u in reads.units().items() if may_assign(viewer.unit, code)}
    given |= {
        "placeholder": "可输入名称或拼音首字母查找",
        "format_func": lambda code: f"{known[code].listed} {known[code].words}".strip(),
        "filter_mode": "contains",  # keeps the order: a city before its counties
    }
    if several:
        st.multiselect(label, list(known), **given)
    else:
        st.selectbox(label, list(known), index=None, **given)


def _each(record: Record, needed: bool, file: CaseFile, given: dict[str, Any]) -> None:
    """One field a demand, under the demand's own words."""
    optional = "" if needed else "（选填）"
    for demand in file.demands:
        own = given | {"key": f"{given['key']}.{demand.ordinal}"}
        st.html(f'<div class="xf-typed">诉求{demand.ordinal}：{safe(demand.text)}</div>')
        label = f"{record.label}：第{demand.ordinal}项{optional}"
        if record.kind is Kind.FINDINGS:
            options = choices(record.key)
            st.selectbox(label, list(options), index=None, placeholder="请选择",
                         format_func=options.__getitem__, **own)  # fmt: skip
        else:
            st.text_area(label, max_chars=record.limit, height=110, **own)
