"""The gate over plain HTTP and the web socket, against a real server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from db import models as m
from domain.errors import NotFound
from domain.scope import SYSTEM
from services import clock, downloads, sessions, store
from tests.serving import (
    PASSWORD,
    ROOT,
    Server,
    furnish,
    installation,
    let_in,
    open_as,
    running,
    server,
    serving,
    surroundings,
)  # fmt: skip
from ui import shell, socket, web
from ui.failures import broken
from ui.gate import PAGE_PATHS
from ui.navigation import PAGES, PLANNED
from ui.requests import next_page
from ui.web_routes import disposition

__all__ = ["installation", "running", "server"]  # fixtures

PATHS = [
    *sorted(PAGE_PATHS), "/password", "/logout", "/whoami", "/files/x", "/assets/frame.js",
    "/assets/frame.css", "/static/js/index.js", "/index.html", "/media/x.png", "/app/static/x",
    "/app/static/geo/jiangsu_cities.geojson", "/component/x/index.html", "/manifest.json",
    "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/stream",
    "/_stcore/upload_file/a/b", "/_stcore/agent/openapi.json", "/_stcore/script-health-check",
    "/auth/login", "/oauth2callback", "/nowhere", "//login", "/login/", "/./overdue",
    "/%2e%2e/app.py", "/healthz/../overdue",
]  # fmt: skip


@contextmanager
def opened(server: Server, token: str = "", **more: str) -> Iterator[ClientConnection]:
    """A web socket to the server, with this token as its cookie."""
    headers = {"cookie": f"xf={token}", **{key.replace("_", "-"): more[key] for key in more}}
    origin = headers.pop("origin", server.url)
    with connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream", origin=Origin(origin),
        additional_headers=headers, subprotocols=[Subprotocol("streamlit")], max_size=None,
    ) as found:  # fmt: skip
        yield found


def refused(server: Server, token: str = "", **more: str) -> int:
    """The status a web socket's handshake is refused with."""
    with pytest.raises(InvalidStatus) as told, opened(server, token, **more):
        pass
    return told.value.response.status_code


def page_text(found: ClientConnection, page: str) -> str:
    """Everything the server sends for one run of a page, as text."""
    wanted = BackMsg()
    wanted.rerun_script.page_name = page
    wanted.rerun_script.query_string = ""
    found.send(wanted.SerializeToString())
    text = ""
    for data in found:
        assert isinstance(data, bytes)
        text += data.decode("utf-8", "ignore")
        if _finished(data):
            return text
    return text


def _finished(data: bytes) -> bool:
    message = ForwardMsg()
    message.ParseFromString(data)
    return message.WhichOneof("type") == "script_finished" and message.script_finished == 0


# --- strangers


@pytest.mark.parametrize("path", PATHS)
def test_no_path_answers_a_stranger(server: Server, path: str) -> None:
    with server.client() as client:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = client.request(method, path)
            away = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            assert away or answer.status_code in (400, 401, 403), (method, answer.status_code)
            assert "root" not in answer.text and "streamlit" not in answer.text.lower()


def test_sign_in_and_health_answer_a_stranger(server: Server) -> None:
    with server.client() as client:
        assert client.get("/healthz").json() == {
            "status": "ok", "database": True, "migrations": True,
        }  # fmt: skip
        page = client.get("/login")
        assert page.status_code == 200 and "登录" in page.text
        assert 'lang="zh-CN"' in page.text and "演示" not in page.text
        for part in ("/assets/sign_in.css", "/assets/sign_in.js", "/assets/favicon.png"):
            assert client.get(part).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "admin", '"><script>', "../../etc"])
def test_forged_tokens_are_refused(server: Server, token: str) -> None:
    with server.client() as client:
        assert client.get("/whoami", headers={"cookie": f"xf={token}"}).status_code == 401
    assert refused(server, token) == 403


def test_a_token_fixed_before_sign_in_is_worth_nothing(server: Server) -> None:
    fixed = "F" * 43
    with server.client() as client:
        form = {"login": "nj_clerk", "password": PASSWORD}
        answer = client.post("/login", data=form, headers={"cookie": f"xf={fixed}"})
        assert answer.status_code == 303 and fixed not in answer.headers["set-cookie"]
        assert client.get("/whoami", headers={"cookie": f"xf={fixed}"}).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server: Server) -> None:
    with server.client() as client:
        answer = client.post("/login", data={"login": "nj_clerk", "password": PASSWORD})
    words = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= words


