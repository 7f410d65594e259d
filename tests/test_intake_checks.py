"""The hard refusals of a registration and the ★ fields, shared by form and file."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from intake.checks import check, missing_stars
from intake.model import Incoming, Petitioner, Vocabulary
from tests.intake_files import NOW, VOCABULARY

WHOLE = Incoming(
    received_at=NOW - timedelta(hours=1), channel="phone", subchannel="hotline_12345",
    source_no="GD001", title="夜间噪声", content="夜间生产", demands=("要求停工",),
    division=320583, address="人民路1号", longitude=120.9, latitude=31.4, subject="不明",
    categories=("N01",), industry="construction", repeat=False, urgency="normal",
)  # fmt: skip

REFUSED = [
    ({"received_at": None}, "received_at", "没有收到时间", "clocks need it"),
    ({"received_at": NOW + timedelta(minutes=1)}, "received_at", "晚于现在", "in the future"),
    ({"subchannel": "pigeon"}, "subchannel", "不在清单内", "unknown sub-channel"),
    ({"channel": "letter"}, "subchannel", "不在清单内", "sub-channel of another channel"),
    ({"source_no": ""}, "source_no", "来源编号", "an external item has its number"),
    ({"title": "", "content": ""}, "content", "都是空的", "nothing was said at all"),
    ({"division": None}, "division", "没有所在地", "nobody could be responsible"),
    ({"division": 990101}, "division", "不在区划表内", "unknown division"),
    ({"division": 320199}, "division", "已撤销", "retired without successor"),
    ({"division": 320103}, "division", "请改为 320104", "retired, its successor is named"),
    ({"longitude": None}, "longitude", "同时填写", "half a map point"),
    ({"longitude": 31.4, "latitude": 120.9}, "longitude", "填反", "swapped map point"),
    ({"categories": ("X99",)}, "categories", "不在清单内", "unknown pollution type"),
    ({"industry": "magic"}, "industry", "不在清单内", "unknown industry"),
    ({"urgency": "now"}, "urgency", "不在清单内", "unknown urgency"),
    ({"group": True, "headcount": 4}, "headcount", "不少于 5 人", "a group is five or more"),
    ({"group": True}, "headcount", "不少于 5 人", "a group without a count"),
    ({"headcount": 0}, "headcount", "不少于 1", "nobody came"),
    ({"headcount": 9, "representatives": 6}, "representatives", "5 人", "Art 20: at most five"),
    ({"headcount": 2, "representatives": 3}, "representatives", "多于", "more than came"),
    ({"petitioner": Petitioner(phone="123")}, "phone", "格式不对", "wrong shape"),
    ({"petitioner": Petitioner(id_number="123")}, "id_number", "18 位", "wrong shape"),
    ({"petitioner": Petitioner(home_address="路" * 301)}, "home_address", "超过 300", "too long"),
    ({"credit_code": "123"}, "credit_code", "18 位", "wrong shape"),
    ({"title": "长" * 201}, "title", "201 字", "too long"),
    ({"demands": ("要" * 1001,)}, "demands", "超过 1000", "a demand too long"),
    ({"demands": ("要求",) * 21}, "demands", "超过 20 项", "too many demands"),
]


@pytest.mark.parametrize(("change", "field", "words", "why"), REFUSED, ids=lambda v: str(v)[:40])
def test_what_is_refused_says_where_and_what_to_mend(
    change: dict[str, Any], field: str, words: str, why: str
) -> None:
    faults = check(replace(WHOLE, **change), NOW, VOCABULARY)
    assert [fault.field for fault in faults] == [field], why
    assert words in faults[0].message


def test_a_whole_registration_passes() -> None:
    assert check(WHOLE, NOW, VOCABULARY) == []
    assert missing_stars(WHOLE, VOCABULARY) == ()


def test_a_time_after_registration_is_refused_when_a_standing_one_is_edited() -> None:
    faults = check(WHOLE, NOW, VOCABULARY, registered_at=NOW - timedelta(days=1))
    assert [fault.field for fault in faults] == ["received_at"]
    assert "晚于登记时间" in faults[0].message


def test_an_own_channel_needs_no_source_number() -> None:
    letter = replace(WHOLE, channel="letter", subchannel="mail", source_no="")
    assert check(letter, NOW, VOCABULARY) == []
    assert missing_stars(letter, VOCABULARY) == ()


@pytest.mark.parametrize(
    ("change", "star", "why"),
    [
        ({"source_no": ""}, "source_no", "external without number"),
        ({"demands": ()}, "demands", "at least one demand"),
        ({"division": 320500}, "division", "down to the county"),
        ({"address": ""}, "address", "the place has an address"),
        ({"latitude": None}, "longitude", "the map point is a pair"),
        ({"categories": ()}, "categories", "at least one type"),
        ({"categories": ("N",)}, "categories", "a main type without sub-type"),
        ({"repeat": None}, "repeat", "first or repeat was not said"),
        ({"subject": ""}, "subject", "a name or 不明"),
    ],
)
def test_a_star_that_is_not_valid_is_named(change: dict[str, Any], star: str, why: str) -> None:
    assert missing_stars(replace(WHOLE, **change), VOCABULARY) == (star,), why


def test_the_rules_say_which_stars_count() -> None:
    lenient = Vocabulary(stars=("title",), external=VOCABULARY.external)
    assert missing_stars(Incoming(), lenient) == ("title",)


def test_identity_never_shows_in_a_repr_or_a_message() -> None:
    person = Petitioner("张三", "138001", "1101", "住" * 301)
    incoming = replace(WHOLE, petitioner=person)
    shown = repr(incoming) + repr(check(incoming, NOW, VOCABULARY))
    assert not any(secret in shown for secret in ("张三", "138001", "1101", "住住"))
