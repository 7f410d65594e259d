"""The annex of the scorecard: every deducted item, grouped by line, never a petitioner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from documents import figures
from documents.fonts import Face
from documents.model import AnnexItem, Scorecard
from documents.scorecard_front import LEFT, RIGHT, foot
from documents.scorecard_lines import shortened
from documents.typeset import BLUE, GREY, INK, ORANGE, PALE, RULE, WHITE, Pen, wrap

TOP, BOTTOM, SIZE, LEADING, PAD = 84.0, 774.0, 7.8, 10.4, 6.0
GROUP_HIGH = 18.0
# Left edge and room of each column, from the table's left.
NUMBER, CASE, UNIT, REASON = (4, 22), (30, 92), (128, 106), (240, 138)
DUE, DONE, LATE = (384, 48), (436, 48), 508
MOST_LINES = int((BOTTOM - TOP - GROUP_HIGH - PAD) / LEADING)


@dataclass(frozen=True, slots=True)
class Row:
    """One item laid out: its cells as lines of text."""

    number: str
    case: tuple[str, ...]
    unit: tuple[str, ...]
    reason: tuple[str, ...]
    due: str
    done: str
    late: str

    @property
    def high(self) -> float:
        """The height of the row in points."""
        return max(len(self.case), len(self.unit), len(self.reason), 1) * LEADING + PAD


@dataclass(frozen=True, slots=True)
class Group:
    """The heading of a line's items."""

    text: str
    high: float = GROUP_HIGH


@dataclass(frozen=True, slots=True)
class Passage:
    """A rule in full, where page one had no room for it."""

    code: str
    lines: tuple[str, ...]

    @property
    def high(self) -> float:
        """The height of the passage in points."""
        return len(self.lines) * LEADING + PAD


Sheet = tuple[Row | Group | Passage, ...]
Section = tuple[Group, Sequence[Row | Passage]]


def sheets(card: Scorecard) -> list[Sheet]:
    """The annex cut into pages; a group that runs over is headed again, marked （续）."""
    pages, page, used = list[Sheet](), list[Row | Group | Passage](), 0.0
    if not card.items:
        page, used = [Group("本期没有扣分事项。")], GROUP_HIGH
    for group, rows in chain(_groups(card), _rules(card)):
        for number, row in enumerate(rows):
            head = group.high if number == 0 or not page else 0.0
            if page and used + head + row.high > BOTTOM - TOP:
                pages.append(tuple(page))
                page, used, head = [], 0.0, group.high
            if head:
                page.append(group if number == 0 else Group(f"{group.text}（续）"))
            page.append(row)
            used += head + row.high
    return [*pages, tuple(page)]


def draw(pen: Pen, card: Scorecard, sheet: Sheet, page: int, of: int) -> None:
    """Draw one page of the annex."""
    _head(pen, card)
    y = TOP
    for part in sheet:
        if isinstance(part, Group):
            pen.box(LEFT, y, RIGHT - LEFT, part.high, PALE)
            pen.fitted(LEFT + 4, y + 12.2, part.text, 8.5, RIGHT - LEFT - 8, Face.BOLD, BLUE)
        elif isinstance(part, Passage):
            pen.text(LEFT + 4, y + PAD / 2 + SIZE - 0.4, part.code, SIZE, Face.BOLD, BLUE)
            pen.block(LEFT + CASE[0], y + PAD / 2 + SIZE - 0.4, part.lines, SIZE, LEADING)
        else:
            _row(pen, part, y)
        y += part.high
        pen.line(LEFT, y, RIGHT, y, RULE, 0.4)
    foot(pen, card, page, of)


def _head(pen: Pen, card: Scorecard) -> None:
    pen.text(LEFT, 46, "附件　扣分事项清单", 12, Face.TITLE, BLUE)
    about = f"{card.unit_name}　{card.period}　共 {len(card.items)} 件"
    pen.fitted(RIGHT, 46, about, 9, 340, colour=GREY, align="right")
    pen.line(LEFT, 53, RIGHT, 53, BLUE, 1.2)
    pen.box(LEFT, TOP - 19, RIGHT - LEFT, 19, BLUE)
    heads = ((NUMBER, "序号"), (CASE, "事项编号"), (UNIT, "责任单位"), (REASON, "扣分原因"))
    for (x, _), label in (*heads, (DUE, "应办日期"), (DONE, "办理日期")):
        pen.text(LEFT + x, TOP - 6.4, label, 8, Face.BOLD, WHITE)
    pen.text(LEFT + LATE, TOP - 6.4, "逾期", 8, Face.BOLD, WHITE, "right")


def _row(pen: Pen, row: Row, y: float) -> None:
    base = y + PAD / 2 + SIZE - 0.4
    pen.text(LEFT + NUMBER[0], base, row.number, SIZE, colour=GREY)
    pen.block(LEFT + CASE[0], base, row.case, SIZE, LEADING)
    pen.block(LEFT + UNIT[0], base, row.unit, SIZE, LEADING)
    pen.block(LEFT + REASON[0], base, row.reason, SIZE, LEADING)
    pen.text(LEFT + DUE[0], base, row.due, SIZE)
    pen.text(LEFT + DONE[0], base, row.done, SIZE, colour=INK)
    shade = ORANGE if row.late.endswith("天") else GREY
    pen.text(LEFT + LATE, base, row.late, SIZE, colour=shade, align="right")


def _rules(card: Scorecard) -> Iterator[Section]:
    """The rules in full that page one had to shorten."""
    long = [line for line in card.lines if shortened(line.rule)]
    room = RIGHT - LEFT - CASE[0] - 4
    if long:
        passages = [Passage(line.code, wrap(line.rule, Face.HEI, SIZE, room)) for line in long]
        yield Group("计分规则全文"), passages


def _groups(card: Scorecard) -> Iterator[Section]:
    """Each line that has items, in table order, with its rows; other codes follow."""
    found: dict[str, list[AnnexItem]] = {line.code: [] for line in card.lines}
    for item in card.items:
        found.setdefault(item.line, []).append(item)
    lines = {line.code: line for line in card.lines}
    for code, items in found.items():
        if not items:
            continue
        line = lines.get(code)
        lost = f"，失 {figures.points(line.lost)} 分" if line and line.lost else ""
        label = f"{code}　{line.label}" if line else code
        yield Group(f"{label}　{len(items)} 件{lost}"), list(_rows(items))


def _rows(items: Iterable[AnnexItem]) -> Iterator[Row]:
    for number, item in enumerate(items, start=1):
        yield from _pieces(_row_of(str(number), item))


def _row_of(number: str, item: AnnexItem) -> Row:
    undone = "未办" if item.due is not None and item.done is None else figures.NOTHING
    return Row(
        number,
        wrap(item.case_no, Face.HEI, SIZE, CASE[1]),
        wrap(item.unit_name, Face.HEI, SIZE, UNIT[1]),
        wrap(item.reason, Face.HEI, SIZE, REASON[1]),
        figures.day(item.due),
        undone if item.done is None else figures.day(item.done),
        figures.NOTHING if item.days_late is None else f"{item.days_late}天",
    )


def _pieces(row: Row) -> Iterator[Row]:
    """The row, or the parts of one that is taller than a page."""
    yield Row(
        row.number,
        row.case[:MOST_LINES],
        row.unit[:MOST_LINES],
        row.reason[:MOST_LINES],
        row.due,
        row.done,
        row.late,
    )
    rest = row.case[MOST_LINES:], row.unit[MOST_LINES:], row.reason[MOST_LINES:]
    if any(rest):
        yield from _pieces(Row("", *rest, "", "", ""))
