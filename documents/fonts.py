"""Open fonts, registered once; a character a font lacks is drawn from the next one, or refused."""

import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import paragraph

from domain.errors import Refused

SHIPPED = Path(__file__).resolve().parent.parent / "assets" / "fonts"

# What must not begin, and what must not end, a line of Chinese text.
CANNOT_START = textsplit.ALL_CANNOT_START + "，；：？！”’…—》〉〕］｝％·.,;:%"
CANNOT_END = textsplit.ALL_CANNOT_END + "“‘《〈〔（［｛"


class Face(StrEnum):
    """A typeface of the office; a site's own folder replaces it by a file of that key or label."""

    label: str
    shipped: str

    def __new__(cls, value: str, label: str, shipped: str) -> "Face":
        """A member with its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.shipped = shipped
        return member

    HEI = "hei", "黑体", "NotoSansSC-Regular.subset.ttf"
    BOLD = "hei-bold", "黑体粗", "NotoSansSC-Bold.subset.ttf"
    TITLE = "title", "小标宋", "NotoSerifSC-Black.subset.ttf"
    KAI = "kai", "楷体", "GWKai-Regular.subset.ttf"
    FANGSONG = "fangsong", "仿宋", "GWKai-Regular.subset.ttf"


@dataclass(frozen=True, slots=True)
class Typeface:
    """One face with its fallbacks: the font that draws each character, and its advance in em."""

    name: str  # the font of the face itself, as ReportLab knows it
    owner: dict[str, str]
    advance: dict[str, float]

    def width(self, text: str, size: float) -> float:
        """The width of printable text in points."""
        return sum(map(self.advance.__getitem__, text)) * size


# One lock for drawing: a ReportLab font keeps a reading position, so two threads must not share it.
DRAWING = threading.RLock()
_site: Path | None = None


def use(folder: Path | None) -> None:
    """Take a site's own font folder (黑体.ttf, 小标宋.ttf, 仿宋.ttf …), or none; at start."""
    global _site
    if folder is not None and not folder.is_dir():
        raise Refused(f"字体目录不存在：{folder}。请检查配置，或留空以使用自带字体。")
    _site = None if folder == SHIPPED else folder
    _faces.cache_clear()


