"""The case page: what it shows, the steps taken on it, attachments, and identities opened."""

import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import func, select, update
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.people import Role
from domain.scope import SYSTEM
from services import attachments, clock, downloads, identity_view, sessions, trace
from services.steps import take_step
from services.store import read, write
from settings import settings
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.serving import ROOT, as_person

PDF = b"%PDF-1.7\n%x\n"


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
    return Walk(enter().case_id)


def opened(login: str, case_id: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "case.py"), default_timeout=30)
    app.query_params["id"] = str(case_id)
    return as_person(app, login).run()


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def steps_taken(case_id: int, kind: str) -> int:
    with read(SYSTEM) as session:
        query = select(func.count(m.Event.id)).where(
            m.Event.case_id == case_id, m.Event.kind == kind
        )
        return session.scalar(query) or 0


def field(app: AppTest, name: str) -> str:
    """The full key of a field of the form that is shown."""
    keys = [w.key for kind in ("selectbox", "text_area", "multiselect", "checkbox", "text_input",
                               "date_input") for w in app.get(kind)]  # fmt: skip
    return str(next(k for k in keys if k and k.endswith(f".{name}")))


# --- reading


def test_it_shows_the_case_and_masks_the_petitioner(walk: Walk) -> None:
    text = shown(opened("nj_clerk", walk.case_id))
    for words in (
        "化工厂恶臭扰民",
        "已登记",
        "停止排放",
        "公开监测结果",
        "张**",
        "138****5678",
        "交办",
    ):
        assert words in text, words
    assert PETITIONER.phone not in text and PETITIONER.name not in text


@pytest.mark.parametrize("asked", [999999, "x", "", "9" * 30, "-1"])
def test_what_is_not_there_is_said_in_words(asked: object) -> None:
    assert "没有这个事项" in shown(opened("nj_clerk", asked))


def test_another_city_and_a_stranger_see_nothing(walk: Walk) -> None:
    text = shown(opened("sz_handler", walk.case_id))
    assert "没有这个事项" in text and "恶臭" not in text
    app = AppTest.from_file(str(ROOT / "pages" / "case.py"), default_timeout=30)
    app.query_params["id"] = str(walk.case_id)
    app.user = {"uid": None, "sid": None}
    assert "恶臭" not in shown(app.run())


def test_a_role_without_petitioners_sees_none(walk: Walk) -> None:
    text = shown(opened("auditor", walk.case_id))
    assert "您的角色不显示信访人身份" in text and "张**" not in text


def test_a_clock_is_explained_day_by_day(walk: Walk) -> None:
    app = opened("nj_clerk", walk.case_id)
    with read(SYSTEM) as session:
        dispatch = session.scalars(select(m.Clock.id).where(m.Clock.key == "dispatch")).one()
    app.selectbox(key="explained").select(dispatch).run()
    text = shown(app)
    assert "江苏省信访举报工作实施意见" in text and "跳过 周六" in text and "第2日" in text


def test_the_history_reads_as_sentences(walk: Walk) -> None:
    walk.to_handling().to_approval("substantiated", "unsubstantiated")
    text = shown(opened("xw_reviewer", walk.case_id))
    for words in (
        "法定途径：",
        "承办单位：南京·玄武",
        "第1项 属实；第2项 不属实",
        "拟认定",
        "签收",
    ):
        assert words in text, words
    assert "token" not in text


def test_typed_marks_are_shown_as_typed() -> None:
    evil = "![](http://x.example/a.png) <script>alert(1)</script> :red[x] $x$"
    case_id = enter(title=evil[:60], content=evil, demands=(evil,), subject=evil[:50]).case_id
    app = opened("nj_clerk", case_id)
    text = shown(app)
    assert "<script" not in text and "<img" not in text and "&lt;script&gt;" in text
    assert not any("http://x.example" in str(md.value) for md in app.markdown)


# --- acting


def test_a_step_is_taken_and_said(walk: Walk) -> None:
    app = opened("nj_clerk", walk.case_id)
    app.selectbox(key=field(app, "route")).select("procedure")
    press(app, "办理：分类")
    assert walk.case.status == "to_assign"
    assert "待交办" in shown(app) and "分类" in app.toast[0].value


