"""Fonts and text on paper: nothing drawn as a blank, no line begun with a comma."""

import csv
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from reportlab.lib import textsplit
from reportlab.platypus import paragraph

from documents import fonts
from documents.fonts import Face
from documents.typeset import Pen, clip, fit, width, wrap
from domain.errors import Refused

BREAKS = Path(__file__).parent / "tables" / "line_breaks.csv"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    fonts.use(None)


def drawn(text: str, which: Face = Face.HEI) -> str:
    pen = Pen("题", "人", "事")
    pen.text(40, 100, text, 12, which)
    pen.page()
    return PdfReader(BytesIO(pen.finish())).pages[0].extract_text()


def test_rare_characters_fall_back_to_another_font() -> None:
    assert fonts.runs("甲𠮷乙", Face.HEI) == [
        ("NotoSansSC-Regular.subset", "甲"),
        ("GWKai-Regular.subset", "𠮷"),
        ("NotoSansSC-Regular.subset", "乙"),
    ]


@pytest.mark.parametrize("which", list(Face))
def test_characters_beyond_the_first_plane_come_back_as_typed(which: Face) -> None:
    assert drawn("姓𠮷名𠅤业𣗋止", which).strip() == "姓𠮷名𠅤业𣗋止"


def test_missing_names_every_character_once() -> None:
    assert fonts.missing("甲😀乙😀丙\ue000") == "😀\ue000"
    assert fonts.missing("江苏省“一二三”〔2026〕12号①▲▼℃‰—…") == ""


def test_a_blank_is_refused_by_name() -> None:
    with pytest.raises(Refused, match=r"1 个字符.*“😀”（U\+1F600）"):
        fonts.require(["好", "字😀"])


def test_a_half_character_is_refused_in_a_message_that_can_be_sent() -> None:
    with pytest.raises(Refused) as refusal:
        fonts.require(["\ud840"])
    assert "U+D840" in str(refusal.value).encode("utf-8").decode()


def test_invisible_marks_leave_and_line_ends_become_spaces() -> None:
    assert fonts.printable("甲\u200b乙\u202e丙\ufe0f\x00丁\r\n戊\t己　庚") == "甲乙丙丁  戊 己　庚"


@pytest.mark.parametrize("row", list(csv.DictReader(BREAKS.read_text("utf-8").splitlines())))
def test_lines_break_as_chinese_does(row: dict[str, str]) -> None:
    lines = wrap(row["text"], Face.HEI, 10, 10.0 * int(row["characters_a_line"]) + 0.01)
    assert "".join(lines) == row["text"]
    assert row["lines"] == "*" or "|".join(lines) == row["lines"], row["why"]


def test_typed_line_ends_are_kept_by_wrap() -> None:
    assert wrap("甲\r\n乙\n\n丙", Face.HEI, 10, 100) == ("甲", "乙", "", "丙")


def test_both_modules_of_the_library_know_what_begins_no_line() -> None:
    fonts.face(Face.HEI)
    for forbidden in (textsplit.ALL_CANNOT_START, paragraph.ALL_CANNOT_START):
        assert set("，；：？！”’、。）》") <= set(forbidden)


def test_fit_and_clip_stay_within_the_room() -> None:
    long = "苏州工业园区生态环境综合行政执法大队" * 3
    size = fit(long, Face.BOLD, 12, 300)
    assert size < 12
    assert width(long, Face.BOLD, size) <= 300
    cut = clip(long, Face.BOLD, 12, 300)
    assert cut.endswith("…")
    assert width(cut, Face.BOLD, 12) <= 300


def test_a_site_folder_takes_the_place_of_a_face(site: Path) -> None:
    shutil.copy(fonts.SHIPPED / Face.KAI.shipped, site / "黑体.ttf")
    fonts.use(site)
    assert fonts.runs("甲", Face.HEI) == [("黑体", "甲")]
    assert fonts.runs("甲", Face.BOLD) == [("NotoSansSC-Bold.subset", "甲")]
    assert drawn("甲乙丙").strip() == "甲乙丙"


def test_a_folder_that_is_not_there_and_a_broken_font_are_refused(site: Path) -> None:
    with pytest.raises(Refused, match="字体目录不存在"):
        fonts.use(site / "none")
    (site / "仿宋.ttf").write_bytes(b"not a font")
    fonts.use(site)
    with pytest.raises(Refused, match=r"仿宋\.ttf 无法使用"):
        fonts.face(Face.FANGSONG)
