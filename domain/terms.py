"""A term: how long, in what days, and whether its end rolls off a rest day; with its proof."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.workdays import Calendar

PROVISIONAL = "暂定，待国务院办公厅通知"


class TermUnit(StrEnum):
    """What a term counts."""

    WORKDAY = "workday"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Term:
    """A length in workdays or calendar days; `rolls` moves an end on a rest day onward."""

    length: int
    unit: TermUnit
    rolls: bool = False

    @property
    def text(self) -> str:
        """The term in words, as 2个工作日 or 60日."""
        return f"{self.length}个工作日" if self.unit is TermUnit.WORKDAY else f"{self.length}日"


@dataclass(frozen=True, slots=True)
class Due:
    """A due date; it ends at 24:00. `provisional` where it falls in a year without a notice."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a proof: its number in the term, or None for a day that is skipped."""

    day: date
    number: int | None
    note: str
    source: str = ""


def due(start: date, term: Term, calendar: Calendar) -> Due:
    """The due date of a term; day zero is `start` (民法典 第201条)."""
    if term.length <= 0:
        raise ValueError("期限须为正整数")
    if term.unit is TermUnit.WORKDAY:
        end = calendar.advance(start, term.length)
    else:
        end = start + timedelta(days=term.length)
        if term.rolls:
            end = calendar.roll(end)
    return Due(end, calendar.is_provisional(end))


def explain(start: date, term: Term, calendar: Calendar) -> list[DayLine]:
    """Every day from `start` to the due date with what it counts as and by which notice."""
    end = due(start, term, calendar).on
    note = f"起算事件当日，不计入（{calendar.why(start)}）"
    lines = [DayLine(start, 0, note, calendar.source(start))]
    number = 0
    for offset in range(1, (end - start).days + 1):
        day = start + timedelta(days=offset)
        number, line = _line(day, number, term, calendar)
        lines.append(line)
    return lines


def _line(day: date, number: int, term: Term, calendar: Calendar) -> tuple[int, DayLine]:
    works, source = calendar.is_workday(day), calendar.source(day)
    why = calendar.why(day)
    if calendar.is_provisional(day):
        why = f"{why}（{PROVISIONAL}）"
    if term.unit is TermUnit.WORKDAY:
        if not works:
            return number, DayLine(day, None, f"跳过 {why}", source)
        note = f"补班计入 {why}" if source else why
        return number + 1, DayLine(day, number + 1, note, source)
    if number < term.length:
        last = term.rolls and number + 1 == term.length and not works
        note = f"{why}，期限届满日逢休息日，顺延（民法典第203条）" if last else why
        return number + 1, DayLine(day, number + 1, note, source)
    return number, DayLine(day, None, f"顺延至本日 {why}" if works else f"顺延跳过 {why}", source)
