"""The measures: each boundary by a table, and all of them against an oracle case by case."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db.session import reading
from domain.scope import SYSTEM
from rules import load
from scoring.engine import score
from scoring.measures import find_all
from scoring.model import Finding, Versions
from scoring.period import Period
from settings import settings
from tests.office import prepare
from tests.oracle_scores import Oracle
from tests.score_histories import HUQIU, NANJING, SUZHOU, XUANWU, History, made, store

RULES = load()
CITIES = (NANJING, SUZHOU)


@pytest.fixture
def histories(database_url: str) -> list[History]:
    prepare()
    found = made(700)
    store(found)
    return found


def found(period: Period, snapshot: datetime, units=CITIES, listed=True) -> list[Finding]:
    with reading(settings().database_url, SYSTEM) as session:
        return find_all(session, RULES, period, snapshot, units, listed=listed)


def final(period: Period) -> datetime:
    return period.snapshot(RULES.calendar, RULES.scoresheet.snapshot_workdays)


SEEN = [
    ("2026-03", None, "a month at its snapshot"),
    ("2026-05", None, "another month"),
    ("2026Q2", None, "a quarter"),
    ("2026-06", None, "many of it were entered only after the snapshot before"),
    ("2026-08", None, "deliveries of June were recorded only now"),
    ("2026", None, "a year: the snapshot lies ahead, everything recorded counts"),
    ("2026-04", datetime(2026, 4, 17, 15, 30), "a running month in the middle of a day"),
    ("2026-04", datetime(2026, 5, 1, 0, 0), "seen on the day after, earlier than the rule"),
    ("2027-01", None, "a year no notice covers: provisional, in neither number"),
]


@pytest.mark.parametrize("level", ["cities", "counties"])
def test_the_measures_agree_with_the_oracle(histories: list[History], level: str) -> None:
    units = CITIES if level == "cities" else (XUANWU,)
    by = {} if level == "cities" else {"level": lambda code: code}
    judged = 0
    for text, at, why in SEEN:
        period = Period.parse(text)
        snapshot = at or final(period)
        oracle = Oracle(RULES, period, snapshot, **by).ask(histories)
        for one in found(period, snapshot, units):
            answer = oracle.answer(one.indicator, one.unit)
            where = (why, text, one.indicator, one.unit)
            assert (one.numerator, one.denominator) == (
                answer.numerator, answer.denominator), where  # fmt: skip
            assert sorted(i.case_no for i in one.items) == sorted(answer.failing.elements()), where
            assert one.deduction * 2 == answer.long_overdue, where
            judged += one.denominator
    assert judged > 1000


def test_counting_alone_gives_the_numbers_of_the_lists(histories: list[History]) -> None:
    period = Period.parse("2026Q2")
    listed, counted = (found(period, final(period), listed=flag) for flag in (True, False))
    for one, other in zip(listed, counted, strict=True):
        numbers = (one.indicator, one.unit, one.numerator, one.denominator, one.deduction)
        assert numbers == (other.indicator, other.unit, other.numerator, other.denominator,
                           other.deduction)  # fmt: skip
        assert other.items == ()


def test_the_engine_takes_what_the_measures_find(histories: list[History]) -> None:
    period = Period.parse("2026Q2")
    result = score(
        RULES.scoresheet, Versions.of(RULES), period, final(period), CITIES,
        found(period, final(period)),
    )  # fmt: skip
    lines = [line for sheet in result.sheets for line in sheet.lines if line.finding]
    assert {line.indicator.code for line in lines} == {
        "A2", "A3", "B1", "B2", "B3", "C1", "C2", "D3", "E1", "E2"}  # fmt: skip
    assert any(line.finding and line.finding.note for line in lines)
    again = found(period, final(period) + timedelta(0))
    assert score(RULES.scoresheet, Versions.of(RULES), period, final(period), CITIES,
                 again).digest == result.digest  # fmt: skip


def test_units_of_two_levels_are_refused(database_url: str) -> None:
    prepare()
    for units in ((NANJING, XUANWU), (XUANWU, HUQIU), ()):
        with pytest.raises(ValueError, match="units"):
            found(Period.parse("2026-04"), datetime(2026, 5, 7), units)


def test_both_databases_give_one_digest(
    sqlite_url: str, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    period = Period.parse("2026Q2")
    for url in (sqlite_url, postgres_url):
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("XF_DATA_DIR", str(tmp_path / url.partition(":")[0]))
        settings.cache_clear()
        prepare()
        store(made(300))
        result = score(
            RULES.scoresheet, Versions.of(RULES), period, final(period), CITIES,
            found(period, final(period)),
        )  # fmt: skip
        digests.append(result.digest)
        assert sum(len(line.items) for sheet in result.sheets for line in sheet.lines) > 100
    assert digests[0] == digests[1]
