"""The phone page on a bad line: what was typed and shot arrives, once, whatever is cut when."""

import io
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Dialog, FilePayload, Page, Route, expect
from sqlalchemy import select

from db import models as m
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from services import clock, sessions, steps, store, visits
from services.demo.people import person_id
from services.registration import register
from tests.browser.conftest import CHROMIUM, PASSWORD, Site, english
from tests.office import INCOMING
from tests.serving import Server, surroundings

SignIn = Callable[..., Site]
UNIT, LOGIN, PHONE = 320106, "njgl_handler", 390


def demo(unit: int, role: Role) -> Viewer:
    """The demonstration's person of a unit and role."""
    return Viewer(person_id(unit, role), "", unit, "", frozenset({role}))


WHO, CLERK = demo(UNIT, Role.HANDLER), demo(320100, Role.CLERK)
# What the browser itself says of a cut line and of a refusal.
EXPECTED = ("net::ERR_", "status of 401", "status of 409", "status of 422")
NOTES = "东侧车间门未关，下风向可闻到恶臭。"
NOTHING = "没有待上传的内容"


@pytest.fixture
def inside(site_server: Server, own_environment: None) -> Iterator[None]:
    """This process looks at the same installation."""
    url = f"sqlite:///{site_server.folder / 'test.sqlite3'}"
    with surroundings(site_server.folder, XF_DEMO="1", DATABASE_URL=url):
        yield


def planned(signed: bool = True) -> int:
    """A new case assigned to 鼓楼 with a visit today, signed and accepted there or not yet."""
    now = clock.now()
    case_id = register(CLERK, replace(INCOMING, division=UNIT, received_at=now), now).case_id
    ways: list[tuple[Viewer, str, dict[str, Any]]] = [
        (CLERK, "classify", {"route": "procedure"}),
        (CLERK, "assign", {"to": UNIT}),
    ]
    ways += [(WHO, "sign", {}), (WHO, "accept", {"simple": False})] if signed else []
    for who, key, data in ways:
        with store.read(SYSTEM) as session:
            version = session.get_one(m.Case, case_id).version
        steps.take_step(who, case_id, key, data, now, version=version, token=secrets.token_hex(16))
    visits.plan(WHO, case_id, now.date(), "带臭气采样瓶", now)
    return case_id


def recorded(case_id: int, kind: str = "investigate") -> list[dict[str, Any]]:
    """What was recorded of a kind on a case."""
    with store.read(SYSTEM) as session:
        query = select(m.Event.data).where(m.Event.case_id == case_id, m.Event.kind == kind)
        return [json.loads(data) for data in session.scalars(query)]


def photographed(case_id: int) -> list[m.Attachment]:
    """The photos of a case that came from a phone."""
    own = (m.Attachment.case_id == case_id, m.Attachment.client_key.is_not(None))
    with store.read(SYSTEM) as session:
        return list(session.scalars(select(m.Attachment).where(*own)))


