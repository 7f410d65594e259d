"""Periods: how they are written, where they begin and end, and when they are counted."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.workdays import Calendar, SpecialDay
from scoring.period import Period, PeriodKind

OFF = [date(2026, 10, day) for day in (1, 2, 5, 6, 7)]
NOTICE = "国办发明电〔2025〕7号"
CALENDAR = Calendar(
    "2026.1",
    2025,
    2026,
    {day: SpecialDay(day, False, "国庆节", NOTICE) for day in OFF}
    | {date(2026, 10, 10): SpecialDay(date(2026, 10, 10), True, "国庆节", NOTICE)},
)


@pytest.mark.parametrize(
    ("text", "label", "first", "last"),
    [
        ("2026-10", "2026年10月", date(2026, 10, 1), date(2026, 10, 31)),
        ("2024-02", "2024年2月", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", "2026年12月", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026Q3", "2026年第3季度", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026Q4", "2026年第4季度", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", "2026年", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_reads_and_writes(text: str, label: str, first: date, last: date) -> None:
    period = Period.parse(text)
    assert (str(period), period.label, period.first, period.last) == (text, label, first, last)


def test_small_letters_and_wide_digits_are_understood() -> None:
    assert Period.parse(" 2026q3 ") == Period.parse("２０２６Q3")


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-1", "2026Q5", "2026Q0", "26", "1999", "2026-10-01"]
)
def test_anything_else_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(Refused, match="2026-10，季度请写 2026Q3，年度请写 2026"):
        Period.parse(text)


def test_a_month_that_is_none_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="no quarter 5"):
        Period(PeriodKind.QUARTER, 2026, 5)


def test_months_of_a_period() -> None:
    assert [str(month) for month in Period.parse("2026Q3").months] == [
        "2026-07", "2026-08", "2026-09",
    ]  # fmt: skip
    assert len(Period.parse("2026").months) == 12
    assert Period.parse("2026-10").months == (Period.parse("2026-10"),)


@pytest.mark.parametrize(
    ("text", "n", "earlier"),
    [
        ("2026-01", 1, "2025-12"),
        ("2026-10", 12, "2025-10"),
        ("2026Q1", 1, "2025Q4"),
        ("2026Q3", 6, "2025Q1"),
        ("2026", 1, "2025"),
        ("2025-12", -1, "2026-01"),
    ],
)
def test_previous(text: str, n: int, earlier: str) -> None:
    assert str(Period.parse(text).previous(n)) == earlier


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09", date(2026, 10, 10)),  # 8 and 9 October, then the make-up Saturday
        ("2026Q3", date(2026, 10, 10)),
        ("2026-10", date(2026, 11, 4)),
        ("2026", date(2027, 1, 5)),  # no notice for 2027 yet: Monday to Friday
    ],
)
def test_the_snapshot_is_the_end_of_the_third_workday(text: str, day: date) -> None:
    expected = datetime(day.year, day.month, day.day, 23, 59, 59, 999999)
    assert Period.parse(text).snapshot(CALENDAR, 3) == expected


def test_a_period_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="2040年不能考核"):
        Period.parse("2040").snapshot(CALENDAR, 3)


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.sampled_from(PeriodKind))
def test_every_day_lies_in_exactly_its_period(day: date, kind: PeriodKind) -> None:
    period = Period.of(day, kind)
    assert period.first <= day <= period.last
    assert Period.parse(str(period)) == period
    assert period.previous().last < period.first
    assert period.previous(-1).first > period.last