def test_wrong_fields_are_named_and_nothing_typed_is_lost(walk: Walk) -> None:
    walk.to_handling()
    app = opened("xw_handler", walk.case_id)
    ways: Any = app.get("button_group")[0]
    ways.set_value("conclude").run()
    facts = field(app, "facts")
    app.text_area(key=facts).set_value("现场看了三次")
    press(app, "提交结论")
    words = " ".join(error.value for error in app.error)
    assert "逐项认定" in words and "处理措施" in words
    assert app.text_area(key=facts).value == "现场看了三次"
    assert walk.case.status == "handling"


def test_two_people_on_one_case_take_one_step_and_lose_no_text(walk: Walk) -> None:
    walk.to_handling().to_approval("substantiated", "substantiated")
    first, second = (opened("xw_reviewer", walk.case_id) for _ in range(2))
    for app, words in ((first, "同意"), (second, "同意，已核对监测数据")):
        app.selectbox(key=field(app, "conclusion")).select("substantiated")
        app.text_area(key=field(app, "opinion")).set_value(words)
    press(first, "办结审定")
    press(second, "办结审定")
    assert steps_taken(walk.case_id, "approve") == 1
    told = " ".join(error.value for error in second.error)
    assert "更新" in told and "xw" in told
    assert "同意，已核对监测数据" in second.code[0].value
    assert not first.error


def press(app: AppTest, label: str) -> None:
    next(b for b in app.button if label in b.label).click().run()


def test_a_refused_step_that_is_still_open_keeps_its_form(walk: Walk) -> None:
    first, second = (opened("nj_clerk", walk.case_id) for _ in range(2))
    for app in (first, second):
        app.selectbox(key=field(app, "route")).select("procedure")
    press(first, "分类")
    press(second, "分类")
    assert steps_taken(walk.case_id, "classify") == 1
    assert second.error and second.selectbox(key=field(second, "route")).value == "procedure"


def test_a_double_click_is_one_step(walk: Walk) -> None:
    for _ in range(2):
        take_step(viewer("nj_clerk"), walk.case_id, "classify", {"route": "procedure"}, NOW,
                  version=1, token="the-same")  # fmt: skip
    assert steps_taken(walk.case_id, "classify") == 1
    with pytest.raises(Stale, match="已由"):
        take_step(viewer("nj_clerk"), walk.case_id, "classify", {"route": "procedure"}, NOW,
                  version=1, token="another")  # fmt: skip


def test_a_right_withdrawn_is_withdrawn_in_the_callback(walk: Walk) -> None:
    app = opened("nj_clerk", walk.case_id)
    app.selectbox(key=field(app, "route")).select("procedure")
    with write(SYSTEM) as session:
        session.execute(update(m.SignIn).values(ended_at=NOW, ended_why="test"))
    sessions.forget()
    press(app, "分类")
    assert steps_taken(walk.case_id, "classify") == 0


# --- attachments


def docx(macro: bool = False) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as file:
        file.writestr("word/document.xml", "<x/>")
        if macro:
            file.writestr("word/vbaProject.bin", "x")
    return box.getvalue()


