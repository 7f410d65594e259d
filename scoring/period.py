"""The months, quarters and years that are scored."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.errors import Refused
from domain.workdays import Calendar

_SHAPE = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2])|Q([1-4]))?")


class PeriodKind(StrEnum):
    """How long a period is, with its Chinese label and its months."""

    label: str
    months: int

    def __new__(cls, value: str, label: str, months: int) -> "PeriodKind":
        """A member with its label and length."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.months = months
        return member

    MONTH = "month", "月", 1
    QUARTER = "quarter", "季度", 3
    YEAR = "year", "年", 12


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, quarter or year; `number` counts the periods of a year from 1."""

    kind: PeriodKind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 // self.kind.months:
            raise ValueError(f"no {self.kind} {self.number} in a year")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `2026-10`, `2026Q3` or `2026`; anything else is refused with a hint."""
        found = _SHAPE.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
        if not found:
            raise Refused(
                f"考核期“{text}”写法不对：月份请写 2026-10，季度请写 2026Q3，年度请写 2026。"
            )
        year, month, quarter = found.groups()
        if month:
            return cls(PeriodKind.MONTH, int(year), int(month))
        if quarter:
            return cls(PeriodKind.QUARTER, int(year), int(quarter))
        return cls(PeriodKind.YEAR, int(year))

    @classmethod
    def of(cls, day: date, kind: PeriodKind) -> "Period":
        """The period of a kind that `day` lies in."""
        return cls(kind, day.year, (day.month - 1) // kind.months + 1)

    def __str__(self) -> str:
        """The key, as `parse` reads it."""
        tail = {PeriodKind.MONTH: f"-{self.number:02}", PeriodKind.QUARTER: f"Q{self.number}"}
        return f"{self.year}{tail.get(self.kind, '')}"

    @property
    def label(self) -> str:
        """2026年10月, 2026年第3季度, 2026年."""
        tail = {PeriodKind.MONTH: f"{self.number}月", PeriodKind.QUARTER: f"第{self.number}季度"}
        return f"{self.year}年{tail.get(self.kind, '')}"

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, (self.number - 1) * self.kind.months + 1, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return self.previous(-1).first - timedelta(days=1)

    @property
    def months(self) -> tuple["Period", ...]:
        """The months it is made of, in order."""
        first = self.first.month
        numbers = range(first, first + self.kind.months)
        return tuple(Period(PeriodKind.MONTH, self.year, number) for number in numbers)

    def previous(self, n: int = 1) -> "Period":
        """The period `n` places earlier; later when `n` is negative."""
        per_year = 12 // self.kind.months
        year, number = divmod(self.year * per_year + self.number - 1 - n, per_year)
        return Period(self.kind, year, number + 1)

    def snapshot(self, calendar: Calendar, workdays: int) -> datetime:
        """The last instant whose entries count: 24:00 of the `workdays`-th workday after the end.

        Written as 23:59:59.999999 of that day, so that `recorded_at <= snapshot` and, where only
        the day of recording is kept, `known_on <= snapshot.date()` ask the same question.
        """
        try:
            return datetime.combine(calendar.advance(self.last, workdays), time.max)
        except ValueError as error:
            raise Refused(f"{self.label}不能考核：{error}，请先维护工作日历。") from error
