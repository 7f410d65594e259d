"""What must hold for any findings: names, weights, one more fault, hiding."""

import random
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rules.model import Kind
from scoring.model import Finding
from tests.scoring_baseline import (
    BASELINE,
    CITY,
    ZERO,
    run,
    sheet,
)

CITIES = [320000 + 100 * n for n in range(1, 14)]
COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 8))
FACTS = st.lists(COUNTS, min_size=18, max_size=18)


def invented(unit: int, facts: list[tuple[int, int, int]]) -> list[Finding]:
    return [
        Finding(i.code, unit, min(a, b), max(a, b), Decimal(c) / 2, listed=False)
        for i, (a, b, c) in zip(BASELINE.indicators, facts, strict=True)
    ]


@given(st.lists(FACTS, min_size=13, max_size=13), st.permutations(CITIES), st.randoms())
def test_renaming_cities_renames_results(
    facts: list[list[tuple[int, int, int]]], names: list[int], order: random.Random
) -> None:
    plain = [f for unit, fact in zip(CITIES, facts, strict=True) for f in invented(unit, fact)]
    moved = [f for unit, fact in zip(names, facts, strict=True) for f in invented(unit, fact)]
    before, after = run(plain), run(moved)
    for old, new in zip(CITIES, names, strict=True):
        one, other = before.sheet(old), after.sheet(new)
        assert (one.total, one.grade, one.rank) == (other.total, other.grade, other.rank)
    assert before.means == after.means
    order.shuffle(plain)
    assert run(plain).digest == before.digest


@given(FACTS)
def test_weights_in_effect_always_add_up(facts: list[tuple[int, int, int]]) -> None:
    done = run(invented(CITY, facts)).sheet(CITY)
    assert sum(line.weight for line in done.lines) == 100
    assert done.total is not None and 0 <= done.total <= 100
    # Eighteen roundings of at most half a cent each lie between the sum and the exact total.
    assert abs(done.total - sum(area.points or ZERO for area in done.areas)) <= Decimal("0.09")


@given(FACTS, st.integers(0, 17))
def test_one_more_failing_item_never_raises_points(
    facts: list[tuple[int, int, int]], at: int
) -> None:
    findings = [replace(f, denominator=f.denominator + 60) for f in invented(CITY, facts)]
    line, one = BASELINE.indicators[at], findings[at]
    fails = int(line.complement or line.kind is Kind.DEDUCTION)
    worse = replace(one, numerator=one.numerator + fails, denominator=one.denominator + 1)
    if line.kind is Kind.DEDUCTION:
        worse = replace(worse, deduction=one.deduction + Decimal("0.5"))
    before = run(findings).sheet(CITY)
    after = run([*findings[:at], worse, *findings[at + 1 :]]).sheet(CITY)
    assert (after.lines[at].points or ZERO) <= (before.lines[at].points or ZERO)
    assert (after.total or ZERO) <= (before.total or ZERO)


@given(st.integers(20, 2000))
def test_hiding_an_item_costs_more_than_entering_it_late(items: int) -> None:
    late = Finding("A2", CITY, items - 1, items, listed=False)
    found = Finding("A1", CITY, items - 1, items, Decimal("0.5"), listed=False)
    whole = Finding("A1", CITY, items, items)
    punctual = Finding("A2", CITY, items, items)
    hidden, tardy = sheet({"A1": found, "A2": punctual}), sheet({"A1": whole, "A2": late})
    assert hidden.total is not None and tardy.total is not None
    assert hidden.total < tardy.total
