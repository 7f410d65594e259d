"""Page one of the scorecard: result, trend, six areas, largest losses, all lines, the seal."""

from collections import Counter
from decimal import Decimal

from documents import figures
from documents.fonts import Face
from documents.model import ZERO, Area, Scorecard
from documents.scorecard_lines import draw as draw_lines
from documents.typeset import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RULE,
    SKY,
    TRACK,
    WIDTH,
    Pen,
    clip,
    fit,
    width,
    wrap,
)

LEFT, RIGHT = 42.0, WIDTH - 42.0
TITLE = "系统使用情况考核评分单"
HERO, MIDDLE, TABLE, NOTES = 112.0, 222.0, 369.0, 712.0


def draw(pen: Pen, card: Scorecard, of: int) -> None:
    """Draw page one of `of` pages."""
    _head(pen, card)
    _result(pen, card)
    _trend(pen, card, 368, HERO, RIGHT - 368, 96)
    _areas(pen, card)
    _losses(pen, card)
    heading(pen, LEFT, TABLE, f"{len(card.lines)} 项指标得分明细")
    draw_lines(pen, card, LEFT, RIGHT, TABLE + 8, NOTES - 6)
    _notes(pen, card)
    foot(pen, card, 1, of)


def heading(pen: Pen, x: float, y: float, text: str) -> None:
    """A section's heading with its blue bar."""
    pen.box(x, y - 8.5, 3, 10, BLUE)
    pen.text(x + 8, y, text, 10, Face.BOLD, BLUE)


def foot(pen: Pen, card: Scorecard, page: int, of: int) -> None:
    """Versions, digest and page number at the foot of every page."""
    pen.line(LEFT, 782, RIGHT, 782, RULE)
    versions = f"规则版本 {card.rules_version}　日历版本 {card.calendar_version}"
    proof = f"快照 {figures.minute(card.snapshot_at)}　计算 {figures.minute(card.ran_at)}"
    pen.fitted(LEFT, 792, f"{versions}　{proof}", 7, 380, colour=GREY)
    run = f"批次 {card.run_id}　摘要 {card.digest[:16]}"
    pen.fitted(LEFT, 802, run, 7, 230, colour=GREY)
    pen.text(WIDTH / 2, 812, f"— {page} —", 9, align="center")
    pen.text(RIGHT, 792, f"第 {page} 页　共 {of} 页", 7, colour=GREY, align="right")


def _head(pen: Pen, card: Scorecard) -> None:
    pen.fitted(LEFT, 42, card.organ, 11, 300, Face.TITLE, BLUE)
    number = f"编号　{card.number}" if card.number else ""
    pen.fitted(RIGHT, 42, number, 8.5, 200, colour=GREY, align="right")
    pen.line(LEFT, 49, RIGHT, 49, BLUE, 1.8)
    pen.line(LEFT, 51.6, RIGHT, 51.6, BLUE, 0.5)
    pen.text(WIDTH / 2, 81, TITLE, 22, Face.TITLE, INK, "center")
    pen.fitted(
        WIDTH / 2, 101, f"{card.unit_name}　{card.period}", 12.5, 500, Face.HEI, INK, "center"
    )


def _result(pen: Pen, card: Scorecard) -> None:
    """Total, grade, rank and state in one band."""
    pen.box(LEFT, HERO, 314, 96, PALE)
    pen.box(LEFT, HERO, 3, 96, BLUE)
    _total(pen, card)
    for x in (192, 274):
        pen.line(x, HERO + 14, x, HERO + 82, RULE)
    pen.text(233, HERO + 20, "等级", 8.5, colour=GREY, align="center")
    colour = ORANGE if card.veto or card.grade == "不合格" else BLUE
    grade = card.grade or figures.NOTHING
    pen.fitted(233, HERO + 55, grade, 25, 64, Face.TITLE, colour, "center")
    _state(pen, card)
    pen.text(315, HERO + 20, "名次", 8.5, colour=GREY, align="center")
    rank = figures.count(card.rank)
    pen.text(315, HERO + 58, rank, 30, Face.BOLD, BLUE, "center")
    standing = f"共 {card.rank_of} 个单位" if card.rank else f"未排名（共 {card.rank_of} 个单位）"
    pen.fitted(315, HERO + 80, standing, 8.5, 74, colour=GREY, align="center")


