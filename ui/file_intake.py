"""文件导入: the uploaded ledger and its mapping, field by field."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import streamlit as st

from domain.people import Viewer
from intake.fields import FIELDS, Kind
from intake.model import Cell, Mapping
from rules import load
from services import importing
from services.importing import Examined, Imported, Ledger
from ui.division_picker import labels
from ui.entry import categories, starred
from ui.errors import plain

FIRST = ("received_at", "source_no", "content", "title", "demands", "division", "address",
         "subject", "categories", "industry", "repeat", "urgency", "name", "phone")  # fmt: skip
OTHERS = tuple(key for key in FIELDS if key not in (*FIRST, "subchannel", "registered_by", "group"))
FIXED = ("division", "categories", "industry", "repeat", "urgency", "time_pattern")
JOINED = (Kind.TEXT, Kind.LIST, Kind.WORDS)
CODES = ("source_no", "phone", "id_number", "credit_code", "recording_no")
ORDERS = {"ymd": "年-月-日", "mdy": "月/日/年（美式）", "dmy": "日/月/年"}
LEFT_BLANK = "（留空）"
SHOWN = 60  # unknown words of one field shown for mapping by hand


@dataclass
class Work:
    """One upload on its way."""

    sign: str  # which file, sheet and sub-channel
    ledger: Ledger
    mapping: Mapping  # as proposed
    examined: Examined | None = None
    done: Imported | None = None

    def key(self, *parts: str) -> str:
        """The key of a widget that belongs to this upload."""
        return "_".join(("file", self.sign, *parts))


def work(viewer: Viewer, upload: Any, subchannel: str) -> Work:
    """The upload read once; another file, sheet or sub-channel begins anew."""
    of, sheet = st.session_state.get("file_sheet", ("", ""))
    sheet = sheet if of == upload.file_id else ""  # another file has sheets of its own
    sign = f"{upload.file_id}_{subchannel}_{sheet}"
    held = st.session_state.get("file_work")
    if held is None or held.sign != sign:
        with st.spinner("正在读取文件…"):
            ledger = importing.open_file(viewer, upload.getvalue(), upload.name, sheet)
        mapping = importing.propose_for(viewer, ledger, subchannel)
        held = st.session_state["file_work"] = Work(sign, ledger, mapping)
    return held


def choose_sheet(held: Work, file_id: str) -> None:
    """Another sheet of the workbook, where there are several."""
    table = held.ledger.table
    if len(table.sheets) > 1:
        at, key = table.sheets.index(table.sheet), held.key("sheet")
        given = (key, file_id)
        st.selectbox("工作表", table.sheets, index=at, key=key, on_change=_sheet, args=given)


def _sheet(key: str, file_id: str) -> None:
    st.session_state["file_sheet"] = (file_id, st.session_state[key])


def preview(held: Work) -> None:
    """The first rows as they were read; text stays text."""
    table = held.ledger.table
    rows = [[_shown(cell) for cell in row] for row in table.rows[:8] if row]
    st.caption(f"{plain(held.ledger.name)}：{table.filled} 行，{len(table.headers)} 列；前几行如下")
    st.dataframe(pd.DataFrame(rows, columns=list(table.headers)), hide_index=True, height=220)


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def mapping_form(held: Work) -> Mapping:
    """Our fields, each with the columns that say it; fixed values; words by hand."""
    chosen: dict[str, Sequence[str]] = {}
    st.markdown("**列对应**　左边是本系统的字段，选出文件中对应的列；已按列名和上次的方案填好")
    _grid(held, FIRST, chosen)
    with st.expander("其他字段", expanded=any(_columns(held.mapping, key) for key in OTHERS)):
        _grid(held, OTHERS, chosen)
    order = held.mapping.date_order
    if chosen["received_at"]:
        order = st.segmented_control(
            "日期写法（04/18/2019 之类须选明次序）", list(ORDERS), default=order,
            key=held.key("order"), required=True, format_func=lambda key: ORDERS[key],
        ) or order  # fmt: skip
    columns = _once(chosen)
    mapping = Mapping(columns, held.mapping.values, _fixed(held, columns), order)
    return Mapping(columns, _words(held, mapping), mapping.fixed, order)


def _once(chosen: Map[str, Sequence[str]]) -> dict[str, str]:
    """Column → field; a column is read into one field only, and a second wish is told."""
    columns: dict[str, str] = {}
    for key, headers in chosen.items():
        for header in headers:
            if header in columns:
                first, second = FIELDS[columns[header]].label, FIELDS[key].label
                st.warning(
                    plain(f"列“{header}”只能对应一个字段：已用于“{first}”，未用于“{second}”。")
                )
            columns.setdefault(header, key)
    return columns


def _grid(held: Work, keys: Sequence[str], chosen: dict[str, Sequence[str]]) -> None:
    for at in range(0, len(keys), 3):
        for column, key in zip(st.columns(3), keys[at : at + 3], strict=False):
            with column:
                chosen[key] = _pick(held, key)


def _pick(held: Work, key: str) -> Sequence[str]:
    """The columns of one field: several where texts may be joined, else one."""
    headers, now = held.ledger.table.headers, _columns(held.mapping, key)
    label = starred(key, FIELDS[key].label)
    if FIELDS[key].kind in JOINED and key not in CODES:
        return st.multiselect(label, headers, default=now, key=held.key("of", key),
                              placeholder="选择列，可多列合并", select_all=False)  # fmt: skip
    index = headers.index(now[0]) if now else None
    one = st.selectbox(label, headers, index=index, key=held.key("of", key), placeholder="选择列")
    return [one] if one else []


def _columns(mapping: Mapping, key: str) -> list[str]:
    return [header for header, of in mapping.columns.items() if of == key]


def _fixed(held: Work, columns: Map[str, str]) -> dict[str, str]:
    """One value for the whole file, for fields no column says or whose cells are blank."""
    fixed = {}
    with st.expander("整份文件用同一个值（文件中没有该列，或单元格空白时使用）",
                     expanded=bool(held.mapping.fixed)):  # fmt: skip
        for at in range(0, len(FIXED), 3):
            for column, key in zip(st.columns(3), FIXED[at : at + 3], strict=True):
                with column:
                    fixed[key] = _one_value(held, key)
    return {key: value for key, value in fixed.items() if value}


def _one_value(held: Work, key: str) -> str:
    given, choices = held.mapping.fixed.get(key, ""), options(key)
    label, at = FIELDS[key].label, held.key("fixed", key)
    if key == "categories":
        before = [one for one in given.split(",") if one in choices]
        picked = st.multiselect(label, list(choices), default=before, key=at, select_all=False,
                                format_func=lambda k: choices[k], placeholder="不固定")  # fmt: skip
        return ",".join(picked)
    index = list(choices).index(given) if given in choices else None
    return st.selectbox(label, list(choices), index=index, key=at, placeholder="不固定",
                        format_func=lambda k: choices[k]) or ""  # fmt: skip


def _words(held: Work, mapping: Mapping) -> dict[str, dict[str, str]]:
    """The file's own words for closed fields, each turned into ours by hand."""
    values = {key: dict(words) for key, words in mapping.values.items()}
    bare = Mapping(mapping.columns, {}, mapping.fixed, mapping.date_order)
    for key, words in importing.unknown(held.ledger, bare).items():
        mine = values.setdefault(key, {})
        head = f"值对应：{FIELDS[key].label}，有 {len(words)} 个说法需要选定"
        with st.expander(head, expanded=any(word not in mine for word, _ in words)):
            values[key] = {**mine, **_by_hand(held, key, words, mine)}
    return {key: words for key, words in values.items() if words}


