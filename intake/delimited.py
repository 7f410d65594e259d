"""Text tables: which encoding, which delimiter, and the rows."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from domain.errors import Refused

_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024


def rows_of(data: bytes) -> Iterator[list[str]]:
    """The rows of a text table, one for each record of the file, blank ones included."""
    text = decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
    done = 0
    try:
        for row in reader:
            yield row
            done += 1
    except csv.Error as error:
        raise Refused(f"第 {done + 1} 行的引号不成对或单元格过长；请改正后再上传。") from error


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16 with a mark, UTF-8 without, or GB18030."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(codecs.BOM_UTF8) or _mostly_utf8(data):
            raise _garbled(data, error.start) from error
    return _strict(data, "gb18030")


def _mostly_utf8(data: bytes) -> bool:
    """A UTF-8 text with a few broken bytes, which GB18030 would turn into nonsense."""
    text = data.decode("utf-8", "replace")
    wide = sum(1 for sign in text if sign > "\x7f")
    return text.count("\ufffd") * 10 < wide


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _garbled(data, error.start) from error


def _garbled(data: bytes, position: int) -> Refused:
    line = data.count(b"\n", 0, position) + 1
    return Refused(f"第 {line} 行的文字无法识别；请将文件另存为 UTF-8 或 GBK 编码的 CSV。")


def delimiter(text: str) -> str:
    """The sign that parts the most lines into the same number of cells; a comma in doubt."""
    sample = text[:_SAMPLE]
    return max(_DELIMITERS, key=lambda sign: _evenness(sample, sign))


def _evenness(sample: str, sign: str) -> tuple[int, int]:
    """How many records agree on a width over one, then that width."""
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=sign):
            widths[len(row)] += len(row) > 1
    except csv.Error:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return count, width if count else 0
