"""Excel out: what a person typed stays text, a number stays a number, nothing becomes a formula."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from io import BytesIO
from math import isfinite
from typing import Any

from xlsxwriter import Workbook

from domain.errors import Refused

Cell = str | int | float | Decimal | Fraction | date | datetime | bool | None

NOTHING = "—"
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
NARROWEST, WIDEST = 6.0, 60.0


class Kind(StrEnum):
    """What a column holds; the value is Excel's number format."""

    TEXT = "@"
    COUNT = "#,##0"
    POINTS = "0.00"
    PERCENT = "0.00%"  # of a fraction: 0.9719 shows 97.19 %
    DATE = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, and its width where content should not decide."""

    label: str
    kind: Kind = Kind.TEXT
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a title, 口径说明 lines, a header that stays in view, and the rows."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx file of the sheets; equal content gives equal bytes, rows are streamed.

    Refuses (`Refused`) more rows than a sheet holds and a text longer than a cell holds.
    """
    buffer = BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book: Any = Workbook(buffer, options)
    book.set_properties({"created": datetime(2026, 1, 1), "comments": ""})
    try:
        styles, taken = _Styles(book), set[str]()
        for sheet in sheets:
            _write(book.add_worksheet(_tab_name(sheet.name, taken)), sheet, styles)
    finally:
        book.close()  # also after a refusal: it removes the rows kept on disk
    return buffer.getvalue()


class _Styles:
    """The formats of a workbook, made once."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.note = book.add_format({**base, "font_size": 9, "font_color": "#5B6570"})
        self.head = book.add_format(
            {
                **base,
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#1A4D8C",
                "border": 1,
                "border_color": "#C9D1DA",
                "align": "center",
                "text_wrap": True,
            }
        )
        line = {**base, "border": 1, "border_color": "#DDE3EA"}
        self.cell = {kind: book.add_format({**line, "num_format": kind.value}) for kind in Kind}
        self.text = book.add_format({**line, "num_format": "@", "text_wrap": True, "valign": "top"})
        self.cell[Kind.TEXT] = self.text
        self.blank = book.add_format({**line, "align": "right", "font_color": "#5B6570"})


def _write(tab: Any, sheet: Sheet, styles: _Styles) -> None:
    tab.set_row(0, 24)
    tab.write_string(0, 0, _text(sheet.title), styles.title)
    for number, note in enumerate(sheet.notes, start=1):
        tab.write_string(number, 0, _text(note), styles.note)
    head = 1 + len(sheet.notes)
    tab.set_row(head, 20)
    for at, column in enumerate(sheet.columns):
        tab.write_string(head, at, _text(column.label), styles.head)
    widths = [_wide(column.label) + 2 for column in sheet.columns]
    last = _rows(tab, sheet, styles, head, widths)
    for at, column in enumerate(sheet.columns):
        fitting = min(WIDEST, max(NARROWEST, widths[at] + 1.5))
        tab.set_column(at, at, column.width or fitting)
    tab.freeze_panes(head + 1, 0)
    if sheet.columns:
        tab.autofilter(head, 0, last, len(sheet.columns) - 1)
    _print_setup(tab, head)


def _rows(tab: Any, sheet: Sheet, styles: _Styles, head: int, widths: list[float]) -> int:
    """Write the rows below the header, widening `widths`; returns the last row's number."""
    number = head
    for number, row in enumerate(sheet.rows, start=head + 1):
        if number >= MOST_ROWS:
            raise Refused(f"“{sheet.name}”超过一张工作表的行数上限，请缩小筛选范围后再导出。")
        for at, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            shown = _put(tab, number, at, value, column.kind, styles)
            widths[at] = max(widths[at], shown)
    return number


def _put(tab: Any, row: int, at: int, value: Cell, kind: Kind, styles: _Styles) -> float:
    """Write one cell by the type of its value; returns how wide it shows, in characters."""
    if value is None or (isinstance(value, (float, Decimal)) and not isfinite(value)):
        tab.write_string(row, at, NOTHING, styles.blank)
        return 2
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, str):
        text = _text(value)
        tab.write_string(row, at, text, styles.text)
        return min(WIDEST, _wide(text))
    if isinstance(value, (date, datetime)):
        return _put_date(tab, row, at, value, kind, styles)
    tab.write_number(row, at, float(value), styles.cell[_numeric(kind, value)])
    return len(f"{float(value):,.2f}")


def _put_date(tab: Any, row: int, at: int, value: date, kind: Kind, styles: _Styles) -> float:
    fallback = Kind.MOMENT if isinstance(value, datetime) else Kind.DATE
    chosen = kind if kind in (Kind.DATE, Kind.MOMENT) else fallback
    tab.write_datetime(row, at, value, styles.cell[chosen])
    return 16 if chosen is Kind.MOMENT else 10


def _numeric(kind: Kind, value: object) -> Kind:
    if kind in (Kind.COUNT, Kind.POINTS, Kind.PERCENT):
        return kind
    return Kind.COUNT if isinstance(value, int) else Kind.POINTS


def _text(text: str) -> str:
    """The text as typed; a half character that no file can hold becomes the replacement mark."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > MOST_CHARACTERS:
        raise Refused(
            f"有一格文字超过 {MOST_CHARACTERS} 字，Excel 放不下：“{text[:20]}…”。请先缩短再导出。"
        )
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _wide(text: str) -> float:
    """How wide the longest line of a text shows: two for a Chinese character, one for a Latin."""
    return max((_line_width(line) for line in text[:400].split("\n")), default=0)


def _line_width(line: str) -> float:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(ch) in "WFA" else 1 for ch in line)


def _tab_name(name: str, taken: set[str]) -> str:
    """A name Excel accepts: no []:*?/ or backslash, no quote at an end; 31 characters at most."""
    base = "".join("_" if ch in "[]:*?/\\" else ch for ch in name).strip("'")[:31] or "数据"
    chosen, number = base, 2
    while chosen.lower() in taken:
        chosen = f"{base[: 31 - len(str(number))]}{number}"
        number += 1
    taken.add(chosen.lower())
    return chosen


def _print_setup(tab: Any, head: int) -> None:
    """A4 across, one page wide, the header on every page, the page number at the foot."""
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    tab.repeat_rows(head)
    tab.set_footer("&C— &P —")
