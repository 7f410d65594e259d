"""Good files into tables, whatever their encoding, dates, titles and blanks."""

import logging
from datetime import datetime

import pytest

from domain.errors import Refused
from intake import reader
from intake.checks import missing_stars
from intake.delimited import decoded, delimiter
from intake.mapping import apply, propose
from intake.reader import read
from intake.template import template
from tests.intake_files import HEADERS, HOTLINE, NOW, VOCABULARY, altered, as_csv, as_xlsx, ledger

ROWS = ledger(3)
WANTED = tuple(tuple(row) for row in ROWS[1:])
PADDED = [(*row, "", "  ") for row in [("", "12345工单汇总表"), (), *ROWS, ("",) * 8, (" ",), ()]]


@pytest.mark.parametrize(
    ("data", "name", "first", "why"),
    [
        (as_csv(ROWS), "a.csv", 2, "UTF-8"),
        (as_csv(ROWS, "utf-8-sig"), "a.csv", 2, "UTF-8 with a mark"),
        (as_csv(ROWS, "gbk"), "a.CSV", 2, "GBK"),
        (as_csv(ROWS, "gb18030", ";"), "a.csv", 2, "GB18030 with semicolons"),
        (as_csv(ROWS, "utf-16", "\t"), "a.txt", 2, "Excel's Unicode text"),
        (as_csv(PADDED), "a.csv", 4, "title, blank row, blank rows and columns at the end"),
        (as_xlsx(ROWS), "a.xlsx", 2, "a workbook"),
        (as_xlsx(ROWS, merged_title="12345工单汇总表"), "a.xlsx", 3, "a merged title row"),
        (as_xlsx(PADDED), "a.xlsx", 4, "blanks around the table of a workbook"),
    ],
)
def test_one_ledger_in_many_files(data: bytes, name: str, first: int, why: str) -> None:
    table = read(data, name, VOCABULARY)
    assert (table.headers, table.rows) == (HEADERS, WANTED), why
    assert table.first_data_row == first, why


def test_without_known_names_the_first_well_filled_row_is_the_header() -> None:
    rows = [("Complaints 2019", "", ""), ("key", "created", "type"), ("1", "2019", "Noise")]
    for data, name in ((as_csv(rows), "a.csv"), (as_xlsx(rows), "a.xlsx")):
        table = read(data, name)
        assert table.headers == ("key", "created", "type")


def test_cells_of_a_workbook_keep_their_kind_and_a_formula_its_shown_value() -> None:
    moment = datetime(2026, 3, 1, 12, 30)
    row = (1.5, 7, moment, True, "=1+1", "'=1+1", "文字")
    table = read(as_xlsx([tuple("甲乙丙丁戊己庚"), row]), "a.xlsx")
    assert table.rows == ((1.5, 7, moment, "TRUE", 42, "'=1+1", "文字"),)


def test_headers_are_unique_and_never_blank() -> None:
    table = read(as_csv([("电话", "", "电话", "标 题\n"), ("1", "2", "3", "4", "5")]), "a.csv")
    assert table.headers == ("电话", "第2列", "电话(2)", "标 题", "第5列")


def test_blank_rows_in_between_keep_the_numbers() -> None:
    table = read(as_csv([HEADERS, ROWS[1], (), ROWS[2]]), "a.csv", VOCABULARY)
    assert [bool(row) for row in table.rows] == [True, False, True]
    assert table.filled == 2


def test_a_few_broken_bytes_leave_the_rest_readable() -> None:
    for encoding in ("utf-8", "gb18030"):
        data = as_csv(ledger(50), encoding)
        at = data.index("昆山市".encode(encoding))
        assert "\ufffd" in decoded(data[:at] + b"\xff" + data[at + 1 :])


@pytest.mark.parametrize(
    ("data", "name", "words", "why"),
    [
        (b"a,b\n\x81\xff\x82\xff\xfe,2\n" * 9, "a.csv", "编码", "no encoding we know"),
        (b'a,b\n1,"2\n3,4\n', "a.csv", "第 2 行的引号", "a quotation mark without its mate"),
        (b"a,b\n1," + b"x" * 100_001, "a.csv", "过长", "a cell beyond all reason"),
        (b"\n,,\n ,\n", "a.csv", "没有内容", "separators only"),
        (as_csv([HEADERS]), "a.csv", "没有数据行", "a header and nothing below"),
        (b"a," * 300 + b"\n1", "a.csv", "200 列", "too many columns"),
        (b"a,b\n" + b"\n" * 2_000_000 + b"1,2", "a.csv", "行或列过多", "blank lines only"),
        (altered("xl/worksheets/sheet1.xml", b'r="H4"', b'r="GR199999"'), "a.xlsx", "范围过大",
         "a cell far away, yet within rows and columns"),
        (as_xlsx([()]), "a.xlsx", "没有内容", "an empty sheet"),
        (altered("xl/workbook.xml", b"<sheet ", b'<sheet state="hidden" '), "a.xlsx", "没有内容",
         "only a hidden sheet"),
        (altered("xl/worksheets/sheet1.xml", b'r="A2"', b'r="2A"'), "a.xlsx", "损坏", "bad XML"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(
    data: bytes, name: str, words: str, why: str
) -> None:
    with pytest.raises(Refused, match=words):
        read(data, name, VOCABULARY)


def test_a_sheet_is_chosen_by_name() -> None:
    assert read(as_xlsx(ROWS), "a.xlsx", sheet="台账").sheets == ("台账",)
    with pytest.raises(Refused, match="没有这个工作表"):
        read(as_xlsx(ROWS), "a.xlsx", sheet="别的")


def test_a_child_that_dies_or_hangs_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reader, "_HOUSE", "/")  # where there is no such module
    with caplog.at_level(logging.WARNING), pytest.raises(Refused, match="无法读取"):
        read(as_csv(ROWS), "a.csv")
    assert "ended with code 1" in caplog.text
    monkeypatch.setattr(reader, "SECONDS", 0)
    with pytest.raises(Refused, match="无法读取"):
        read(as_csv(ROWS), "a.csv")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_parts_the_lines_evenly(sign: str) -> None:
    rows = [
        ("编号", "内容", "时间"),
        *(("1", "噪声，扰民, 有异味; 夜间", "2026") for _ in range(5)),
    ]
    assert delimiter(as_csv(rows, delimiter=sign).decode()) == sign


def test_the_empty_ledger_reads_back_with_every_column_known() -> None:
    table = read(template(), "模板.xlsx")
    mapping = propose(table, VOCABULARY)
    assert set(mapping.columns) == set(table.headers)
    good, problems = apply(table, mapping, VOCABULARY, *HOTLINE, NOW)
    assert problems == []
    assert missing_stars(good[0], VOCABULARY) == ("longitude",)
