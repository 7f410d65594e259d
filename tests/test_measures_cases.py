"""Single cases at the boundaries of the measures: by a table, each with the reason why."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from db.session import engine, reading
from domain.scope import SYSTEM
from rules import load
from scoring.measures import find_all
from scoring.model import Finding
from scoring.period import Period
from settings import settings
from tests.office import prepare
from tests.oracle_scores import Oracle
from tests.score_histories import NANJING, SUZHOU, History, made, store

RULES = load()
with (Path(__file__).parent / "tables" / "score_cases.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
WRITTEN = ("case_links", "ratings", "clocks", "case_units", "submissions", "cases")


def _at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour))


def histories(row: dict[str, str]) -> list[History]:
    """The case of a row, and the one that reported it again."""
    case, entered = History(1, NANJING), _at(row["entered"])
    case.add("register", entered, NANJING, date.fromisoformat(row["received"]), reachable=True)
    case.add("classify", entered + timedelta(minutes=1), NANJING, route="procedure", track="report")
    case.add("accept", entered + timedelta(minutes=2), NANJING, simple=False)
    if row["told"]:
        case.add("approve", _at(row["delivered"]), NANJING, conclusion="substantiated")
        case.add("deliver", _at(row["told"], 10), NANJING, date.fromisoformat(row["delivered"]),
                 delivered_on=row["delivered"])  # fmt: skip
    calls = [call.split() for call in row["calls"].split(";") if call]
    for number, (day, answer) in enumerate(calls, 1):
        reached = answer == "yes"
        case.add("callback", _at(day, 11), NANJING, reached=reached,
                 finished=reached or number == 3)  # fmt: skip
    if not row["again"]:
        return [case]
    again = History(2, NANJING)
    again.add("register", _at(row["again"]), NANJING, reachable=True)
    received = date.fromisoformat(row["again"])
    case.repeats.append((date.fromisoformat(row["confirmed"]), 2, received))
    return [case, again]


def found(period: Period, listed: bool = True) -> list[Finding]:
    snapshot = period.snapshot(RULES.calendar, RULES.scoresheet.snapshot_workdays)
    with reading(settings().database_url, SYSTEM) as session:
        return find_all(session, RULES, period, snapshot, (NANJING, SUZHOU), listed=listed)


def _clear() -> None:
    with engine(settings().database_url).begin() as connection:
        for table in WRITTEN:
            connection.execute(text(f"DELETE FROM {table}"))


def test_each_boundary_is_as_the_table_says(database_url: str) -> None:
    prepare()
    for row in ROWS:
        _clear()
        told = histories(row)
        store(told)
        period, where = Period.parse(row["period"]), (row["line"], row["period"], row["why"])
        snapshot = period.snapshot(RULES.calendar, RULES.scoresheet.snapshot_workdays)
        wanted = int(row["numerator"]), int(row["denominator"])
        answer = Oracle(RULES, period, snapshot).ask(told).answer(row["line"], NANJING)
        assert (answer.numerator, answer.denominator) == wanted, where
        for listed in (True, False):
            one = next(f for f in found(period, listed)
                       if (f.indicator, f.unit) == (row["line"], NANJING))  # fmt: skip
            assert (one.numerator, one.denominator) == wanted, where
            if listed and row["line"] != "D3":
                late = [item.reason.startswith("补录件") for item in one.items]
                assert late == [row["late"] == "yes"] * (wanted[1] - wanted[0]), where


@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_what_fails_is_judged_once_in_each_kind_of_period(
    sqlite_url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    store(made(400, seed=11))
    keys = [f"2026-{n:02}" for n in range(1, 13)] if kind == "month" else [
        f"2026Q{n}" for n in range(1, 5)]  # fmt: skip
    seen: set[tuple[object, ...]] = set()
    late = 0
    for key in keys:
        for finding in found(Period.parse(key)):
            for item in finding.items:
                name = (finding.indicator, item.case_id, item.submission_id, item.clock)
                assert name not in seen, (key, name)
                seen.add(name)
                late += item.reason.startswith("补录件")
    assert len(seen) > 300
    assert late > 20
