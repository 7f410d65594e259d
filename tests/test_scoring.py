"""The engine against the signed tables: worked example, every rule kind, where weights go."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

import rules
from rules.model import Fault, Indicator
from scoring.model import Finding, Status
from scoring.numbers import percent
from scoring.period import Period
from scoring.wording import says
from tests.scoring_baseline import (
    BASELINE,
    CITY,
    MONTH,
    WORKED,
    ZERO,
    counted,
    indicator,
    nothing,
    run,
    scoresheet,
    sheet,
    table,
    without,
    worked,
)


def test_the_worked_example_to_the_cent() -> None:
    done = run(worked().values()).sheet(CITY)
    expected = {row["code"]: Decimal(row["points"]) for row in WORKED}
    assert {line.indicator.code: line.points for line in done.lines} == expected
    assert done.total == Decimal("71.61")
    assert done.grade is not None and done.grade.key == "passed"
    assert sum(area.points or ZERO for area in done.areas) == done.total


def test_the_worked_example_without_d4() -> None:
    done = sheet({"D4": Finding("D4", CITY, 0, 0)})
    expected = {r["code"]: Decimal(r["without_d4"]) if r["without_d4"] else None for r in WORKED}
    assert {line.indicator.code: line.points for line in done.lines} == expected
    assert done.line("D4").status is Status.NOT_APPLICABLE
    assert done.line("D1").weight == Fraction(7 * 20, 17)
    assert done.total == Decimal("73.45")


@pytest.mark.parametrize("row", table("scoring_lines.csv"), ids=lambda row: str(row["why"]))
def test_one_line(row: dict[str, str]) -> None:
    method = scoresheet([indicator(row)])
    result = run([counted(row, "X1")], method, Period.parse(row["period"]))
    line = result.sheet(CITY).line("X1")
    assert line.status.value == row["status"]
    assert line.points == (Decimal(row["points"]) if row["points"] else None)


def test_an_empty_area_gives_its_weight_to_all_others() -> None:
    done = sheet(nothing("F1"))
    assert done.areas[5].points is None and done.areas[5].weight == 0
    assert [area.weight for area in done.areas[:5]] == [
        Fraction(w * 100, 95) for w in (20, 25, 20, 20, 10)
    ]
    assert done.line("A2").weight == Fraction(500, 95)
    assert done.line("A2").points == Decimal("2.50")  # 2.375 × 100/95


def test_nothing_at_all_is_no_score() -> None:
    done = sheet(nothing(*worked()))
    assert (done.total, done.grade, done.rank, done.enough) == (None, None, None, False)


def test_a_line_without_module_is_visible_and_never_full_marks() -> None:
    missing = ("D4", "F1")
    findings = [finding for code, finding in worked().items() if code not in missing]
    done = run(findings, without(*missing)).sheet(CITY)
    line = done.line("F1")
    assert line.status is Status.NO_MODULE and "不适用" in line.status.label
    assert line.points is None and line.weight == 0 and line.numerator is None
    assert line.note.startswith("本指标的统计模块未建")
    assert sum(one.weight for one in done.lines) == 100
    assert done.total == sheet(nothing(*missing)).total


def test_too_few_in_a_month_is_shown_and_counts_for_nothing() -> None:
    thin = {"D4": Finding("D4", CITY, 3, 4, listed=False)}
    done = sheet(thin, MONTH)
    line = done.line("D4")
    assert line.status is Status.TOO_FEW and "少于5件" in line.note
    assert (line.points, line.reference) == (None, Decimal("0.00"))
    assert percent(line.rate) == "75.00%"
    assert done.total == sheet(nothing("D4"), MONTH).total
    assert done.rank == 1


def test_a_total_on_little_evidence_has_neither_grade_nor_rank() -> None:
    # All rates 0 of 0: only B4, D2 and F1 (15 of 100) remain, without any event.
    thin = {code: Finding(code, CITY, 0, 0) for code in worked()}
    done = sheet(thin)
    assert done.total == 100
    assert (done.enough, done.grade, done.rank) == (False, None, None)


def test_half_of_the_weight_is_enough() -> None:
    method = scoresheet(i for i in BASELINE.indicators if i.code in ("B2", "D2"))
    findings = [Finding("B2", CITY, 0, 0), Finding("D2", CITY, 0, 0)]
    assert run(findings, method).sheet(CITY).rank == 1


def test_the_rule_of_a_line_in_words() -> None:
    lines = {line.code: line for line in BASELINE.indicators}
    assert says(lines["A2"]) == "达到98%得满分，每低1个百分点扣0.5分，扣完为止。"
    assert says(lines["D3"]) == "不高于5%得满分，每高1个百分点扣0.5分，扣完为止。"
    assert says(lines["E2"]) == "达到90%得满分，60%及以下不得分，其间按比例得分。"
    fault = Fault("long", "超期30日以上", Decimal("0.50"), 30, False)
    long = says(replace(lines["B3"], faults=(fault,)))
    assert long.endswith("扣完为止；超期30日以上，每件扣0.5分。")


def test_the_shipped_rules_are_the_signed_table() -> None:
    shipped = rules.load().scoresheet

    def judged(line: Indicator) -> tuple[object, ...]:
        limits = (line.target, line.step, line.floor, line.complement)
        return line.code, line.area, line.weight, line.kind, limits, line.minimum, line.sampled

    assert [judged(i) for i in shipped.indicators] == [judged(i) for i in BASELINE.indicators]
    assert [grade.least for grade in shipped.grades] == [90, 80, 60, 0]
    assert shipped.ties == ("E2", "B3", "C2")
    assert shipped.bonus_cap == 2 and shipped.total_cap == 100
    whole = replace(shipped, indicators=tuple(replace(i, ready=True) for i in shipped.indicators))
    assert run(worked().values(), whole).sheet(CITY).total == Decimal("71.61")
