"""The phone page's routes: sent twice is taken once, and only from our page, by its own person."""

import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from db import models as m
from domain.people import Viewer
from domain.scope import SYSTEM
from services import clock, sessions, steps, store, visits
from services.registration import register
from tests.office import INCOMING
from tests.serving import Server, let_in, running, server

__all__ = ["running", "server"]  # fixtures

KEY = "0123456789abcdef" * 2
SEEN = {
    "visited_on": "", "officers": "李检查、周检查", "site_notes": "闻到恶臭",
    "demand_notes": {"1": "", "2": ""}, "monitoring": "",
}  # fmt: skip


def jpeg(size: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), "green").save(out, "JPEG")
    return out.getvalue()


def person(login: str) -> Viewer:
    found = sessions.standing(sessions.digest(let_in(login)), clock.now())
    assert found is not None
    return found.viewer


@pytest.fixture(scope="module")
def officer(running: Server) -> None:
    """A clerk of 南京 who handles too."""
    with store.write(SYSTEM) as session:
        one = session.scalars(select(m.Person).where(m.Person.login == "nj_clerk")).one()
        one.roles.append(m.PersonRole(role="handler"))


@pytest.fixture
def case(server: Server, officer: None) -> int:
    """A case in hand at 南京 with a visit today."""
    who, now = person("nj_clerk"), clock.now()
    made = register(who, INCOMING, now).case_id
    for key, data in (("classify", {"route": "procedure"}), ("accept", {"simple": False})):
        steps.take_step(who, made, key, data, now, version=version(made), token=key * 4)
    visits.plan(who, made, now.date(), "", now)
    return made


@pytest.fixture
def phone(server: Server, case: int) -> httpx.Client:
    return server.sign_in("nj_clerk")


def version(case_id: int) -> int:
    with store.read(SYSTEM) as session:
        return session.get_one(m.Case, case_id).version


def attached(case_id: int) -> list[Any]:
    with store.read(SYSTEM) as session:
        return list(session.scalars(select(m.Attachment).where(m.Attachment.case_id == case_id)))


def told(case_id: int, **more: Any) -> dict[str, Any]:
    return {"person": person("nj_clerk").person_id, "case": case_id, "key": KEY, **more}


def seen() -> dict[str, Any]:
    return {**SEEN, "visited_on": clock.now().date().isoformat()}


def test_the_shell_holds_no_data_and_may_ask_where_it_is(phone: httpx.Client) -> None:
    answer = phone.get("/field/visit")
    assert answer.status_code == 200 and "移动办理" in answer.text
    assert INCOMING.title not in answer.text and "宁小登" not in answer.text
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert "geolocation=()" in phone.get("/todo").headers["permissions-policy"]
    for part in ("css", "js"):
        assert phone.get(f"/assets/field.{part}").status_code == 200
    assert "javascript" in phone.get("/field/worker.js").headers["content-type"]


def test_todays_visits_without_who_complained(phone: httpx.Client, case: int) -> None:
    answer = phone.get("/field/visits")
    found = answer.json()
    [shown] = [one for one in found["visits"] if one["case"] == case]
    assert (shown["steps"], shown["status"]) == (["investigate"], "办理中")
    assert shown["point"] == [118.84, 32.06] and len(shown["demands"]) == 2
    assert [field["key"] for field in found["form"]][:3] == ["visited_on", "officers", "site_notes"]
    assert "张三丰" not in answer.text and "13812345678" not in answer.text


def test_a_photo_sent_twice_is_one(phone: httpx.Client, case: int) -> None:
    asked = told(case, taken=1_795_000_000_000, lon="118.84001", lat="32.06002")
    first = phone.post("/field/photos", params=asked, content=jpeg())
    again = phone.post("/field/photos", params=asked, content=jpeg(31))
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    [kept] = attached(case)
    assert f"{kept.lon},{kept.lat}" == "118.84001,32.06002"
    assert f"{kept.taken_at:%Y-%m-%d %H:%M}" == "2026-11-18 19:06", "in our zone, not the machine's"


