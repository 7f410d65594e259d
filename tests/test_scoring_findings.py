"""Findings that contradict themselves are refused; the digest knows content alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

import rules
from scoring.engine import score
from scoring.model import Adjustment, Finding, Item, Versions
from tests.scoring_baseline import (
    BASELINE,
    CITY,
    QUARTER,
    SNAPSHOT,
    VERSIONS,
    run,
    scoresheet,
    worked,
)

ITEM = Item(7, "E2026-000007", 9, CITY, "entry", date(2026, 9, 2), date(2026, 9, 4), "晚录2天")
ENTRY = scoresheet(i for i in BASELINE.indicators if i.code == "A2")


@pytest.mark.parametrize(
    ("finding", "fault"),
    [
        (Finding("A2", CITY, 38, 40, items=(ITEM,)), "1 items listed, 2 counted"),
        (Finding("A2", CITY, 39, 40, Decimal(1), (ITEM,)), "not the deduction"),
        (Finding("A2", CITY, 41, 40, listed=False), "41 of 40"),
        (Finding("A2", CITY, -1, 40, listed=False), "negative"),
        (Finding("ZZ", CITY, 1, 2, listed=False), "out of place"),
    ],
)
def test_a_finding_that_contradicts_itself_is_refused(finding: Finding, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        run([finding], ENTRY)


def test_gaps_strangers_and_repeats_are_refused() -> None:
    whole = list(worked().values())
    with pytest.raises(ValueError, match="missing"):
        run(whole[1:])
    with pytest.raises(ValueError, match="out of place"):
        run([*whole, whole[0]])
    with pytest.raises(ValueError, match="not scored"):
        run(whole, adjustments=[Adjustment(320200)])
    with pytest.raises(ValueError, match="does not know"):
        run(whole, adjustments=[Adjustment(CITY, vetoes=frozenset({"other"}))])


def test_an_item_found_outside_is_listed_but_not_in_the_rate() -> None:
    method = scoresheet(i for i in BASELINE.indicators if i.code == "A1")
    outside = ITEM._replace(points=Decimal("0.5"), fails=False)
    line = run([Finding("A1", CITY, 99, 100, Decimal("0.5"), (ITEM, outside))], method)
    assert line.sheet(CITY).line("A1").points == Decimal("6.50")


def listed(items: list[Item]) -> str:
    return run([Finding("A2", CITY, 40 - len(items), 40, items=tuple(items))], ENTRY).digest


def test_the_digest_knows_content_and_not_order_or_ids() -> None:
    other = ITEM._replace(case_no="E2026-000008", points=Decimal("0.00"))
    assert listed([ITEM, other]) == listed([other, ITEM])
    assert listed([ITEM, other]) == listed([ITEM._replace(case_id=70, submission_id=1), other])
    assert listed([ITEM, other]) != listed([ITEM, other._replace(done_on=None)])
    assert listed([ITEM, other]) != listed([ITEM, ITEM])
    assert len(listed([ITEM])) == 64


def test_the_digest_knows_versions_and_writes_numbers_one_way() -> None:
    base = score(ENTRY, VERSIONS, QUARTER, SNAPSHOT, [CITY], [Finding("A2", CITY, 40, 40)])
    zeros = replace(Finding("A2", CITY, 40, 40), deduction=Decimal("0.00"))
    assert base.digest == run([zeros], ENTRY).digest
    newer = replace(VERSIONS, calendar="2027.1")
    again = score(ENTRY, newer, QUARTER, SNAPSHOT, [CITY], [Finding("A2", CITY, 40, 40)])
    assert again.digest != base.digest


def test_the_digest_knows_which_item_is_in_the_rate() -> None:
    method = scoresheet(i for i in BASELINE.indicators if i.code == "A1")
    outside = ITEM._replace(case_no="E2026-000008", fails=False)
    pair = (ITEM, outside), (ITEM._replace(fails=False), outside._replace(fails=True))
    digests = {run([Finding("A1", CITY, 39, 40, items=items)], method).digest for items in pair}
    assert len(digests) == 2


def test_versions_come_from_the_rule_book() -> None:
    book = rules.load()
    assert Versions.of(book) == Versions(book.version, book.digest, book.calendar.version)
