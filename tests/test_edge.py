"""The edge of the server by itself: passwords that wait, addresses, origins, and what is logged."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db import models as m
from domain.scope import SYSTEM
from services import store
from tests.serving import ROOT, furnish, open_as, surroundings
from ui import log, requests, sign_in_form, web

SECRET = "13812345678"


@pytest.fixture(autouse=True)
def place(own_environment: None, tmp_path: Path) -> Iterator[None]:
    with surroundings(tmp_path):
        furnish()
        yield


# --- passwords that wait


def posted(fields: str) -> Request:
    """A request for /login with this form."""
    scope = {
        "type": "http", "method": "POST", "path": "/login", "query_string": b"", "headers": [],
        "client": ("10.0.0.1", 1), "state": {"standing": None},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": fields.encode(), "more_body": False}

    return Request(scope, receive)


def test_slow_passwords_keep_nobody_else_waiting_and_many_are_asked_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done, begun = threading.Event(), threading.Semaphore(0)

    def slow(_request: Request, _form: object) -> Response:
        begun.release()
        done.wait(20)
        return Response("in")

    monkeypatch.setattr(sign_in_form, "_sign_in", slow)
    statuses: list[int] = []

    async def ask() -> None:
        statuses.append((await sign_in_form.login(posted("login=a&password=b"))).status_code)

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2 + sign_in_form.MOST_WAITING + 3):
                group.start_soon(ask)
            for _ in range(2):
                await to_thread.run_sync(begun.acquire)  # the pool of everybody else answers
            while len(statuses) < 3:
                await anyio.sleep(0)
            assert statuses == [429] * 3
            assert not begun.acquire(blocking=False), "no third thread hashes"
            done.set()

    sign_in_form._doors.cache_clear()
    anyio.run(all_at_once)
    sign_in_form._doors.cache_clear()
    assert sorted(statuses) == [200] * 22 + [429] * 3


# --- who asks


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address", "why"),
    [
        ("", "127.0.0.1", ["9.9.9.9"], "127.0.0.1", "no proxy is trusted unless named"),
        ("127.0.0.1", "10.0.0.7", ["9.9.9.9"], "10.0.0.7", "not by the proxy"),
        ("127.0.0.1", "127.0.0.1", ["9.9.9.9, 10.0.0.7"], "10.0.0.7", "what the proxy added"),
        ("127.0.0.1", "127.0.0.1", ["9.9.9.9", "10.0.0.7"], "10.0.0.7", "in a line of its own"),
        ("127.0.0.1,10.0.0.7", "127.0.0.1", ["9.9.9.9", "10.0.0.7"], "9.9.9.9", "two proxies"),
        ("127.0.0.1", "127.0.0.1", [], "127.0.0.1", "nothing forwarded"),
    ],
)
def test_where_a_request_comes_from(
    trusted: str, peer: str, forwarded: list[str], address: str, why: str, tmp_path: Path
) -> None:
    scope = {
        "client": (peer, 1),
        "headers": [(b"x-forwarded-for", line.encode()) for line in forwarded],
    }
    with surroundings(tmp_path, XF_TRUSTED_PROXIES=trusted):
        assert requests.address_of(scope) == address, why


def test_the_server_below_believes_no_forwarding_header() -> None:
    told = (ROOT / "run").read_text()
    assert told.index("export FORWARDED_ALLOW_IPS=\n") < told.index("exec ")


@pytest.mark.parametrize(
    ("public", "origin", "same"),
    [
        ("https://xf.test", "https://xf.test", True),
        ("https://xf.test", "http://xf.test", False),
        ("", "http://xf.test", True),
        ("http://xf.test", "http://xf.test", True),
        ("", "http://other.test", False),
    ],
)
def test_an_origin_has_the_scheme_people_come_in_by(
    public: str, origin: str, same: bool, tmp_path: Path
) -> None:
    scope = {"headers": [(b"origin", origin.encode()), (b"host", b"xf.test")]}
    with surroundings(tmp_path, XF_PUBLIC_URL=public):
        assert requests.same_origin(scope) is same


def test_a_run_is_started_by_nobody_once_the_session_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_as("scores", "province")
    monkeypatch.setattr("ui.scores.viewer_now", lambda: None)
    app.button(key="run").click().run()
    assert not app.exception and "请先登录" in app.error[0].value
    with store.read(SYSTEM) as session:
        assert session.scalars(select(m.ScoreRun)).all() == []


# --- what is logged


def failing() -> IntegrityError:
    """A database error as psycopg words it, with values in three places."""
    words = (
        'duplicate key value violates unique constraint "people_login_key"\n'
        f"DETAIL:  Key (phone)=({SECRET}\nsecond line {SECRET}) already exists.\n"
        f"CONTEXT:  unnamed portal parameter $1 = '{SECRET}'"
    )
    return IntegrityError("INSERT INTO people\n(login)\nVALUES (%s)", {"phone": SECRET},
                          ValueError(words))  # fmt: skip


def logged(work: Callable[[], None]) -> str:
    """What is written to the log meanwhile."""
    with redirect_stderr(io.StringIO()) as told:
        log.set_up("INFO")
        work()
    return told.getvalue()


def test_a_database_error_is_logged_without_its_values() -> None:
    def work() -> None:
        try:
            raise failing() from failing().orig
        except IntegrityError as error:
            log.incident(error)

    line = logged(work)
    assert SECRET not in line and "second line" not in line
    stack = json.loads(line)["stack"]
    for kept in ("people_login_key", "[SQL: INSERT INTO people", "test_edge.py"):
        assert kept in stack


def test_a_failed_route_is_logged_once_and_not_raised_again() -> None:
    def fails(_request: Request) -> Response:
        raise failing()

    app = Starlette(
        routes=[Route("/fails", fails)], middleware=web.middleware[:1],
        exception_handlers=web.exception_handlers,
    )  # fmt: skip

    async def ask() -> None:
        door = ASGITransport(app)  # raises what the server would get to see
        async with AsyncClient(transport=door, base_url="http://xf.test") as client:
            answer = await client.get("/fails")
        assert answer.status_code == 500 and "编号" in answer.text and SECRET not in answer.text

    lines = logged(lambda: anyio.run(ask)).splitlines()
    assert [json.loads(line)["what"] for line in lines] == ["incident"]


@pytest.mark.parametrize("script", ["app.py", "services/__main__.py", "run"])
def test_what_is_written_is_the_owners_alone(script: str) -> None:
    assert "umask" in (ROOT / script).read_text()
