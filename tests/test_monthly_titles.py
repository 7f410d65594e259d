"""What the titles of a month say where several stand equal."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from scoring.period import Period
from services.commands.summary import SCOPE
from services.monthly import summary
from services.monthly_model import Kind, Line, Outcome, Share, Summary, Verified
from services.monthly_titles import told
from services.monthly_words import share
from tests.seed import Seeded

TABLE = Path(__file__).parent / "tables" / "monthly_ties.csv"
TIES = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
SECTION = {"channels": 2, "kinds": 3, "industries": 4, "rows": 5, "outcomes": 6}
LABELS = "甲乙丙丁戊"
CONCLUDED = 20  # of each type


@pytest.mark.parametrize("row", TIES, ids=[f"{r['what']} {r['numbers']}" for r in TIES])
def test_who_stands_equal_is_named(seeded: Seeded, row: dict[str, str]) -> None:
    found = summary(SCOPE, Period.parse("2026-10"), 320000, seeded.now)
    numbers = [int(number) for number in row["numbers"].split()]
    said = told(_having(found, row["what"], numbers)).titles[SECTION[row["what"]]]
    assert said == row["expect"], row["why"]


def _having(found: Summary, what: str, numbers: list[int]) -> Summary:
    total = sum(numbers)
    lines = tuple(Line(label, label, n, share(n, total)) for label, n in _labelled(numbers))
    if what == "kinds":
        return replace(found, kinds=tuple(Kind(line, ()) for line in lines))
    if what == "rows":
        rows = tuple(
            replace(found.rows[0], label=label, received=n, overdue=n, per_ten_thousand=None)
            for label, n in _labelled(numbers)
        )
        return replace(found, rows=rows, total=replace(found.total, received=total, overdue=total))
    if what == "outcomes":
        each = tuple(
            Outcome(label, label, CONCLUDED, {}, _true(n, CONCLUDED))
            for label, n in _labelled(numbers)
        )
        whole = replace(found.outcome, true=_true(total, CONCLUDED * len(numbers)))
        return replace(found, outcomes=each, outcome=whole, verified=Verified(0, 0, ""))
    return replace(found, **{what: lines})  # type: ignore[arg-type]


def _labelled(numbers: list[int]) -> list[tuple[str, int]]:
    return list(zip(LABELS, numbers, strict=False))


def _true(part: int, whole: int) -> Share:
    return Share(part, whole, share(part, whole))
