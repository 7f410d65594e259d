"""What no parser ever gets to see."""

import io
import zipfile

import pytest

from domain.errors import Refused
from intake.guard import Limits, inspect
from intake.reader import read
from tests.intake_files import altered, as_csv, as_xlsx, ledger, parts_of, with_part, zipped

SHEET = "xl/worksheets/sheet1.xml"
GOOD = as_xlsx(ledger())


def bomb() -> bytes:
    """A part of zeros that unpacks a thousandfold."""
    return with_part("xl/media/zeros.xml", b" " * 20_000_000)


def encrypted() -> bytes:
    data = bytearray(GOOD)
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


def many_parts() -> bytes:
    return zipped(parts_of(GOOD) | {f"docProps/{n}.xml": b"<a/>" for n in range(1_100)})


def entities() -> bytes:
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return altered("xl/sharedStrings.xml", b"<sst", laughs + b"<sst")


def twice() -> bytes:
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")
    return out.getvalue()


HARMFUL = [
    (b"", "台账.xlsx", "空的", "nothing in it"),
    (b"\xef\xbb\xbf \r\n", "台账.csv", "空的", "a mark and blanks only"),
    (GOOD, "台账.pdf", "只接收", "an extension we do not take"),
    (GOOD, "台账", "只接收", "no extension"),
    (GOOD, "台账.xlsm", "宏", "the extension of macro files"),
    (GOOD, "台账.xls", "另存为 .xlsx", "the old extension"),
    (b"\xd0\xcf\x11\xe0" + b"x" * 600, "台账.xlsx", "旧版", "an old or locked workbook inside"),
    (as_csv(ledger()), "台账.xlsx", "不符", "text under the name of a workbook"),
    (GOOD, "台账.csv", "不符", "a workbook under the name of text"),
    (b"%PDF-1.7 ...", "台账.csv", "不符", "a PDF under the name of text"),
    (b"<html><table>", "台账.csv", "不符", "a web page under the name of text"),
    (b"a,b\x00c", "台账.csv", "损坏", "bytes that are no text"),
    (GOOD[:-30], "台账.xlsx", "损坏", "cut short"),
    (GOOD[:900] + b"xxxx" + GOOD[904:], "台账.xlsx", "损坏", "spoiled in the middle"),
    (encrypted(), "台账.xlsx", "密", "parts behind a password"),
    (bomb(), "台账.xlsx", "压缩", "a zip bomb"),
    (many_parts(), "台账.xlsx", "压缩炸弹", "far too many parts"),
    (twice(), "台账.xlsx", "结构", "two parts of one name"),
    (zipped({"a.txt": b"x"}), "台账.xlsx", "结构", "a zip that is no workbook"),
    (with_part("xl/vbaProject.bin", b"x"), "台账.xlsx", "宏", "macros"),
    (altered("[Content_Types].xml", b"sheet.main", b"sheet.macroEnabled.main"), "台账.xlsx",
     "宏", "declared as a macro file"),
    (with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "台账.xlsx", "外部链接", "links"),
    (with_part("xl/connections.xml", b"<a/>"), "台账.xlsx", "外部数据", "a database connection"),
    (with_part("xl/embeddings/a.bin", b"x"), "台账.xlsx", "嵌入", "an object"),
    (entities(), "台账.xlsx", "实体", "a billion laughs"),
    (altered(SHEET, b'r="A2"', b'r="XFD1048576"'), "台账.xlsx", "XFD1048576", "the last cell"),
    (altered(SHEET, b'r="A2"', b"r = 'xfd2'"), "台账.xlsx", "xfd2", "other quotes, blanks, case"),
    (altered(SHEET, b'r="A2"', b'r="&#88;FD2"'), "台账.xlsx", "写法", "a hidden position"),
    (altered(SHEET, b'<row r="2"', b'<row r="1048576"'), "台账.xlsx", "1048576", "the last row"),
    (altered(SHEET, b'ref="A1:H4"', b'ref="A1:XFD9"'), "台账.xlsx", "XFD9", "a vast dimension"),
    (altered(SHEET, b"<?xml", b"\x00<?xml"), "台账.xlsx", "UTF-8", "another inner encoding"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "name", "words", "why"), HARMFUL, ids=[h[3] for h in HARMFUL])
def test_a_harmful_file_is_refused_in_words(data: bytes, name: str, words: str, why: str) -> None:
    with pytest.raises(Refused, match=words):
        inspect(data, name)
    with pytest.raises(Refused, match=words):
        read(data, name)


def test_the_size_limit_is_named() -> None:
    with pytest.raises(Refused, match="超过 0 MB"):
        inspect(GOOD, "台账.xlsx", Limits(file_bytes=100))


def test_a_position_on_the_seam_of_two_pieces_is_seen() -> None:
    sheet = parts_of(GOOD)[SHEET]
    head, tail = sheet.split(b"<sheetData>")
    for filler in range(262_144 - len(head) - 60, 262_144 - len(head)):
        spoiled = tail.replace(b'r="A2"', b'r="XFD2"')
        data = zipped(parts_of(GOOD) | {SHEET: head + b" " * filler + b"<sheetData>" + spoiled})
        with pytest.raises(Refused, match="XFD2"):
            inspect(data, "台账.xlsx")


@pytest.mark.parametrize("cell", ["A1", "GR9", "Z99999", "A200000"])
def test_a_cell_within_the_limits_passes(cell: str) -> None:
    data = altered(SHEET, b'r="A2"', f'r="{cell}"'.encode())
    assert inspect(data, "台账.XLSX") == "xlsx"
