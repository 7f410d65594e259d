"""The frozen record of a scorecard: stored, read back, guarded; and the record other tests draw."""

import hashlib
import re
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from documents.model import (
    AnnexItem,
    Area,
    CardState,
    Line,
    LineStatus,
    Scorecard,
    TrendPoint,
    exact,
)
from domain.errors import Refused

# The worked example of the scoresheet: code, weight, numerator, denominator, points.
EXAMPLE = """
A1 8 396 400 7.00|A2 5 371 400 2.38|A3 4 398 400 4.00|A4 3 2 - 2.40|B1 7 379 390 5.03
B2 5 352 360 3.89|B3 8 311 320 5.75|B4 5 2 - 4.00|C1 6 240 250 3.60|C2 8 301 310 5.68
C3 6 3 - 4.50|D1 7 27 30 3.50|D2 5 1 - 4.00|D3 5 19 280 4.11|D4 3 12 14 0.21
E1 4 52 100 3.20|E2 6 118 140 4.86|F1 5 2 - 3.50
"""
AREAS = (("A", 20), ("B", 25), ("C", 20), ("D", 20), ("E", 10), ("F", 5))
RULE = "达到100%得满分，每低1个百分点扣0.5分，扣完为止。"


def line(text: str) -> Line:
    code, weight, top, bottom, got = text.split()
    below = None if bottom == "-" else int(bottom)
    rate = exact(Fraction(int(top), below)) if below else None
    full = Decimal(weight)
    status = LineStatus.NORMAL
    return Line(
        code, code[0], f"指标{code}", full, full, int(top), below, rate, Decimal(got), status, RULE
    )


def items(count: int) -> tuple[AnnexItem, ...]:
    codes = ("A2", "B1", "B3", "C1", "C2")
    return tuple(
        AnnexItem(
            line=codes[number * len(codes) // count],
            case_no=f"XF2026{number:06d}",
            reason="超过办结期限，未经批准延期",
            due=date(2026, 10, 9),
            done=None if number % 3 == 0 else date(2026, 10, 15),
            days_late=None if number % 3 == 0 else 6,
            unit_code=320506,
            unit_name="苏州市吴中区生态环境局",
        )
        for number in range(count)
    )


def card(count: int = 7) -> Scorecard:
    lines = tuple(line(text) for row in EXAMPLE.split("\n") for text in row.split("|") if text)
    areas = tuple(area(code, Decimal(weight), lines) for code, weight in AREAS)
    trend = [("5月", "68.10"), ("6月", "70.25"), ("7月", "66.40"), ("8月", "69.95")]
    return Scorecard(
        organ="江苏省生态环境厅",
        number="苏环信考〔2026〕1005号",
        unit_code=320500,
        unit_name="苏州市",
        period="2026年10月",
        state=CardState.LOCKED,
        total=Decimal("71.61"),
        grade="合格",
        rank=5,
        rank_of=13,
        mean=Decimal("74.20"),
        bonus=Decimal(0),
        veto="",
        areas=areas,
        lines=lines,
        trend=(
            *(TrendPoint(label, Decimal(total)) for label, total in trend),
            TrendPoint("9月", None),
            TrendPoint("10月", Decimal("71.61")),
        ),
        items=items(count) if count else (),
        notes=("本期剔除 3 件。",),
        rules_version="2026.1",
        calendar_version="2026.2",
        digest=hashlib.sha256(b"run").hexdigest(),
        snapshot_at=datetime(2026, 11, 4, 0, 0),
        ran_at=datetime(2026, 11, 5, 9, 30),
        run_id="2026-10-0001",
        issued_on=date(2026, 11, 5),
        contact="025-86266000",
    )


def area(code: str, weight: Decimal, lines: tuple[Line, ...]) -> Area:
    got = sum((line.points or Decimal(0) for line in lines if line.area == code), Decimal(0))
    return Area(code, f"方面{code}", weight, weight, got, weight * Decimal("0.76"))


def test_largest_losses_stand_heaviest_first() -> None:
    assert [row.code for row in card().largest_losses] == ["D1", "D4", "A2", "C1", "C2"]


def test_a_record_survives_being_stored() -> None:
    assert Scorecard.from_json(card().to_json()) == card()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"rank":5', '"rank":"5"'),
        ('"rank":5', '"petitioner":"张三","rank":5'),
        ('"state":"locked"', '"state":"final"'),
        ('"total":"71.61"', '"total":"x"'),
        ('"unit_name":"苏州市"', '"unit":"苏州市"'),
    ],
)
def test_a_stored_record_that_was_bent_is_refused(old: str, new: str) -> None:
    text = card().to_json()
    assert old in text
    with pytest.raises(Refused, match="存档无法读取"):
        Scorecard.from_json(text.replace(old, new))


def test_another_citys_item_is_refused() -> None:
    with pytest.raises(Refused, match="其他单位"):
        replace(card(), items=(replace(items(1)[0], unit_code=320102),))


def test_a_record_has_no_room_for_a_petitioner() -> None:
    kept = {field.name for kind in (Scorecard, Line, AnnexItem) for field in fields(kind)}
    assert not {name for name in kept if re.search("petition|phone|address|person", name)}
