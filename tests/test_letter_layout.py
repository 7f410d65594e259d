"""The page of a letter after GB/T 9704-2012: measures, lines, pages, and the same bytes."""

import hashlib
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader

from documents.fonts import CANNOT_START
from documents.letter import render
from documents.letter_model import PETITIONER, Letter
from documents.qr import modules
from domain.errors import Refused
from domain.wording import Block, Shape

MM = 72 / 25.4
LONG = "经现场检查，该企业生产车间废气收集设施未正常运行，厂界臭气浓度超过排放标准限值。"
LETTER = Letter(
    kind="answer", label="举报事项答复函", organ="南京市生态环境局",
    number="南京环信答〔2026〕12号",
    title="举报事项答复函", salutation=PETITIONER,
    body=(Block(Shape.HEAD1, "一、调查情况"), *(Block(Shape.PARA, LONG * 4),) * 9,
          Block(Shape.ROW, cells=("事项", "恶臭")), Block(Shape.PARA, "特此答复。")),
    issued_on=date(2026, 11, 4), case_no="JS32010020261104P00001", template=0,
    contact="王科员，025-80000000", query_code="ABCD2345", query="https://xf.example/query?code=1",
)  # fmt: skip


def runs(data: bytes, page: int) -> list[tuple[float, float, float, str]]:
    """Left edge and baseline in mm from the top left, size in points, and text of every piece."""
    found: list[tuple[float, float, float, str]] = []

    def visit(text: str, _cm: Any, tm: list[float], _font: Any, size: float) -> None:
        if text.strip():
            found.append((tm[4] / MM, 297 - tm[5] / MM, size, text.strip("\n")))

    PdfReader(BytesIO(data)).pages[page].extract_text(visitor_text=visit)
    return found


def lines(data: bytes, page: int) -> dict[float, str]:
    """The text of each baseline of 3号 on a page."""
    rows: dict[float, str] = defaultdict(str)
    for _, y, size, text in runs(data, page):
        if size == 16:
            rows[round(y, 1)] += text
    return dict(rows)


def test_paper_and_margins() -> None:
    data = render(LETTER)
    for number, page in enumerate(PdfReader(BytesIO(data)).pages):
        box = page.mediabox
        assert (round(float(box.width) / MM), round(float(box.height) / MM)) == (210, 297)
        within = [run for run in runs(data, number) if "—" not in run[3]]
        assert min(x for x, *_ in within) == pytest.approx(28, abs=0.1)
        assert 37 < min(y for _, y, *_ in within) < 37 + 225 / 22
        assert max(y for _, y, *_ in within) < 37 + 225


def test_body_has_22_lines_of_28_characters_and_grid() -> None:
    rows = lines(render(LETTER), 1)  # a page of body alone
    assert len(rows) == 22
    assert {round(b - a, 1) for a, b in pairwise(rows)} <= {10.2, 10.3}
    assert max(map(len, rows.values())) == 28
    assert [row for row in rows.values() if row[0] in CANNOT_START] == []


def test_full_lines_reach_both_margins() -> None:
    content = PdfReader(BytesIO(render(LETTER))).pages[1].get_contents()
    assert content is not None
    spaced = [float(s) for s in re.findall(rb"(-?\d+\.\d+) Tc", content.get_data())]
    tight = (156 * MM - 28 * 16) / 27  # 28 characters of 3号 are wider than 156 mm
    assert spaced.count(round(tight, 3)) > 10 and max(spaced) <= 16 / 8


def test_title_number_date_and_page_number() -> None:
    data = render(LETTER)
    first = runs(data, 0)
    assert {size for _, _, size, text in first if text in (LETTER.organ, LETTER.title)} == {22}
    pages = len(PdfReader(BytesIO(data)).pages)
    assert pages > 2
    feet = [next(r for r in runs(data, n) if "—" in r[3] and r[1] > 262) for n in range(pages)]
    assert [foot[3] for foot in feet] == [f"— {n} —" for n in range(1, pages + 1)]
    assert feet[0][0] > 150 and feet[1][0] < 40  # outside on paper printed on both sides
    last = runs(data, pages - 1)
    when = next(run for run in last if run[3] == "2026年11月4日")
    seal = next(run for run in last if run[3] == "（公章）")
    assert when[0] > 110 and seal[1] > when[1]


@pytest.mark.parametrize("more", range(12))
def test_no_page_holds_a_signature_alone(more: int) -> None:
    body = (Block(Shape.PARA, LONG),) * (3 + more)
    data = render(replace(LETTER, body=body))
    last = "".join(text for *_, text in runs(data, len(PdfReader(BytesIO(data)).pages) - 1))
    assert LETTER.organ in last and "排放标准限值。" in last


def test_a_heading_is_not_the_last_of_a_page() -> None:
    for before in range(10, 22):
        body = (*(Block(Shape.LEFT, "行"),) * before, Block(Shape.HEAD1, "一、标题"),
                *(Block(Shape.LEFT, "文"),) * 9)  # fmt: skip
        data = render(replace(LETTER, body=body))
        for page in range(len(PdfReader(BytesIO(data)).pages)):
            assert list(lines(data, page).values())[-1] != "一、标题"


def test_a_row_longer_than_a_page_is_cut_and_nothing_lost() -> None:
    said = "".join(f"第{n}处；" for n in range(1, 700))
    data = render(replace(LETTER, body=(Block(Shape.ROW, cells=("情况", said)),)))
    pages = PdfReader(BytesIO(data)).pages
    text = "".join("".join(page.extract_text().split()) for page in pages)
    assert len(pages) > 2 and all(f"第{n}处；" in re.sub("—\\d—", "", text) for n in (1, 350, 699))


def test_the_same_record_gives_the_same_bytes_in_another_process() -> None:
    again = (
        "import hashlib,sys;from documents.letter import render;"
        "from documents.letter_model import Letter;"
        "sys.stdout.write(hashlib.sha256(render(Letter.from_json(sys.stdin.read()))).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", again], input=LETTER.to_json(), text=True,
                          capture_output=True, check=True)  # fmt: skip
    assert done.stdout == hashlib.sha256(render(LETTER)).hexdigest()
    assert Letter.from_json(LETTER.to_json()) == LETTER


@pytest.mark.parametrize("name", ["张三丰", '引"号\\', "𠮷田", " 李四 "])
def test_a_name_is_put_in_where_it_belongs(name: str) -> None:
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(render(LETTER, name))).pages)
    assert f"{name.strip()}：" in text and "{{" not in text


def test_what_may_not_be_is_refused() -> None:
    with pytest.raises(Refused, match="没有字形"):
        render(LETTER, "张\U0002b820")
    with pytest.raises(Refused, match="不发给信访人"):
        replace(LETTER, masked=True)
    with pytest.raises(Refused, match="不发给信访人"):
        replace(LETTER, masked=True, salutation="某公司")
    with pytest.raises(Refused, match="无法读取"):
        Letter.from_json(LETTER.to_json().replace('"kind"', '"kinds"'))


def test_the_picture_is_a_qr_code() -> None:
    rows = modules(LETTER.query)
    eye = [[1, 1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0, 1], [1, 0, 1, 1, 1, 0, 1]]
    assert len(rows) == len(rows[0]) and len(rows) % 4 == 1
    for corner in (rows, [row[::-1] for row in rows], rows[::-1]):
        assert [[int(dark) for dark in row[:7]] for row in corner[:3]] == eye
    assert modules(LETTER.query) == rows != modules("another text of that length, all of it")
