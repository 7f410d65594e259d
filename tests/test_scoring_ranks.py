"""Bonus, veto, grade, rank, means and losses."""

from dataclasses import replace
from decimal import Decimal

import pytest

from rules.model import Kind
from scoring.model import Adjustment, Bonus, Finding
from tests.scoring_baseline import (
    BASELINE,
    CITY,
    indicator,
    run,
    scoresheet,
    sheet,
    worked,
)


def test_bonus_is_capped_and_the_total_too() -> None:
    bonuses = (Bonus(Decimal("1.5"), "经验推广"), Bonus(Decimal(1), "首创"))
    done = run(worked().values(), adjustments=[Adjustment(CITY, bonuses)]).sheet(CITY)
    assert done.bonus == 2 and done.total == Decimal("73.61")
    full = {
        i.code: Finding(i.code, CITY, 0 if i.complement or i.kind is Kind.DEDUCTION else 40, 40)
        for i in BASELINE.indicators
    }
    assert run(full.values(), adjustments=[Adjustment(CITY, bonuses)]).sheet(CITY).total == 100


@pytest.mark.parametrize(("veto", "grade"), [("leak", "failed"), ("twice", "passed")])
def test_a_veto_caps_the_grade_and_moves_down(veto: str, grade: str) -> None:
    best = {f: replace(x, unit=320200) for f, x in worked().items()}
    best |= {"C1": Finding("C1", 320200, 250, 250), "C2": Finding("C2", 320200, 310, 310)}
    best |= {"B2": Finding("B2", 320200, 360, 360), "B3": Finding("B3", 320200, 320, 320)}
    both = [*worked().values(), *best.values()]
    assert run(both).sheet(320200).rank == 1
    marked = run(both, adjustments=[Adjustment(320200, vetoes=frozenset({veto}))]).sheet(320200)
    assert marked.grade is not None and marked.grade.key == grade
    assert marked.total == run(both).sheet(320200).total
    assert marked.rank == (2 if veto == "leak" else 1)


def test_a_veto_holds_where_too_little_was_judged() -> None:
    thin = [Finding(code, CITY, 0, 0) for code in worked()]
    done = run(thin, adjustments=[Adjustment(CITY, vetoes=frozenset({"leak"}))]).sheet(CITY)
    assert done.grade is not None and done.grade.key == "failed"


def tied(unit: int, **points: int) -> list[Finding]:
    """A unit whose total is the same whichever line it loses on: each weighs twenty-five."""
    lost = {code: points.get(code, 0) for code in ("E2", "B3", "C2", "Z1")}
    return [Finding(c, unit, 0, 0, Decimal(lost[c]), listed=False) for c in lost]


TIES = scoresheet(
    indicator(
        {"code": code, "area": "Z", "weight": "25", "kind": "deduction"}
        | dict.fromkeys(("target", "step", "floor", "complement", "minimum", "sampled"), "")
    )
    for code in ("E2", "B3", "C2", "Z1")
)


def test_ties_go_by_e2_then_b3_then_c2_then_share_a_rank() -> None:
    units = [
        tied(320100, Z1=3),
        tied(320200, C2=3),
        tied(320300, B3=3),
        tied(320400, B3=3),
        tied(320500, E2=3),
        tied(320600, E2=4),
    ]
    result = run([finding for unit in units for finding in unit], TIES)
    assert [sheet.rank for sheet in result.league] == [1, 2, 3, 3, 5, 6]
    assert [sheet.unit for sheet in result.league] == sorted(sheet.unit for sheet in result.sheets)


def test_means_leave_out_what_is_absent() -> None:
    other = {code: replace(finding, unit=320200) for code, finding in worked().items()}
    other["D4"] = Finding("D4", 320200, 0, 0)
    result = run([*worked().values(), *other.values()])
    assert result.means.lines["D4"] == Decimal("0.21")
    assert result.means.lines["D1"] == Decimal("3.81")  # (3.50 + 4.12) / 2
    assert result.means.total == Decimal("72.53")  # (71.61 + 73.45) / 2
    assert result.means.areas["F"] == Decimal("3.50")


def test_the_largest_losses_come_first() -> None:
    worst = sheet({}).losses(3)
    assert [line.indicator.code for line in worst] == ["D1", "D4", "A2"]
