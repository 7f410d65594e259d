"""The child process that parses: bytes on stdin, JSON lines on stdout, limits on itself.

The first line is {"sheet", "sheets", "start"} or {"refused"}; each further line is one row from the
file's row `start` on. A text beginning with U+0001 is a date and time. Nothing is written to disk.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.errors import Refused
from intake.guard import LIMITS, search

MEMORY = 2 * 1024**3
CPU_SECONDS = 60
TEXT_LIMIT = 200_000_000  # characters in all that a table may hand back
CELL_LIMIT = 100_000  # characters of one cell of a text table
DATE_MARK = "\x01"
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF])


def main() -> int:
    """Read stdin as the kind named first, the sheet named second; 0 also for a refusal."""
    confine()
    kind, sheet = sys.argv[1], sys.argv[2]
    data = sys.stdin.buffer.read()
    out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="\n", closefd=False)  # noqa: SIM115
    try:
        lines = encode(*parse(data, kind, sheet))
    except Refused as error:
        lines = iter([json.dumps({"refused": str(error)}, ensure_ascii=False)])
    for line in lines:
        out.write(line + "\n")
    out.flush()
    return 0


def confine() -> None:
    """No more memory, time or files than an honest ledger needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    csv.field_size_limit(CELL_LIMIT)


def parse(data: bytes, kind: str, sheet: str) -> tuple[dict[str, Any], list[list[Any]]]:
    """The head and the rows of a file, trailing blanks off, or `Refused`."""
    if kind == "csv":
        from intake.delimited import rows_of

        head: dict[str, Any] = {"sheet": "", "sheets": [], "start": 1}
        rows: Iterable[list[Any]] = rows_of(data)
    else:
        search(data)
        head, rows = workbook(data, sheet)
    return head, trimmed(rows)


def workbook(data: bytes, sheet: str) -> tuple[dict[str, Any], list[list[Any]]]:
    """The named sheet, or the first visible one that holds anything."""
    import io

    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [m.name for m in book.sheets_metadata if m.visible is SheetVisibleEnum.Visible]
        if sheet and sheet not in shown:
            raise Refused("工作簿里没有这个工作表；请重新选择。")
        for name in [sheet] if sheet else shown:
            found = book.get_sheet_by_name(name)
            if found.total_height * found.total_width > LIMITS.cells:
                raise Refused("工作表的范围过大；请删除远处多余的行和列，或拆成几个文件再上传。")
            if found.start is not None:
                head = {"sheet": name, "sheets": shown, "start": found.start[0] + 1}
                return head, found.to_python(skip_empty_area=True)
    except (CalamineError, ValueError, OverflowError) as error:
        raise Refused("Excel 文件已损坏，无法读取；请用 Excel 或 WPS 另存后再上传。") from error
    raise Refused("工作簿里没有内容；请检查工作表是否为空或被隐藏。")


def trimmed(rows: Iterable[list[Any]]) -> list[list[Any]]:
    """The rows in plain cells, blank trailing rows and columns off, within the limits."""
    kept: list[list[Any]] = []
    full = width = text = 0
    for row in rows:
        cells = [plain_cell(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        kept.append(cells)
        if cells:
            full, width = len(kept), max(width, len(cells))
            text += sum(len(cell) for cell in cells if type(cell) is str)
        if text > TEXT_LIMIT or width > LIMITS.columns or full > LIMITS.rows:
            raise Refused(
                f"表格超过 {LIMITS.rows} 行、{LIMITS.columns} 列或文字过多；请拆成几个文件再上传。"
            )
    if not full:
        raise Refused("文件里没有内容；请检查后再上传。")
    return kept[:full]


def plain_cell(cell: Any) -> Any:
    """Text, number or a marked date; nothing for blanks."""
    if type(cell) is str:
        text = cell if cell.isprintable() else cell.translate(_CONTROLS)
        return text if text and not text.isspace() else None
    if type(cell) is float:
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else _finite(cell)
    if isinstance(cell, datetime):
        return DATE_MARK + cell.isoformat()
    if isinstance(cell, date):
        return f"{DATE_MARK}{cell.isoformat()}T00:00:00"
    if cell is True or cell is False:
        return str(cell).upper()
    return str(cell) if isinstance(cell, time | timedelta) else cell


def _finite(number: float) -> float | str:
    return number if abs(number) < float("inf") else str(number)


def encode(head: dict[str, Any], rows: list[list[Any]]) -> Iterator[str]:
    """One JSON line for the head and one for each row."""
    yield json.dumps(head, ensure_ascii=False)
    dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    yield from map(dumps, rows)


if __name__ == "__main__":
    sys.exit(main())
