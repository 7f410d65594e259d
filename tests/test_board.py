"""The overdue board: every number opens a list that counts the same, for three viewers."""

import re
from datetime import date
from html import unescape
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from sqlalchemy import func, select
from streamlit.testing.v1 import AppTest

from db import models as m
from db.migrate import upgrade
from db.queries import board, cases
from db.queries.cases import CaseFilter
from db.queries.metrics import METRICS, Period, Shine, light, shine_of
from db.session import reading
from domain.clocks import Lights
from domain.scope import SYSTEM, Scope
from rules import load
from services import clock
from services.store import read
from tests.seed import NOW, TODAY, Seeded
from tests.serving import ROOT, as_person

LIMITS = Lights.on(TODAY, load().calendar)
LINK = re.compile(r'<a class="xf-go [^"]*" href="/cases\?([^"]*)"[^>]*>(.*?)</a>', re.S)
SCOPES = {
    "nj_clerk": Scope(320100, 320199),
    "sz_handler": Scope(320500, 320599),
    "js_supervisor": Scope(320000, 329999),
}


@pytest.fixture(autouse=True)
def morning(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW)


def opened(login: str, page: str = "overdue", **asked: object) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=30)
    for key, value in asked.items():
        app.query_params[key] = str(value)
    return as_person(app, login).run()


def html(app: AppTest) -> str:
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def numbers(text: str) -> list[tuple[dict[str, str], int]]:
    """Each number of the board with what its list is asked for."""
    out = []
    for query, body in LINK.findall(text):
        plain = re.sub(r"<[^>]*>", " ", re.sub(r"<span class=\"xf-light.*?</span>", "", body))
        found = re.findall(r"(?<![\d个])([\d,]+)(?=\s*(?:件|$))", plain.strip())
        assert found, body
        out.append((dict(parse_qsl(unescape(query))), int(found[-1].replace(",", ""))))
    return out


@pytest.mark.parametrize("login", SCOPES)
@pytest.mark.parametrize("shine", ["red", "orange", "yellow", "provisional"])
def test_every_number_equals_the_list_it_opens(login: str, shine: str) -> None:
    asked = numbers(html(opened(login, light=shine)))
    assert len(asked) >= 5
    with read(SCOPES[login]) as session:
        for given, shown in asked:
            assert cases.count(session, CaseFilter.of(given), LIMITS) == shown, given


@pytest.mark.parametrize("login", SCOPES)
def test_every_tile_opens_its_list(login: str) -> None:
    tiles = numbers(html(opened(login)))[:5]
    for given, shown in tiles:
        text = html(opened(login, "cases", **given))
        if shown == 0:
            assert "没有符合条件的事项" in text
        else:
            assert f"共 <b>{shown:,}</b> 件" in text, given


def test_the_drill_goes_down_to_a_county_and_its_numbers_hold() -> None:
    with read(SYSTEM) as session:
        found = {s: board.matrix(session, 320000, s, LIMITS).units for s in Shine}
    lit = {unit: next(s for s in Shine if unit in found[s]).value for unit in (320000, 320100)}
    own, below = (html(opened("js_supervisor", light=shine)) for shine in lit.values())
    assert "省厅本级" in own and "own=1" in own
    assert "unit=320100" in below
    city = html(opened("js_supervisor", unit=320100, light=lit[320100]))
    assert "<b>南京市</b>" in city and "unit=320000" in city
    assert re.search(r"unit=3201(?!00)\d\d", city)
    for unit in (320100, 320102):
        with read(SCOPES["js_supervisor"]) as session:
            for given, shown in numbers(html(opened("js_supervisor", unit=unit))):
                assert cases.count(session, CaseFilter.of(given), LIMITS) == shown, given


def test_nobody_sees_a_number() -> None:
    text = html(opened("js_admin")) + html(opened("js_admin", "cases"))
    assert not LINK.findall(text) and "JS32" not in text


def test_a_viewer_cannot_drill_out_of_what_they_see() -> None:
    assert "<b>南京市</b>" in html(opened("nj_clerk", unit=320500))
    assert "unit=320000" not in html(opened("nj_clerk", unit=320102))


def test_longest_missed_comes_first_with_workdays_and_days() -> None:
    with read(SYSTEM) as session:
        rows = board.longest(session, 320000, Shine.RED, LIMITS)
    assert rows and [r.due_on for r in rows] == sorted(r.due_on for r in rows)
    late = load().calendar.measure(rows[0].due_on, TODAY)
    text = html(opened("js_supervisor"))
    first = text.index(f"/case?id={rows[0].case_id}")
    assert first < text.index(f"/case?id={rows[-1].case_id}")
    assert f"<b>{late:,}</b> 个工作日<small>{(TODAY - rows[0].due_on).days:,} 天</small>" in text


def test_lights_are_disjoint_and_cover_every_running_clock() -> None:
    with read(SYSTEM) as session:
        each = [
            session.scalar(select(func.count(m.Clock.id)).where(light(shine, LIMITS))) or 0
            for shine in Shine
        ]
        running = m.Clock.done_on.is_(None) & m.Clock.duty & ~m.Clock.exempt
        assert sum(each) == session.scalar(select(func.count(m.Clock.id)).where(running))
        assert min(each) > 0


def test_the_light_in_sql_is_the_light_in_python() -> None:
    with read(SYSTEM) as session:
        for shine in Shine:
            rows = session.execute(
                select(m.Clock.due_on, m.Clock.provisional).where(light(shine, LIMITS)).limit(50)
            )
            assert {shine_of(due, waits, LIMITS) for due, waits in rows} == {shine}


def test_a_provisional_clock_is_never_red() -> None:
    later = Lights.on(date(2027, 6, 1), load().calendar)
    with read(SYSTEM) as session:
        red = select(func.count(m.Clock.id)).where(light(Shine.RED, later), m.Clock.provisional)
        assert session.scalar(red) == 0
        waiting = select(func.count(m.Clock.id)).where(light(Shine.PROVISIONAL, later))
        assert session.scalar(waiting) != 0


def test_days_ahead_add_up_to_their_lists() -> None:
    with read(SYSTEM) as session:
        falling = board.falling_due(
            session, 320000, Period(TODAY, load().calendar.advance(TODAY, 5))
        )
        assert falling
        for when, count in falling.items():
            given = CaseFilter(due_first=when, due_last=when)
            assert cases.count(session, given, LIMITS) == count


def test_the_wall_shows_the_same_numbers_without_a_frame() -> None:
    usual, wall = html(opened("js_supervisor")), html(opened("js_supervisor", wall=1))
    assert "xf-wall" in wall and "xf-wall" not in usual
    assert [n for _, n in numbers(usual)] == [n for _, n in numbers(wall)]


def test_a_bad_address_is_taken_as_none() -> None:
    app = opened("js_supervisor", unit="x", light="blue", days="99")
    assert not app.exception and "<b>江苏省</b>" in html(app)


@pytest.mark.parametrize("key", METRICS)
def test_a_metric_reads_on_both_databases(key: str, database_url: str) -> None:
    upgrade(database_url)
    with reading(database_url, SYSTEM) as session:
        asked = CaseFilter(metric=key, first=date(2026, 10, 1), last=date(2026, 10, 31))
        assert cases.count(session, asked, LIMITS) == 0
        assert board.totals(session, 320100, LIMITS)[Shine.RED] == 0
        assert board.matrix(session, 320000, Shine.RED, LIMITS).units == {}


def test_the_board_says_when_it_was_drawn() -> None:
    assert f"{NOW:%H:%M} · 每 60 秒自动刷新" in html(opened("js_supervisor"))
