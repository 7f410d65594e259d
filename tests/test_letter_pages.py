"""Letters on screens: looked at, issued and taken out on the case page; texts edited and kept."""

from datetime import timedelta
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import func, select, update
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.scope import SYSTEM
from rules.papers import shipped
from services import clock
from services.store import read, write
from settings import settings
from tests.letter_office import case_on, tell
from tests.office import NOW, PETITIONER, prepare
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


def opened(page: str, login: str, **asked: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=30)
    for name, value in asked.items():
        app.query_params[name] = str(value)
    return as_person(app, login).run()


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def widget(app: AppTest, kind: str, ending: str) -> Any:
    return next(w for w in app.get(kind) if w.key and w.key.endswith(ending))


def count(table: Any) -> int:
    with read(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(table.__table__)) or 0


def test_a_letter_is_looked_at_issued_and_taken_out() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    app = opened("case", "xw_handler", id=case_id)
    text = shown(app)
    assert "信访举报事项受理告知书" in text and "（出具时编号）" in text and "信访人：" in text
    assert PETITIONER.name not in text
    widget(app, "text_input", "联系方式").input("王科员，025-80000000").run()
    assert "王科员，025-80000000" in shown(app)
    widget(app, "button", ".issue").click().run()
    text = shown(app)
    assert "南京玄武环信受〔2026〕1号" in text and count(m.Document) == 1
    widget(app, "button", "paper.1").click().run()
    assert "/files/" in shown(app) and count(m.Download) == 1


def test_a_masked_letter_waits_until_a_person_confirmed() -> None:
    case_id = case_on("elsewhere", content="我叫李四，电话13912345678，夜间恶臭")
    tell(case_id, "transfer")
    app = opened("case", "xw_handler", id=case_id)
    chosen = widget(app, "selectbox", ".2")
    chosen.select(next(n for n, label in enumerate(chosen.options) if "转送函" in label)).run()
    assert "13912345678" not in shown(app).split("xl-sheet")[1]
    assert widget(app, "button", ".issue").disabled
    widget(app, "button", ".mask.confirm").click().run()
    sheet = shown(app).split("xl-sheet")[1]
    assert "139****5678" in sheet and "李*" in sheet and "13912345678" not in sheet
    widget(app, "button", ".issue").click().run()
    assert "环信转〔2026〕1号" in shown(app)


def test_what_is_lacking_is_said_before_anything_is_issued() -> None:
    case_id = case_on("petition")
    tell(case_id, "conclude", "stage", "reply")
    app = opened("case", "xw_handler", id=case_id)
    assert "请选择第 1 项诉求的处理意见" in "".join(w.value for w in app.warning).replace("\\", "")
    assert not [b for b in app.button if b.key and b.key.endswith(".issue")]


def test_others_see_issued_letters_and_issue_none() -> None:
    case_id = case_on("report")
    tell(case_id, "accept")
    app = opened("case", "auditor", id=case_id)
    assert "还没有出具文书" in "".join(c.value for c in app.caption)
    assert "xl-sheet" not in shown(app)


def test_an_administrator_edits_a_text() -> None:
    app = opened("templates", "admin")
    area = app.text_area[0]
    assert area.value and area.value.strip() == shipped("accept", "report").strip()
    assert "〔收件日期〕" in shown(app)
    area.set_value(area.value.replace("第23条", "第22条")).run()
    assert "必须写明" in "".join(e.value for e in app.error)
    app.text_area[0].set_value(shipped("accept", "report") + "谢谢。\n").run()
    assert "谢谢。" in shown(app)
    app.text_input[0].input("加致谢").run()
    next(b for b in app.button if b.label == "保存为新版本").click().run()
    assert "第 1 版" in shown(app) and "加致谢" in shown(app) and count(m.Template) == 1


def test_texts_are_the_administrators() -> None:
    app = opened("templates", "nj_clerk")
    assert "不能打开" in app.warning[0].value and not app.text_area