def face(which: Face) -> Typeface:
    """The typeface, registered on first use."""
    return _faces()[which]


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text as it can be drawn: line ends and tabs become spaces, invisible marks go."""
    if text.isprintable() and "\ufe00" not in text and "\ufe0f" not in text:
        return text
    return "".join(
        " " if ch in "\t\n\r\u2028\u2029" or (_kind(ch) == "Zs" and ch != "\u3000") else ch
        for ch in text
        if not _invisible(ch)
    )


def missing(text: str) -> str:
    """The characters of a text that no font can draw, each once, in order."""
    drawable = face(Face.HEI).advance
    return "".join(dict.fromkeys(ch for ch in printable(text) if ch not in drawable))


def require(texts: Iterable[str]) -> None:
    """Refuse texts with a character that no font can draw; a document never shows a blank."""
    lacking = missing("\n".join(texts))
    if lacking:
        named = "、".join(map(_named, lacking[:10]))
        raise Refused(
            f"文书中有 {len(lacking)} 个字符在现有字库中没有字形：{named}。"
            "请改用通行写法，或请管理员在字体目录中加入含有该字的字体后再出具。"
        )


def runs(text: str, which: Face) -> list[tuple[str, str]]:
    """Printable text cut into (font name, piece), each piece drawable by its font."""
    known, owner = face(which), face(which).owner
    if all(owner[ch] == known.name for ch in text):
        return [(known.name, text)]
    pieces: list[tuple[str, str]] = []
    for ch in text:
        if pieces and pieces[-1][0] == owner[ch]:
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + ch)
        else:
            pieces.append((owner[ch], ch))
    return pieces


def _named(ch: str) -> str:
    """A character as a message can show it."""
    return f"“{ch}”（U+{ord(ch):04X}）" if ch.isprintable() else f"U+{ord(ch):04X}"


def _kind(ch: str) -> str:
    return unicodedata.category(ch)


def _invisible(ch: str) -> bool:
    """Controls, joiners, direction marks and variation selectors, which have no picture."""
    if ch in "\t\n\r":
        return False
    selector = "\ufe00" <= ch <= "\ufe0f" or "\U000e0100" <= ch <= "\U000e01ef"
    return selector or _kind(ch) in ("Cc", "Cf")


@cache
def _faces() -> dict[Face, Typeface]:
    with DRAWING:
        _teach_reportlab()
        shipped = {which: _register(SHIPPED / which.shipped) for which in Face}
        files = _site_files()
        own = {which: _register(files[which]) for which in Face if which in files}
        spare = [_register(path) for path in _spare_files(files)]
        everything = [*own.values(), *shipped.values(), *spare]
        return {
            which: _typeface([own.get(which, shipped[which]), shipped[which], *everything])
            for which in Face
        }


def _typeface(chain: list[Any]) -> Typeface:
    """Merge a chain of fonts; the first that has a character draws it."""
    owner: dict[str, str] = {}
    advance: dict[str, float] = {}
    for font in reversed(chain):
        widths = font.face.charWidths
        for code in font.face.charToGlyph:
            owner[chr(code)] = font.fontName
            advance[chr(code)] = widths.get(code, font.face.defaultWidth) / 1000
    return Typeface(chain[0].fontName, owner, advance)


def _register(path: Path) -> Any:
    """The font of a file, read once; its registered name is the file's."""
    name = path.name.removesuffix(path.suffix)
    if name in pdfmetrics.getRegisteredFontNames():
        known = pdfmetrics.getFont(name)
        if Path(known.face.filename) == path:
            return known
    try:
        font = ttfonts.TTFont(name, str(path), shapable=False)
    except (OSError, ttfonts.TTFError) as error:
        raise Refused(
            f"字体文件 {path} 无法使用：{error}。请换用 TrueType 轮廓（glyf）的 .ttf 文件。"
        ) from error
    pdfmetrics.registerFont(font)
    return font


def _site_files() -> dict[Face, Path]:
    """The files of the site's folder that take the place of a shipped face."""
    if _site is None:
        return {}
    named = {path.stem: path for path in sorted(_site.glob("*.ttf"))}
    found = {which: named.get(which.value) or named.get(which.label) for which in Face}
    return {which: path for which, path in found.items() if path is not None}


def _spare_files(taken: dict[Face, Path]) -> list[Path]:
    """Every further font of the site's folder: last fallbacks, for rare characters of names."""
    return sorted(set(_site.glob("*.ttf")) - set(taken.values())) if _site is not None else []


def _teach_reportlab() -> None:
    """Correct the library: line beginnings, characters beyond U+FFFF, needless text encoding."""
    textsplit.ALL_CANNOT_START = CANNOT_START
    paragraph.ALL_CANNOT_START = CANNOT_START
    textsplit.ALL_CANNOT_END = CANNOT_END
    ttfonts.makeToUnicodeCMap = _to_unicode
    rl_config.useA85 = 0  # binary streams: a fifth smaller, and quicker


def _to_unicode(fontname: str, subset: list[int]) -> str:
    """The map from drawn codes back to text, in UTF-16 as the format asks (ISO 32000 9.10.3)."""
    pairs = [
        f"<{code:02X}> <{chr(char).encode('utf-16-be').hex().upper()}>"
        for code, char in enumerate(subset)
    ]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    body = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            f"/CIDSystemInfo << /Registry ({fontname}) /Ordering ({fontname}) /Supplement 0 >> def",
            f"/CMapName /{fontname} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            f"<00> <{len(subset) - 1:02X}>",
            "endcodespacerange",
            *body,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )
