"""Workdays and terms: the golden table, two independent calendars, and what always holds."""

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.terms import PROVISIONAL, Term, TermUnit, due, explain
from domain.workdays import Calendar, SpecialDay
from rules import load

CALENDAR = load().calendar
TABLES = Path(__file__).parent / "tables"
GOLDEN = list(csv.DictReader((TABLES / "clocks_golden.csv").read_text("utf-8").splitlines()))
NOTICED = [date(2018, 1, 1) + timedelta(n) for n in range(3287)]  # to 2026-12-31

starts = st.dates(date(2018, 1, 1), date(2027, 6, 30))
lengths = st.integers(1, 90)
units = st.sampled_from(TermUnit)


def term_of(row: dict[str, str]) -> Term:
    return Term(int(row["term"]), TermUnit(row["unit"]), row["rolls"] == "yes")


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["why"])
def test_golden(row: dict[str, str]) -> None:
    found = due(date.fromisoformat(row["received"]), term_of(row), CALENDAR)
    assert (found.on.isoformat(), found.provisional) == (row["due"], False)


def test_the_golden_table_is_whole() -> None:
    assert len(GOLDEN) == 10


def test_every_day_agrees_with_chinesecalendar() -> None:
    wrong = [d for d in NOTICED if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)]
    assert wrong == []


def test_every_day_agrees_with_holidays() -> None:
    china = holidays.country_holidays("CN", years=range(2018, 2027))
    wrong = [d for d in NOTICED if CALENDAR.is_workday(d) != china.is_working_day(d)]
    assert wrong == []


def test_the_notices_cover_what_the_oracles_were_asked() -> None:
    assert (CALENDAR.first_year, CALENDAR.last_year) == (NOTICED[0].year, NOTICED[-1].year)
    assert NOTICED[-1] == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "working", "document", "why"),
    [
        ("2018-12-29", True, "国办发明电〔2018〕15号", "a day of 2018 set by the notice for 2019"),
        ("2018-12-31", False, "国办发明电〔2018〕15号", "the same notice"),
        ("2018-10-01", False, "国办发明电〔2017〕12号", "2018's own notice"),
        ("2019-05-01", False, "国办发明电〔2019〕3号", "Labour Day was arranged anew in March"),
        ("2019-04-28", True, "国办发明电〔2019〕3号", "and its make-up Sunday"),
        ("2020-01-30", False, "国办发明电〔2019〕16号", "Spring Festival as first announced"),
        ("2020-01-31", False, "国办发明电〔2020〕1号", "the extension of Spring Festival"),
        ("2020-02-01", False, "", "its make-up Saturday was cancelled: a plain Saturday again"),
        ("2026-02-14", True, "国办发明电〔2025〕7号", "a make-up Saturday"),
    ],
)
def test_a_day_names_its_notice(day: str, working: bool, document: str, why: str) -> None:
    on = date.fromisoformat(day)
    assert (CALENDAR.is_workday(on), CALENDAR.source(on)) == (working, document), why


@given(starts, lengths)
def test_advancing_then_measuring_gives_the_same(start: date, n: int) -> None:
    assert CALENDAR.measure(start, CALENDAR.advance(start, n)) == n


@given(starts, lengths)
def test_advancing_lands_on_a_workday_after_the_start(start: date, n: int) -> None:
    end = CALENDAR.advance(start, n)
    assert end > start and CALENDAR.is_workday(end)


@given(starts, st.integers(0, 40), lengths, units, st.booleans())
def test_a_later_start_is_never_due_earlier(
    start: date, later: int, n: int, unit: TermUnit, rolls: bool
) -> None:
    term = Term(n, unit, rolls)
    assert due(start, term, CALENDAR).on <= due(start + timedelta(later), term, CALENDAR).on


@given(starts, lengths, units, st.booleans())
def test_a_longer_term_is_never_due_earlier(
    start: date, n: int, unit: TermUnit, rolls: bool
) -> None:
    shorter = due(start, Term(n, unit, rolls), CALENDAR)
    assert shorter.on <= due(start, Term(n + 1, unit, rolls), CALENDAR).on


@given(starts)
def test_rolling_never_goes_back_and_only_once(day: date) -> None:
    rolled = CALENDAR.roll(day)
    assert rolled >= day and CALENDAR.is_workday(rolled) and CALENDAR.roll(rolled) == rolled
    assert not any(CALENDAR.is_workday(day + timedelta(n)) for n in range((rolled - day).days))


@given(starts, lengths, units, st.booleans())
def test_provisional_exactly_when_due_in_a_year_without_notice(
    start: date, n: int, unit: TermUnit, rolls: bool
) -> None:
    found = due(start, Term(n, unit, rolls), CALENDAR)
    assert found.provisional == (found.on.year > 2026)


@given(starts, lengths, units, st.booleans())
def test_the_proof_agrees_with_the_due_date(
    start: date, n: int, unit: TermUnit, rolls: bool
) -> None:
    term = Term(n, unit, rolls)
    end, lines = due(start, term, CALENDAR).on, explain(start, term, CALENDAR)
    assert [line.day for line in lines] == [
        start + timedelta(k) for k in range((end - start).days + 1)
    ]
    assert [line.number for line in lines if line.number is not None] == list(range(n + 1))
    for line in lines[1:]:
        counted = unit is TermUnit.DAY or CALENDAR.is_workday(line.day)
        assert (line.number is not None) == (
            counted and (unit is TermUnit.WORKDAY or (line.day - start).days <= n)
        )
        assert (PROVISIONAL in line.note) == (line.day.year > 2026)


def test_the_proof_says_make_up_days_and_holidays() -> None:
    lines = explain(date(2026, 2, 12), Term(3, TermUnit.WORKDAY), CALENDAR)
    said = {line.day.isoformat()[5:]: (line.number, line.note, line.source) for line in lines}
    notice = "国办发明电〔2025〕7号"
    assert said["02-12"] == (0, "起算事件当日，不计入（工作日）", "")
    assert said["02-13"] == (1, "工作日", "")
    assert said["02-14"] == (2, "补班计入 春节补班", notice)
    assert said["02-15"] == (None, "跳过 周日（春节连休）", "")
    assert said["02-16"] == (None, "跳过 春节", notice)
    assert said["02-24"] == (3, "工作日", "")


def test_the_proof_of_a_rolled_end_names_the_article() -> None:
    lines = explain(date(2026, 8, 2), Term(60, TermUnit.DAY, rolls=True), CALENDAR)
    last = {line.day.isoformat()[5:]: (line.number, line.note) for line in lines[-8:]}
    assert last["10-01"] == (60, "国庆节，期限届满日逢休息日，顺延（民法典第203条）")
    assert last["10-02"] == (None, "顺延跳过 国庆节")
    assert last["10-08"] == (None, "顺延至本日 工作日")


@pytest.mark.parametrize("length", [0, -1])
def test_a_term_of_nothing_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="正整数"):
        due(date(2026, 3, 2), Term(length, TermUnit.DAY), CALENDAR)
    with pytest.raises(ValueError, match="正整数"):
        CALENDAR.advance(date(2026, 3, 2), length)


@pytest.mark.parametrize("day", [date(2017, 12, 31), date(2030, 1, 1)])
def test_days_out_of_reach_are_refused(day: date) -> None:
    with pytest.raises(ValueError, match="2018–2026"):
        CALENDAR.is_workday(day)


def test_a_term_beyond_the_spare_years_is_refused() -> None:
    with pytest.raises(ValueError, match="超出工作日历范围"):
        CALENDAR.advance(date(2029, 12, 1), 60)


def test_a_rolling_term_beyond_the_spare_years_is_refused() -> None:
    with pytest.raises(ValueError, match="工作日历"):
        due(date(2029, 12, 1), Term(60, TermUnit.DAY, rolls=True), CALENDAR)


def test_a_new_notice_moves_a_provisional_date() -> None:
    new_year = date(2027, 1, 1)
    day_off = SpecialDay(new_year, False, "元旦", "文号")
    noticed = Calendar("2027.1", 2018, 2027, {**CALENDAR.special, new_year: day_off})
    term = Term(1, TermUnit.WORKDAY)
    before, after = (due(date(2026, 12, 31), term, c) for c in (CALENDAR, noticed))
    assert (before.on, before.provisional) == (new_year, True)
    assert (after.on, after.provisional) == (date(2027, 1, 4), False)
