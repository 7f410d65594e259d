"""The public page in a browser, at a desk and on a phone: ask, see, rate, be told what is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page

from services import clock
from tests.browser.conftest import SHOTS, WIDTHS, english
from tests.serving import Server

ANSWERED = """
select s.query_code from submissions s join cases c on c.id = s.case_id
join clocks k on k.submission_id = s.id and k.key = 'rating'
where c.status = 'delivered' and not c.sealed and k.started_on < ? and k.due_on > ?
and not exists (select 1 from ratings r where r.submission_id = s.id) order by s.id"""


@pytest.fixture(params=WIDTHS)
def visitor(
    browser: Browser, site_server: Server, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, int]]:
    """A stranger without scripts, with a picture name's width."""
    width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN",
        java_script_enabled=False,
    )  # fmt: skip
    context.set_default_timeout(20_000)
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda one: outside.append(one.url))
    yield page, width
    context.close()
    assert [url for url in outside if not url.startswith(site_server.url)] == []


def answered(server: Server, number: int) -> str:
    """The code of an answered contact that may be rated today."""
    today = clock.now().date().isoformat()
    with closing(sqlite3.connect(server.folder / "test.sqlite3")) as door:
        return str(door.execute(ANSWERED, (today, today)).fetchall()[number][0])


def fits(page: Page, width: int, name: str) -> None:
    """The page is no wider than the window, and in Chinese but for codes; a picture is kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}_{width}.png"), full_page=True)
    for part in page.locator("body, main, form, .card").all():
        box = part.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert set(english(page.locator("main").inner_text())) <= {"I", "L", "O"}  # in no code


def test_a_petitioner_asks_and_rates(visitor: tuple[Page, int], site_server: Server) -> None:
    page, width = visitor
    code = answered(site_server, list(WIDTHS).index(width))
    page.goto(f"{site_server.url}/query")
    fits(page, width, "public_ask")
    page.get_by_label("查询码").fill(f"{code[:4].lower()} {code[4:]}")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("heading", name="办理情况").wait_for()
    assert "已办结" in page.locator(".word").inner_text()
    fits(page, width, "public_case")
    page.get_by_role("group", name="承办单位").get_by_label("不满意").check()
    page.get_by_role("button", name="提交对承办单位的评价").click()
    page.get_by_text("评价已收到").wait_for()
    fits(page, width, "public_rated")
    assert page.get_by_label("已作评价").inner_text().split() == ["承办单位", "不满意"]
    page.get_by_role("group", name="登记受理单位").get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交对登记受理单位的评价").click()
    page.get_by_text("您已经评价过").wait_for()
    assert page.locator("form").count() == 0


def test_a_scanned_code_only_fills_the_field(
    visitor: tuple[Page, int], site_server: Server
) -> None:
    page, width = visitor
    page.goto(f"{site_server.url}/query?code=ZZZZ2222")
    field = page.get_by_label("查询码")
    assert field.input_value() == "ZZZZ2222"
    page.get_by_role("button", name="查询").click()
    page.get_by_text("没有查到这个查询码").wait_for()
    fits(page, width, "public_unknown")
    assert field.input_value() == "ZZZZ2222"
    field.fill("12")
    page.get_by_role("button", name="查询").click()
    page.get_by_text("查询码是 8 位").wait_for()
    fits(page, width, "public_wrong")
