"""What stands beside the way of a case: orders, leaders, extensions, rectification, reviews.

Read from the history that is shown, so that page and trace cannot differ.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from db.queries.case_file import CaseFile, Entry
from services.records import choices
from ui import reads
from ui.case_history import label
from ui.tables import Cell, Column, day, table

ORDERS = (
    Column("督办", "xf-key"), Column("下达"), Column("事由和要求", "xf-text"), Column("反馈期限"),
    Column("反馈", "xf-text"), Column("办结", "xf-text"),
)  # fmt: skip
LED = (
    Column("事项", "xf-key"), Column("领导"), Column("日期"), Column("内容", "xf-text"),
    Column("期限"), Column("进展", "xf-text"), Column("结果"),
)  # fmt: skip
EXTENDED = (
    Column("申请", "xf-key"), Column("天数", "xf-num"), Column("理由", "xf-text"),
    Column("审批", "xf-text"), Column("告知信访人"),
)  # fmt: skip
PLANNED = (
    Column("整改内容", "xf-text"), Column("责任单位", "xf-text"), Column("完成期限"),
    Column("验收方式", "xf-text"), Column("进展", "xf-text"), Column("销号", "xf-text"),
)  # fmt: skip
JUDGED = (
    Column("事项", "xf-key"), Column("单位"), Column("日期"), Column("结果"),
    Column("意见和理由", "xf-text"), Column("重办期限"),
)  # fmt: skip
REVIEWED = (
    Column("程序", "xf-key"), Column("机关"), Column("申请", "xf-text"), Column("听证", "xf-text"),
    Column("意见", "xf-text"), Column("送达"),
)  # fmt: skip
Rows = list[list[Cell]]


def oversight(file: CaseFile) -> Iterator[tuple[str, str]]:
    """Heading and table of each part the case has anything of."""
    parts: tuple[tuple[str, Sequence[Column], Callable[[Sequence[Entry]], Rows]], ...] = (
        ("督办", ORDERS, _orders), ("领导事项", LED, _led), ("延期", EXTENDED, _extended),
        ("审核与核查", JUDGED, _judged), ("整改", PLANNED, _planned),
        ("复查复核", REVIEWED, _reviewed),
    )  # fmt: skip
    for title, columns, read in parts:
        if rows := read(file.history):
            yield title, table(columns, rows, css="xf-cards")


def _orders(history: Sequence[Entry]) -> Rows:
    rows: Rows = []
    for entry in _of(history, "supervise"):
        data, own = entry.data, [e for e in history if e.data.get("order") == entry.data["order"]]
        closed = _lines(_of(own, "accept_feedback"), "opinion")
        rows.append([
            f"第{data['order']}号 {choices('order_kind').get(data['order_kind'], '')}",
            f"{reads.unit(entry.unit)} {entry.on}",
            f"{data['order_reason']}\n{data['order_demands']}", _day(data.get("order_limit")),
            _lines(_of(own, "feedback"), "feedback") or "未反馈", closed or "未办结",
        ])  # fmt: skip
    return rows


def _led(history: Sequence[Entry]) -> Rows:
    rows: Rows = []
    for entry in _of(history, "instruct", "charge", "reception"):
        data = entry.data
        followed = [e for e in _of(history, "follow_up") if e.data["action"] == data["action"]]
        done = next((e for e in followed if e.data["finished"]), None)
        rows.append([
            f"第{data['action']}项 {label(entry.kind)}",
            f"{reads.unit(entry.unit)} {data['leader']}",
            _day(data.get("instructed_on")) or day(entry.on),
            next((data[k] for k in ("instruction", "promise", "charge_note") if data.get(k)), None),
            _day(data.get("order_limit")), _lines(followed, "progress"),
            f"{done.on} 已落实" if done else "未落实",
        ])  # fmt: skip
    return rows


def _extended(history: Sequence[Entry]) -> Rows:
    rows: Rows = []
    for asked in _of(history, "apply_extension"):
        after = [e for e in history if e.id > asked.id]
        said = next(_of(after, "extend", "refuse_extension"), None)
        data = said.data if said else {}
        why = (data.get("opinion") if said and said.kind == "extend" else data.get("reason")) or ""
        told = (
            f"{data['told_on']} {choices('told_way')[data['told_way']]}"
            if data.get("told_on")
            else None
        )
        rows.append([
            f"{asked.on} {asked.person_name}", asked.data["days"], asked.data["reason"],
            f"{said.on} {said.person_name}{label(said.kind)}\n{why}".strip() if said else "待审批",
            told,
        ])  # fmt: skip
    return rows


JUDGES = {"reject": "退回", "pass_check": "通过", "send_back": "退回重办", "verify": ""}


def _judged(history: Sequence[Entry]) -> Rows:
    """What reviewers and superiors said of a result, as far as they did not just approve it."""
    return [
        [
            label(e.kind), reads.unit(e.unit), day(e.on),
            JUDGES[e.kind] or choices("upheld")[e.data["upheld"]],
            next((e.data[k] for k in ("reason", "opinion", "note") if e.data.get(k)), None),
            _day(e.data.get("redo_by")),
        ]
        for e in _of(history, *JUDGES)
    ]  # fmt: skip


def _planned(history: Sequence[Entry]) -> Rows:
    """Each staged conclusion with what was done before the next one."""
    staged = [e for e in _of(history, "stage") if e.data.get("plan_due")]
    rows: Rows = []
    for entry, following in zip(staged, [*staged[1:], None], strict=False):
        after = [e for e in history if e.id > entry.id and not (following and e.id > following.id)]
        rows.append([
            entry.data.get("plan_item"), entry.data.get("plan_unit"),
            _day(entry.data["plan_due"]), entry.data.get("plan_check"),
            _lines(_of(after, "rectify"), "progress"),
            _lines(_of(after, "verify_rectification"), "proof") or "未销号",
        ])  # fmt: skip
    return rows


def _reviewed(history: Sequence[Entry]) -> Rows:
    rows: Rows = []
    for kind, name in (("review", "复查"), ("re_review", "复核")):
        for asked in _of(history, f"request_{kind}"):
            held = [e for e in _of(history, "hold_hearing") if kind == "re_review"]
            later = [e for e in history if e.id > asked.id]
            said = next(_of(later, f"answer_{kind}"), None)
            told = next(_of(later, f"deliver_{kind}"), None)
            rows.append([
                name, reads.unit(asked.unit), f"{asked.on} {asked.data.get('request', '')}",
                "\n".join(f"{e.on} 不计 {e.data['days']} 日：{e.data['note']}" for e in held),
                f"{said.on} {choices('outcome')[said.data['outcome']]}\n"
                f"{said.data['review_findings']}" if said else "未作出",
                day(told.on) if told else None,
            ])  # fmt: skip
    return rows


def _of(history: Iterable[Entry], *kinds: str) -> Iterator[Entry]:
    return (entry for entry in history if entry.kind in kinds)


def _lines(entries: Iterable[Entry], key: str) -> str:
    """What each of these steps recorded, a line each with its day and unit."""
    return "\n".join(f"{e.on} {reads.unit(e.unit)}：{e.data.get(key) or '—'}" for e in entries)


def _day(text: object) -> Cell:
    return day(date.fromisoformat(str(text))) if text else None
