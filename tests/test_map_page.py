"""The pages of maps and months: for their roles, one city without another, and what they draw."""

import json
import re
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from domain.people import Level, level_of
from services import clock
from services.vocabulary import divisions
from tests.seed import NOW, Seeded
from tests.serving import ROOT, as_person
from ui import charts

NANJING = [row["name"] for row in divisions() if row["code"].startswith("3201")]
SUZHOU = [row["name"] for row in divisions() if row["code"].startswith("3205")]
MEASURES = ("received", "per_capita", "overdue", "on_time", "satisfaction")


@pytest.fixture(autouse=True)
def morning(seeded_copy: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW)


def opened(page: str, login: str | None, **asked: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    app.query_params.update(asked)
    return as_person(app, login).run()


def html(app: AppTest) -> str:
    return "".join(str(element.proto.body) for element in app.get("html"))


def specs(app: AppTest) -> list[dict[str, Any]]:
    """The charts of a page as they are sent."""
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def texts(app: AppTest) -> str:
    """Everything a page sends that can be read."""
    boxes = [f"{box.options} {box.value}" for box in app.selectbox]
    return html(app) + json.dumps(specs(app), ensure_ascii=False) + "".join(boxes)


@pytest.mark.parametrize("page", ["maps", "monthly"])
def test_a_stranger_and_an_administrator_see_nothing(page: str) -> None:
    for login, said in ((None, "请先登录"), ("js_admin", "不能打开")):
        app = opened(page, login)
        assert not app.exception
        assert said in app.warning[0].value
        assert specs(app) == []
        assert not any(name in texts(app) for name in (*NANJING, *SUZHOU))


def test_a_handler_has_no_monthly_summary() -> None:
    app = opened("monthly", "sz_handler")
    assert "不能打开" in app.warning[0].value
    assert specs(app) == []


@pytest.mark.parametrize("show", MEASURES)
def test_the_province_sees_thirteen_cities_on_the_map_and_in_the_list(
    show: str,
) -> None:
    app = opened("maps", "js_leader", show=show)
    assert not app.exception
    cities = [r["name"] for r in divisions() if level_of(int(r["code"])) is Level.CITY]
    assert all(city in html(app) for city in cities)
    assert sorted(row["name"] for row in drawn(app)) == sorted(cities)
    assert "示意图，非标准地图" in html(app)
    assert "口径：" in html(app)


def drawn(app: AppTest) -> list[dict[str, Any]]:
    """The regions a map colours."""
    found = []
    for spec in specs(app):
        for layer in spec.get("layer", []):
            for step in layer.get("transform", []):
                if "lookup" in step:
                    found += step["from"]["data"]["values"]
    return found


def test_a_city_opens_on_its_own_counties() -> None:
    app = opened("maps", "nj_clerk")
    assert {row["name"] for row in drawn(app)} == set(NANJING) - {"南京市"}
    assert re.search(r'href="/cases\?[^"]*metric=received', html(app))


@pytest.mark.parametrize("asked", ["", "320000", "320100", "320102", "999999", "x"])
@pytest.mark.parametrize("login", ["sz_handler", "szks_handler"])
def test_suzhou_sees_no_name_and_number_of_nanjing(login: str, asked: str) -> None:
    app = opened("maps", login, unit=asked)
    assert not app.exception
    assert not [name for name in NANJING if name in texts(app)]
    assert "3201" not in texts(app)
    assert {str(row["code"])[:4] for row in drawn(app)} <= {"3205"}


@pytest.mark.parametrize("asked", ["", "320000", "320100", "320102"])
def test_suzhou_s_month_says_nothing_of_nanjing(asked: str) -> None:
    app = opened("monthly", "sz_city_lead", unit=asked)
    assert not app.exception
    assert "苏州市" in texts(app)
    assert not [name for name in NANJING if name in texts(app)]
    assert "3201" not in texts(app)


def test_the_month_has_its_six_sections_with_findings() -> None:
    app = opened("monthly", "js_leader", month="2026-10")
    assert not app.exception
    page = html(app)
    for name in ("一、总体", "二、渠道", "三、污染类型", "四、行业", "五、地区", "六、属实率"):
        assert name in page
    assert "一件可涉及多个类型，合计大于100%" in page
    assert len(specs(app)) == 3
    assert "口径说明" in app.expander[0].label


def test_a_choice_goes_into_the_address() -> None:
    app = opened("maps", "js_leader", show="overdue")
    app.selectbox[1].set_value("A").run()
    assert app.query_params["category"] == "A"
    assert "overdue" in app.query_params["show"]


@pytest.mark.parametrize(
    ("show", "period"), [("nothing", "2026"), ("received", "1999-13"), ("received", "")]
)
def test_an_address_made_by_hand_falls_back(show: str, period: str) -> None:
    app = opened("maps", "js_leader", show=show, period=period, category="Z")
    assert not app.exception
    assert app.selectbox[0].value == "2026"


def _places(*places: tuple[float, float]) -> list[dict[str, object]]:
    return [{"code": n, "lon": lon, "lat": lat, "shown": str(n)}
            for n, (lon, lat) in enumerate(places, 1)]  # fmt: skip


def test_two_names_that_are_too_near_move_apart_and_keep_their_numbers() -> None:
    found = charts.spaced(_places((118.0, 32.0), (118.01, 32.01), (120.0, 34.0)))
    assert [row["label"] for row in found] == ["1", "2", "3"]
    assert found[0]["lat"] < 32.0 < 32.01 < found[1]["lat"] < 32.1
    assert found[2]["lat"] == 34.0


def test_in_a_crowd_of_names_the_numbers_are_left_out() -> None:
    found = charts.spaced(_places((118.0, 32.0), (118.01, 32.01), (118.02, 32.02), (120.0, 34.0)))
    assert [row["label"] for row in found] == ["", "", "", "4"]
    assert charts.spaced([]) == []


def test_the_map_asks_nothing_of_the_outside() -> None:
    for spec in specs(opened("maps", "js_leader")):
        urls = re.findall(r'"url": "([^"]+)"', json.dumps(spec))
        assert urls
        assert all(url.startswith("/app/static/geo/") for url in urls)