@pytest.mark.parametrize(
    ("name", "data"), [("a.pdf", PDF), ("现场.JPG", b"\xff\xd8\xff\xe0x"), ("报告.docx", docx())]
)
def test_a_file_comes_back_as_it_went_in(walk: Walk, name: str, data: bytes) -> None:
    made = attachments.attach(viewer("nj_clerk"), walk.case_id, name, data, NOW)
    assert attachments.fetch(viewer("nj_clerk"), made).data == data
    again = attachments.attach(viewer("nj_clerk"), walk.case_id, name, data, NOW)
    assert again == made and steps_taken(walk.case_id, "attach") == 1
    stored = [p for p in settings().attachment_dir.rglob("*") if p.is_file()]
    assert len(stored) == 1 and stored[0].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.exe", b"MZ", "类型"),
        ("a.pdf", b"MZ", "不符"),
        ("a.pdf", b"", "空文件"),
        ("a.docx", b"PK\x03\x04rest", "不符"),
        ("a.docx", docx(macro=True), "不符"),
        ("a.png", PDF, "不符"),
        ("a", PDF, "类型"),
        ("big.pdf", PDF + b"0" * (21 * 1024 * 1024), "超过"),
    ],
)
def test_a_wrong_file_is_refused_in_words(walk: Walk, name: str, data: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        attachments.attach(viewer("nj_clerk"), walk.case_id, name, data, NOW)
    assert not settings().attachment_dir.exists()


def test_files_stay_within_scope(walk: Walk) -> None:
    made = attachments.attach(viewer("nj_clerk"), walk.case_id, "a.pdf", PDF, NOW)
    with pytest.raises(NotFound):
        attachments.fetch(viewer("sz_handler"), made)
    both = replace(viewer("nj_clerk"), roles=frozenset({Role.CLERK, Role.AUDITOR}))
    others = [replace(viewer("province_clerk"), roles=frozenset({role})) for role in (
        Role.LEADER, Role.ASSESSOR, Role.CITY_LEAD)]  # fmt: skip
    for who in (viewer("auditor"), viewer("admin"), both, *others):
        with pytest.raises(NotAllowed):
            attachments.fetch(who, made)
    with pytest.raises(NotFound):
        attachments.attach(viewer("sz_clerk"), walk.case_id, "a.pdf", PDF, NOW)
    with pytest.raises(NotAllowed):
        attachments.attach(viewer("auditor"), walk.case_id, "a.pdf", PDF, NOW)


def test_the_list_of_files_is_drawn_for_those_at_work(walk: Walk) -> None:
    attachments.attach(viewer("nj_clerk"), walk.case_id, "张三丰身份证.pdf", PDF, NOW)
    at_work, beside = (opened(login, walk.case_id) for login in ("nj_clerk", "auditor"))
    assert "张＊＊身份证.pdf" in shown(at_work)
    assert "身份证.pdf" not in shown(beside)
    assert any(attachments.CLOSED in str(one.value) for one in beside.caption)


def test_taking_a_file_out_is_an_event_of_its_case(walk: Walk) -> None:
    attachments.attach(viewer("nj_clerk"), walk.case_id, "a.pdf", PDF, NOW)
    press(opened("nj_clerk", walk.case_id), "下载附件")
    with read(SYSTEM) as session:
        kept = session.scalars(select(m.Download)).one()
        sign = session.get_one(m.SignIn, kept.sign_in)
    who = replace(viewer("nj_clerk"), person_id=sign.person_id, session=sign.token_hash)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downloads, "_digest", lambda _token: kept.token_hash)
        assert downloads.take("the token", who, clock.now()).data == PDF
    assert steps_taken(walk.case_id, "download") == 1


def test_a_path_in_a_name_is_only_a_name(walk: Walk) -> None:
    made = attachments.attach(viewer("nj_clerk"), walk.case_id, "..\\..\\etc/a.pdf", PDF, NOW)
    assert attachments.fetch(viewer("nj_clerk"), made).name == "a.pdf"


def test_altered_bytes_are_not_handed_out(walk: Walk) -> None:
    made = attachments.attach(viewer("nj_clerk"), walk.case_id, "a.pdf", PDF, NOW)
    path = next(p for p in Path(settings().attachment_dir).rglob("*") if p.is_file())
    path.write_bytes(b"other")
    with pytest.raises(Refused, match="损坏"):
        attachments.fetch(viewer("nj_clerk"), made)


# --- identities


def submission_of(walk: Walk) -> int:
    with read(SYSTEM) as session:
        query = select(m.Submission.id).where(m.Submission.case_id == walk.case_id)
        return int(session.scalars(query).one())


