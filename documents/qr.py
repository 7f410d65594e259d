"""A text as a QR picture of filled rectangles, the same for the same text."""

from itertools import groupby

from reportlab.graphics.barcode.qr import QrCodeWidget

from documents.typeset import INK, Pen

QUIET = 4  # modules of white around it


def modules(text: str) -> list[list[bool]]:
    """The rows of the picture, dark or not; error correction M, so that a crease does no harm."""
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    size = code.getModuleCount()
    return [[bool(code.isDark(row, column)) for column in range(size)] for row in range(size)]


def code_picture(pen: Pen, text: str, x: float, y: float, side: float) -> None:
    """Draw the picture in a square with its white margin; dark neighbours as one rectangle."""
    rows = modules(text)
    unit = side / (len(rows) + 2 * QUIET)
    for line, row in enumerate(rows):
        at = 0
        for dark, run in groupby(row):
            long = len(list(run))
            if dark:
                pen.box(x + (at + QUIET) * unit, y + (line + QUIET) * unit, long * unit, unit, INK)
            at += long
