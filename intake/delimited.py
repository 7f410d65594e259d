"""Text tables: which encoding, which delimiter, and the rows."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from domain.errors import Refused
from intake.guard import LIMITS

REPLACED = "\ufffd"
_DELIMITERS = ",;\t|"
_LINES = 2_000_000  # cells may hold several lines
_SAMPLE = 64 * 1024


def rows_of(data: bytes) -> Iterator[list[str]]:
    """The rows of a text table, one for each record of the file, blank ones included."""
    text = decoded(data)
    sign = delimiter(text)
    if text.count(sign) > LIMITS.cells or text.count("\n") > _LINES:
        raise Refused("文件的行或列过多；请删除空行空列，或拆成几个文件再上传。")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    done = 0
    try:
        for row in reader:
            yield row
            done += 1
    except csv.Error as error:
        raise Refused(f"第 {done + 1} 行的引号不成对或单元格过长；请改正后再上传。") from error


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16 with a mark, UTF-8 without, or GB18030.

    A few broken bytes become U+FFFD, so that the cells that hold them can be named.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _lenient(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        broken = data.decode("utf-8-sig", "replace")
    return broken if _few(broken) else _lenient(data, "gb18030")


def _lenient(data: bytes, encoding: str) -> str:
    text = data.decode(encoding, "replace")
    if REPLACED in text and not _few(text):
        raise Refused("文件的文字编码无法识别；请另存为 UTF-8 或 GBK 编码的 CSV 后再上传。")
    return text


def _few(text: str) -> bool:
    """Whether the broken signs are few among those beyond ASCII: then the encoding is right."""
    wide = sum(1 for sign in text if sign > "\x7f")
    return text.count(REPLACED) * 10 < wide


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
