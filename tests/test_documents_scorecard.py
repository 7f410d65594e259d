"""The scorecard PDF: everything of the record, nothing else, the same bytes every time."""

import hashlib
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from documents import figures
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
from documents.scorecard import render
from domain.errors import Refused

# The worked example of the scoresheet: code, weight, numerator, denominator, points.
EXAMPLE = """
A1 8 396 400 7.00|A2 5 371 400 2.38|A3 4 398 400 4.00|A4 3 2 - 2.40|B1 7 379 390 5.03
B2 5 352 360 3.89|B3 8 311 320 5.75|B4 5 2 - 4.00|C1 6 240 250 3.60|C2 8 301 310 5.68
C3 6 3 - 4.50|D1 7 27 30 3.50|D2 5 1 - 4.00|D3 5 19 280 4.11|D4 3 12 14 0.21
E1 4 52 100 3.20|E2 6 118 140 4.86|F1 5 2 - 3.50
"""
AREAS = (("A", 20), ("B", 25), ("C", 20), ("D", 20), ("E", 10), ("F", 5))
MARKUP = [
    "![](http://x.y/z.png)",
    "<script>alert(1)</script>",
    "=1+1",
    "<para>甲</para>",
    "<img src='http://x.y/z'/>",
    "<b>未闭合 & &amp;",
    "%s {0} \\n (a) )(",
]
RULE = "达到100%得满分，每低1个百分点扣0.5分，扣完为止。"
LONG_RULE = "没有扣分事项得满分，按项扣分，扣完为止；" + "；".join(
    f"第{number}种情形，每件扣0.{number}分" for number in range(1, 9)
)


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


def pages(data: bytes) -> list[str]:
    """The text of every page without its white space."""
    return [squeezed(page.extract_text()) for page in PdfReader(BytesIO(data)).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_page_one_holds_every_number_of_the_record() -> None:
    shown, one = card(), pages(render(card()))[0]
    for row in shown.lines:
        lost = figures.points(row.lost)
        numbers = [figures.count(row.numerator), figures.count(row.denominator)]
        numbers += [figures.percent(row.rate), figures.points(row.points), lost]
        assert f"{row.code}{row.label}{row.weight}" in one
        assert squeezed("".join(numbers)) in one, row.code
    for part in shown.areas:
        assert f"{figures.points(part.points)}/{part.weight}" in one
        assert figures.signed((part.points or Decimal(0)) - (part.mean or Decimal(0))) in one
    for point in shown.trend:
        assert point.label in one and figures.points(point.total) in one
    for text in ("71.61", "合格", "共13个单位", "74.20", "−2.59", "审定", "苏州市", "2026年10月"):
        assert text in one
    for text in ("2026.1", "2026.2", shown.digest[:16], "2026-11-0400:00", "2026-10-0001", "—1—"):
        assert text in one
    for text in ("江苏省生态环境厅", "（公章）", "2026年11月5日", "025-86266000", shown.number):
        assert squeezed(text) in one


def test_largest_losses_stand_heaviest_first() -> None:
    assert [row.code for row in card().largest_losses] == ["D1", "D4", "A2", "C1", "C2"]


@pytest.mark.parametrize("count", [0, 1, 7, 60, 3000])
def test_the_annex_lists_every_item_once_and_page_one_is_one_page(count: int) -> None:
    first, *annex = pages(render(card(count)))
    listed = re.findall(r"XF2026\d{6}", "".join(annex))
    assert sorted(listed) == [item.case_no for item in items(count)] if count else listed == []
    assert "XF2026" not in first
    assert f"共{count}件" in annex[0]
    for number, page in enumerate(annex, start=2):
        assert f"第{number}页共{len(annex) + 1}页" in page
        assert f"—{number}—" in page
        assert "序号事项编号责任单位扣分原因应办日期办理日期逾期" in page


def test_an_annex_without_items_says_so() -> None:
    assert "本期没有扣分事项" in pages(render(card(0)))[1]


def test_a_group_that_runs_over_is_headed_again() -> None:
    annex = pages(render(card(600)))[1:]
    assert any("（续）" in page for page in annex)
    assert all(re.search(r"[A-F]\d指标", page) for page in annex)


def test_a_reason_taller_than_a_page_is_printed_whole() -> None:
    reason = "".join(f"第{number}句话。" for number in range(1200))
    made = replace(card(0), items=(replace(items(1)[0], reason=reason),))
    whole = "".join(pages(render(made)))
    numbers = re.findall(r"(\d+)句", whole)
    assert [int(number) for number in numbers] == list(range(1200))


def test_a_long_rule_stands_in_full_in_the_annex() -> None:
    shown = card()
    lines = (replace(shown.lines[0], rule=LONG_RULE), *shown.lines[1:])
    first, annex = pages(render(replace(shown, lines=lines)))
    assert "全文见附件" in first
    assert squeezed(LONG_RULE) in annex


def test_the_same_record_gives_the_same_bytes() -> None:
    assert render(card()) == render(card())


def test_another_process_redraws_a_stored_record_to_the_same_bytes(tmp_path: Path) -> None:
    stored = tmp_path / "card.json"
    stored.write_text(card().to_json(), encoding="utf-8")
    program = (
        "import hashlib,sys;from documents.model import Scorecard;"
        "from documents.scorecard import render;"
        "text=open(sys.argv[1],encoding='utf-8').read();"
        "print(hashlib.sha256(render(Scorecard.from_json(text))).hexdigest())"
    )
    root = Path(__file__).resolve().parent.parent
    # Other cards drawn before must leave no mark on this one.
    render(replace(card(40), unit_name="南京市"))
    here = hashlib.sha256(render(card())).hexdigest()
    command = [sys.executable, "-c", program, str(stored)]
    there = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


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


@pytest.mark.parametrize("text", MARKUP)
def test_user_text_comes_back_as_typed(text: str) -> None:
    shown = card()
    made = replace(
        shown,
        unit_name=text,
        notes=(text,),
        veto=text,
        lines=(replace(shown.lines[0], label=text, rule=text, remedy=text), *shown.lines[1:]),
        items=(replace(shown.items[0], reason=text, unit_name=text),),
    )
    first, annex = pages(render(made))
    assert first.count(squeezed(text)) >= 5
    assert annex.count(squeezed(text)) >= 2
    assert b"/URI" not in render(made) and b"/JavaScript" not in render(made)


def test_a_character_without_a_picture_is_refused() -> None:
    with pytest.raises(Refused, match=r"U\+1F600"):
        render(replace(card(), items=(replace(items(1)[0], reason="好😀"),)))


def test_another_citys_item_is_refused() -> None:
    with pytest.raises(Refused, match="其他单位"):
        replace(card(), items=(replace(items(1)[0], unit_code=320102),))


def test_a_record_has_no_room_for_a_petitioner() -> None:
    kept = {field.name for kind in (Scorecard, Line, AnnexItem) for field in fields(kind)}
    assert not {name for name in kept if re.search("petition|phone|address|person", name)}


def test_every_font_is_embedded_and_none_is_helvetica() -> None:
    data = render(card(60))
    assert b"Helvetica" not in data
    for page in PdfReader(BytesIO(data)).pages:
        found: Any = page["/Resources"]
        for font in found["/Font"].values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]


