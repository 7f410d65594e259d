"""The signed table as the engine takes it, and the worked example as findings."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from rules.model import Area, Grade, Indicator, Kind, Scoresheet, Veto
from scoring.engine import score
from scoring.model import Adjustment, Finding, Result, Sheet, Versions
from scoring.period import Period

TABLES = Path(__file__).parent / "tables"
VERSIONS = Versions("2026.1", "abc", "2026.1")
SNAPSHOT = datetime(2026, 11, 4, 23, 59, 59, 999999)
QUARTER, MONTH = Period.parse("2026Q3"), Period.parse("2026-10")
CITY = 320100
ZERO = Decimal(0)


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def indicator(row: dict[str, str]) -> Indicator:
    def number(key: str) -> Decimal | None:
        return Decimal(row[key]) if row[key] else None

    return Indicator(
        code=row.get("code", "X1"),
        area=row.get("area", "X"),
        label="指标",
        weight=Decimal(row["weight"]),
        kind=Kind(row["kind"]),
        measure="",
        ready=True,
        numerator="",
        denominator="",
        source="",
        clocks=(),
        target=number("target"),
        step=number("step"),
        floor=number("floor"),
        complement=bool(row["complement"]),
        minimum=int(row["minimum"]) if row["minimum"] else None,
        sampled=bool(row["sampled"]),
        window_days=None,
        faults=(),
        heaviest_per_case=False,
    )


def scoresheet(indicators: Iterable[Indicator]) -> Scoresheet:
    lines = tuple(indicators)
    areas = {line.area: ZERO for line in lines}
    for line in lines:
        areas[line.area] += line.weight
    grades = [("excellent", 90), ("good", 80), ("passed", 60), ("failed", 0)]
    return Scoresheet(
        version="2026.1",
        areas=tuple(Area(key, key, weight) for key, weight in areas.items()),
        indicators=lines,
        grades=tuple(Grade(key, key, Decimal(least)) for key, least in grades),
        vetoes=(Veto("leak", "泄露", "failed"), Veto("twice", "两次督办", "passed")),
        ties=("E2", "B3", "C2"),
        total_cap=Decimal(100),
        bonus_cap=Decimal(2),
        snapshot_workdays=3,
        self_check_workdays=3,
        publish_workdays=5,
        exemption_workdays=3,
        answer_workdays=10,
    )


BASELINE = scoresheet(indicator(row) for row in table("scoring_baseline.csv"))
WORKED = table("scoring_worked.csv")


def counted(row: dict[str, str], code: str, unit: int = CITY) -> Finding:
    numbers = int(row["numerator"]), int(row["denominator"]), Decimal(row["deduction"])
    return Finding(code, unit, *numbers, listed=False)


def worked(unit: int = CITY) -> dict[str, Finding]:
    return {row["code"]: counted(row, row["code"], unit) for row in WORKED}


def run(
    findings: Iterable[Finding],
    method: Scoresheet = BASELINE,
    period: Period = QUARTER,
    adjustments: Iterable[Adjustment] = (),
) -> Result:
    given = list(findings)
    units = {finding.unit for finding in given}
    return score(method, VERSIONS, period, SNAPSHOT, units, given, adjustments)


def sheet(changes: dict[str, Finding], period: Period = QUARTER) -> Sheet:
    return run((worked() | changes).values(), period=period).sheet(CITY)


def nothing(*codes: str) -> dict[str, Finding]:
    return {code: Finding(code, CITY, 0, 0, available=False, listed=False) for code in codes}


def without(*codes: str) -> Scoresheet:
    lines = BASELINE.indicators
    return replace(BASELINE, indicators=tuple(replace(i, ready=i.code not in codes) for i in lines))
