"""The filters of the list of cases: widgets that read from the address and write to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from db.queries.cases import CaseFilter
from db.queries.metrics import METRICS, Shine
from db.queries.queues import QUEUES
from domain.people import Level
from domain.scope import Scope
from domain.statuses import CONCLUSIONS
from domain.workflow import Status, Track
from rules import load
from ui import reads
from ui.tables import link, safe

MARKS = {
    "repeat": "重复", "group": "群体", "anonymous": "匿名", "confidential": "保密",
    "urgent": "紧急",
}  # fmt: skip
SORTS = {
    "received": "收件时间，新的在前", "oldest": "收件时间，旧的在前",
    "newest": "登记先后，新的在前", "due": "到期先后，急的在前",
}  # fmt: skip
DATES = ("first", "last")
TEXTS = ("q", "no", "source")
CHOICES = (
    "place", "unit", "channel", "category", "status", "track", "light", "clock", "mark", "sort",
)  # fmt: skip
SHOWN = (*TEXTS, *CHOICES, *DATES)
URL = "cases.url"


@dataclass(frozen=True, slots=True)
class Labels:
    """Key → label of every choice."""

    of: Mapping[str, Mapping[str, str]]

    def say(self, name: str, value: object) -> str:
        """The label of a value, the value itself where it is unknown."""
        return self.of.get(name, {}).get(str(value), str(value))


@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def labels(scope: Scope, digest: str) -> Labels:
    """The choices of a scope: only the units a person may see are offered."""
    rules, known = load(), reads.units()
    seen = {str(c): u for c, u in known.items() if scope.covers(c)}
    categories = {c.key: c.label for c in rules.categories} | {
        s.key: f"{rules.category(s.category).label}·{s.label}" for s in rules.subcategories
    }
    return Labels(
        {
            "place": {c: _spelled(u.listed, u.words) for c, u in seen.items()
                      if u.level is not Level.PROVINCE},
            "unit": {c: _spelled(u.listed, u.words) for c, u in seen.items()},
            "channel": rules.options("channel"), "category": categories,
            "status": {s.value: s.label for s in Status},
            "track": {t.value: t.label for t in Track},
            "light": {s.value: f"{s.label}（{s.meaning}）" for s in Shine},
            "clock": dict(rules.clock_labels) | {"conclude": "办结（各类程序）"},
            "mark": MARKS, "sort": SORTS,
        }
    )  # fmt: skip


def _spelled(name: str, words: str) -> str:
    return f"{name}（{words.split()[-1]}）" if words else name


def asked_of_address() -> CaseFilter:
    """The filter the address asks for."""
    return CaseFilter.of(st.query_params.to_dict())


def page_number() -> int:
    """The page of the list the address asks for."""
    text = st.query_params.get("page", "")
    return max(1, int(text)) if text.isdigit() and len(text) < 6 else 1


def filters(asked: CaseFilter, known: Labels) -> None:
    """Draw the filters; a change goes into the address, and the address into the filters."""
    _take_over(asked)
    first = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    _text(first[0], "q", "关键词", "标题、内容、被反映对象、地址；多个词用空格隔开")
    _choice(first[1], "place", "属地", known)
    _choice(first[2], "status", "状态", known)
    _choice(first[3], "light", "灯色", known)
    used = [n for n in SHOWN if n not in ("q", "place", "status", "light") and getattr(asked, n)]
    with st.expander(f"更多条件{f'（已用 {len(used)} 项）' if used else ''}", expanded=bool(used)):
        second = st.columns(4)
        _choice(second[0], "clock", "时限", known)
        _choice(second[1], "unit", "承办单位", known)
        _choice(second[2], "channel", "渠道", known)
        _choice(second[3], "category", "污染类型", known)
        third = st.columns(4)
        _date(third[0], "first", "收件自")
        _date(third[1], "last", "收件至")
        _choice(third[2], "track", "法定途径", known)
        _choice(third[3], "mark", "标记", known)
        last = st.columns(4)
        _text(last[0], "no", "事项编号", "完整编号")
        _text(last[1], "source", "来源编号", "原台账中的编号")
        _choice(last[2], "sort", "排序", known)


def _take_over(asked: CaseFilter) -> None:
    """The widgets follow the address when it was changed by a link, or by going back."""
    now = asked.address()
    if st.session_state.get(URL) == now and all(_key(n) in st.session_state for n in SHOWN):
        return
    st.session_state[URL] = now
    for name in SHOWN:
        value = getattr(asked, name)
        if name in CHOICES:
            value = str(value) if value else None
        st.session_state[_key(name)] = value


def _key(name: str) -> str:
    return f"cases.{name}"


def _write() -> None:
    """A filter was changed: say so in the address, from the first page on."""
    asked = asked_of_address()
    changes: dict[str, Any] = {}
    for name in SHOWN:
        value = st.session_state.get(_key(name))
        if name in TEXTS:
            value = (value or "").strip()
        elif name in CHOICES:
            value = (int(value) if name in ("place", "unit") else value) if value else None
            value = value if name in ("place", "unit") else value or ""
        changes[name] = value
    now = replace(asked, **changes).address()
    st.session_state[URL] = now
    st.query_params.from_dict(now)


def _text(box: Any, name: str, label: str, hint: str) -> None:
    box.text_input(label, key=_key(name), on_change=_write, max_chars=100, placeholder=hint)


def _choice(box: Any, name: str, label: str, known: Labels) -> None:
    options = list(known.of[name])
    current = st.session_state[_key(name)]
    if current and current not in options:  # of an address made elsewhere: shown, not lost
        options.append(current)
    box.selectbox(label, options, key=_key(name), on_change=_write, index=None,
                  placeholder="不限", format_func=lambda value: known.say(name, value))  # fmt: skip


def _date(box: Any, name: str, label: str) -> None:
    box.date_input(label, key=_key(name), value=None, on_change=_write, format="YYYY-MM-DD",
                   min_value=date(2018, 1, 1), max_value=date(2035, 12, 31))  # fmt: skip


def chips(asked: CaseFilter) -> str:
    """What is asked for beside the widgets (a link from a board or a map), and the way out."""
    words = []
    if asked.metric in METRICS:
        words.append(f"口径：{METRICS[asked.metric].label}")
    if asked.queue in QUEUES and asked.at:
        words.append(f"{reads.unit(asked.at)}{QUEUES[asked.queue].label}")
    if asked.duty:
        words.append(f"时限责任单位：{reads.unit(asked.duty)}{'（本级）' if asked.own else ''}")
    if asked.due_first or asked.due_last:
        days = dict.fromkeys(str(d) for d in (asked.due_first, asked.due_last) if d)
        words.append(f"到期日：{' 至 '.join(days)}")
    if asked.industry:
        words.append(f"行业：{load().label('industry', asked.industry)}")
    if asked.conclusion:
        words.append(f"结论：{CONCLUSIONS.get(asked.conclusion, asked.conclusion)}")
    if asked.subchannel:
        words.append(f"子渠道：{load().label('subchannel', asked.subchannel)}")
    marks = "".join(f'<span class="xf-chip">{word}</span>' for word in map(safe, words))
    if not asked.address():
        return ""
    return f'<div class="xf-asked">{marks}{link("清除全部条件", "cases")}</div>'
