"""The tab 关联事项: candidates side by side, decisions with a reason, undoing, reopening."""

from datetime import timedelta
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.scope import SYSTEM
from services import clock
from services.merging import merge
from services.store import read, write
from settings import settings
from tests.merging_office import OTHER, TODAY, do, enter_other
from tests.office import NOW, PETITIONER, Walk, enter, prepare
from tests.serving import ROOT, as_person


@pytest.fixture(autouse=True)
def office(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    with write(SYSTEM) as session:
        session.execute(update(m.Person).values(must_change=False))


@pytest.fixture
def walk() -> Walk:
    return Walk(enter(received_at=NOW - timedelta(days=3)).case_id)


@pytest.fixture
def twin(walk: Walk) -> Walk:
    return enter_other()


def opened(walk: Walk, login: str = "nj_clerk") -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "case.py"), default_timeout=30)
    app.query_params["id"] = str(walk.case_id)
    return as_person(app, login).run()


def tab(app: AppTest) -> Any:
    assert not app.exception
    return next(tab for tab in app.tabs if tab.label == "关联事项")


def shown(app: AppTest) -> str:
    return "\n".join(str(block.proto.body) for block in tab(app).get("html"))


def decide(app: AppTest, label: str, reason: str, field: int = 0) -> AppTest:
    """Fill one reason of the tab and press the button of its form."""
    inputs = [w for w in tab(app).text_input if w.label == "理由"]
    inputs[field].set_value(reason)
    button = next(b for b in tab(app).button if b.label == label)
    return button.click().run()


def test_a_candidate_stands_beside_with_reasons_and_what_differs(walk: Walk, twin: Walk) -> None:
    text = shown(opened(walk))
    for words in (walk.case.no, twin.case.no, "90天内同一地区、同一对象、同类型", "夜间臭味"):
        assert words in text, words
    assert text.count('class="xf-differs"') == 1, "only the titles differ"
    assert OTHER.name not in text and PETITIONER.name not in text


def test_it_is_merged_and_taken_out_again(walk: Walk, twin: Walk) -> None:
    app = decide(opened(twin), "合并", "同一工厂同一时段")
    assert twin.case.merged_into == walk.case_id, "the earlier one is the main case"
    assert walk.case.no in shown(app) and "本件已并入" in shown(app)
    main = opened(walk)
    assert "并入的来件" in [h.value for h in tab(main).subheader]
    assert twin.case.no in shown(main)
    decide(main, "撤销合并", "不是同一工厂")
    assert twin.case.merged_into is None


def test_the_main_case_is_the_clerks_choice(walk: Walk, twin: Walk) -> None:
    app = opened(walk)
    tab(app).radio[0].set_value(twin.case_id)
    decide(app, "合并", "并入后来的件")
    assert walk.case.merged_into == twin.case_id


@pytest.mark.parametrize(
    ("label", "kind", "words"),
    [
        ("重复", "repeat", "重复本件的后件"),
        ("关联", "related", "关联"),
        ("独立", "separate", "独立"),
    ],
)
def test_a_decision_is_written_shown_and_undone(
    walk: Walk, twin: Walk, label: str, kind: str, words: str
) -> None:
    app = decide(opened(walk), label, "经比对")
    with read(SYSTEM) as session:
        assert session.query(m.CaseLink).one().kind == kind
    assert words in shown(app) and "xf-beside" not in shown(app)
    app = decide(app, "撤销认定", "有误")
    assert "xf-beside" in shown(app)


def test_a_refusal_stands_at_its_form_and_keeps_what_was_typed(walk: Walk, twin: Walk) -> None:
    app = decide(opened(walk), "合并", " ")
    assert [e.value for e in tab(app).error] == ["请填写“理由”"]
    twin.step("nj_clerk", "classify", route="petition")
    app = decide(app, "合并", "同一件")
    assert "更新" in tab(app).error[0].value
    assert tab(app).text_input[0].value == "同一件"
    assert twin.case.merged_into is None


def test_the_matter_is_reopened_and_its_code_read_out(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure")
    walk.step("nj_reviewer", "decline", decline_reason="other", basis_note="不属职责")
    app = decide(opened(walk), "重启", "出现新情况")
    with read(SYSTEM) as session:
        new = session.query(m.Submission).order_by(m.Submission.id.desc()).first()
        assert new is not None
    said = tab(app).success[0].value.replace("\\", "")
    assert new.no in said and f"{new.query_code[:4]} {new.query_code[4:]}" in said
    assert "该件由本件重启" in shown(app)
    assert not [b for b in tab(app).button if b.label in ("重启", "撤销认定")]


@pytest.mark.parametrize("login", ["auditor", "nj_reviewer", "xw_handler", "xw_clerk"])
def test_who_may_not_decide_sees_what_was_decided_and_no_candidate(
    walk: Walk, twin: Walk, login: str
) -> None:
    do(merge, walk, twin)
    text = shown(opened(walk, login))
    assert twin.case.no in text and "xf-beside" not in text
    assert not tab(opened(walk, login)).button


def test_typed_marks_are_shown_as_typed() -> None:
    evil = "![](http://x.example/a.png) <script>alert(1)</script> :red[x] $x$"
    walk = Walk(enter(title=evil[:60], content=evil, subject=evil[:50], address=evil).case_id)
    enter(title=evil, content=evil, subject=evil[:50], address=evil, petitioner=OTHER)
    app = opened(walk)
    text = shown(app)
    assert "xf-beside" in text and "<script" not in text and "<img" not in text
    app = decide(app, "独立", evil)
    assert "<script" not in shown(app)
    assert TODAY.isoformat() in "".join(str(b.proto.body) for b in app.get("html"))
    assert not any("http://x.example" in str(md.value) for md in app.markdown)
