"""The table of all lines on page one of the scorecard."""

from functools import lru_cache
from itertools import groupby

from documents import figures
from documents.fonts import Face
from documents.model import ZERO, Line, LineStatus, Scorecard
from documents.typeset import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RULE,
    WHITE,
    Pen,
    clip,
    fit,
    width,
    wrap,
)

HEAD = 17.0
# Right edges of the number columns and the left edge of the rule, from the table's left.
WEIGHT, RULE_AT, RULE_ROOM, MET, ALL, RATE, GOT, LOST = 166, 173, 145, 346, 382, 424, 464, 505
RULE_LARGE, RULE_SMALL, RULE_LEAST, RULE_LINES = 7.0, 6.0, 5.8, 2
MORE = "……全文见附件"


def draw(pen: Pen, card: Scorecard, left: float, right: float, top: float, bottom: float) -> None:
    """Draw the table between `top` and `bottom`; rows share the height."""
    _header(pen, left, right, top)
    y = top + HEAD
    high = min(17.6, (bottom - y) / (len(card.lines) + 1))
    for number, (area, found) in enumerate(groupby(card.lines, key=lambda line: line.area)):
        block = list(found)
        if number % 2:
            pen.box(left + 16, y, right - left - 16, high * len(block), PALE)
        _area(pen, area, left, y, high * len(block))
        pen.line(left, y, right, y, RULE, 0.8)
        for line in block:
            _row(pen, line, left, y, high)
            y += high
            pen.line(left + 16, y, right, y, RULE, 0.3)
    pen.line(left, y, right, y, RULE, 0.8)
    _total(pen, card, left, right, y, high)


def shortened(rule: str) -> bool:
    """Whether page one has no room for the whole rule, so that the annex must print it."""
    return len(wrap(_terse(rule), Face.HEI, RULE_SMALL, RULE_ROOM)) > RULE_LINES


def _terse(rule: str) -> str:
    """The rule without what the legend below the table says once for all lines."""
    return rule.replace("，扣完为止", "").removesuffix("。")


@lru_cache(maxsize=256)
def _rule(rule: str) -> tuple[tuple[str, ...], float]:
    """A rule as lines of text and their size: whole where it fits, else its first clauses."""
    text = _terse(rule)
    one = fit(text, Face.HEI, RULE_LARGE, RULE_ROOM)
    if one >= RULE_LEAST:
        return (text,), one
    for size in (6.4, 6.2, RULE_SMALL):
        lines = wrap(text, Face.HEI, size, RULE_ROOM)
        if len(lines) <= RULE_LINES:
            return lines, size
    clauses = text.split("；")
    while len(clauses) > 1 and shortened("；".join(clauses) + MORE):
        clauses.pop()
    first, *rest = wrap("；".join(clauses) + MORE, Face.HEI, RULE_SMALL, RULE_ROOM)
    return (first, clip("".join(rest), Face.HEI, RULE_SMALL, RULE_ROOM)), RULE_SMALL


def _header(pen: Pen, left: float, right: float, top: float) -> None:
    pen.box(left, top, right - left, HEAD, BLUE)
    pen.text(left + 22, top + 11.7, "指标", 8, Face.BOLD, WHITE)
    pen.text(left + RULE_AT, top + 11.7, "计分规则", 8, Face.BOLD, WHITE)
    heads = ((WEIGHT, "分值"), (MET, "分子"), (ALL, "分母"), (RATE, "比率"), (GOT, "得分"))
    for x, label in (*heads, (LOST, "失分")):
        pen.text(left + x, top + 11.7, label, 8, Face.BOLD, WHITE, "right")


def _area(pen: Pen, code: str, left: float, y: float, high: float) -> None:
    pen.box(left, y, 16, high, PALE)
    pen.text(left + 8, y + high / 2 + 3.2, code, 9, Face.BOLD, BLUE, "center")


def _row(pen: Pen, line: Line, left: float, y: float, high: float) -> None:
    base = y + high / 2 + 2.9
    judged = line.status is LineStatus.NORMAL
    shade = INK if judged or line.status is LineStatus.TOO_FEW else GREY
    pen.text(left + 22, base, line.code, 8, Face.BOLD, shade)
    tag = 0.0 if judged else width(line.status.label, Face.HEI, 6) + 9
    pen.fitted(left + 38, base, line.label, 8, 106 - tag, colour=shade)
    if not judged:
        _tag(pen, line.status.label, left + 148 - tag, y, high)
    pen.fitted(left + WEIGHT, base, _weight(line), 8, 30, colour=shade, align="right")
    rule, size = _rule(line.rule)
    first = y + high / 2 + size * 0.36 - (size + 0.8) * (len(rule) - 1) / 2
    pen.block(left + RULE_AT, first, rule, size, size + 0.8, colour=GREY)
    _numbers(pen, line, left, base)


def _weight(line: Line) -> str:
    weight = figures.weight(line.weight)
    if line.effective in (line.weight, ZERO):
        return weight
    return f"{weight}→{figures.weight(line.effective)}"


def _tag(pen: Pen, label: str, x: float, y: float, high: float) -> None:
    wide = width(label, Face.HEI, 6) + 5
    pen.frame(x, y + high / 2 - 4.4, wide, 8.8, ORANGE)
    pen.text(x + 2.5, y + high / 2 + 2.2, label, 6, colour=ORANGE)


def _numbers(pen: Pen, line: Line, left: float, base: float) -> None:
    lost = line.lost
    pen.fitted(left + MET, base, figures.count(line.numerator), 8, 30, align="right")
    pen.fitted(left + ALL, base, figures.count(line.denominator), 8, 34, align="right")
    pen.fitted(left + RATE, base, figures.percent(line.rate), 8, 40, align="right")
    if line.points is None and line.reference is not None:
        text = f"（{figures.points(line.reference)}）"
        pen.fitted(left + GOT + 4, base, text, 8, 44, colour=GREY, align="right")
    else:
        pen.text(left + GOT, base, figures.points(line.points), 8, Face.BOLD, INK, "right")
    text = figures.NOTHING if lost is None else figures.points(lost)
    heavy = bool(lost and lost > ZERO)
    shade = ORANGE if heavy else GREY
    pen.text(left + LOST, base, text, 8, Face.BOLD if heavy else Face.HEI, shade, "right")


def _total(pen: Pen, card: Scorecard, left: float, right: float, y: float, high: float) -> None:
    base = y + high / 2 + 3
    weight = sum((line.weight for line in card.lines), ZERO)
    judged = [line.lost for line in card.lines if line.lost is not None]
    bonus = f"（含加分 {figures.points(card.bonus)}）" if card.bonus else ""
    pen.text(left + 22, base, f"合计{bonus}", 8.5, Face.BOLD, BLUE)
    pen.text(left + WEIGHT, base, figures.weight(weight), 8.5, Face.BOLD, BLUE, "right")
    pen.text(left + GOT, base, figures.points(card.total), 8.5, Face.BOLD, BLUE, "right")
    lost = figures.points(sum(judged, ZERO)) if judged else figures.NOTHING
    pen.text(left + LOST, base, lost, 8.5, Face.BOLD, ORANGE if any(judged) else GREY, "right")
    pen.line(left, y + high, right, y + high, BLUE, 1.2)