def _by_hand(
    held: Work, key: str, words: Sequence[tuple[str, int]], mine: Map[str, str]
) -> dict[str, str]:
    choices = {"": LEFT_BLANK, **options(key)}
    rest = st.selectbox(
        "未逐个选定的一律作为", list(choices), index=None, key=held.key("rest", key),
        format_func=lambda k: choices[k], placeholder="不统一，逐个选定",
    )  # fmt: skip
    out = {}
    for at in range(0, min(len(words), SHOWN), 3):
        for column, (word, count) in zip(st.columns(3), words[at : at + 3], strict=False):
            before = mine.get(word)
            index = list(choices).index(before) if before in choices else None
            picked = column.selectbox(
                plain(f"{word[:40]}（{count} 行）"), list(choices), index=index,
                key=held.key("word", key, word), format_func=lambda k: choices[k],
                placeholder=choices[rest] if rest is not None else "请选择",
            )  # fmt: skip
            if picked is not None:
                out[word] = picked
    if rest is not None:
        out = dict.fromkeys((word for word, _ in words), rest) | out
    if len(words) > SHOWN and rest is None:
        st.caption(f"另有 {len(words) - SHOWN} 个说法未列出；可先选“未逐个选定的一律作为”。")
    return out


@cache
def options(key: str) -> dict[str, str]:
    """Our own values of a closed field with the labels they are found by."""
    if key == "division":
        return {str(code): label for code, label in labels().items()}
    if key == "categories":
        return categories()
    if FIELDS[key].kind is Kind.FLAG:
        return {"0": "初次", "1": "重复"} if key == "repeat" else {"0": "否", "1": "是"}
    return load().options(key)
