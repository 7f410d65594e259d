"""The file back with a column of problems, nothing in it alive."""

import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import xlsxwriter

from intake.model import Cell, Problem, Table

COLUMN = "问题"
_LONGEST = 32_767  # characters of a cell in Excel
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def annotate(table: Table, problems: Iterable[Problem], only_faulty: bool = False) -> bytes:
    """An xlsx of the table with its problems in the last column.

    Rows keep their own numbers (title rows above the header stay blank), unless only the faulty
    ones are asked for.
    """
    by_row: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        by_row[problem.row].append(f"{problem.column}：{problem.message}")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        sheet = book.add_worksheet("问题清单")
        formats = _formats(book)
        at = table.first_data_row - 2
        _write(sheet, at, (*table.headers, COLUMN), formats, formats["head"])
        sheet.freeze_panes(at + 1, 0)
        for number, row in enumerate(table.rows, table.first_data_row):
            if only_faulty and number not in by_row:
                continue
            at = at + 1 if only_faulty else number - 1
            _write(sheet, at, row, formats)
            if number in by_row:
                text = "；".join(by_row[number])
                sheet.write_string(at, len(table.headers), text[:_LONGEST], formats["fault"])
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1}),
        "fault": book.add_format({"font_color": "#9C0006"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }


def _write(
    sheet: Any, at: int, row: Iterable[Cell], formats: dict[str, Any], style: Any = None
) -> None:
    """One row by the type of each cell: a text is never guessed to be anything else."""
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(at, column, cell[:_LONGEST], style)
        elif isinstance(cell, bool):
            sheet.write_boolean(at, column, cell, style)
        elif isinstance(cell, datetime) and cell.year >= 1900:
            sheet.write_datetime(at, column, cell, formats["time"])
        elif isinstance(cell, int | float):
            sheet.write_number(at, column, cell, style)
        elif cell is not None:
            sheet.write_string(at, column, str(cell), style)
