"""考核评分 and 市评分表: the province sees all, a city its own, a stranger nothing."""

from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db import models as m
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from scoring.period import Period
from services import clock, score_runs, scoring
from services.reader import MACHINE
from services.store import write
from tests.score_histories import NANJING, SUZHOU, made, store
from tests.serving import HASH, as_person, installation

__all__ = ["installation"]
NOW = datetime(2026, 11, 23, 10, 0)
MAY = Period.parse("2026-05")
ASSESSOR = Viewer(3, "省小督", 320000, "省厅", frozenset({Role.ASSESSOR}))


@pytest.fixture(autouse=True)
def scored(installation: Path) -> int:
    """The id of a run over a few hundred cases, and a lead of 苏州 beside the usual people."""
    store(made(200))
    with write(SYSTEM) as session:
        session.add(
            m.Person(
                login="sz_lead", name="苏小领", unit_code=SUZHOU, password_hash=HASH,
                password_set_at=clock.now(), must_change=False, created_at=clock.now(),
                locked_until=None, disabled_at=None, roles=[m.PersonRole(role="city_lead")],
            )
        )  # fmt: skip
    return score_runs.run(MACHINE, MAY, NOW).id


def opened(page: str, login: str | None, **asked: object) -> AppTest:
    app = AppTest.from_file(f"../pages/{page}.py", default_timeout=30)
    for name, value in asked.items():
        app.query_params[name] = str(value)
    return as_person(app, login).run()


def told(app: AppTest) -> str:
    """Everything the page says."""
    assert not app.exception, app.exception
    return " ".join(str(getattr(e, "body", "") or getattr(e, "value", "")) for e in app.main)


def test_the_province_sees_every_city_and_a_city_its_own_row() -> None:
    everyone = told(opened("scores", "province", period="2026-05"))
    assert all(name in everyone for name in ("南京市", "苏州市", "盐城市", "全省均值"))
    own = told(opened("scores", "sz_lead", period="2026-05"))
    assert "苏州市" in own
    assert "全省均值" in own
    assert "南京市" not in own


def test_a_city_opens_no_other_sheet_by_its_address(scored: int) -> None:
    foreign = opened("sheet", "sz_lead", period="2026-05", city=NANJING, line="A2")
    text = told(foreign)
    assert "苏州市" in text
    assert "南京" not in text
    assert "JS3201" not in text


@pytest.mark.parametrize("login", ["province", "leader", "sz_lead"])
def test_a_line_opens_as_many_items_as_it_counts(scored: int, login: str) -> None:
    run = scoring.run_of(ASSESSOR, scored)
    sheet = scoring.sheet(ASSESSOR, run, SUZHOU)
    for line in sheet.lines:
        if line.failing:
            app = opened("sheet", login, period="2026-05", city=SUZHOU, line=line.code)
            heads = [head.value for head in app.subheader]
            assert f"{line.code} {line.label}：扣分事项 {line.failing} 件" in heads
            assert told(app).count('href="/case?id=') == min(line.failing, 100)


def test_an_item_opens_its_clock_day_by_day(scored: int) -> None:
    run = scoring.run_of(ASSESSOR, scored)
    item = next(i for i in scoring.items(ASSESSOR, run, SUZHOU) if i.code == "B1")
    app = opened("sheet", "sz_lead", period="2026-05", city=SUZHOU, line="B1", item=item.id)
    assert "时限逐日核算" in told(app)
    assert "第1日" in told(app)


def test_the_assessor_runs_a_period_from_the_page() -> None:
    app = opened("scores", "province", period="2026-04")
    assert "还没有评分" in told(app)
    app.button(key="run").click().run()
    assert "第 <b>1</b> 次评分" in told(app)
    assert len(scoring.runs(ASSESSOR, Period.parse("2026-04"))) == 1
    app.button(key="verify").click().run()
    assert any("摘要一致" in done.value for done in app.success)


@pytest.mark.parametrize("page", ["scores", "sheet"])
def test_who_may_not_see_scores_sees_none(page: str) -> None:
    for login in (None, "nj_clerk", "sz_handler", "admin", "nobody"):
        text = told(opened(page, login, period="2026-05"))
        assert "全省均值" not in text
        assert "优秀" not in text


def test_a_wrong_address_shows_the_last_full_month() -> None:
    app = opened("scores", "leader", period="2026-13", run="x")
    assert not app.exception
    assert not [b for b in app.button if b.key == "run"]
    app = opened("sheet", "sz_lead", period="2026-05", city="abc", line="Z9", item="-1", at="x9")
    assert "苏州市" in told(app)
