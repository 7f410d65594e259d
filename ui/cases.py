"""The list of cases: how many, a page of rows, the pager and the file."""

from collections.abc import Mapping
from datetime import date

from db.queries.cases import MOST, PAGE, CaseFilter, CaseRow
from domain.workflow import Status
from rules import load
from ui import reads
from ui.tables import Cell, Column, Html, empty, joined, light, link, mark, safe, table

COLUMNS = (
    Column("编号", "xf-key"), Column("标题", "xf-wide"), Column("属地"), Column("渠道"),
    Column("状态"), Column("最近时限"), Column("余期"),
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
    ways = pager(number, last, "cases", asked.address())
    return (
        f'<div class="xf-pages" role="status"><span>{said} '
        f'<span class="xf-soft">{where}</span></span>{ways}</div>'
    )


def pager(number: int, last: int, page: str, asked: Mapping[str, object]) -> str:
    """First, previous, next and last page of a list, as links."""
    if last <= 1:
        return ""

    def way(label: str, to: int, on: bool) -> str:
        if not on:
            return f'<span class="xf-tab xf-none">{label}</span>'
        given = {**asked, "page": to if to > 1 else ""}
        return str(link(label, page, given, css="xf-tab"))

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
        (row.merged_into is not None, "已并入其他事项", "xf-loud"),
        (row.urgency != "normal", load().label("urgency", row.urgency), "xf-loud"),
        (row.is_group, "群体", ""), (row.is_repeat, "重复", ""), (row.confidential, "保密", ""),
        (row.submissions > 1, f"{row.submissions} 件次", ""),
    )  # fmt: skip
    return joined((mark(label, css) for on, label, css in found if on), "")


def pressing(row: CaseRow, today: date) -> list[Cell]:
    """A row in short: the case with its number, the clock that ends first, how far that is."""
    number = link(row.no, "case", {"id": row.id}, css="xf-no")
    title = Html(f"{marks(row)}{safe(row.title)}<br>{number}{_soft(Status(row.status).label)}")
    return [title, *_pressing(row, today)]


def _soft(text: str) -> str:
    return f' <span class="xf-soft">{safe(text)}</span>'


def _row(row: CaseRow, today: date) -> list[Cell]:
    title = Html(f"{marks(row)}{safe(row.title)}{below(_known(row.subject_name))}")
    number = link(row.no, "case", {"id": row.id}, css="xf-no")
    status = f"{safe(Status(row.status).label)}{below(reads.unit(row.holder_unit))}"
    return [
        Html(f"{number}{below(f'{row.received_on:%Y-%m-%d} 收件')}"), title,
        reads.place(row.place_code), load().label("channel", row.channel), Html(status),
        *_pressing(row, today),
    ]  # fmt: skip


def _pressing(row: CaseRow, today: date) -> tuple[Cell, Cell]:
    """The clock that ends first with its date, and how far that is."""
    if row.clock and row.due_on:
        label = load().clock_labels.get(row.clock, row.clock)
        clock = Html(f"{light(row.shine)}{safe(label)}{below(f'{row.due_on:%Y-%m-%d} 到期')}")
        works = load().calendar.measure(min(row.due_on, today), max(row.due_on, today))
        said = "超期" if row.due_on < today else "还剩" if works else "今天到期"
        return clock, Html(f"{said} <b>{works}</b> 个工作日" if works else said)
    if row.ended_on:
        return Html(f'<span class="xf-soft">已离办{below(f"{row.ended_on:%Y-%m-%d}")}</span>'), None
    return None, None


def _known(subject: str) -> str:
    return "" if subject == "不明" else subject


def below(text: str) -> str:
    """What stands smaller on a second line of a cell."""
    return f'<br><span class="xf-soft">{safe(text)}</span>' if text else ""