def test_a_signed_out_token_is_refused_everywhere(server: Server) -> None:
    client = server.sign_in("nj_clerk")
    token = client.cookies["xf"]
    assert client.get("/whoami").status_code == 200
    assert client.post("/logout").status_code == 303
    again = {"cookie": f"xf={token}"}
    assert httpx.get(f"{server.url}/whoami", headers=again).status_code == 401
    assert refused(server, token) == 403


def test_identity_headers_of_a_client_count_for_nothing(server: Server) -> None:
    admin = sessions.resolve(let_in("admin"), clock.now())
    assert admin is not None
    spoof = {"x_app_uid": str(admin.person_id), "x_app_sid": admin.session}
    assert refused(server, "", **spoof) == 403
    with server.client() as client:
        headers = {"x-app-uid": spoof["x_app_uid"], "x-app-sid": spoof["x_app_sid"]}
        assert client.get("/whoami", headers=headers).status_code == 401
    with opened(server, let_in("nj_clerk"), **spoof) as found:
        text = page_text(found, "people")
    assert "不能打开" in text and "新建账号" not in text


# --- those who signed in


def test_pages_answer_in_chinese_with_our_policy(server: Server) -> None:
    client = server.sign_in("nj_clerk")
    page = client.get("/people")
    assert page.status_code == 200 and '<html lang="zh-CN">' in page.text
    assert "/assets/frame.js" in page.text and "You need to enable" not in page.text
    policy = page.headers["content-security-policy"]
    assert policy == shell.policy() and " 'unsafe-eval'" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    missing = client.get("/nowhere")
    assert missing.status_code == 404 and "没有这个页面" in missing.text
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/auth/login"):
        assert client.get(path).status_code == 404
    public = client.get("/app/static/geo/jiangsu_cities.geojson")
    assert public.status_code == 200 and "access-control-allow-origin" not in public.headers


def test_a_page_runs_for_its_role_over_the_socket(server: Server) -> None:
    with opened(server, let_in("admin")) as found:
        text = page_text(found, "people")
    assert "新建账号" in text and "不能打开" not in text


def test_an_open_socket_is_cut_when_the_session_ends(server: Server) -> None:
    token = let_in("nj_clerk")
    with opened(server, token) as found:
        page_text(found, "people")
        viewer = sessions.resolve(token, clock.now())
        assert viewer is not None
        sessions.sign_out(viewer, clock.now())
        with pytest.raises(ConnectionClosed) as told:
            while True:
                found.recv(timeout=5)  # a TimeoutError here is a socket that lived on
    assert told.value.rcvd is not None and told.value.rcvd.code == socket.SIGNED_OUT
    assert refused(server, token) == 403


def test_a_message_on_an_ended_session_runs_nothing(server: Server) -> None:
    token = let_in("admin")
    with opened(server, token) as found:
        page_text(found, "people")
        with store.write(SYSTEM) as session:
            session.execute(
                update(m.SignIn)
                .where(m.SignIn.token_hash == sessions.digest(token))
                .values(ended_at=clock.now())
            )
        with pytest.raises(ConnectionClosed):
            while True:
                found.recv(timeout=5)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_foreign_origins_are_refused(server: Server, origin: str) -> None:
    token = let_in("nj_clerk")
    assert refused(server, token, origin=origin) == 403
    with server.client() as client:
        headers = {"cookie": f"xf={token}", "origin": origin}
        assert client.post("/logout", headers=headers).status_code == 403
        form = {"login": "nj_clerk", "password": PASSWORD}
        assert client.post("/login", data=form, headers={"origin": origin}).status_code == 403
        assert client.get("/whoami", headers={"cookie": f"xf={token}"}).status_code == 200


def test_a_change_without_an_origin_is_refused(server: Server) -> None:
    form = {"login": "nj_clerk", "password": PASSWORD}
    assert httpx.post(f"{server.url}/login", data=form).status_code == 403


