"""The list of cases: how many, a page of rows, the pager and the file."""

from datetime import date

from db.queries.cases import MOST, PAGE, CaseFilter, CaseRow
from domain.workflow import Status
from rules import load
from ui import reads
from ui.board_parts import distance
from ui.tables import Cell, Column, Html, day, empty, joined, light, link, mark, safe, table

COLUMNS = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("属地"), Column("渠道"),
    Column("收件日期"), Column("状态"), Column("承办单位"), Column("最近时限"), Column("到期日"),
)  # fmt: skip


def summary(count: int, number: int, asked: CaseFilter) -> str:
    """How many were found, which of them are shown, and the way to the others."""
    if not count:
        return ""
    shown = min(count, MOST)
    last = -(-shown // PAGE)
    number = min(number, last)
    said = f"超过 {MOST:,} 件，可翻阅前 {MOST:,} 件；请增加条件缩小范围" if count > MOST else (
        f"共 <b>{count:,}</b> 件"
    )  # fmt: skip
    where = f"第 {(number - 1) * PAGE + 1:,}–{min(number * PAGE, shown):,} 件" if last > 1 else ""
    return (
        f'<div class="xf-pages" role="status"><span>{said} '
        f'<span class="xf-soft">{where}</span></span>{pager(number, last, asked)}</div>'
    )


def pager(number: int, last: int, asked: CaseFilter) -> str:
    """First, previous, next and last page, as links."""
    if last <= 1:
        return ""

    def way(label: str, to: int, on: bool) -> str:
        if not on:
            return f'<span class="xf-tab xf-none">{label}</span>'
        given: dict[str, object] = {**asked.address(), "page": to if to > 1 else ""}
        return str(link(label, "cases", given, css="xf-tab"))

    ways = (
        way("首页", 1, number > 1), way("上一页", number - 1, number > 1),
        f'<span class="xf-soft">{number:,} / {last:,}</span>',
        way("下一页", number + 1, number < last), way("末页", last, number < last),
    )  # fmt: skip
    return f'<span class="xf-ways">{"".join(ways)}</span>'


def listing(rows: list[CaseRow], asked: CaseFilter, today: date) -> str:
    """The rows as a table, as cards on a phone; or what to try when there is none."""
    if not rows:
        hint = (
            "请检查编号是否完整，或减少条件后再试。"
            if asked.address()
            else "来件登记后会出现在这里。"
        )
        return empty("没有符合条件的事项", hint)
    return table(COLUMNS, [_row(row, today) for row in rows], css="xf-cards xf-cases")


def marks(row: CaseRow) -> Html:
    """The marks of a case in the order of their weight."""
    found = (
        (row.urgency != "normal", load().label("urgency", row.urgency), "xf-loud"),
        (row.is_group, "群体", ""), (row.is_repeat, "重复", ""), (row.confidential, "保密", ""),
        (row.submissions > 1, f"{row.submissions} 件次", ""),
    )  # fmt: skip
    return joined((mark(label, css) for on, label, css in found if on), "")


def _row(row: CaseRow, today: date) -> list[Cell]:
    rules = load()
    subject = "" if row.subject_name == "不明" else row.subject_name
    title = Html(
        f"{marks(row)}{safe(row.title)}"
        + (f'<br><span class="xf-soft">{safe(subject)}</span>' if subject else "")
    )
    pressing: Cell = None
    when: Cell = None
    if row.clock and row.due_on:
        pressing = joined((light(row.shine), rules.clock_labels.get(row.clock, row.clock)), "")
        said = "超期" if row.due_on < today else "还剩"
        when = Html(f"{day(row.due_on)}<br><span class='xf-soft'>{said} "
                    f"{distance(row.due_on, today)}</span>")  # fmt: skip
    elif row.ended_on:
        pressing = Html('<span class="xf-soft">已离办</span>')
        when = day(row.ended_on)
    return [
        link(row.no, "case", {"id": row.id}, css="xf-no"), title, reads.place(row.place_code),
        rules.label("channel", row.channel), day(row.received_on), Status(row.status).label,
        reads.unit(row.holder_unit), pressing, when,
    ]  # fmt: skip