def _total(pen: Pen, card: Scorecard) -> None:
    x = LEFT + 18
    pen.text(x, HERO + 20, "总分（满分 100 分）", 8.5, colour=GREY)
    total = figures.points(card.total)
    size = fit(total, Face.BOLD, 42, 112)
    pen.text(x, HERO + 62, total, size, Face.BOLD, BLUE)
    pen.text(x + width(total, Face.BOLD, size) + 3, HERO + 62, "分", 10, colour=BLUE)
    mean = f"{card.mean_label} {figures.points(card.mean)}"
    if card.total is not None and card.mean is not None:
        mean += f"　{_gap(card.total - card.mean)}"
    bonus = f"　含加分 {figures.points(card.bonus)}" if card.bonus else ""
    pen.fitted(x, HERO + 82, mean + bonus, 8.5, 128, colour=GREY)


def _state(pen: Pen, card: Scorecard) -> None:
    label = card.state.label
    pen.frame(233 - 21, HERO + 69, 42, 15, BLUE)
    pen.text(233, HERO + 80, label, 9, Face.BOLD, BLUE, "center")


def _gap(value: Decimal) -> str:
    arrow = "▲" if value > ZERO else "▼" if value < ZERO else ""
    return f"{arrow}{figures.signed(value)}"


def _trend(pen: Pen, card: Scorecard, x: float, y: float, wide: float, high: float) -> None:
    """The totals of up to six periods as a line of dots; a period without a total is a gap."""
    pen.box(x, y, wide, high, PALE)
    pen.text(x + 10, y + 16, "近六期总分走势", 8.5, Face.BOLD, BLUE)
    shown = card.trend[-6:]
    totals = [point.total for point in shown if point.total is not None]
    if not totals:
        pen.text(x + wide / 2, y + 54, "暂无历史得分", 9, colour=GREY, align="center")
        return
    low, top = min(totals), max(totals)
    step = (wide - 20) / 6
    first = x + 10 + step / 2 + step * (6 - len(shown)) / 2
    span = max(top - low, Decimal(4))
    base, rise = y + 72, 26.0
    before: tuple[float, float] | None = None
    places: list[tuple[float, float] | None] = []
    for number, point in enumerate(shown):
        here = None
        if point.total is not None:
            here = (first + number * step, base - rise * float((point.total - low) / span))
            if before is not None:
                pen.line(*before, *here, SKY, 1.4)
        before = here
        places.append(here)
    for number, (point, place) in enumerate(zip(shown, places, strict=True)):
        last = number == len(shown) - 1
        centre = first + number * step
        pen.fitted(
            centre,
            y + 88,
            point.label,
            6.5,
            step - 2,
            Face.BOLD if last else Face.HEI,
            INK if last else GREY,
            "center",
        )
        if place is None:
            pen.text(centre, base, figures.NOTHING, 8, colour=GREY, align="center")
            continue
        pen.dot(*place, 3.2 if last else 2.4, BLUE if last else SKY)
        pen.text(
            centre,
            place[1] - 6,
            figures.points(point.total),
            7.5 if last else 7,
            Face.BOLD if last else Face.HEI,
            BLUE if last else INK,
            "center",
        )


def _areas(pen: Pen, card: Scorecard) -> None:
    """One bar an area on its own weight, the province's mean as a marker across it."""
    heading(pen, LEFT, MIDDLE + 8, f"六个方面得分与{card.mean_label}")
    pen.box(216, MIDDLE + 2.5, 12, 5, BLUE)
    pen.text(231, MIDDLE + 8, "本单位", 7.5, colour=GREY)
    pen.marker(266, MIDDLE + 2, 6)
    pen.text(271, MIDDLE + 8, card.mean_label, 7.5, colour=GREY)
    step = 112 / max(6, len(card.areas))
    for number, area in enumerate(card.areas):
        _area(pen, area, MIDDLE + 17 + number * step)


def _area(pen: Pen, area: Area, y: float) -> None:
    bar, high, base = 136.0, 9.0, y + 8
    pen.text(LEFT, base, area.code, 8.5, Face.BOLD, BLUE)
    pen.fitted(LEFT + 11, base, area.label, 8.5, 79)
    pen.box(bar, y, 118, high, TRACK)
    scale = float(max(area.effective, area.weight)) or 1.0
    if area.points is None:
        pen.text(bar + 59, y + 7.2, "本期不适用", 7, colour=GREY, align="center")
    else:
        pen.box(bar, y, 118 * min(1.0, float(area.points) / scale), high, BLUE)
    if area.mean is not None:
        pen.marker(bar + 118 * min(1.0, float(area.mean) / scale), y, high)
    full = figures.weight(area.weight if area.points is None else area.effective)
    got = figures.points(area.points)
    pen.fitted(311, base, f"{got} / {full}", 8.5, 53, Face.BOLD, INK, "right")
    if area.points is not None and area.mean is not None:
        gap = area.points - area.mean
        pen.fitted(354, base, _gap(gap), 7.5, 40, Face.HEI, ORANGE if gap < ZERO else BLUE, "right")


