"""A ledger of 100 000 rows: opened, checked and written."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as clock_time
from itertools import pairwise
from pathlib import Path

import xlsxwriter

from bench.bed import Bed, copied
from bench.boards import CITY, viewer
from bench.figures import Line, Timing
from domain.people import Role
from services import importing

LIMIT = 15_000.0
HEADERS = (
    "工单编号",
    "来电时间",
    "标题",
    "反映内容",
    "属地",
    "事发地址",
    "问题类型",
    "紧急程度",
    "来电号码",
)
TYPES = ("恶臭异味", "工业噪声", "油烟", "社会生活噪声")
PLACES = ("昆山市", "常熟市", "张家港市", "太仓市")
SUBCHANNEL = "hotline_12345"


def lines(bed: Bed) -> Iterator[Line]:
    """As a workbook and as comma-separated text: reading, checking, writing, each shown."""
    rows = bed.effort.rows
    for kind in ("xlsx", "csv"):
        path = bed.home / f"ledger-{rows}.{kind}"
        if not path.exists():
            _make(path, rows, datetime.combine(bed.today, clock_time(9)))
        with copied(bed) as copy:
            yield _line(copy, path, rows)


def _line(bed: Bed, path: Path, rows: int) -> Line:
    now, clerk = datetime.combine(bed.today, clock_time(10)), viewer(CITY, Role.CLERK)
    began = time.process_time()
    marks = [time.perf_counter()]
    ledger = importing.open_file(clerk, path.read_bytes(), path.name)
    marks.append(time.perf_counter())
    examined = importing.examine(
        clerk, ledger, importing.propose_for(clerk, ledger, SUBCHANNEL), SUBCHANNEL, now
    )
    marks.append(time.perf_counter())
    done = importing.write(clerk, examined, now, partial=True)
    marks.append(time.perf_counter())
    if done.added != rows:
        fault = examined.problems[0] if examined.problems else None
        raise RuntimeError(f"{done.added} of {rows} rows written, first problem: {fault}")
    parts = [after - before for before, after in pairwise(marks)]
    whole = Timing.of([sum(parts)], [time.process_time() - began])
    note = "read {:.1f} s, checked {:.1f} s, written {:.1f} s".format(*parts)
    return Line("import", f"{rows:,} rows, {path.suffix[1:]}", whole, (), f"≤ {LIMIT / 1000:g} s",
                whole.median > LIMIT, note)  # fmt: skip


def _make(path: Path, rows: int, last: datetime) -> None:
    if path.suffix == ".csv":
        lines_ = (",".join(map(str, row)) for row in _rows(rows, last))
        path.write_text("\n".join(lines_) + "\n", encoding="utf-8")
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        for at, row in enumerate(_rows(rows, last)):
            sheet.write_row(at, 0, row)


def _rows(rows: int, last: datetime) -> Iterator[tuple[str, ...]]:
    yield HEADERS
    for number in range(rows):
        at = last - timedelta(minutes=number % 40_000)
        yield (
            f"GD{number:08d}", f"{at:%Y-%m-%d %H:%M}", f"工业园{number}号厂扰民",
            f"工业园{number}号厂夜间生产，气味和噪声扰民，已持续{number % 90 + 1}天，请核实处理。",
            PLACES[number % 4], f"工业园{number}号", TYPES[number % 4], "一般", f"139{number:08d}",
        )  # fmt: skip
