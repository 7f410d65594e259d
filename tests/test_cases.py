"""The list of cases: what each filter finds, on both databases, and the page that shows it."""

from dataclasses import fields
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import streamlit as st
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from db import models as m
from db.queries import cases
from db.queries.cases import CaseFilter
from domain.clocks import Lights
from domain.errors import Refused
from domain.scope import SYSTEM, Scope, scope_of
from rules import load
from services import case_export, clock
from services.merging import merge
from services.store import read, write
from tests.merging_office import do, enter_other
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.seed import NOW as MORNING
from tests.seed import Seeded
from tests.serving import ROOT, as_person

LIMITS = Lights.on(NOW.date(), load().calendar)
NANJING = Scope(320100, 320199)


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


def found(scope: Scope = NANJING, **asked: object) -> list[str]:
    """The titles a filter finds, and the count must agree."""
    given = CaseFilter(**asked)  # type: ignore[arg-type]
    with read(scope) as session:
        rows = cases.page(session, given, LIMITS)
        assert cases.count(session, given, LIMITS) == len(rows)
    return [row.title for row in rows]


@pytest.fixture
def three(office: None) -> list[str]:
    """A stench in 玄武, a noise in 秦淮 by mail, a group's wastewater in 玄武, oldest first."""
    made = [
        enter(title="化工厂恶臭扰民", source_no="A-1"),
        enter(title="工地夜间噪声", content="机器轰鸣", channel="letter", subchannel="mail",
              division=320104, categories=("N01",), received_at=datetime(2026, 11, 21, 9, 0)),
        enter(title="废水直排河道", content="河水发黑", group=True, headcount=6, urgency="urgent",
              received_at=datetime(2026, 11, 22, 9, 0)),
    ]  # fmt: skip
    return [one.no for one in made]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["废水直排河道", "工地夜间噪声", "化工厂恶臭扰民"]),
        ({"q": "恶臭"}, ["化工厂恶臭扰民"]),
        ({"q": "臭"}, ["化工厂恶臭扰民"]),
        ({"q": "夜间噪声"}, ["工地夜间噪声"]),
        ({"q": "轰鸣 工地"}, ["工地夜间噪声"]),
        ({"q": "轰鸣 河道"}, []),
        ({"q": "！？"}, []),
        ({"q": "河道", "sort": "oldest"}, ["废水直排河道"]),
        ({"source": "A-1"}, ["化工厂恶臭扰民"]),
        ({"place": 320104}, ["工地夜间噪声"]),
        ({"place": 320100}, ["废水直排河道", "工地夜间噪声", "化工厂恶臭扰民"]),
        ({"place": 320500}, []),
        ({"channel": "letter"}, ["工地夜间噪声"]),
        ({"category": "N"}, ["工地夜间噪声"]),
        ({"category": "N01"}, ["工地夜间噪声"]),
        ({"status": "handling"}, []),
        ({"mark": "group"}, ["废水直排河道"]),
        ({"mark": "urgent"}, ["废水直排河道"]),
        ({"mark": "anonymous"}, []),
        ({"first": date(2026, 11, 21), "last": date(2026, 11, 21)}, ["工地夜间噪声"]),
        ({"sort": "oldest"}, ["化工厂恶臭扰民", "工地夜间噪声", "废水直排河道"]),
        ({"sort": "newest"}, ["废水直排河道", "工地夜间噪声", "化工厂恶臭扰民"]),
        ({"metric": "in_hand"}, ["废水直排河道", "工地夜间噪声", "化工厂恶臭扰民"]),
        ({"metric": "concluded"}, []),
        ({"clock": "dispatch", "duty": 320100, "sort": "due"},
         ["化工厂恶臭扰民", "废水直排河道", "工地夜间噪声"]),
        ({"clock": "dispatch", "duty": 320102}, []),
    ],
)  # fmt: skip
def test_filters(three: list[str], asked: dict[str, Any], titles: list[str]) -> None:
    assert found(**asked) == titles


def test_a_number_finds_its_case(three: list[str]) -> None:
    assert found(no=three[1]) == ["工地夜间噪声"]
    assert found(no=three[1][:-1]) == []


def test_words_find_a_merged_case_which_no_other_list_holds(three: list[str]) -> None:
    main, other = Walk(enter(title="一号炉烟尘").case_id), enter_other(title="凌晨锅炉轰响")
    before = found()
    do(merge, main, other)
    assert found(q="凌晨锅炉") == ["凌晨锅炉轰响"]
    assert found(q="凌晨锅炉", sort="oldest") == ["凌晨锅炉轰响"]
    assert found() == [title for title in before if title != "凌晨锅炉轰响"]
    assert found(q="凌晨锅炉", metric="in_hand") == [], "a number counts it with the main case"
    with read(NANJING) as session:
        [row] = cases.page(session, CaseFilter(q="凌晨锅炉"), LIMITS)
    assert row.merged_into == main.case_id, "and it says where it went"


