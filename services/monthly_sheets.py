"""The monthly summary as a workbook: one sheet a section and 口径说明."""

from documents.workbook import Column, Kind, Sheet, workbook
from services.monthly_model import Line, Row, Share, Summary

RATES = {
    "dispatch": "按期交办率", "conclude": "按期办结率", "notice": "受理告知率",
    "reply": "按期答复率", "rating": "参评率",
}  # fmt: skip
CONCLUDED = {
    "substantiated": "属实", "mostly": "基本属实", "partly": "部分属实",
    "unsubstantiated": "不属实",
}  # fmt: skip
NAMES = ("总体", "渠道", "污染类型", "行业", "地区", "属实率")


def book(found: Summary) -> bytes:
    """The .xlsx file of a summary; no cell can be a formula."""
    return workbook(sheets(found))


def sheets(found: Summary) -> list[Sheet]:
    """The sheets in the order of the sections."""
    makers = (_overall, _channels, _kinds, _industries, _rows, _outcomes)
    made = [maker(found) for maker in makers]
    lines = [(number, text) for number, text in enumerate(found.notes, 1)]
    columns = (Column("序号", Kind.COUNT), Column("说明", width=100))
    return [*made, Sheet("口径说明", f"{_head(found)}口径说明", columns, lines)]


def _head(found: Summary) -> str:
    return f"{found.unit_name}{found.month.label}"


def _sheet(found: Summary, number: int, columns: list[Column], rows: list[list[object]]) -> Sheet:
    name = NAMES[number - 1]
    title = f"{_head(found)}{name}"
    return Sheet(f"{number} {name}", title, columns, rows, notes=[found.titles[number]])  # type: ignore[arg-type]


def _counts(*labels: str) -> list[Column]:
    return [Column(label, Kind.COUNT) for label in labels]


def _overall(found: Summary) -> Sheet:
    labels = ("上月结存", "本月收件", "办结", "不予受理", "移送", "本月结存")
    columns = [Column("月份"), *_counts(*labels)]
    rows: list[list[object]] = [
        [f.month.label, f.opening, f.received, f.concluded, f.declined, f.transferred, f.closing]
        for f in found.series
    ]
    return _sheet(found, 1, columns, rows)


def _channels(found: Summary) -> Sheet:
    columns = [Column("渠道"), *_counts("件数"), Column("占比"), *_counts("上月", "上年同月"),
               Column("环比"), Column("同比")]  # fmt: skip
    rows: list[list[object]] = [
        [c.label, c.number, c.share, c.before, c.year_ago, c.on_month, c.on_year]
        for c in found.channels
    ]
    return _sheet(found, 2, columns, rows)


def _kinds(found: Summary) -> Sheet:
    columns = [Column("大类"), Column("小类"), *_counts("件数"), Column("占比")]
    rows: list[list[object]] = []
    for kind in found.kinds:
        rows.append([kind.main.label, "合计", kind.main.number, kind.main.share])
        rows += [[kind.main.label, sub.label, sub.number, sub.share] for sub in kind.subs]
    return _sheet(found, 3, columns, rows)


def _industries(found: Summary) -> Sheet:
    def row(line: Line) -> list[object]:
        return [line.label, line.number, line.share]

    columns = [Column("行业"), *_counts("件数"), Column("占比")]
    return _sheet(found, 4, columns, [row(line) for line in found.industries])


def _rows(found: Summary) -> Sheet:
    columns = [Column("地区"), *_counts("收件"), Column("每万人收件", Kind.POINTS),
               *_counts("受理", "办结")]  # fmt: skip
    for label in (*RATES.values(), "满意率"):
        columns += [Column(label), *_counts("分子", "分母")]
    columns += _counts("重复件", "在办", "在办超期")
    return _sheet(found, 5, columns, [_row(row) for row in (found.total, *found.rows)])


def _row(row: Row) -> list[object]:
    cells: list[object] = [row.label, row.received, row.per_ten_thousand]
    cells += [row.accepted, row.concluded]
    for share in (*(row.rates[key] for key in RATES), row.satisfaction):
        cells += _rate(share)
    return [*cells, row.repeats, row.in_hand, row.overdue]


def _rate(share: Share) -> list[object]:
    return [share.text, share.part, share.whole]


def _outcomes(found: Summary) -> Sheet:
    columns = [Column("污染类型"), *_counts("办结", *CONCLUDED.values()), Column("属实率")]
    rows: list[list[object]] = [
        [o.label, o.concluded, *(o.by[key] for key in CONCLUDED), o.true.text]
        for o in (found.outcome, *found.outcomes)
    ]
    check = found.verified
    turned = f"推翻{check.overturned}件"
    rows.append(["省级核查不属实件", check.decided, None, None, None, None, turned])
    return _sheet(found, 6, columns, rows)
