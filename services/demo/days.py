"""Time in the demonstration: minutes, workdays by table, and how the cases spread over days."""

import math
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from domain.workdays import Calendar

DAY = 1440
MONTHS = 18
# Complaints a month, relative: odour and noise in summer, quiet at the turn of the year.
SEASON = (0.82, 0.78, 0.95, 1.03, 1.15, 1.26, 1.3, 1.24, 1.1, 1.0, 0.92, 0.85)
FESTIVAL = 0.4  # 春节
WEEKEND = 0.62
_TIMES = tuple(time(minute // 60, minute % 60, minute * 37 % 60) for minute in range(DAY))
CLOCK = tuple(t.isoformat() for t in _TIMES)


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


class Days:
    """The days of a demonstration that ends at midnight before `today`, by ordinal."""

    def __init__(self, cases: int, today: date, calendar: Calendar) -> None:
        self.cases, self.today, self.calendar = cases, today, calendar
        self.start = months_before(today, MONTHS)
        self.first, self.last = self.start.toordinal(), today.toordinal() - 1
        self.cutoff = today.toordinal() * DAY
        self._base = self.first - 120
        span = range(self._base, today.toordinal() + 500)
        self.dates = [date.fromordinal(n) for n in span]
        self.iso = [d.isoformat() for d in self.dates]
        works = [calendar.is_workday(d) for d in self.dates]
        self._works = [self._base + i for i, w in enumerate(works) if w]
        self._count = list(accumulate(works))
        self.ends = self._spread()

    def _weight(self, day: date) -> float:
        known = self.calendar.special.get(day)
        weight = SEASON[day.month - 1]
        if known and known.name == "春节" and not known.working:
            return weight * FESTIVAL
        rest = not self.calendar.is_workday(day)
        return weight * (WEEKEND if rest else 1.0) * (1 + 0.08 * math.sin(day.toordinal() * 1.7))

    def _spread(self) -> list[int]:
        """How many cases are registered up to and including each day; the last is all."""
        weights = [self._weight(self.date(n)) for n in range(self.first, self.last + 1)]
        whole = sum(weights)
        return [round(self.cases * part / whole) for part in accumulate(weights)]

    def date(self, ordinal: int) -> date:
        """The date of an ordinal."""
        return self.dates[ordinal - self._base]

    def text(self, ordinal: int) -> str:
        """The ISO text of an ordinal."""
        return self.iso[ordinal - self._base]

    def at(self, moment: int) -> datetime:
        """The date-time of a moment."""
        return datetime.combine(self.date(moment // DAY), _TIMES[moment % DAY])

    def day_of(self, index: int) -> int:
        """The ordinal of the day on which the case of that index is registered."""
        return self.first + bisect_right(self.ends, index)

    def first_of(self, ordinal: int) -> int:
        """The index of the first case registered on a day."""
        return self.ends[ordinal - self.first - 1] if ordinal > self.first else 0

    def upto(self, ordinal: int) -> int:
        """How many workdays lie up to and including a day."""
        return self._count[ordinal - self._base]

    def works(self, ordinal: int) -> bool:
        """Whether a day is a workday."""
        return self._count[ordinal - self._base] != self._count[ordinal - self._base - 1]

    def advance(self, ordinal: int, workdays: int) -> int:
        """The so-many-th workday after a day; the next one for 1."""
        return self._works[self.upto(ordinal) + workdays - 1]

    def roll(self, ordinal: int) -> int:
        """The day itself, or the next workday."""
        return ordinal if self.works(ordinal) else self.advance(ordinal, 1)

    def between(self, first: int, last: int) -> int:
        """How many workdays lie after one day up to and including another."""
        return self.upto(last) - self.upto(first)


def office(days: Days, rng: Callable[[], float], after: int, workdays: int) -> int:
    """A moment in office hours, so many workdays after another and never before it."""
    day, minute = divmod(after, DAY)
    if workdays == 0 and minute < 1040 and days.works(day):
        low = max(minute + 3, 515)
        return day * DAY + low + int(rng() * (1062 - low))
    return days.advance(day, max(workdays, 1)) * DAY + 515 + int(rng() * 540)


def some_day(days: Days, rng: Random, first: int, last: int) -> int:
    """A day between two, both included."""
    return first + int(rng.random() * (last - first + 1))


def span(days: int) -> timedelta:
    """So many calendar days."""
    return timedelta(days=days)