@pytest.mark.parametrize(
    ("state", "marked"),
    [(CardState.PROVISIONAL, 2), (CardState.PUBLISHED, 2), (CardState.LOCKED, 1)],
)
def test_a_card_that_is_not_final_carries_its_state_across_every_page(
    state: CardState, marked: int
) -> None:
    first, annex = pages(render(replace(card(), state=state)))
    assert first.count(state.label) == marked
    assert annex.count(state.label) == marked - 1


def test_what_was_not_judged_is_a_dash_and_not_a_zero() -> None:
    shown = card()
    blank = replace(
        shown.lines[14],
        status=LineStatus.NOT_APPLICABLE,
        effective=Decimal(0),
        numerator=0,
        denominator=0,
        rate=None,
        points=None,
    )
    few = replace(
        shown.lines[1],
        status=LineStatus.TOO_FEW,
        effective=Decimal(0),
        points=None,
        reference=Decimal("2.38"),
    )
    moved = replace(shown.lines[11], effective=exact(Fraction(140, 17)) or Decimal(0))
    lines = (shown.lines[0], few, *shown.lines[2:11], moved, *shown.lines[12:14], blank)
    made = replace(
        shown,
        lines=(*lines, *shown.lines[15:]),
        areas=(*shown.areas[:5], replace(shown.areas[5], points=None, mean=None)),
        total=None,
        grade="",
        rank=None,
        mean=None,
        trend=(),
    )
    one = pages(render(made))[0]
    assert re.search("D4指标D4不适用3.{0,40}00———", one)
    assert "（2.38）" in one and "样本不足" in one and "7→8.24" in one
    assert "未排名" in one and "暂无历史得分" in one and "本期不适用" in one


def test_full_marks_show_no_loss() -> None:
    shown = card()
    lines = tuple(replace(row, points=row.effective) for row in shown.lines)
    assert "本期没有失分" in pages(render(replace(shown, lines=lines, total=Decimal(100))))[0]