def test_nobody_and_other_cities_find_nothing(three: list[str]) -> None:
    assert found(scope_of(viewer("admin"))) == []
    assert found(Scope(320500, 320599), q="恶臭") == []
    assert found(Scope(320104, 320104)) == ["工地夜间噪声"]


def test_typed_words_are_never_an_expression(three: list[str]) -> None:
    for typed in ('恶臭" OR "x', "恶臭*", "NEAR(恶臭)", "' OR 1=1 --", "&|!():*"):
        assert set(found(q=typed)) <= {"化工厂恶臭扰民"}


def test_the_most_pressing_clock_is_shown(three: list[str]) -> None:
    with read(NANJING) as session:
        row = cases.page(session, CaseFilter(no=three[0]), LIMITS)[0]
    assert row.clock == "dispatch" and row.due_on is not None and row.shine is not None


def test_pages_follow_each_other(three: list[str]) -> None:
    with read(NANJING) as session:
        every = [cases.page(session, CaseFilter(), LIMITS, n, 2) for n in (1, 2, 3)]
        assert cases.count(session, CaseFilter(), LIMITS, most=1) == 2  # more than one
    assert [len(rows) for rows in every] == [2, 1, 0]
    assert len({row.id for rows in every for row in rows}) == 3


def test_an_address_says_the_filter_and_back() -> None:
    asked = CaseFilter(q="恶臭", place=320100, first=date(2026, 1, 1), own=True, duty=320100)
    assert CaseFilter.of(asked.address()) == asked
    assert set(CaseFilter().address()) == set()
    wrong = {"place": "南京", "first": "昨天", "own": "yes", "q": "  ", "nonsense": "1"}
    assert CaseFilter.of(wrong) == CaseFilter()
    assert {f.name for f in fields(CaseFilter)} >= set(asked.address())


def test_the_export_holds_no_identity_and_no_formula(three: list[str], tmp_path: object) -> None:
    enter(title="=1+1", content="<b>试</b>")
    data = case_export.export(viewer("nj_clerk"), CaseFilter(), NOW)
    assert PETITIONER.phone.encode() not in data
    sheet: Any = openpyxl.load_workbook(BytesIO(data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "d", "n"}
    texts = {str(cell.value) for cell in cells}
    assert "=1+1" in texts and "工地夜间噪声" in texts
    assert not any(PETITIONER.phone in text or PETITIONER.name in text for text in texts)


def test_too_long_an_export_is_refused(
    three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(case_export, "MOST", 2)
    with pytest.raises(Refused, match="增加条件"):
        case_export.export(viewer("nj_clerk"), CaseFilter(), NOW)


# --- the page


@pytest.fixture
def page(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    app = AppTest.from_file(str(ROOT / "pages" / "cases.py"), default_timeout=30)
    return as_person(app, "nj_clerk")


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def test_the_filters_stand_in_the_address_and_the_address_in_the_filters(page: AppTest) -> None:
    page.run()
    page.selectbox(key="cases.status").select("handling").run()
    assert page.query_params["status"] == ["handling"] or page.query_params["status"] == "handling"
    page.text_input(key="cases.q").set_value("噪声").run()
    text = shown(page)
    assert "噪声" in text and "办理中" in text
    other = AppTest.from_file(str(ROOT / "pages" / "cases.py"), default_timeout=30)
    other.query_params["status"], other.query_params["q"] = "handling", "噪声"
    as_person(other, "nj_clerk").run()
    assert other.selectbox(key="cases.status").value == "handling"
    assert shown(other).split("xf-pages")[1] == text.split("xf-pages")[1]


def test_an_empty_list_says_so_in_words(page: AppTest) -> None:
    page.query_params["no"] = "JS000"
    assert "没有符合条件的事项" in shown(page.run())
    assert not [b for b in page.button if "导出" in b.label]


def test_the_second_page_is_a_link(page: AppTest) -> None:
    first = shown(page.run())
    assert "page=2" in first
    page.query_params["page"] = "2"
    assert "51–" in shown(page.run())


def test_units_of_other_cities_are_not_offered(page: AppTest) -> None:
    page.run()
    offered = " ".join(page.selectbox(key="cases.place").options)
    assert "玄武" in offered and "苏州" not in offered


def test_typed_marks_are_shown_as_typed(three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    enter(title="![](http://x) <script>alert(1)</script>", content="x")
    with write(SYSTEM) as session:
        session.execute(update(m.Person).values(must_change=False))
    app = AppTest.from_file(str(ROOT / "pages" / "cases.py"), default_timeout=30)
    text = shown(as_person(app, "nj_clerk").run())
    assert "&lt;script&gt;" in text and "<script" not in text


def test_the_trace_says_what_was_exported(three: list[str]) -> None:
    asked = CaseFilter(q="张三丰", status="handling")
    assert case_export.said(asked, 3) == "事项清单 3 件，条件：按文字检索；status=handling"
    with read(SYSTEM) as session:
        assert session.scalars(select(m.Event.id)).all()
    assert Walk(1).case.title
