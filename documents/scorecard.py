"""市考核评分单: one page a leader can read at arm's length, then every deducted item."""

from documents import scorecard_annex, scorecard_front
from documents.fonts import DRAWING, require
from documents.model import CardState, Scorecard
from documents.typeset import Pen


def render(card: Scorecard) -> bytes:
    """The PDF of a frozen record; the same record gives the same bytes.

    Refuses (`Refused`) a record with a character that no font can draw.
    """
    require(card.texts())
    with DRAWING:
        return _draw(card)


def _draw(card: Scorecard) -> bytes:
    pen = Pen(
        f"{card.unit_name} {card.period} 系统使用情况考核评分单", card.organ, f"摘要 {card.digest}"
    )
    sheets = scorecard_annex.sheets(card)
    of = 1 + len(sheets)
    _watermark(pen, card)
    pen.bookmark("评分单")
    scorecard_front.draw(pen, card, of)
    pen.page()
    for number, sheet in enumerate(sheets, start=2):
        _watermark(pen, card)
        if number == 2:
            pen.bookmark("附件：扣分事项清单")
        scorecard_annex.draw(pen, card, sheet, number, of)
        pen.page()
    return pen.finish()


def _watermark(pen: Pen, card: Scorecard) -> None:
    if card.state is not CardState.LOCKED:
        pen.watermark(card.state.label)