def test_five_misses_slow_one_name_and_let_others_in(server: Server) -> None:
    with server.client() as client:
        form = {"login": "not_a_name", "password": "wrong"}
        answers = [client.post("/login", data=form) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert int(answers[5].headers["retry-after"]) > 1700 and "分钟后再试" in answers[5].text
        assert "set-cookie" not in answers[5].headers
    server.sign_in("sz_handler").close()


def test_a_form_of_too_many_fields_is_told_so(server: Server) -> None:
    with server.client() as client:
        answer = client.post("/login", data={f"field{n}": "x" for n in range(21)})
    assert answer.status_code == 400 and "不是本页的表单" in answer.text


def test_what_was_typed_comes_back_harmless(server: Server) -> None:
    with server.client() as client:
        form = {"login": '"><script>alert(1)</script>', "password": "x", "next": '"><i>'}
        page = client.post("/login", data=form)
    assert page.status_code == 401 and "<script>alert" not in page.text and "<i>" not in page.text


def test_reading_changes_nothing(server: Server) -> None:
    client = server.sign_in("nj_clerk")
    before = _counts()
    for path in ("/", "/people", "/logout", "/password", "/login", "/whoami", "/healthz"):
        client.get(path)
    assert _counts() == before and client.get("/whoami").status_code == 200


def _counts() -> list[int | None]:
    with store.read(SYSTEM) as session:
        tables = (m.Event, m.SignIn, m.Download, m.SignInAttempt)
        counts = [session.scalar(select(func.count()).select_from(table)) for table in tables]
        ended = select(func.count()).where(m.SignIn.ended_at.is_not(None))
        return [*counts, session.scalar(ended)]


def test_a_file_is_for_its_session_and_for_once(server: Server) -> None:
    mine, other = server.sign_in("nj_clerk"), server.sign_in("nj_clerk")
    viewer = sessions.resolve(mine.cookies["xf"], clock.now())
    assert viewer is not None
    name, now = "事项 清单.xlsx", clock.now()
    token = downloads.keep(viewer, name, "application/x-test", b"bytes", "测试导出", now)
    stranger = server.sign_in("sz_handler")
    for client in (stranger, other):
        assert client.get(f"/files/{token}").status_code == 404
    answer = mine.get(f"/files/{token}")
    assert (answer.status_code, answer.content) == (200, b"bytes")
    assert answer.headers["content-disposition"] == disposition(name, inline=False)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert mine.get(f"/files/{token}").status_code == 404
    with store.read(SYSTEM) as session:
        events = session.scalars(select(m.Event).where(m.Event.kind == "download")).all()
    assert [event.person_id for event in events] == [viewer.person_id]
    assert not list((server.folder / "spool").iterdir())


def test_an_old_file_is_gone(server: Server) -> None:
    viewer = sessions.resolve(let_in("nj_clerk"), clock.now())
    assert viewer is not None
    token = downloads.keep(viewer, "a.csv", "text/csv", b"x", "测试", clock.now() - downloads.LIFE)
    with pytest.raises(NotFound):
        downloads.take(token, viewer, clock.now())
    downloads.sweep(clock.now())
    assert not list((server.folder / "spool").iterdir())


def test_a_file_no_row_knows_of_is_swept_by_its_age(installation: Path) -> None:
    viewer = sessions.resolve(let_in("nj_clerk"), clock.now())
    assert viewer is not None
    downloads.keep(viewer, "a.csv", "text/csv", b"x", "测试", clock.now())
    stray, spool = installation / "spool" / "stray", installation / "spool"
    stray.write_bytes(b"left by a restored database")
    old = time.time() - downloads.LIFE.total_seconds() - 5
    os.utime(stray, (old, old))
    web._sweep()
    assert len(list(spool.iterdir())) == 1 and not stray.exists()


def test_a_password_to_change_opens_nothing_else(server: Server) -> None:
    client = server.sign_in("leader")
    with store.write(SYSTEM) as session:
        session.execute(update(m.Person).where(m.Person.login == "leader").values(must_change=True))
    token = client.cookies["xf"]
    fresh = let_in("leader")  # not in the server's answers of the last second
    with server.client() as anew:
        anew.cookies.set("xf", fresh)
        assert anew.get("/overdue").headers["location"] == "/password"
        assert anew.get("/files/x").status_code == 403
        assert refused(server, fresh) == 403
        wrong = anew.post("/password", data={"old": "x", "new": "y", "again": "y"})
        assert wrong.status_code == 422 and "原密码不正确" in wrong.text
        new = "Better-Pass-2026"
        done = anew.post("/password", data={"old": PASSWORD, "new": new, "again": new})
        made = done.cookies["xf"]
        assert done.status_code == 303 and made != fresh
        now_on = {"cookie": f"xf={made}"}
        assert httpx.get(f"{server.url}/whoami", headers=now_on).status_code == 200
        assert httpx.get(
            f"{server.url}/whoami", headers={"cookie": f"xf={token}"}
        ).status_code == 401  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/cases?status=handling", "/cases?status=handling"), ("/", "/"), ("", "/"),
        ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"), ("/a\r\nset-cookie: x=1", "/"), ("/logout", "/"),
        ("/login?next=/login", "/"), ("/" + "a" * 2000, "/"),
    ],
)  # fmt: skip
def test_where_to_go_after_sign_in(wanted: str, goes: str) -> None:
    assert next_page(wanted) == goes


