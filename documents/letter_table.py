"""Tables within a letter: rows of cells with rules around them, long rows cut across pages."""

from collections.abc import Callable, Iterator
from itertools import groupby

from documents.fonts import Face
from documents.typeset import INK, Pen, width, wrap

SIZE, LEADING, PAD = 14.0, 20.0, 6.0  # 4号
MOST = 18  # lines of a row in one piece
SHORT = 9 * SIZE  # a column not wider than this, such as one of dates, is not wrapped
WIDEST = 22  # characters a column asks room for; more is wrapped
Rows = list[tuple[str, ...]]


def table_strips(
    rows: Rows, left: float, wide: float
) -> Iterator[tuple[float, Callable[[Pen, float], None]]]:
    """Height and painter of every row of a table, in order."""
    for _, alike in groupby(rows, len):
        part = list(alike)
        columns = _columns(part, wide)
        for row in part:
            yield from _row(row, columns, left)


def _columns(rows: Rows, wide: float) -> list[float]:
    """Widths by what the columns hold; a column of short words keeps them on one line."""
    asked = [
        min(max(width(cell, Face.FANGSONG, SIZE) for cell in column), WIDEST * SIZE) + 2 * PAD
        for column in zip(*rows, strict=True)
    ]
    if len(asked) == 2:  # a form: what is asked, and room for the answer
        label = min(asked[0], wide / 3)
        return [label, wide - label]
    least = [room if room <= SHORT else SHORT / 2 for room in asked]
    spare, beyond = wide - sum(least), sum(asked) - sum(least)
    if spare <= 0 or beyond <= 0:
        return [room * wide / sum(asked) for room in asked]
    return [low + (room - low) * spare / beyond for low, room in zip(least, asked, strict=True)]


def _row(
    row: tuple[str, ...], columns: list[float], left: float
) -> Iterator[tuple[float, Callable[[Pen, float], None]]]:
    cells = [
        wrap(cell, Face.FANGSONG, SIZE, room - 2 * PAD)
        for cell, room in zip(row, columns, strict=True)
    ]
    for at in range(0, max(map(len, cells)), MOST):
        piece = [lines[at : at + MOST] for lines in cells]
        high = max(max(map(len, piece)), 1) * LEADING + 2 * PAD
        yield high, _painter(piece, columns, left, high)


def _painter(
    cells: list[tuple[str, ...]], columns: list[float], left: float, high: float
) -> Callable[[Pen, float], None]:
    def paint(pen: Pen, top: float) -> None:
        x = left
        for lines, room in zip(cells, columns, strict=True):
            pen.block(x + PAD, top + PAD + SIZE, lines, SIZE, LEADING, Face.FANGSONG)
            for x0, y0, x1, y1 in (
                (x, top, x + room, top), (x, top + high, x + room, top + high),
                (x, top, x, top + high), (x + room, top, x + room, top + high),
            ):  # fmt: skip
                pen.line(x0, y0, x1, y1, INK, 0.6)
            x += room

    return paint
