"""The history of a case in readable Chinese: who, when, what, and what was recorded."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from db.queries.case_file import Entry
from domain.table import GIVING
from domain.workflow import BY_KEY
from rules import load
from services.records import RECORDS, Kind, choices
from ui import reads
from ui.tables import safe

# What is on the record of a case beside its steps.
OTHER = {
    "register": "登记", "attach": "上传附件", "view_identity": "查看信访人身份",
    "confirm_repeat": "确认重复", "download": "导出", "merged": "并入其他事项",
    "separated": "撤销并入", "issue_document": "出具文书", "print_document": "打印文书",
    "rate_intake": "评价登记受理", "link_repeat": "认定重复", "link_related": "认定关联",
    "link_separate": "认定独立", "unlink": "撤销认定", "plan_visit": "安排现场检查",
    "drop_visit": "取消现场检查",
}  # fmt: skip
QUIET = frozenset(
    {"view_identity", "download", "attach", "print_document"}
)  # change nothing of the case
EXTRA = {
    "no": "编号", "article": "依据条款", "document": "文书", "into_no": "并入事项",
    "other_no": "另一事项", "to_no": "新事项",
}  # fmt: skip


def label(kind: str) -> str:
    """What happened in a word."""
    return BY_KEY[kind].label if kind in BY_KEY else OTHER.get(kind, kind)


def history(entries: Sequence[Entry]) -> str:
    """The history, newest first."""
    return f'<ol class="xf-history">{"".join(_line(e) for e in reversed(entries))}</ol>'


def _line(entry: Entry) -> str:
    css = ' class="xf-quiet"' if entry.kind in QUIET else ""
    by = "信访人（查询码）" if petitioners(entry) else entry.person_name
    who = f"{safe(reads.unit(entry.unit))} {safe(by)}"
    on = "" if entry.on == entry.at.date() else f"，发生于 {entry.on:%Y-%m-%d}"
    what = "<br>".join(f"{safe(name)}：{safe(text)}" for name, text in recorded(entry))
    below = f"<p>{what}</p>" if what else ""
    return (
        f"<li{css}><b>{safe(label(entry.kind))}</b>{who} "
        f"<small>{entry.at:%Y-%m-%d %H:%M}{on}</small>{below}</li>"
    )


def petitioners(entry: Entry) -> bool:
    """Whether the petitioner did it, by the query code."""
    return entry.person is None and entry.data.get("rated_by") == "query_code"


def recorded(entry: Entry) -> list[tuple[str, str]]:
    """What a step recorded, as names and readable texts."""
    out = []
    for key, value in entry.data.items():
        if value in (None, "", [], {}, False):
            continue
        if key in RECORDS and entry.kind != "view_identity":
            out.append((RECORDS[key].label, readable(key, value)))
        elif key in EXTRA:
            out.append((EXTRA[key], "是" if value is True else str(value)))
    return out


def readable(key: str, value: Any) -> str:
    """A recorded value as people read it."""
    record = RECORDS[key]
    match record.kind:
        case Kind.FLAG:
            return "是"
        case Kind.UNIT:
            return reads.unit(int(value))
        case Kind.UNITS:
            return "、".join(reads.unit(int(unit)) for unit in value)
        case Kind.CHOICES:
            return "、".join(choices(key).get(str(v), str(v)) for v in value)
        case Kind.CHOICE:
            return choices(key).get(str(value), str(value))
        case Kind.FINDINGS:
            return _each(value, choices(key))
        case Kind.ANSWERS | Kind.NOTES:
            return _each(value, {})
    return str(value)


def _each(value: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return "；".join(f"第{n}项 {words.get(str(v), str(v))}" for n, v in sorted(value.items()))


def chain(entries: Sequence[Entry]) -> str:
    """The units that had the case, one after the other, each with the days it had it."""
    stays = [
        (int(e.data["to"]) if e.kind in GIVING else e.unit, e)
        for e in entries
        if e.kind in ("register", *GIVING, "accept_return")
    ]
    held = [stays[0], *(b for a, b in pairwise(stays) if b[0] != a[0])] if stays else []
    ends = [entry.id for _, entry in held[1:]] + [entries[-1].id + 1] if held else []
    shown = (_stay(*stay, entries, end) for stay, end in zip(held, ends, strict=True))
    return f'<ol class="xf-chain">{"".join(shown)}</ol>'


def _stay(unit: int, entry: Entry, entries: Sequence[Entry], end: int) -> str:
    own = (e for e in entries if e.unit == unit and entry.id < e.id < end)
    signed = next((e for e in own if e.kind == "sign"), None)
    came = "登记" if entry.kind == "register" else f"{label(entry.kind)}到达"
    took = f"<br>签收 {signed.at:%m-%d %H:%M} {safe(signed.person_name)}" if signed else ""
    name = reads.units()[unit].name if unit in reads.units() else str(unit)
    return f"<li><b>{safe(name)}</b><small>{came} {entry.at:%Y-%m-%d %H:%M}{took}</small></li>"


def route_label(key: str | None) -> str:
    """The statutory route in words."""
    return load().label("route", key)
