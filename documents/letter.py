"""Official letters set as GB/T 9704-2012 asks, drawn from a frozen record."""

from documents.fonts import DRAWING, require
from documents.letter_layout import draw, flow
from documents.letter_model import Letter, with_name
from documents.typeset import Pen

DRAFT = "（出具时编号）"


def render(letter: Letter, name: str = "") -> bytes:
    """The PDF of a frozen record; the same record and name give the same bytes.

    Without a name the petitioner is called 信访人. Refuses (`Refused`) a character that no font
    can draw.
    """
    shown = with_name(letter, name)
    require(shown.texts())
    with DRAWING:
        pen = Pen(f"{letter.label} {letter.number}".strip(), letter.organ, letter.case_no)
        draw(pen, flow(shown, shown.number or DRAFT))
        return pen.finish()
