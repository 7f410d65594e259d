"""The scorecard PDF: everything of the record, nothing else, the same bytes every time."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from documents import figures
from documents.model import (
    CardState,
    LineStatus,
    exact,
)
from documents.scorecard import render
from domain.errors import Refused
from tests.test_documents_model import card, items

MARKUP = [
    "![](http://x.y/z.png)",
    "<script>alert(1)</script>",
    "=1+1",
    "<para>甲</para>",
    "<img src='http://x.y/z'/>",
    "<b>未闭合 & &amp;",
    "%s {0} \\n (a) )(",
]
LONG_RULE = "没有扣分事项得满分，按项扣分，扣完为止；" + "；".join(
    f"第{number}种情形，每件扣0.{number}分" for number in range(1, 9)
)


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
