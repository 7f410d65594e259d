"""Ledgers made in code for the tests of files in: good ones, foreign ones, harmful ones."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from intake.model import Division, Vocabulary

NOW = datetime(2026, 11, 23, 12, 0)
HOTLINE = ("phone", "hotline_12345")
VOCABULARY = Vocabulary(
    aliases={
        "received_at": ("来电时间", "登记时间"),
        "source_no": ("工单编号",),
        "content": ("反映内容",),
        "division": ("属地",),
        "address": ("事发地址",),
        "categories": ("问题类型",),
        "name": ("来电人",),
        "phone": ("来电号码",),
        "repeat": ("是否初信初访",),
        "anonymous": ("是否实名",),
    },
    categories={
        "大气": "A", "恶臭异味": "A01", "油烟": "A04", "噪声": "N", "工业噪声": "N01",
        "社会生活噪声": "N03", "变电站输电线": "R02",
    },
    mains=frozenset("ANR"),
    subchannels={"12345热线(工单)": HOTLINE, "群众来信": ("letter", "mail")},
    external=frozenset({"hotline_12345"}),
    industries={"建筑施工": "construction", "其他": "other_industry"},
    urgencies={"一般": "normal", "紧急": "urgent"},
    time_patterns={"昼间": "day", "夜间": "night"},
    divisions=(
        Division(320000, "江苏省", "江苏"),
        Division(320100, "南京市", "南京"),
        Division(320106, "鼓楼区", "鼓楼"),
        Division(320104, "秦淮区", "秦淮"),
        Division(320300, "徐州市", "徐州"),
        Division(320302, "鼓楼区", "鼓楼"),
        Division(320500, "苏州市", "苏州"),
        Division(320583, "昆山市", "昆山"),
    ),
    retired={320103: 320104, 320199: None},
)  # fmt: skip

HEADERS = ("工单编号", "来电时间", "标题", "反映内容", "属地", "事发地址", "问题类型", "紧急程度")
ROW = (
    "GD001", "2026-03-01 12:30", "夜间噪声", "附近工厂夜间生产，“嗡嗡”作响\n无法入睡", "昆山市",
    "人民路1号", "工业噪声", "一般",
)  # fmt: skip


def ledger(count: int = 3) -> list[tuple[Any, ...]]:
    """A header and that many good rows."""
    return [HEADERS, *((f"GD{n:05d}", *ROW[1:]) for n in range(1, count + 1))]


def as_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]], merged_title: str = "") -> bytes:
    """A workbook; dates are real dates, "=…" a formula whose shown value is 42."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("台账")
        dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        if merged_title:
            sheet.merge_range(0, 0, 0, len(rows[0]) - 1, merged_title)
        for at, row in enumerate(rows, 1 if merged_title else 0):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(at, column, cell, dated)
                elif isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(at, column, cell, value=42)
                else:
                    sheet.write(at, column, cell)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def altered(part: str, old: bytes, new: bytes) -> bytes:
    """A good workbook with one replacement in one part."""
    parts = parts_of(as_xlsx(ledger()))
    assert old in parts[part]
    return zipped(parts | {part: parts[part].replace(old, new, 1)})


def with_part(name: str, content: bytes) -> bytes:
    """A good workbook with one more part."""
    return zipped(parts_of(as_xlsx(ledger())) | {name: content})