def test_an_identity_is_opened_for_a_reason_and_recorded(walk: Walk) -> None:
    number = submission_of(walk)
    seen = identity_view.view(viewer("nj_clerk"), number, "电话核实地点", NOW)
    assert seen.identity.phone == PETITIONER.phone and seen.today == 1 and not seen.many
    with read(SYSTEM) as session:
        event = session.scalars(select(m.Event).where(m.Event.kind == "view_identity")).one()
        assert "电话核实地点" in event.data and PETITIONER.phone not in event.data
        assert event.submission_id == number
        assert trace.check(session) == []


def test_too_many_views_alert(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_view, "DAILY", 1)
    number = submission_of(walk)
    seen = [identity_view.view(viewer("nj_clerk"), number, "核实情况", NOW) for _ in range(2)]
    assert [s.many for s in seen] == [False, True]
    tomorrow = identity_view.view(viewer("nj_clerk"), number, "核实情况", NOW + timedelta(days=1))
    assert tomorrow.today == 1


def test_the_supervisor_of_the_unit_or_above_is_told(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity_view, "DAILY", 1)
    for _ in range(2):
        identity_view.view(viewer("nj_clerk"), submission_of(walk), "核实情况", NOW)
    above = viewer("province_supervisor")
    told = identity_view.alerts(above, NOW)
    assert len(told) == 1 and "nj_clerk 今天已查看信访人身份 2 次" in told[0]
    assert identity_view.alerts(replace(above, unit=320100), NOW) == told
    assert identity_view.alerts(replace(above, unit=320500), NOW) == []
    assert identity_view.alerts(above, NOW + timedelta(days=1)) == []
    assert identity_view.alerts(viewer("province_clerk"), NOW) == []
    board = AppTest.from_file(str(ROOT / "pages" / "overdue.py"), default_timeout=30)
    app = as_person(board, "province_supervisor").run()
    assert not app.exception and "2 次" in app.warning[0].value


@pytest.mark.parametrize("reason", ["", "  ", "看", "x" * 201])
def test_no_reason_no_identity(walk: Walk, reason: str) -> None:
    with pytest.raises(Invalid):
        identity_view.view(viewer("nj_clerk"), submission_of(walk), reason, NOW)
    assert steps_taken(walk.case_id, "view_identity") == 0


@pytest.mark.parametrize("who", ["auditor", "admin"])
def test_roles_without_petitioners_open_none(walk: Walk, who: str) -> None:
    with pytest.raises(NotAllowed):
        identity_view.view(viewer(who), submission_of(walk), "想看一看", NOW)
    assert identity_view.masked_of(viewer(who), [submission_of(walk)]) == {}


def test_another_city_opens_none(walk: Walk) -> None:
    with pytest.raises(NotFound):
        identity_view.view(viewer("sz_handler"), submission_of(walk), "想看一看", NOW)
    assert identity_view.masked_of(viewer("sz_handler"), [submission_of(walk)]) == {}


def test_the_page_shows_it_once(walk: Walk) -> None:
    app = opened("nj_clerk", walk.case_id)
    next(w for w in app.text_input if w.label == "查看理由").set_value("电话核实地点")
    press(app, "查看一次")
    assert PETITIONER.phone in shown(app)
    assert PETITIONER.phone not in shown(app.run())


# --- the calculator


def test_the_calculator_proves_a_make_up_saturday() -> None:
    app = as_person(AppTest.from_file(str(ROOT / "pages" / "clocks.py"), default_timeout=30),
                    "admin").run()  # fmt: skip
    app.date_input(key="start").set_value(date(2026, 2, 12)).run()
    text = shown(app)
    assert "2026年02月14日（周六）24时届满" in text and "补班计入 春节补班" in text


def test_the_calculator_says_what_is_provisional() -> None:
    app = as_person(AppTest.from_file(str(ROOT / "pages" / "clocks.py"), default_timeout=30),
                    "nj_clerk").run()  # fmt: skip
    labels = list(app.selectbox(key="rule").options)
    app.selectbox(key="rule").select_index(
        next(i for i, label in enumerate(labels) if label.startswith("办结（举报）"))
    ).run()
    assert "暂定，待国务院办公厅通知" in shown(app)
