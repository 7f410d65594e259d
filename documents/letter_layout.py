"""The page of an official letter after GB/T 9704-2012: strips of text flowed over A4 pages.

A4; margins 37 mm above and 28 mm left; 156 × 225 mm of text in 22 lines of 28 characters.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from documents.fonts import Face
from documents.letter_model import Letter
from documents.letter_table import table_strips
from documents.qr import code_picture
from documents.typeset import Pen, width, wrap
from domain.wording import Block, Shape

MM = 72 / 25.4
LEFT, TOP = 28 * MM, 37 * MM
WIDE, HIGH = 156 * MM, 225 * MM
ROWS, SIGNS = 22, 28
LINE = HIGH / ROWS
BODY, HEADING, SMALL, NOTE = 16.0, 22.0, 14.0, 10.5  # 3号, 2号, 4号, 5号
BLACK = (0, 0, 0)
INDENT = "\u3000\u3000"
# 28 characters of 3号 are a little wider than 156 mm: they stand as much closer.
PITCH = WIDE / SIGNS - BODY
FACES = {Shape.HEAD1: Face.HEI, Shape.HEAD2: Face.KAI}
PICTURE = 24 * MM
ONLINE = "扫描左侧图形或者在查询页输入查询码，可以查询办理进度、评价办理结果。请勿转给他人。"
BY_ASKING = "凭查询码可以向出具单位查询办理进度、评价办理结果。请勿转给他人。"


@dataclass(frozen=True, slots=True)
class Strip:
    """A horizontal piece of a page: its height, how it is drawn from its top, what it keeps to."""

    height: float
    draw: Callable[[Pen, float], None]
    with_next: bool = False  # never the last of a page
    at_foot: bool = False  # stands at the bottom of its page


def draw(pen: Pen, strips: list[Strip]) -> None:
    """Draw the strips page by page, each with its number — 1 — outside the text."""
    for number, page in enumerate(_pages(strips), start=1):
        top = TOP
        for strip in page:
            strip.draw(pen, TOP + HIGH - strip.height if strip.at_foot else top)
            top += strip.height
        right = number % 2 == 1  # pages are printed on both sides
        pen.text(LEFT + WIDE - SMALL if right else LEFT + SMALL, TOP + HIGH + 7 * MM + SMALL,
                 f"— {number} —", SMALL, Face.FANGSONG, BLACK,
                 "right" if right else "left")  # fmt: skip
        pen.page()


def _pages(strips: list[Strip]) -> list[list[Strip]]:
    pages: list[list[Strip]] = [[]]
    room = HIGH
    for group in _kept_together(strips):
        needed = sum(strip.height for strip in group)
        if needed > room + 0.01 and pages[-1]:
            pages.append([])
            room = HIGH
        pages[-1] += group
        room -= needed
    return pages


def _kept_together(strips: list[Strip]) -> Iterator[list[Strip]]:
    group: list[Strip] = []
    for strip in strips:
        group.append(strip)
        if not strip.with_next:
            yield group
            group = []
    if group:
        yield group


def flow(letter: Letter, number: str) -> list[Strip]:
    """All strips of a letter, in their order."""
    strips = [*_head(letter, number), *_kept(list(_body(letter.body)))]
    strips += _closing(letter)
    return [*strips, *([_copies(letter.copies)] if letter.copies else [])]


def _head(letter: Letter, number: str) -> Iterator[Strip]:
    for text in (letter.organ, letter.title):
        for line in wrap(text, Face.TITLE, HEADING, WIDE):
            yield _line(line, Face.TITLE, HEADING, "center")
    yield _line(number, align="right")
    yield Strip(LINE / 2, _nothing)
    for text in wrap(f"{letter.salutation}：", Face.FANGSONG, BODY, SIGNS * BODY):
        if letter.salutation:
            yield _line(text)


def _nothing(pen: Pen, top: float) -> None:
    """An empty strip."""


def _body(body: tuple[Block, ...]) -> Iterator[Strip]:
    for is_row, blocks in groupby(body, lambda block: block.shape is Shape.ROW):
        if is_row:
            yield Strip(LINE / 4, _nothing, True)
            for high, paint in table_strips([b.cells for b in blocks], LEFT, WIDE):
                yield Strip(high, paint)
            yield Strip(LINE / 4, _nothing)
            continue
        for block in blocks:
            yield from _block(block)


def _block(block: Block) -> Iterator[Strip]:
    lead = "" if block.shape is Shape.LEFT else INDENT
    which = FACES.get(block.shape, Face.FANGSONG)
    lines = wrap(lead + block.text, which, BODY, SIGNS * BODY + 0.01)
    for at, text in enumerate(lines, start=1):
        yield _line(text, which, full=at < len(lines), with_next=block.shape in FACES)


def _wrapped(text: str) -> tuple[str, ...]:
    return wrap(INDENT + text, Face.FANGSONG, BODY, SIGNS * BODY + 0.01)


def _kept(strips: list[Strip]) -> list[Strip]:
    """The last two lines stay with the signature: no page holds a signature alone."""
    return strips[:-2] + [replace(strip, with_next=True) for strip in strips[-2:]]


def _line(
    text: str, which: Face = Face.FANGSONG, size: float = BODY, align: str = "left",
    *, full: bool = False, with_next: bool = False,
) -> Strip:  # fmt: skip
    """A line of the grid; a full one reaches both margins."""

    def paint(pen: Pen, top: float) -> None:
        y = top + (LINE + size * 0.76) / 2
        match align:
            case "center":
                pen.text(LEFT + WIDE / 2, y, text, size, which, BLACK, "center")
            case "right":
                pen.text(LEFT + WIDE, y, text, size, which, BLACK, "right")
            case _:
                pen.text(LEFT, y, text, size, which, BLACK, spacing=_spacing(text, which, full))

    return Strip(LINE, paint, with_next)


def _spacing(text: str, which: Face, full: bool) -> float:
    if len(text) < 2:
        return 0
    spread = (WIDE - width(text, which, BODY)) / (len(text) - 1)
    return spread if full and abs(spread) < BODY / 8 else min(PITCH, spread)


def _closing(letter: Letter) -> list[Strip]:
    """What ends a letter: signature, contact, and the query code beside it where it has room."""
    contact = [_line(t) for t in _wrapped(f"（联系方式：{letter.contact}）") if letter.contact]
    if not letter.sealed_by_hand:
        return contact
    middle = _middle(letter)
    room = middle - width(letter.organ, Face.FANGSONG, BODY) / 2 - LEFT - PICTURE - 8 * MM
    beside = bool(letter.query_code) and room > 8 * NOTE
    paint = _signature(letter, middle, room if beside else 0)
    signature = Strip(4 * LINE + 2 * MM, paint, with_next=bool(contact))
    alone = letter.query_code and not beside
    return [signature, *contact, *([_code(letter)] if alone else [])]


def _middle(letter: Letter) -> float:
    """The axis of the signature: the date ends four characters from the right margin."""
    half = width(_day(letter), Face.FANGSONG, BODY) / 2
    wide = width(letter.organ, Face.FANGSONG, BODY) / 2
    return min(LEFT + WIDE - 4 * BODY - half, LEFT + WIDE - wide - BODY)


def _day(letter: Letter) -> str:
    return f"{letter.issued_on.year}年{letter.issued_on.month}月{letter.issued_on.day}日"


def _signature(letter: Letter, middle: float, room: float) -> Callable[[Pen, float], None]:
    """Organ, date in Arabic numerals, the place of the seal; the query code left of them."""

    def paint(pen: Pen, top: float) -> None:
        for row, text in enumerate((letter.organ, _day(letter), "（公章）"), start=1):
            y = top + row * LINE + (LINE + BODY * 0.76) / 2
            pen.text(middle, y, text, BODY, Face.FANGSONG, BLACK, "center")
        if room:
            _ask(pen, letter, top + LINE, room)

    return paint


def _code(letter: Letter) -> Strip:
    """The query code on lines of its own."""
    room = WIDE - PICTURE - 4 * MM
    return Strip(PICTURE + 4 * MM, lambda pen, top: _ask(pen, letter, top + 2 * MM, room))


def _ask(pen: Pen, letter: Letter, top: float, room: float) -> None:
    """The query code as a picture and in words, with how to use it."""
    how = ONLINE if "://" in letter.query else BY_ASKING
    lines = wrap(f"查询码：{letter.query_code}\n{how}", Face.FANGSONG, NOTE, room)
    code_picture(pen, letter.query, LEFT, top, PICTURE)
    first = top + (PICTURE - len(lines) * 15) / 2 + NOTE
    pen.block(LEFT + PICTURE + 2 * MM, first, lines, NOTE, 15, Face.FANGSONG, BLACK)


def _copies(copies: str) -> Strip:
    """抄送 between two rules at the foot of the last page (版记)."""
    lines = wrap(f"抄送：{copies}", Face.FANGSONG, SMALL, WIDE - 2 * SMALL)
    height = len(lines) * 20 + 10

    def paint(pen: Pen, top: float) -> None:
        pen.line(LEFT, top, LEFT + WIDE, top, BLACK, 1)
        pen.block(LEFT + SMALL, top + 18, lines, SMALL, 20, Face.FANGSONG)
        pen.line(LEFT, top + height, LEFT + WIDE, top + height, BLACK, 1)

    return Strip(height, paint, at_foot=True)
