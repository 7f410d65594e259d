"""What the tab 关联事项 shows: decided relations, joined contacts, two cases side by side."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from db.queries.case_file import CaseFile
from domain.history import Event
from domain.statuses import Status
from rules import load
from services.duplicates import Suggestion
from ui import reads
from ui.tables import Cell, Column, Html, day, link, mark, safe, table

LINKS = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("关系"), Column("收件日期"),
    Column("状态"),
)  # fmt: skip
# Kind of a link, and whether the other case is the earlier of the two.
RELATIONS = {
    ("repeat", True): "本件重复的前件", ("repeat", False): "重复本件的后件",
    ("reopened", True): "本件由该件重启", ("reopened", False): "该件由本件重启",
}  # fmt: skip
PLAIN = {"related": "关联", "separate": "独立，不是同一件"}


def relation(row: Any) -> str:
    """What another case is to this one, in words."""
    return RELATIONS.get((row.kind, bool(row.earlier))) or PLAIN[row.kind]


def decided(rows: Sequence[Any]) -> str:
    """The related cases a person may see."""
    lines: list[list[Cell]] = [
        [link(r.no, "case", {"id": r.id}), r.title, relation(r), day(r.received_on),
         Status(r.status).label]
        for r in rows
    ]  # fmt: skip
    return table(LINKS, lines, css="xf-cards")


HIDDEN = "您不能查看的事项"
JOINED = (
    Column("原事项", "xf-key"), Column("来件", "xf-wide"), Column("合并日期"), Column("理由"),
)  # fmt: skip


def joined(file: CaseFile, merged: Iterable[Event]) -> str:
    """The cases merged into this one, with the contacts that came from each."""
    numbers = {s.id: s.no for s in file.submissions}
    lines: list[list[Cell]] = [
        [_where(e.data.get("other_no"), e.data["other"]),
         "、".join(numbers.get(one["submission"], "") for one in e.data["joined"]),
         day(e.on), e.data.get("reason")]
        for e in merged
    ]  # fmt: skip
    return table(JOINED, lines, css="xf-cards")


def gone(file: CaseFile) -> str:
    """That the case is part of another now, and the way there."""
    made = next((e for e in reversed(file.history) if e.kind == "merged"), None)
    if made is None:
        return ""
    where = _where(made.data.get("into_no"), file.case.merged_into, css="xf-no")
    why = f"，理由：{safe(made.data['reason'])}" if "reason" in made.data else ""
    return (
        f'<div class="xf-empty" role="status"><b>本件已并入 {safe(where)}</b>'
        "<span>来件、诉求和附件已转到该件，办理、告知和答复都在该件进行。"
        f"合并于 {made.on:%Y-%m-%d}{why}</span></div>"
    )


def _where(no: str | None, case_id: int, css: str = "") -> Cell:
    """The way to another case, for who may see it."""
    return link(no, "case", {"id": case_id}, css=css) if no else HIDDEN


def chips(reasons: Iterable[str]) -> str:
    """Why a case is a candidate."""
    return "".join(f'<span class="xf-chip">{safe(reason)}</span>' for reason in reasons)


def beside(file: CaseFile, one: Suggestion) -> str:
    """This case and a candidate in two columns; what differs in the matter is marked."""
    case = file.case
    own = next((s for s in file.submissions if s.no == case.no), None)
    head = _pair("", case.no, link(one.no, "case", {"id": one.case_id}, css="xf-no"))
    facts = "".join(
        _pair(name, mine, theirs, judged and _text(mine) != _text(theirs))
        for name, mine, theirs, judged in (
            ("标题", case.title, one.title, True),
            ("属地", reads.place(case.place_code), reads.place(one.place), True),
            ("地址", case.address, one.address, True),
            ("对象", case.subject_name, one.subject, True),
            ("类型", _types(file.categories), _types(one.categories), True),
            ("收件", day(case.received_on), day(one.received_on), False),
            ("状态", Status(case.status).label, Status(one.status).label, False),
            ("承办", reads.unit(case.holder_unit), reads.unit(one.holder), False),
            ("内容", own.content if own else "", one.content, True),
        )
    )  # fmt: skip
    return (
        f'<div class="xf-chips">{chips(one.reasons)}</div><dl class="xf-beside">{head}{facts}</dl>'
    )


def _text(value: Cell) -> str:
    return str(value or "").strip()


def _types(keys: Collection[str]) -> str:
    return "、".join(load().label("subcategory", key) for key in sorted(keys))


def _pair(name: str, mine: Cell, theirs: Cell, differs: bool = False) -> str:
    sign = mark("不同", "xf-loud") if differs else Html("")
    css = ' class="xf-differs"' if differs else ""
    return (
        f"<div{css}><dt>{safe(name) if name else ''}{sign}</dt>"
        f'<dd data-label="本件">{safe(mine)}</dd><dd data-label="该件">{safe(theirs)}</dd></div>'
    )
