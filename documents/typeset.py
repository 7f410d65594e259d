"""A pen over a ReportLab canvas: text with fallback fonts, Chinese line breaking, bars and rules.

Coordinates are points from the top left corner of an A4 page; text is placed by its baseline.
"""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal

from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from documents.fonts import CANNOT_END, CANNOT_START, Face, face, printable, runs

WIDTH, HEIGHT = 595.28, 841.89
Align = Literal["left", "center", "right"]
Colour = tuple[float, float, float]

# Blue for what stands, orange for what is lost: told apart by every eye, and in grey print.
INK: Colour = (0.13, 0.16, 0.20)
GREY: Colour = (0.42, 0.46, 0.51)
RULE: Colour = (0.80, 0.83, 0.87)
PALE: Colour = (0.95, 0.965, 0.98)
TRACK: Colour = (0.89, 0.91, 0.935)
BLUE: Colour = (0.10, 0.30, 0.55)
SKY: Colour = (0.33, 0.55, 0.78)
ORANGE: Colour = (0.80, 0.36, 0.02)
WHITE: Colour = (1, 1, 1)


def width(text: str, which: Face, size: float) -> float:
    """The width of a text in points."""
    return face(which).width(printable(text), size)


def fit(text: str, which: Face, size: float, room: float, least: float = 4.5) -> float:
    """The largest size, not above `size`, at which a text fits the room on one line."""
    wide = width(text, which, size)
    return size if wide <= room else max(least, int(size * room / wide * 20) / 20)


def clip(text: str, which: Face, size: float, room: float) -> str:
    """The text, ended by … where even the smallest size has no room."""
    text = printable(text)
    if width(text, which, size) <= room:
        return text
    while text and width(text + "…", which, size) > room:
        text = text[:-1]
    return text + "…"


@lru_cache(maxsize=4096)
def wrap(text: str, which: Face, size: float, room: float) -> tuple[str, ...]:
    """The lines of a text: no 、 at a line's start, no （ at its end, numbers kept whole."""
    parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(line for part in parts for line in _wrap_one(printable(part), which, size, room))


def _wrap_one(text: str, which: Face, size: float, room: float) -> list[str]:
    if width(text, which, size) <= room:
        return [text]
    advance, lines, start, used, at = face(which).advance, list[str](), 0, 0.0, 0
    while at < len(text):
        used += advance[text[at]] * size
        if used > room and at > start:
            at = _break_before(text, start, at)
            lines.append(text[start:at].rstrip(" "))
            start, used = at, 0.0
            continue
        at += 1
    return [*lines, text[start:]]


def _break_before(text: str, start: int, at: int) -> int:
    """The last place at or before `at` where a line may break; `at` itself if there is none."""
    place = at
    while place > start + 1 and not _may_break(text[place - 1], text[place]):
        place -= 1
    return place if _may_break(text[place - 1], text[place]) else at


def _may_break(before: str, after: str) -> bool:
    if after in CANNOT_START or before in CANNOT_END:
        return False
    return not (_part_of_word(before) and _part_of_word(after))


def _part_of_word(ch: str) -> bool:
    return ch.isascii() and (ch.isalnum() or ch in "-_/.,:%+=@#&")


