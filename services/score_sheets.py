"""Scores as Excel: the league of a run, and one city's sheet with every deducted item."""

from collections.abc import Sequence
from typing import cast

from documents.workbook import Cell, Column, Kind, Sheet, workbook
from domain.people import Viewer
from services import scoring
from services.scoring import Run

POINTS, COUNT, PERCENT, DATE = Kind.POINTS, Kind.COUNT, Kind.PERCENT, Kind.DATE


def notes(run: Run) -> list[str]:
    """What a reader of the file must know of the run."""
    return [
        f"{run.state_label}　第{run.ordinal}次评分　取数截至{run.snapshot_at:%Y-%m-%d %H:%M}",
        f"规则版本 {run.rules_version}　日历版本 {run.calendar_version}　摘要 {run.digest}",
    ]


def league_book(run: Run, sheets: Sequence[scoring.Sheet]) -> bytes:
    """The league as a workbook."""
    areas = [Column(area.label, POINTS) for area in run.method.areas]
    head = [Column("名次", COUNT), Column("单位"), Column("总分", POINTS), Column("等次")]
    tail = [Column("登记件", COUNT), Column("应办结", COUNT), Column("说明")]
    rows: list[list[Cell]] = [
        [s.rank, s.name, s.total, s.grade, *(a.points for a in s.areas), s.received, s.due, s.note]
        for s in sheets
    ]
    means: list[Cell] = [run.means.areas.get(area.key) for area in run.method.areas]
    rows.append([None, "全省均值", run.means.total, "", *means, None, None, ""])
    return workbook([Sheet("成绩", f"{run.period.label}考核评分", [*head, *areas, *tail], rows,
                           notes(run))])  # fmt: skip


def sheet_book(viewer: Viewer, run: Run, sheet: scoring.Sheet) -> bytes:
    """One city's sheet and its items as a workbook."""
    title = f"{sheet.name}{run.period.label}考核评分表"
    items = scoring.items(viewer, run, sheet.unit)
    lines = Sheet("评分表", title, LINES, [_line(line) for line in sheet.lines], notes(run))
    lost = Sheet("扣分事项", f"{title}扣分事项", ITEMS, [_item(one) for one in items], notes(run))
    return workbook([lines, lost])


LINES = (
    Column("代码"), Column("指标"), Column("分值", POINTS), Column("本期分值", POINTS),
    Column("分子", COUNT), Column("分母", COUNT), Column("比率", PERCENT), Column("标准"),
    Column("得分", POINTS), Column("失分", POINTS), Column("全省均分", POINTS), Column("状态"),
    Column("说明"), Column("计分办法"), Column("改进"),
)  # fmt: skip
ITEMS = (
    Column("指标"), Column("件号"), Column("责任单位"), Column("期限", DATE), Column("完成", DATE),
    Column("超期日数", COUNT), Column("原因"), Column("另扣", POINTS),
)  # fmt: skip


def _line(line: scoring.Line) -> list[Cell]:
    return cast(
        list[Cell],
        [line.code, line.label, line.weight, line.effective, line.numerator, line.denominator,
         line.rate, line.threshold, line.points, line.lost, line.mean, line.status_label, line.note,
         line.rule, line.remedy],
    )  # fmt: skip


def _item(one: scoring.Item) -> list[Cell]:
    return [one.code, one.case_no, one.unit_name, one.due_on, one.done_on, one.late, one.reason,
            one.points]  # fmt: skip
