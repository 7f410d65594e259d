"""脱敏确认: the service that knows the petitioners, and the part where a person confirms."""

from typing import Any

import pytest
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.errors import NotAllowed, NotFound
from domain.masking import mask
from domain.scope import SYSTEM
from services import masking
from services.identity import house_of
from services.store import read
from settings import settings
from tests.office import PETITIONER, enter, prepare, viewer

TEXT = "我叫高峰，用电高峰时<script>alert(1)</script>找王建国13812345678 ![](http://x/y.png)"


@pytest.fixture
def case_id(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    return enter().case_id


# --- the service


@pytest.mark.parametrize(
    ("text", "masked", "why"),
    [
        ("见张 三丰。", "见张**。", "the name, spaced, where no pattern sees one"),
        ("号１３８1234-5678", "号138****5678", "the phone in another dress"),
        ("家在梅园新村街道1号", "家在梅园新村街道**号", "the house of the address"),
        ("夜间恶臭，无法开窗", "夜间恶臭，无法开窗", "nobody named"),
    ],
)
def test_the_petitioner_is_found_in_any_text(
    case_id: int, text: str, masked: str, why: str
) -> None:
    spans = masking.masked_draft(viewer("nj_clerk"), case_id, text)
    assert mask(text, spans) == masked, why


def test_nothing_of_the_identity_leaves_but_stretches_of_the_text(case_id: int) -> None:
    said = repr(masking.masked_draft(viewer("nj_clerk"), case_id, "张三丰反映恶臭"))
    for part in (PETITIONER.name, PETITIONER.phone, "梅园新村"):
        assert part not in said


def test_looking_is_no_view_of_an_identity(case_id: int) -> None:
    with read(SYSTEM) as session:
        before = session.scalar(select(func.count(m.Event.id)))
    masking.masked_draft(viewer("nj_clerk"), case_id, "张三丰")
    with read(SYSTEM) as session:
        assert session.scalar(select(func.count(m.Event.id))) == before


@pytest.mark.parametrize(
    ("login", "refusal", "why"),
    [
        ("auditor", NotAllowed, "an auditor never works with identities"),
        ("admin", NotAllowed, "nor does an administrator"),
        ("sz_handler", NotFound, "another city"),
    ],
)
def test_others_learn_nothing(case_id: int, login: str, refusal: type[Exception], why: str) -> None:
    with pytest.raises(refusal):
        masking.masked_draft(viewer(login), case_id, "张三丰")


@pytest.mark.parametrize(
    ("text", "named", "why"),
    [
        ("张三丰反映", ["姓名"], "the name"),
        ("张**，138 1234 5678", ["电话"], "the phone, spaced"),
        ("住南京市玄武区梅园新村街道1号的张三丰", ["姓名", "住址"], "two of them"),
        ("张**反映恶臭", [], "masked"),
    ],
)
def test_a_masked_text_that_still_names_is_told(
    case_id: int, text: str, named: list[str], why: str
) -> None:
    with read(SYSTEM) as session:
        assert masking.still_named(session, case_id, text) == named, why


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("南京市玄武区梅园新村街道1号", "1号"),
        ("南京市玄武区珠江路88号5幢", "珠江路88号5幢"),
        ("", ""),
    ],
)
def test_an_address_below_its_township(address: str, house: str) -> None:
    assert house_of(address) == house


# --- the part of a page


def part() -> None:
    import streamlit as st

    from domain.masking import find
    from ui.mask_confirm import confirm

    text = st.session_state["given"]
    st.session_state["got"] = confirm("m", text, find(text))


@pytest.fixture
def app() -> AppTest:
    made = AppTest.from_function(part)
    made.session_state["given"] = TEXT
    return made.run()


def html(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def got(app: AppTest) -> Any:
    return app.session_state["got"]


def unmark(app: AppTest, *pieces: str) -> AppTest:
    return app.multiselect(key="m.unmarked").set_value(list(pieces)).run()


def test_nothing_leaves_before_a_person_confirms(app: AppTest) -> None:
    assert got(app) is None
    app.button(key="m.confirm").click().run()
    assert got(app) == TEXT.replace("我叫高峰", "我叫高*").replace("王建国", "王**").replace(
        "13812345678", "138****5678"
    )
    assert len(app.success) == 1 and len(app.button) == 0


def test_marks_carry_their_kind_in_words_and_typed_text_stays_text(app: AppTest) -> None:
    shown = html(app)
    for label in ("姓名", "电话"):
        assert f">{label}</span>" in shown
    assert "<script" not in shown and "&lt;script&gt;" in shown
    assert "<img" not in shown
    told = [*app.markdown, *app.caption, *app.text, *app.warning]
    assert not [one for one in told if "http" in str(one.value)]


def test_a_false_mark_is_taken_away_and_a_word_added(app: AppTest) -> None:
    unmark(app, "name:王建国")
    app.text_input(key="m.words").input("用电高峰、没有这词 峰").run()
    assert "没有这词" in app.warning[0].value and "“峰”" in app.warning[0].value
    app.button(key="m.confirm").click().run()
    assert got(app).startswith("我叫高*，****时") and "找王建国138****5678" in got(app)


def test_a_change_after_confirming_asks_again(app: AppTest) -> None:
    app.button(key="m.confirm").click().run()
    unmark(app, "name:王建国")
    assert got(app) is None
    unmark(app)
    assert got(app) is not None
    app.session_state["given"] = TEXT + "又及"
    assert got(app.run()) is None


def test_words_that_look_like_markdown_load_nothing(app: AppTest) -> None:
    app.text_input(key="m.words").input("![](http://evil/x.png)").run()
    assert not [one for one in app.warning if "![](http" in one.value]


def test_a_text_without_marks_is_confirmed_too(app: AppTest) -> None:
    app.session_state["given"] = "夜间恶臭，无法开窗"
    app.run()
    assert not app.multiselect and "没有发现疑似身份信息" in app.caption[0].value
    app.button(key="m.confirm").click().run()
    assert got(app) == "夜间恶臭，无法开窗"