def _losses(pen: Pen, card: Scorecard) -> None:
    """The lines that lost most, each with what would mend it."""
    x = 368.0
    heading(pen, x, MIDDLE + 8, "主要失分")
    losing = card.largest_losses
    if not losing:
        pen.text((x + RIGHT) / 2, MIDDLE + 66, "本期没有失分", 10, colour=GREY, align="center")
        return
    found, most = Counter(item.line for item in card.items), losing[0].lost or Decimal(1)
    for number, line in enumerate(losing):
        y = MIDDLE + 25 + number * 23.4
        lost = line.lost or ZERO
        pen.text(x, y, line.code, 8.5, Face.BOLD, BLUE)
        pen.fitted(x + 17, y, line.label, 8.5, 88)
        pen.box(x + 108, y - 6.5, 42 * float(lost / most), 6.5, ORANGE)
        pen.text(RIGHT, y, f"−{figures.points(lost)}", 8.5, Face.BOLD, ORANGE, "right")
        about = [f"{found[line.code]} 件"] if found[line.code] else []
        _hint(pen, "；".join([*about, line.remedy] if line.remedy else about), x + 17, y)


def _hint(pen: Pen, text: str, x: float, y: float) -> None:
    """How many items and what would mend it, on one line or on two small ones."""
    room = RIGHT - x
    if width(text, Face.HEI, 6.4) <= room:
        pen.fitted(x, y + 9.6, text, 7, room, colour=GREY)
        return
    lines = wrap(text, Face.HEI, 6, room)
    rest = clip("".join(lines[1:]), Face.HEI, 6, room)
    pen.block(x, y + 8, [lines[0], rest], 6, 6.9, colour=GREY)


def _notes(pen: Pen, card: Scorecard) -> None:
    """The reader's notes on the left, the organ, the place for its seal and the date at right."""
    first = NOTES + 10
    if card.veto:
        pen.fitted(LEFT, first, f"否决：{card.veto}", 8, 310, Face.BOLD, ORANGE)
        first += 11
    said, rows = [*card.notes, _legend(card)], 5 if card.veto else 6
    lines = [row for note in said for row in wrap(note, Face.HEI, 7.2, 310)]
    if len(lines) <= rows:
        pen.block(LEFT, first, lines, 7.2, 10, colour=GREY)
    else:
        lines = [row for note in said for row in wrap(note, Face.HEI, 5.6, 310)]
        pen.block(LEFT, first, _at_most(lines, rows + 2), 5.6, 7.6, colour=GREY)
    centre = RIGHT - 80
    pen.fitted(centre, NOTES + 18, card.organ, 11, 160, Face.FANGSONG, INK, "center")
    pen.text(centre, NOTES + 34, "（公章）", 10, Face.FANGSONG, GREY, "center")
    pen.text(
        centre, NOTES + 50, figures.day_in_words(card.issued_on), 11, Face.FANGSONG, INK, "center"
    )
    if card.contact:
        contact = f"联系：{card.contact}"
        pen.fitted(centre, NOTES + 63, contact, 7.5, 180, colour=GREY, align="center")


def _legend(card: Scorecard) -> str:
    """What the signs of the table mean, as far as they stand in it."""
    said = ["“—”表示本期无可评事项，不是零分。扣分以该项分值为限，得分四舍五入保留两位小数。"]
    if any(line.effective not in (line.weight, ZERO) for line in card.lines):
        said.append("“a→b”表示不适用指标的分值按比例移到了其他指标。")
    if any(line.points is None and line.reference is not None for line in card.lines):
        said.append("括号内为样本不足时的参考得分，不计入总分。")
    return "".join(said)


def _at_most(lines: list[str], rows: int) -> list[str]:
    return lines if len(lines) <= rows else [*lines[: rows - 1], lines[rows - 1][:-1] + "…"]