def picture(colour: str = "green") -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (3200, 1800), colour).save(out, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def arrive(page: Page, server: Server, case_id: int) -> None:
    """Open the case on the phone page, kept for the time without a connection."""
    page.goto(f"{server.url}/field/visit")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.locator(f"a[href='#{case_id}']").click()
    page.get_by_role("heading", name="现场办理").wait_for()


def fill(page: Page, notes: str = NOTES) -> None:
    page.get_by_label("检查人员").fill("李检查、周检查")
    page.locator("[id='f.site_notes']").fill(notes)


def shoot(page: Page, *colours: str) -> None:
    for colour in colours:
        page.locator("#camera").set_input_files(picture(colour))


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交调查情况").click()


def says(page: Page, words: str) -> None:
    expect(page.locator("#state")).to_contain_text(words)


@contextmanager
def bad_line(site: Site) -> Iterator[None]:
    """The browser may say that the line was cut; everything else is a fault as ever."""
    yield
    site.faults[:] = [one for one in site.faults if not any(part in one for part in EXPECTED)]


@pytest.fixture
def phone(inside: None, sign_in: SignIn) -> Iterator[Site]:
    site = sign_in(LOGIN, PHONE)
    site.page.context.grant_permissions(["geolocation"])
    site.page.context.set_geolocation({"longitude": 118.77, "latitude": 32.07})
    with bad_line(site):
        yield site


def test_typed_and_shot_without_a_line_it_arrives_once(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    box = page.locator("[id='f.site_notes']")
    box.press_sequentially(NOTES[:6])
    page.context.set_offline(True)
    box.press_sequentially(NOTES[6:])
    page.reload()
    expect(box).to_have_value(NOTES)
    page.get_by_label("检查人员").fill("李检查、周检查")
    shoot(page, "green", "red")
    says(page, "2 张照片待上传")
    page.reload()
    expect(page.locator(".shots img")).to_have_count(2)
    submit(page)
    says(page, "连接中断，2 张照片、1 份记录待上传")
    phone.shot("field_waiting")
    page.reload()
    says(page, "2 张照片、1 份记录待上传")
    assert recorded(case_id) == [] and photographed(case_id) == []
    page.context.set_offline(False)
    says(page, NOTHING)
    [found] = recorded(case_id)
    assert (found["site_notes"], found["officers"]) == (NOTES, "李检查、周检查")
    kept = photographed(case_id)
    assert len(kept) == 2
    for one in kept:
        assert one.taken_at and abs(clock.now() - one.taken_at) < timedelta(minutes=5)
        assert (float(one.lon or 0), float(one.lat or 0)) == (118.77, 32.07)
    page.reload()
    expect(page.locator("#form")).to_contain_text("本次调查情况已登记")
    says(page, NOTHING)
    assert len(recorded(case_id)) == 1 and len(photographed(case_id)) == 2


@pytest.mark.parametrize("sent", ["photos", "steps"])
def test_cut_while_it_is_sent_it_arrives_once(phone: Site, sent: str) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    tries: list[str] = []

    def cut(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort("connectionreset")  # before the server heard of it
        elif len(tries) == 2:
            route.fetch()  # the server took it, and the answer is lost
            route.abort("connectionreset")
        else:
            route.continue_()

    page.context.route(f"**/field/{sent}?*", cut)
    fill(page)
    shoot(page, "blue")
    submit(page)
    says(page, "连接中断")
    page.reload()  # in the middle of it
    says(page, NOTHING)
    assert len(tries) >= 3 and len(set(tries)) == 1, "the same each time"
    assert [one["site_notes"] for one in recorded(case_id)] == [NOTES]
    assert len(photographed(case_id)) == 1


def test_a_refused_photo_is_tried_again_under_its_key(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    tries: list[str] = []

    def refuse(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) > 1:
            route.continue_()
        else:
            route.fulfill(status=422, json={"error": "刚才有人同时办理，没有写入；请再试一次"})

    page.context.route("**/field/photos?*", refuse)
    shoot(page, "purple")
    says(page, "1 项没有被接受")
    shot = page.locator(".shots li")
    expect(shot).to_contain_text("没有上传：刚才有人同时办理")
    expect(shot.get_by_role("button", name="删除")).to_be_visible()
    small(page)
    shot.scroll_into_view_if_needed()
    phone.shot("field_refused")
    page.reload()
    shot.get_by_role("button", name="重试").click()
    says(page, NOTHING)
    expect(shot).to_have_count(0)
    assert len(tries) == 2 and len(set(tries)) == 1, "the same photo"
    assert len(photographed(case_id)) == 1


def test_the_browser_is_closed_and_nothing_is_lost(
    inside: None, browser: Browser, site_server: Server, tmp_path: Path
) -> None:
    case_id = planned()

    def launched() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path / "phone", executable_path="/usr/bin/chromium", args=CHROMIUM,
            viewport={"width": PHONE, "height": 844}, locale="zh-CN",
        )  # fmt: skip

    with launched() as context:
        page = context.pages[0]
        page.goto(f"{site_server.url}/login")
        page.locator("input[name=login]").fill(LOGIN)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        arrive(page, site_server, case_id)
        context.set_offline(True)
        shoot(page, "yellow")
        says(page, "1 张照片待上传")
        fill(page)
        page.locator("[id='f.site_notes']").press_sequentially("完")
    with launched() as context:
        page = context.pages[0]
        context.set_offline(True)
        page.goto(f"{site_server.url}/field/visit#{case_id}")
        expect(page.locator("[id='f.site_notes']")).to_have_value(f"{NOTES}完")
        expect(page.locator(".shots img")).to_have_count(1)
        context.set_offline(False)
        submit(page)
        expect(page.locator("#form")).to_contain_text("本次调查情况已登记")
        says(page, NOTHING)
    assert [one["site_notes"] for one in recorded(case_id)] == [f"{NOTES}完"]
    assert len(photographed(case_id)) == 1


def test_signed_with_one_tap_and_recorded_before_the_line_is_back(phone: Site) -> None:
    page, case_id = phone.page, planned(signed=False)
    arrive(page, phone.server, case_id)
    expect(page.locator("#form")).to_contain_text("签收后填写")
    page.context.set_offline(True)
    page.get_by_role("button", name="签收").click()
    fill(page)
    submit(page)
    says(page, "2 份记录待上传")
    page.context.set_offline(False)
    says(page, NOTHING)
    assert len(recorded(case_id, "sign")) == 1
    assert [one["site_notes"] for one in recorded(case_id)] == [NOTES]


def test_somebody_was_quicker_and_nothing_is_lost(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    page.context.set_offline(True)
    fill(page)
    submit(page)
    [shown] = [one for one in visits.of_unit(WHO, clock.now().date()) if one.case_id == case_id]
    other = {"visited_on": clock.now().date(), "officers": "甲、乙", "site_notes": "先到的一组"}
    steps.take_step(WHO, case_id, "investigate", other, clock.now(), version=shown.version,
                    token="o" * 32)  # fmt: skip
    page.context.set_offline(False)
    expect(page.locator("#form")).to_contain_text("没有被接受：已由")
    expect(page.locator("[id='f.site_notes']")).to_have_value(NOTES)
    phone.shot("field_stale")
    submit(page)
    says(page, NOTHING)
    assert [one["site_notes"] for one in recorded(case_id)] == ["先到的一组", NOTES]


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    page.locator("[id='f.site_notes']").fill(NOTES)
    with page.expect_response("**/field/steps?*") as answer:
        submit(page)
    assert answer.value.status == 422
    expect(page.locator("[id='f.officers.wrong']")).to_contain_text("不少于两人")
    expect(page.locator("[id='f.site_notes']")).to_have_value(NOTES)
    page.get_by_label("检查人员").fill("李检查、周检查")
    submit(page)
    says(page, NOTHING)
    assert len(recorded(case_id)) == 1


def test_the_session_ended_on_the_way(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    fill(page)
    with store.write(SYSTEM) as session:
        sessions.end_all(session, WHO.person_id, clock.now(), "signed_out")
    page.wait_for_timeout(1200)  # the server's answer of a second ago is over
    shoot(page, "black")
    submit(page)
    says(page, "请先登录")
    phone.shot("field_held")
    page.get_by_role("link", name="登录后继续").click()
    page.locator("input[name=login]").fill(LOGIN)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    says(page, NOTHING)
    assert f"#{case_id}" in page.url, "back at the case"
    assert [one["site_notes"] for one in recorded(case_id)] == [NOTES]
    assert len(photographed(case_id)) == 1


def test_signing_out_asks_first_and_another_person_sees_nothing(phone: Site) -> None:
    page, case_id = phone.page, planned()
    arrive(page, phone.server, case_id)
    fill(page)
    asked: list[str] = []

    def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", no)
    phone.open("/field", "进入现场办理")
    if page.get_by_role("button", name="展开菜单").count():
        page.get_by_role("button", name="展开菜单").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_timeout(500)
    assert len(asked) == 1 and "未上传" in asked[0]
    page.goto(f"{phone.server.url}/field/visit#{case_id}")
    expect(page.locator("[id='f.site_notes']")).to_have_value(NOTES)


def test_it_fits_a_hand(phone: Site) -> None:
    page, case_id = phone.page, planned()
    page.goto(f"{phone.server.url}/field/visit")
    page.locator(f"a[href='#{case_id}']").wait_for()
    phone.shot("field_list")
    small(page)
    arrive(page, phone.server, case_id)
    shoot(page, "green")
    expect(page.locator("#facts")).to_contain_text("距离")
    small(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    phone.shot("field_case")
    page.locator("#form").scroll_into_view_if_needed()
    page.evaluate("() => document.querySelector('#shots').scrollIntoView()")
    phone.shot("field_form")
    says(page, NOTHING)


def small(page: Page) -> None:
    """No target under a finger's width, nothing cut, nothing English."""
    sizes = page.locator("button, a, input:not(#camera), textarea, label.shoot").evaluate_all(
        "all => all.map(e => [e.textContent.slice(0, 20), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width && Math.min(r.height, r.width) < 44)"
    )
    assert sizes == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    assert english(page.locator("body").inner_text()) == []


def test_a_visit_is_planned_at_the_desk(inside: None, sign_in: SignIn) -> None:
    site = sign_in(LOGIN)
    page = site.open("/field", "进入现场办理")
    case_id, label = next(iter(visits.candidates(WHO).items()))
    site.pick("事项", label.split("　")[0])
    page.get_by_role("textbox", name="备注").fill("上午到")
    page.get_by_role("button", name="安排走访").click()
    site.says("已安排")
    site.shot("field_desk")
    with store.read(SYSTEM) as session:
        own = (m.Visit.case_id == case_id, m.Visit.done_at.is_(None))
        [made] = session.scalars(select(m.Visit).where(*own))
    assert (made.on, made.note, made.unit_code) == (clock.now().date(), "上午到", UNIT)
