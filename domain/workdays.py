"""Workdays of the People's Republic, from the State Council's yearly notices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

SPARE_YEARS = 3  # years after the last notice, counted Monday to Friday and marked provisional


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A weekday off or a weekend day worked in lieu, with the notice that says so."""

    day: date
    working: bool
    name: str
    document: str


@dataclass(frozen=True)
class Calendar:
    """A version of the calendar: covered years without gap, and their special days.

    Raises `ValueError` for a date before the first covered year, or too far after the last.
    """

    version: str
    first_year: int
    last_year: int
    special: Mapping[date, SpecialDay]
    _zero: int = field(init=False, repr=False, compare=False)
    _days: list[int] = field(init=False, repr=False, compare=False)  # ordinals of all workdays
    _count: list[int] = field(init=False, repr=False, compare=False)  # workdays up to each day

    def __post_init__(self) -> None:
        zero = date(self.first_year, 1, 1).toordinal()
        end = date(self.last_year + SPARE_YEARS, 12, 31).toordinal()
        worked = [self._worked(date.fromordinal(n)) for n in range(zero, end + 1)]
        object.__setattr__(self, "_zero", zero)
        object.__setattr__(self, "_days", [zero + i for i, w in enumerate(worked) if w])
        object.__setattr__(self, "_count", list(accumulate(worked)))

    def _worked(self, day: date) -> bool:
        known = self.special.get(day)
        return known.working if known else day.weekday() < 5

    def _upto(self, day: date) -> int:
        index = day.toordinal() - self._zero
        if not 0 <= index < len(self._count):
            raise ValueError(f"{day} 不在工作日历 {self.first_year}–{self.last_year} 年的范围内")
        return self._count[index]

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a workday; Monday to Friday in a year no notice covers yet."""
        self._upto(day)
        return self._worked(day)

    def is_provisional(self, day: date) -> bool:
        """Whether no notice covers the year of `day` yet."""
        return day.year > self.last_year

    def advance(self, start: date, workdays: int) -> date:
        """The `workdays`-th workday after `start`; day zero is `start` itself (民法典 第201条)."""
        if workdays <= 0:
            raise ValueError("工作日数须为正整数")
        index = self._upto(start) + workdays - 1
        if index >= len(self._days):
            raise ValueError(f"自 {start} 起 {workdays} 个工作日超出工作日历范围")
        return date.fromordinal(self._days[index])

    def measure(self, start: date, end: date) -> int:
        """How many workdays lie after `start` up to and including `end`; negative backwards."""
        return self._upto(end) - self._upto(start)

    def roll(self, day: date) -> date:
        """`day`, or the next workday when it is a rest day (民法典 第203条)."""
        return day if self.is_workday(day) else self.advance(day, 1)

    def why(self, day: date) -> str:
        """The Chinese word for what `day` is: 春节, 周日（春节连休）, 春节补班, 工作日."""
        known = self.special.get(day)
        if known:
            return f"{known.name}补班" if known.working else known.name
        if day.weekday() < 5:
            return "工作日"
        name, joined = "周六" if day.weekday() == 5 else "周日", self._joined(day)
        return f"{name}（{joined}连休）" if joined else name

    def _joined(self, day: date) -> str:
        """The holiday whose run of days off a plain weekend day belongs to, or nothing."""
        for step in (-1, 1):
            near = day + timedelta(days=step)
            while not self._worked(near):
                if near in self.special:
                    return self.special[near].name
                near += timedelta(days=step)
        return ""

    def source(self, day: date) -> str:
        """The notice that makes `day` special, or an empty string."""
        known = self.special.get(day)
        return known.document if known else ""


def day_after(day: date, days: int) -> date:
    """`day` plus calendar days."""
    return day + timedelta(days=days)
