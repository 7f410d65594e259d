"""Excel out: typed text comes back as typed, numbers as numbers, and never a formula."""

import zipfile
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from documents.workbook import MOST_CHARACTERS, Cell, Column, Kind, Sheet, workbook
from domain.errors import Refused

DANGEROUS = [
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "{=1+1}",
    "http://example.com/x",
    "mailto:a@b.c",
    "internal:Sheet1!A1",
    "![](http://x.y/z.png)",
    "<script>alert(1)</script>",
    "<para>甲</para> & &amp;",
    "_x0041_",
    "0012",
    "  两端空格  ",
    "第一行\n第二行",
    "姓𠮷😀",
]


def sheet(rows: list[list[Cell]], kinds: list[Kind], name: str = "表") -> Sheet:
    columns = [Column(f"列{at}", kind) for at, kind in enumerate(kinds)]
    return Sheet(name, "标题", columns, rows, ["口径：按到期日计入。"])


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data))


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(data)) as file:
        return {name: file.read(name).decode("utf-8") for name in file.namelist()}


@pytest.mark.parametrize("text", DANGEROUS)
def test_typed_text_comes_back_as_typed_everywhere(text: str) -> None:
    kinds = [Kind.TEXT, Kind.COUNT, Kind.DATE]
    made = Sheet("表", text, [Column(text, kind) for kind in kinds], [[text] * 3], [text])
    data = workbook([made])
    tab = opened(data)["表"]
    found = [cell for row in tab.iter_rows() for cell in row if cell.value is not None]
    values = [unescape(str(cell.value)) for cell in found]
    assert values == [text] * 8
    assert {cell.data_type for cell in found} <= {"s", "inlineStr"}
    assert all(cell.hyperlink is None for cell in found)


def test_the_file_holds_no_formula_and_no_link() -> None:
    data = workbook([sheet([[text] for text in DANGEROUS], [Kind.TEXT])])
    tab = parts(data)["xl/worksheets/sheet1.xml"]
    assert "<f>" not in tab and "<f " not in tab
    assert "hyperlink" not in tab
    assert not any("externalLink" in name or "vba" in name for name in parts(data))


def test_numbers_keep_their_kind() -> None:
    row: list[Cell] = [
        7,
        Decimal("71.61"),
        Fraction(311, 320),
        date(2026, 10, 9),
        datetime(2026, 10, 9, 8, 5),
        True,
        None,
        float("nan"),
    ]
    kinds = [
        Kind.COUNT,
        Kind.POINTS,
        Kind.PERCENT,
        Kind.DATE,
        Kind.MOMENT,
        Kind.TEXT,
        Kind.POINTS,
        Kind.POINTS,
    ]
    cells = opened(workbook([sheet([row], kinds)]))["表"][4]
    assert [cell.value for cell in cells] == [
        7,
        71.61,
        0.971875,
        datetime(2026, 10, 9),
        datetime(2026, 10, 9, 8, 5),
        "是",
        "—",
        "—",
    ]
    assert [cell.number_format for cell in cells[:5]] == [kind.value for kind in kinds[:5]]


def test_the_header_stays_in_view_and_columns_are_wide_enough() -> None:
    rows: list[list[Cell]] = [["苏州市吴中区生态环境局", 1]]
    tab = opened(workbook([sheet(rows, [Kind.TEXT, Kind.COUNT])]))["表"]
    assert tab.freeze_panes == "A4"
    assert tab.auto_filter.ref == "A3:B4"
    assert tab.column_dimensions["A"].width >= 22
    assert tab["A2"].value == "口径：按到期日计入。"


def test_equal_content_gives_equal_bytes() -> None:
    rows: list[list[Cell]] = [["甲", 1], ["乙", 2]]
    kinds = [Kind.TEXT, Kind.COUNT]
    assert workbook([sheet(rows, kinds)]) == workbook([sheet(rows, kinds)])


def test_sheet_names_are_made_acceptable_and_unlike() -> None:
    long = "各设区市按期办结率[2026/10]一览：含县（市、区）合计与去年同期对比情况表"
    made = workbook([sheet([], [Kind.TEXT], name) for name in (long, long, "", "'a'")])
    names = opened(made).sheetnames
    assert names[0].startswith("各设区市按期办结率_2026_10_一览")
    assert len(set(names)) == 4
    assert all(0 < len(name) <= 31 for name in names)


def test_a_text_too_long_for_a_cell_is_refused_not_cut() -> None:
    assert workbook([sheet([["甲" * MOST_CHARACTERS]], [Kind.TEXT])])
    with pytest.raises(Refused, match="放不下"):
        workbook([sheet([["甲" * (MOST_CHARACTERS + 1)]], [Kind.TEXT])])