def test_a_record_sent_twice_is_one_and_a_stale_one_says_so(
    phone: httpx.Client, case: int
) -> None:  # fmt: skip
    before = version(case)
    asked = told(case, step="investigate", version=before)
    answers = [phone.post("/field/steps", params=asked, json=seen()) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    assert version(case) == before + 1 == answers[0].json()["version"]
    stale = phone.post("/field/steps", params={**asked, "key": "f" * 32}, json=seen())
    assert stale.status_code == 409 and "已由" in stale.json()["error"]
    [shown] = [one for one in phone.get("/field/visits").json()["visits"] if one["case"] == case]
    assert shown["done"]


FAULTS = (
    ({"officers": "李检查"}, 422, "officers", "one officer alone"),
    ({"site_notes": ""}, 422, "site_notes", "nothing seen"),
    ({"site_notes": "张三丰说有味道"}, 422, "site_notes", "who complained"),
    ({"visited_on": "昨天"}, 422, "visited_on", "no day"),
    ({"demand_notes": "x"}, 400, "", "not a text a demand"),
    ({"site_notes": 5}, 400, "", "not a text"),
)


@pytest.mark.parametrize(("changes", "code", "field", "why"), FAULTS)
def test_what_is_wrong_is_told_by_its_field(
    phone: httpx.Client, case: int, changes: dict[str, Any], code: int, field: str, why: str
) -> None:
    asked = told(case, step="investigate", version=version(case))
    answer = phone.post("/field/steps", params=asked, json=seen() | changes)
    assert answer.status_code == code, why
    assert list(answer.json()["problems"]) == ([field] if field else []), why
    assert any("\u4e00" <= sign <= "\u9fff" for sign in answer.json()["error"])


ODD: tuple[tuple[str, dict[str, str], bytes, int, str], ...] = (
    ("/field/photos", {"case": "x"}, b"", 400, "no case"),
    ("/field/photos", {"key": "x"}, jpeg(), 422, "no key"),
    ("/field/photos", {"lon": "NaN", "lat": "1"}, jpeg(), 400, "nowhere"),
    ("/field/photos", {"lon": "1e999", "lat": "1"}, jpeg(), 400, "off the earth"),
    ("/field/photos", {"lon": "118"}, jpeg(), 422, "half a place"),
    ("/field/photos", {"taken": "99999999999999999"}, b"PK\x03\x04", 400, "not a picture"),
    ("/field/photos", {}, b"\xff\xd8\xff" + b"0" * (21 << 20), 413, "too large"),
    ("/field/steps", {"step": "investigate", "version": "1"}, b"{", 400, "cut off"),
    ("/field/steps", {"step": "investigate", "version": "1"}, b"[]", 400, "a list"),
    ("/field/steps", {"step": "investigate", "version": "1"}, b"[" * 99_999, 400, "a deep hole"),
    ("/field/steps", {"step": "investigate"}, b"{}", 400, "no version"),
    ("/field/steps", {"step": "conclude", "version": "1"}, b"{}", 403, "not a step of the site"),
    ("/field/steps", {"step": "sign", "version": "1", "key": "a"}, b"{}", 400, "no token"),
)


@pytest.mark.parametrize(("path", "changes", "body", "code", "why"), ODD)
def test_what_no_phone_of_ours_sends(
    phone: httpx.Client, case: int, path: str, changes: dict[str, str], body: bytes, code: int,
    why: str,
) -> None:  # fmt: skip
    answer = phone.post(path, params=told(case) | changes, content=body)
    assert (answer.status_code, "error" in answer.json()) == (code, True), why
    assert attached(case) == []


def test_half_a_sign_is_taken_as_one_no_font_has(phone: httpx.Client, case: int) -> None:
    """What a field cut in two at its limit, or pasted with a zero, must not wait for ever."""
    body = json.dumps(seen() | {"site_notes": "闻到\ud83d 恶臭\0"}).encode()
    asked = told(case, step="investigate", version=version(case))
    assert phone.post("/field/steps", params=asked, content=body).status_code == 200


@pytest.mark.parametrize("path", ["/field/photos", "/field/steps"])
def test_only_our_own_page_sends(server: Server, phone: httpx.Client, case: int, path: str) -> None:
    asked = told(case, step="investigate", version=version(case))
    for origin in ("https://elsewhere.test", "null", ""):
        answer = phone.post(path, params=asked, content=jpeg(), headers={"origin": origin})
        assert answer.status_code == 403, origin
    assert attached(case) == []


def test_a_stranger_is_led_to_sign_in_and_comes_back(server: Server, case: int) -> None:
    client = server.client()
    page = client.get("/field/visit", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/field/visit")
    for path in ("/field/visits", "/field/worker.js"):
        assert client.get(path).status_code == 401
    for path in ("/field/photos", "/field/steps"):
        answer = client.post(path, params=told(case), content=jpeg())
        assert answer.status_code == 401 and answer.text == "请先登录。"
    assert attached(case) == []


def test_another_units_case_is_not_there(server: Server, case: int) -> None:
    client, who = server.sign_in("sz_handler"), person("sz_handler").person_id
    assert client.get("/field/visits").json()["visits"] == []
    asked = told(case, step="investigate", version=version(case)) | {"person": who}
    for path, body in (("/field/photos", jpeg()), ("/field/steps", b'{"officers":"a"}')):
        answer = client.post(path, params=asked, content=body)
        assert (answer.status_code, "不在您的可见范围内" in answer.text) == (404, True)


def test_nobody_sends_what_another_person_wrote(server: Server, case: int) -> None:
    client = server.sign_in("sz_handler")
    answer = client.post("/field/photos", params=told(case), content=jpeg())
    assert answer.status_code == 403 and "另一位人员" in answer.text
    assert answer.headers["content-type"].startswith("text/plain"), "held, not refused"


@pytest.mark.parametrize("login", ["leader", "auditor", "admin", "nobody"])
def test_who_does_not_visit_sees_no_visits(server: Server, login: str) -> None:
    answer = server.sign_in(login).get("/field/visits")
    assert answer.status_code == 403 and answer.json()["error"] == visits.NOT_YOURS