class Pen:
    """Draws on the pages of one document."""

    def __init__(self, title: str, author: str, subject: str) -> None:
        self._buffer = BytesIO()
        self._canvas: Any = Canvas(
            self._buffer,
            pagesize=(WIDTH, HEIGHT),
            invariant=1,
            pageCompression=1,
            initialFontName=face(Face.HEI).name,
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)
        self._canvas.setCreator("信访举报工作台")
        self._filled: Colour | None = None

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        which: Face = Face.HEI,
        colour: Colour = INK,
        align: Align = "left",
        spacing: float = 0,
    ) -> None:
        """One line of text at a baseline; `spacing` points are added after each character."""
        text = printable(text)
        if not text:
            return
        if align != "left":
            wide = face(which).width(text, size)
            x -= wide if align == "right" else wide / 2
        self._fill(colour)
        self._show(x, HEIGHT - y, text, size, which, spacing)

    def _show(
        self, x: float, y: float, text: str, size: float, which: Face, spacing: float = 0
    ) -> None:
        """Write the text operators themselves: an annex of thousands of items waits for this."""
        canvas, parts = self._canvas, [f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm"]
        parts += [f"{spacing:.3f} Tc"] if spacing else []
        for name, piece in runs(text, which):
            font = getFont(name)
            for subset, code in font.splitString(piece, canvas._doc):
                parts.append(f"{font.getSubsetInternalName(subset, canvas._doc)} {size:.2f} Tf")
                parts.append(f"({canvas._escape(code)}) Tj")
        end = ["0 Tc ET"] if spacing else ["ET"]
        canvas._code.append(" ".join([*parts, *end]))

    def fitted(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        room: float,
        which: Face = Face.HEI,
        colour: Colour = INK,
        align: Align = "left",
    ) -> None:
        """One line of text, made smaller where it needs more than the room."""
        size = fit(text, which, size, room)
        self.text(x, y, clip(text, which, size, room), size, which, colour, align)

    def block(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        size: float,
        leading: float,
        which: Face = Face.HEI,
        colour: Colour = INK,
        align: Align = "left",
    ) -> None:
        """Lines of text below one another; `y` is the first baseline."""
        for number, line in enumerate(lines):
            self.text(x, y + number * leading, line, size, which, colour, align)

    def box(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """A filled rectangle from its top left corner."""
        self._fill(colour)
        self._canvas._code.append(f"{x:.2f} {HEIGHT - y - high:.2f} {wide:.2f} {high:.2f} re f")

    def frame(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """The outline of a rectangle with rounded corners."""
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(0.6)
        self._canvas.roundRect(x, HEIGHT - y - high, wide, high, 2, stroke=1, fill=0)

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour = RULE, thick: float = 0.5
    ) -> None:
        """A straight line."""
        pen = f"{colour[0]:.3f} {colour[1]:.3f} {colour[2]:.3f} RG {thick:.2f} w"
        way = f"{x0:.2f} {HEIGHT - y0:.2f} m {x1:.2f} {HEIGHT - y1:.2f} l S"
        self._canvas._code.append(f"{pen} {way}")

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A filled dot."""
        self._fill(colour)
        self._canvas.circle(x, HEIGHT - y, radius, stroke=0, fill=1)

    def marker(self, x: float, y: float, high: float, colour: Colour = INK) -> None:
        """A line across a bar with a small triangle on it: where the mean lies."""
        self.line(x, y - 1, x, y + high + 1, WHITE, 2.6)
        self.line(x, y - 1, x, y + high + 1, colour, 1.2)
        path = self._canvas.beginPath()
        path.moveTo(x, HEIGHT - y + 0.5)
        path.lineTo(x - 2.2, HEIGHT - y + 4)
        path.lineTo(x + 2.2, HEIGHT - y + 4)
        path.close()
        self._fill(colour)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def watermark(self, text: str) -> None:
        """A large pale word across the page, under everything drawn later."""
        self._canvas.saveState()
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(45)
        self._canvas.setFillColorRGB(0.93, 0.935, 0.945)
        self._show(-width(text, Face.TITLE, 150) / 2, -50, text, 150, Face.TITLE)
        self._canvas.restoreState()

    def bookmark(self, label: str) -> None:
        """An entry of the reader's table of contents at this page."""
        self._canvas.bookmarkPage(label)
        self._canvas.addOutlineEntry(label, label)

    def page(self) -> None:
        """End the page."""
        self._canvas.showPage()
        self._filled = None

    def _fill(self, colour: Colour) -> None:
        """Set the colour of what is drawn next, written only where it changes."""
        if colour != self._filled:
            self._canvas.setFillColorRGB(*colour)
            self._filled = colour

    def finish(self) -> bytes:
        """The whole document."""
        self._canvas.save()
        return self._buffer.getvalue()