# --- a fresh process, and what stops one


def test_a_deep_link_right_after_a_restart_shows_a_stranger_nothing(
    tmp_path: Path, own_environment: None
) -> None:
    with serving(tmp_path) as fresh, fresh.client() as client:
        for spec in PLANNED:
            assert client.get(f"/{spec.key}").headers["location"] == f"/login?next=/{spec.key}"
            assert refused(fresh) == 403
        # The first script of this process is run for the wrong role, by deep link.
        with opened(fresh, let_in("nobody")) as found:
            text = page_text(found, "people")
        assert "不能打开" in text and "新建账号" not in text


@pytest.mark.parametrize("key", [spec.key for spec in PAGES])
@pytest.mark.parametrize("login", [None, "nobody"])
def test_every_page_run_alone_shows_a_stranger_nothing(
    key: str, login: str | None, tmp_path: Path
) -> None:
    with surroundings(tmp_path):
        furnish()
        app = open_as(key, login)
        if login == "nobody" and not app.warning:
            pytest.fail("a person without a role sees the page")
        assert len(app.warning) == 1 and len(app.main) == 2 and not app.exception


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("XF_SESSION_HOURS", "many", "XF_SESSION_HOURS"),
        ("XF_KEY_FILE", "/nowhere/key", "密钥文件"),
        ("DATABASE_URL", "sqlite:////tmp/no/such/folder/x.sqlite3", "连不上数据库"),
    ],
)
def test_a_wrong_setting_refuses_to_start_in_one_sentence(
    name: str, value: str, words: str, tmp_path: Path
) -> None:
    with surroundings(tmp_path):
        furnish()
    with surroundings(tmp_path, **{name: value}):
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr


def test_an_error_shows_a_number_and_no_trace() -> None:
    request = Request({"type": "http", "path": "/x", "headers": []})
    answer = broken(request, ValueError("secret detail"))
    assert answer.status_code == 500 and "secret" not in bytes(answer.body).decode()

    def script() -> None:
        from domain.errors import Refused
        from ui.errors import refusals

        for error in (Refused("请补充 *办理* 单位"), ValueError("secret detail")):
            with refusals():
                raise error

    shown = [one.value for one in AppTest.from_function(script).run().error]
    assert shown[0] == "请补充 \\*办理\\* 单位"
    assert "编号" in shown[1] and "secret" not in shown[1]


@pytest.mark.parametrize(
    ("headers", "touched", "why"),
    [
        ({}, True, "a browser that tells nothing, over plain http"),
        ({"sec-fetch-mode": "navigate", "sec-fetch-user": "?1"}, True, "a link clicked"),
        ({"sec-fetch-mode": "navigate"}, False, "a page opened by a script"),
        ({"sec-purpose": "prefetch"}, False, "a page fetched in advance"),
    ],
)
def test_opening_a_page_by_hand_is_activity(
    server: Server, headers: dict[str, str], touched: bool, why: str
) -> None:
    token = let_in("nj_clerk")
    seen = _leave_alone(token)
    with server.client() as client:
        client.cookies.set("xf", token)
        assert client.get("/overdue", headers=headers).status_code == 200
    assert (_seen(token) > seen) is touched, why


def test_a_socket_opened_again_is_not_activity_and_a_click_is(server: Server) -> None:
    token = let_in("admin")
    seen = _leave_alone(token)
    with opened(server, token) as found:
        page_text(found, "people")
        assert _seen(token) == seen
        page_text(found, "people")
        assert _seen(token) > seen


def _leave_alone(token: str) -> datetime:
    """Let nothing have happened in a session for ten minutes."""
    seen = clock.now() - timedelta(minutes=10)
    with store.write(SYSTEM) as session:
        session.get_one(m.SignIn, sessions.digest(token)).seen_at = seen
    return _seen(token)


def _seen(token: str) -> datetime:
    with store.read(SYSTEM) as session:
        return session.get_one(m.SignIn, sessions.digest(token)).seen_at


def test_a_page_that_refreshes_itself_is_not_a_person_at_work() -> None:
    hand, timer = BackMsg(), BackMsg()
    hand.rerun_script.page_name = "overdue"
    timer.rerun_script.is_auto_rerun = True
    for message, told in ((hand, True), (timer, False)):
        asked = {"type": "websocket.receive", "bytes": message.SerializeToString()}
        assert socket.by_person(asked) is told
