"""The list of callbacks: who is on it, when they may be called, and that its numbers hold."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import event, text
from streamlit.testing.v1 import AppTest

from db.queries import callbacks
from db.queries.callbacks import Call, Caller, Part
from db.session import engine
from domain.clocks import Lights
from domain.people import Role, last_below
from domain.scope import Scope, scope_of
from rules import load
from services import clock
from services.demo.people import person_id
from services.public_query import rate
from services.store import read
from settings import settings
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.seed import NOW as SEEDED_NOW
from tests.seed import TODAY, Seeded
from tests.serving import ROOT, as_person

DAY = NOW.date()  # a Monday; the callback of what is delivered then falls due on the next


def limits(today: date) -> Lights:
    return Lights.on(today, load().calendar)


def listed(login: str, part: Part = Part.ALL, today: date = DAY) -> list[Call]:
    who = viewer(login)
    with read(scope_of(who)) as session:
        return callbacks.page(session, Caller(who.person_id, who.unit), part, limits(today))


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def answered(office: None) -> Walk:
    walk = Walk(enter().case_id)
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "停产", "2": "公开"}, reply_basis="法")
    return walk.step("xw_handler", "deliver", way="post", delivered_on=DAY, proof="EMS1")


def call(walk: Walk, *days: int, reached: bool = False) -> None:
    for day in days:
        walk.now = NOW + timedelta(days=day, hours=1)
        walk.step("xw_clerk", "callback", reached=reached)


WAYS: list[tuple[Callable[[Walk], object], int, int, bool, str]] = [
    # so far, on which day, tries (-1: not listed), may be called, why
    (lambda w: None, 0, 0, True, "answered today, nobody called yet"),
    (lambda w: call(w, 0), 0, 1, False, "not a second time today"),
    (lambda w: call(w, 0), 1, 1, True, "tomorrow again"),
    (lambda w: call(w, 0, 1), 1, 2, False, "the second try was today"),
    (lambda w: call(w, 0, 1), 9, 2, True, "late, and still to be called"),
    (lambda w: call(w, 0, 1, 2), 3, -1, False, "after three tries no more"),
    (lambda w: call(w, 0, reached=True), 0, -1, False, "reached: done"),
    (lambda w: w.step("nj_clerk", "send_back", reason="未查清", redo_by=DAY + timedelta(days=9)),
     0, -1, False, "sent back: there is no answer to ask about"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "days", "tries", "may", "why"), WAYS, ids=[w[4] for w in WAYS])
def test_a_contact_is_listed_until_it_is_reached_or_tried_three_times(
    answered: Walk, way: Callable[[Walk], object], days: int, tries: int, may: bool, why: str
) -> None:
    way(answered)
    today = DAY + timedelta(days=days)
    found = listed("xw_clerk", today=today)
    assert [row.tries for row in found] == ([] if tries < 0 else [tries]), why
    assert bool(listed("xw_clerk", Part.TODAY, today)) == may, why
    assert [row.next_on(today) for row in found if may] == [today] * may, why
    assert [row.next_on(today) > today for row in found if not may] in ([], [True]), why


PARTS = [
    # days after delivery, the parts it is in beside all, why
    (0, {Part.TODAY}, "seven days left"),
    (2, {Part.TODAY, Part.SOON}, "Wednesday: Monday is the third workday from here"),
    (7, {Part.TODAY, Part.SOON}, "the last day"),
    (8, {Part.TODAY, Part.LATE}, "the day after"),
]


@pytest.mark.parametrize(("days", "parts", "why"), PARTS, ids=[p[2] for p in PARTS])
def test_the_parts_of_the_list(answered: Walk, days: int, parts: set[Part], why: str) -> None:
    today = DAY + timedelta(days=days)
    assert {part for part in Part if listed("xw_clerk", part, today)} == parts | {Part.ALL}, why


WHO = [
    ("xw_clerk", 1, "the unit that holds it"),
    ("nj_clerk", 1, "the unit above"),
    ("province_supervisor", 1, "and the one above that"),
    ("sz_clerk", 0, "another city"),
    ("admin", 0, "sees no case"),
]


@pytest.mark.parametrize(("login", "count", "why"), WHO, ids=[w[2] for w in WHO])
def test_who_has_it_on_the_list(answered: Walk, login: str, count: int, why: str) -> None:
    assert len(listed(login)) == count, why


def test_who_handled_it_is_told_to_leave_it_to_others(answered: Walk) -> None:
    with read(scope_of(viewer("xw_clerk"))) as session:
        own = Caller(viewer("xw_handler").person_id, 320102)
        assert [row.own for row in callbacks.page(session, own, Part.ALL, limits(DAY))] == [True]
        assert callbacks.page(session, own, Part.TODAY, limits(DAY)) == []


def test_a_rating_by_the_code_is_no_callback(answered: Walk) -> None:
    from db import models as m

    code = answered.stored(m.Submission, lambda s: s.query_code)[0]
    rate(code, "handling", 1, "203.0.113.7", answered.now)
    assert [row.tries for row in listed("xw_clerk")] == [0]


# --- over a whole province


@pytest.mark.parametrize("unit", [320000, 320100, 320500, 320102])
def test_every_number_is_that_of_its_list(seeded: Seeded, unit: int) -> None:
    caller = Caller(person_id(unit, Role.CLERK), unit)
    with read(Scope(unit, last_below(unit))) as session:
        found = callbacks.counts(session, caller, limits(TODAY))
        for part, count in found.items():
            rows: list[Call] = []
            for number in range(1, count // 7 + 2):
                rows += callbacks.page(session, caller, part, limits(TODAY), number, 7)
            assert len(rows) == len({row.submission for row in rows}) == count, part
            assert [row.due_on for row in rows] == sorted(row.due_on for row in rows)
    assert unit != 320000 or found[Part.ALL] > found[Part.LATE] >= 0 < found[Part.TODAY]


@pytest.mark.parametrize("scope", [Scope(320000, 329999), Scope(320500, 320599)])
def test_the_running_clocks_drive(seeded: Seeded, scope: Scope) -> None:
    said: list[tuple[str, Any]] = []
    caller = Caller(1, scope.low)

    def hear(_c: Any, _cursor: Any, words: str, given: Any, *_more: Any) -> None:
        said.append((words, given))

    event.listen(engine(seeded.url), "before_cursor_execute", hear)
    with read(scope) as session:
        callbacks.counts(session, caller, limits(TODAY))
        callbacks.page(session, caller, Part.TODAY, limits(TODAY))
        asked = [one for one in said if "FROM clocks" in one[0]]
        plans = [_plan(session.connection(), *one) for one in asked]
    event.remove(engine(seeded.url), "before_cursor_execute", hear)
    assert len(plans) == 2
    for plan in plans:
        assert "ix_clocks_running" in plan[0], plan
        assert any("SEARCH cases USING INTEGER PRIMARY KEY" in line for line in plan), plan


def _plan(connection: Any, words: str, given: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)
    return [row[3] for row in rows]


# --- the page


def opened(login: str, **asked: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "callbacks.py"), default_timeout=30)
    for key, value in asked.items():
        app.query_params[key] = value
    return as_person(app, login).run()


def html(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


@pytest.mark.parametrize("login", ["js_clerk", "nj_supervisor", "njgl_clerk"])
@pytest.mark.parametrize("part", list(Part))
def test_the_page_shows_its_list_masked(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch, login: str, part: Part
) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: SEEDED_NOW)
    text_ = html(opened(login, part=part.value))
    assert all(words in text_ for words in ("今日可拨", "即将到期", "超期", "全部"))
    rows = text_.count("<tr>") - 1
    assert rows > 0 or "没有要回访的来件" in text_
    assert text_.count("/3 次") == max(rows, 0)


@pytest.mark.parametrize("login", ["nj_handler", "js_leader", "js_admin"])
def test_the_page_is_for_those_who_call(seeded: Seeded, login: str) -> None:
    app = opened(login)
    assert "不能打开" in app.warning[0].value and "/3 次" not in html(app)


def test_the_page_names_nobody_in_clear(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    st.cache_data.clear()
    walk = Walk(enter().case_id)
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "停产", "2": "公开"}, reply_basis="法")
    walk.step("xw_handler", "deliver", way="post", delivered_on=DAY, proof="EMS1")
    call(walk, 0)
    with engine(settings().database_url).begin() as door:
        door.execute(text("update people set must_change = false"))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=2))
    shown = html(opened("xw_clerk", part="all"))
    assert "1/3 次" in shown and "今天已拨" in shown and walk.case.no in shown
    assert "138****5678" in shown
    assert PETITIONER.name not in shown and PETITIONER.phone not in shown
