"""What a file must be before any parser sees it: its true type, its size, nothing that runs."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import Refused

MEGABYTE = 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0"  # xls, and xlsx behind a password
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf")
_CHUNK = 256 * 1024
_OVERLAP = 256  # longer than any attribute the patterns look for

_DANGEROUS = (
    ("vbaproject", "含有宏"), ("macrosheets/", "含有宏表"), ("externallinks/", "含有外部链接"),
    ("connections.xml", "含有外部数据连接"), ("querytables/", "含有外部数据连接"),
    ("embeddings/", "含有嵌入对象"), ("activex/", "含有 ActiveX 控件"), ("ctrlprops/", "含有控件"),
)  # fmt: skip
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".emf", ".wmf", ".tif", ".tiff", ".bin")
_ENTITY = re.compile(rb"<!(?i:DOCTYPE|ENTITY)")
_MACRO_TYPE = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
# A cell or row position worth working out: a third letter, a column from G? on, a sixth digit;
# and one written with a character reference, which no honest program does.
_FAR = re.compile(
    rb"""r(?<=\sr)\s*=\s*(?:"|')\s*"""  # a letter first, which is quick to look for
    rb"(?:([A-Za-z]{3,}|[B-Zb-z][A-Za-z])(\d+)|[A-Za-z]{0,2}(\d{6,})|[^\"'>]{0,40}&)"
)
_DIMENSION = re.compile(
    rb"""<(?:\w+:)?dimension\s[^>]*?ref\s*=\s*["'](?:[^"':]*:)?([A-Za-z]+)(\d+)"""
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; every refusal names the limit that was passed."""

    file_bytes: int = 50 * MEGABYTE
    unpacked_bytes: int = 600 * MEGABYTE
    parts: int = 1_000
    ratio: int = 200  # unpacked to packed, for parts over one megabyte
    rows: int = 200_000
    columns: int = 200
    cells: int = 10_000_000


LIMITS = Limits()


def inspect(data: bytes, name: str, limits: Limits = LIMITS) -> str:
    """The true type of a file, "xlsx" or "csv"; refuses whatever is not safe to parse."""
    kind = sort(data, name, limits)
    if kind == "xlsx":
        search(data, limits)
    return kind


def sort(data: bytes, name: str, limits: Limits = LIMITS) -> str:
    """The type of a file by its name and first bytes; quick whatever the size."""
    kind = _kind(name)
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refused("文件是空的；请选择有内容的文件。")
    if len(data) > limits.file_bytes:
        megabytes = limits.file_bytes // MEGABYTE
        raise Refused(f"文件超过 {megabytes} MB；请按月份拆成几个文件再上传。")
    if data.startswith(_OLE):
        raise Refused("这是旧版 .xls 或加密的工作簿；请去掉密码并另存为 .xlsx 后再上传。")
    if kind == "csv":
        _csv(data)
    elif not data.startswith(b"PK\x03\x04"):
        raise Refused("文件内容不是 Excel 工作簿，与扩展名 .xlsx 不符；请重新导出。")
    return kind


def _kind(name: str) -> str:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in ("csv", "txt"):
        return "csv"
    if extension in ("xls", "et"):
        raise Refused(f"不能读取旧版 .{extension} 文件；请另存为 .xlsx 后再上传。")
    if extension in ("xlsm", "xlsb", "xltm", "xlam"):
        raise Refused(f"不接收可带宏的 .{extension} 文件；请另存为 .xlsx 后再上传。")
    if extension != "xlsx":
        raise Refused("只接收 .xlsx、.csv 和 .txt 文件；请换一种格式。")
    return "xlsx"


def _csv(data: bytes) -> None:
    """Text only: another type under a csv name is refused."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_FOREIGN) or head.startswith(_MARKUP):
        raise Refused("文件内容不是文本表格，与扩展名不符；请重新导出为 .csv 或 .xlsx。")
    if b"\0" in data and not data.startswith(_UTF16):
        raise Refused("文件中有不是文字的内容，可能已损坏；请重新导出。")


def search(data: bytes, limits: Limits = LIMITS) -> None:
    """The inside of a workbook, every part of it; the reader leaves this to its child."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _contents(archive, limits)
            for entry in archive.infolist():
                _part(archive, entry, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise Refused("Excel 文件已损坏，无法打开；请重新导出后再上传。") from error
    except (NotImplementedError, RuntimeError) as error:
        raise Refused("Excel 文件加了密或用了少见的压缩；请另存为普通 .xlsx 后再上传。") from error


def _contents(archive: zipfile.ZipFile, limits: Limits) -> None:
    """The list of parts: how many, how large, and none that runs or reaches out."""
    entries = archive.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > limits.parts or sum(e.file_size for e in entries) > limits.unpacked_bytes:
        raise Refused("Excel 文件解压后过大，疑似压缩炸弹；请重新导出，只保留要上传的工作表。")
    if any(_swollen(entry, limits.ratio) for entry in entries):
        raise Refused("Excel 文件的压缩比异常，疑似压缩炸弹；请重新导出。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("Excel 文件加了密；请去掉密码后再上传。")
    for mark, what in _DANGEROUS:
        if any(mark in name for name in names):
            raise Refused(f"Excel 文件{what}；请另存为只含数据的 .xlsx 后再上传。")
    if len(set(names)) < len(names) or "xl/workbook.xml" not in names:
        raise Refused("Excel 文件的结构不对；请用 Excel 或 WPS 打开后另存为 .xlsx。")


def _swollen(entry: zipfile.ZipInfo, ratio: int) -> bool:
    return entry.file_size > max(MEGABYTE, ratio * entry.compress_size)


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> None:
    """One part read through once in pieces, its checksum verified on the way.

    Every part, whatever its name: the workbook itself says which part is a sheet.
    """
    picture = entry.filename.lower().endswith(_PICTURES)
    for piece in _pieces(archive, entry):
        if _ENTITY.search(piece):
            raise Refused("Excel 文件含有 XML 实体或 DTD 声明，可能有害；请重新导出。")
        if b"\0" in piece and not picture:
            raise Refused("Excel 文件的内部编码不是 UTF-8；请用 Excel 或 WPS 另存为 .xlsx。")
        if entry.filename == "[Content_Types].xml" and _MACRO_TYPE.search(piece):
            raise Refused("Excel 文件含有宏；请另存为只含数据的 .xlsx 后再上传。")
        _positions(piece, limits)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part with an overlap, so that nothing hides on a seam."""
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-_OVERLAP:]


def _positions(piece: bytes, limits: Limits) -> None:
    """No cell beyond the limits: a parser would lay out the whole rectangle up to it."""
    for found in _FAR.finditer(piece):
        letters, row, only_row = found.groups()
        if letters is None and only_row is None:
            raise Refused("Excel 文件的单元格位置写法异常；请用 Excel 或 WPS 另存为 .xlsx。")
        if int(only_row or row) > limits.rows or _column(letters or b"") > limits.columns:
            raise _too_far(found[0].decode("ascii", "replace").split("=")[1].strip(" \"'"), limits)
    if b"dimension" in piece and (whole := _DIMENSION.search(piece)):
        column, height = _column(whole[1]), int(whole[2])
        if column > limits.columns or height > limits.rows or column * height > limits.cells:
            raise _too_far((whole[1] + whole[2]).decode("ascii"), limits)


def _too_far(cell: str, limits: Limits) -> Refused:
    return Refused(
        f"工作表有内容远在 {cell[:20]}，超出 {limits.columns} 列、{limits.rows} 行的范围；"
        "请删除多余的行和列，或拆成几个文件再上传。"
    )


def _column(letters: bytes) -> int:
    """The number of a column from its letters; long ones only need to be large."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number
