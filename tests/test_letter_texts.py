"""The texts of letters: the language, what each must say on each track, editing and versions."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Invalid, NotAllowed, Refused, Stale
from domain.scope import SYSTEM
from domain.statuses import Track
from domain.wording import Block, Shape, fill, parse
from rules import load
from rules.papers import FOLDER, PETITION_ONLY, faults, shipped, slot_of, slots
from services import letter_texts, letters
from services.store import read
from settings import settings
from tests.letter_office import GIVEN, case_on, tell, writer
from tests.office import NOW, prepare, viewer

PARA, LEFT, HEAD1, HEAD2, ROW = Shape
TEXTS = [(kind.key, slot) for kind in load().letters for slot in slots(kind.key)]
ENTRIES = [{"项": "甲"}, {"项": "乙"}]

# template, values, blocks, why
WORDING: list[tuple[str, dict[str, Any], list[Block], str]] = [
    ("你好{{名}}", {"名": "张"}, [Block(PARA, "你好张")], "a field"),
    ("{{ 名 }}", {"名": "张"}, [Block(PARA, "张")], "spaces within braces"),
    ("甲\n\n乙", {}, [Block(PARA, "甲"), Block(PARA, "乙")], "a line a paragraph, none for blank"),
    ("> 甲：", {}, [Block(LEFT, "甲：")], "at the margin"),
    ("一、事实", {}, [Block(HEAD1, "一、事实")], "heading of the first level"),
    ("（一）诉求", {}, [Block(HEAD2, "（一）诉求")], "heading of the second"),
    ("（{{名}}）诉求", {"名": "二"}, [Block(HEAD2, "（二）诉求")], "numbered by a value"),
    ("{{名}}诉求", {"名": "一、"}, [Block(PARA, "一、诉求")], "begun by a value"),
    ("一、两者都要。", {}, [Block(PARA, "一、两者都要。")], "a sentence is no heading"),
    ("{{#单}}\n有{{单}}\n{{/单}}", {"单": "字"}, [Block(PARA, "有字")], "said where not empty"),
    ("{{#单}}\n有{{单}}\n{{/单}}", {"单": ""}, [], "not said where empty"),
    ("{{#多}}\n{{项}}。\n{{/多}}", {"多": ENTRIES}, [Block(PARA, "甲。"), Block(PARA, "乙。")],
     "for each entry"),
    ("{{#多}}{{项}}；{{/多}}", {"多": ENTRIES}, [Block(PARA, "甲；乙；")], "within a line"),
    ("| 名 | {{名}} |", {"名": "a|b"}, [Block(ROW, cells=("名", "a|b"))], "a value makes no cell"),
    ("| 名 |  |", {}, [Block(ROW, cells=("名", ""))], "an empty cell"),
    ("{{名}}", {"名": "> 一、|x|"}, [Block(PARA, "> 一、|x|")], "a value is never a mark"),
    ("{{名}}", {"名": "甲\n\n乙"}, [Block(PARA, "甲"), Block(PARA, "乙")], "lines of a value"),
    ("{{名}}", {"名": "{{密}}"}, [Block(PARA, "{{密}}")], "a value is never a field"),
    ("{{名}}", {"名": "<b>&"}, [Block(PARA, "<b>&")], "nor markup"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values", "blocks", "why"), WORDING, ids=[row[3] for row in WORDING]
)
def test_wording(text: str, values: dict[str, Any], blocks: list[Block], why: str) -> None:
    assert list(fill(parse(text), values)) == blocks, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{#甲}}乙", "没有写“{{/甲}}”"),
        ("乙{{/甲}}", "没有对应的“{{#甲}}”"),
        ("{{#甲}}{{#乙}}{{/甲}}{{/乙}}", "没有对应"),
        ("{{甲", "花括号不成对"),
        ("甲}}", "花括号不成对"),
    ],
)
def test_wording_that_does_not_close_is_refused(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse(text)


# --- what each text must and must not say


@pytest.mark.parametrize(("key", "slot"), TEXTS)
def test_every_shipped_text_holds_what_its_kind_asks(key: str, slot: str) -> None:
    assert faults(load().letter(key), slot, shipped(key, slot)) == []


def test_every_text_file_belongs_to_a_kind() -> None:
    named = {f"{key}.{slot}.txt" if slot else f"{key}.txt" for key, slot in TEXTS}
    assert {path.name for path in FOLDER.iterdir()} == named


@pytest.mark.parametrize("track", Track)
@pytest.mark.parametrize("key", [kind.key for kind in load().letters])
def test_remedies_by_track(key: str, track: Track) -> None:
    """Petition tells of 复查 and 复核; a complaint never; over all kinds and tracks."""
    kind = load().letter(key)
    if not kind.fits(track):
        return
    text = shipped(key, slot_of(kind, track))
    if track is Track.REPORT:
        assert not [word for word in PETITION_ONLY if word in text]
    if key == "opinion":
        assert "自收到本意见书之日起30日内，向{{上级机关}}提出复查申请" in text
    if key == "review":
        assert "自收到本意见书之日起30日内，向{{上级机关}}提出复核申请" in text
    if key == "re_review":
        assert "终结性意见" in text and "不再受理" in text


# key, slot, what is changed to what, the words of the refusal
EDITS = [
    ("answer", "", "行政复议", "复查", "只适用于信访途径"),
    ("answer", "", "行政复议", "复核", "只适用于信访途径"),
    ("accept", "report", "办理结果将答复您", "不服的可以申请复查", "只适用于信访途径"),
    ("extend", "report", "特此告知", "请等待复核", "只适用于信访途径"),
    ("decline", "", "特此告知", "可以申请复查", "只适用于信访途径"),
    ("opinion", "", "复查", "审查", "必须写明“复查”"),
    ("opinion", "", "30日", "15日", "必须写明“30日”"),
    ("opinion", "", "{{上级机关}}", "上级", "必须写明“{{上级机关}}”"),
    ("review", "", "复核", "审核", "必须写明“复核”"),
    ("accept", "petition", "第23条", "第22条", "必须写明“《信访工作条例》第23条”"),
    ("assign_order", "", "保密", "", "必须写明“保密”"),
    ("assign_order", "", "{{来源编号}}", "{{信访人}}", "没有字段“信访人”"),
    ("answer", "", "{{认定}}", "{{人定}}", "没有字段“人定”"),
    ("answer", "", "{{总体认定}}", "{{诉求}}", "没有字段“诉求”"),
    ("accept", "report", "{{/诉求}}", "", "没有写“{{/诉求}}”"),
    ("accept", "report", "特此告知", "特此\U0002b820告知", "没有“\U0002b820”的字形"),
]


@pytest.fixture
def office(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()


@pytest.mark.parametrize(("key", "slot", "old", "new", "why"), EDITS)
@pytest.mark.usefixtures("office")
def test_an_edit_against_the_law_is_refused(
    key: str, slot: str, old: str, new: str, why: str
) -> None:
    body = shipped(key, slot)
    assert old in body
    with pytest.raises(Invalid, match=why) as error:
        letter_texts.save(viewer("admin"), key, slot, body.replace(old, new), "试改", NOW, seen=0)
    assert list(error.value.problems) == ["body"]
    with read(SYSTEM) as session:
        assert session.scalars(select(m.Template)).all() == []


@pytest.mark.usefixtures("office")
def test_an_edited_text_holds_for_the_next_letter_and_not_for_the_last() -> None:
    first, second = case_on("report"), case_on("report")
    for case_id in (first, second):
        tell(case_id, "accept")
    before = letters.issue(writer(320102), first, "accept", None, NOW, given=GIVEN)
    kept = letters.opened(writer(320102), before.id, NOW)[1]
    body = shipped("accept", "report").replace("特此告知。", "特此函告。")
    assert letter_texts.save(viewer("admin"), "accept", "report", body, "改称谓", NOW, seen=0) == 1
    after = letters.draft(writer(320102), second, "accept", NOW)
    assert after.template == 1 and "特此函告。" in "".join(after.texts())
    assert letters.opened(writer(320102), before.id, NOW)[1] == kept
    made = letters.issue(writer(320102), second, "accept", None, NOW, given=GIVEN)
    with read(SYSTEM) as session:
        rows = {d.id: d.template_id for d in session.scalars(select(m.Document))}
    assert rows[before.id] is None and rows[made.id] is not None
    versions = [t.version for t in letter_texts.history(viewer("admin"), "accept", "report")]
    assert versions == [1, 0]


@pytest.mark.usefixtures("office")
def test_editing_is_the_administrators_with_a_reason_over_what_was_seen() -> None:
    body = shipped("answer") + "谢谢。\n"
    with pytest.raises(NotAllowed):
        letter_texts.save(viewer("nj_clerk"), "answer", "", body, "试改", NOW, seen=0)
    with pytest.raises(Invalid, match="修改理由"):
        letter_texts.save(viewer("admin"), "answer", "", body, " ", NOW, seen=0)
    letter_texts.save(viewer("admin"), "answer", "", body, "试改", NOW, seen=0)
    with pytest.raises(Stale):
        letter_texts.save(viewer("admin"), "answer", "", body + "再谢。\n", "试改", NOW, seen=0)


@pytest.mark.parametrize(("key", "slot"), TEXTS)
def test_every_text_has_a_preview(key: str, slot: str) -> None:
    shown = letter_texts.preview(key, slot, shipped(key, slot), date(2026, 11, 24))
    assert "{{" not in shown.to_json() and shown.body
