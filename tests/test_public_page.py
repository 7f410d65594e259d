"""The public page over HTTP: what a stranger gets, and what tells nothing."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from db import models as m
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from services import clock, sessions
from services.registration import Registered, register
from services.steps import take_step
from services.store import read
from settings import load
from tests.office import INCOMING
from tests.serving import Server, let_in, serving, surroundings
from ui import gate
from ui.query_form import BEAT

PRIVATE = ("化工厂", "恶臭", "某化工", "张三丰", "138", "梅园", "玄武", "JS3201", "南京", "320100")


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that answers the public."""
    with serving(tmp_path_factory.mktemp("public"), XF_PUBLIC_QUERY="1") as found:
        yield found


@pytest.fixture
def public(open_server: Server, own_environment: None) -> Iterator[Server]:
    with surroundings(open_server.folder, XF_PUBLIC_QUERY="1"):
        yield open_server
    open_server.close()


def worker(login: str) -> Viewer:
    """A person of the installation with the roles of a whole office in 南京."""
    found = sessions.standing(sessions.digest(let_in(login)), clock.now())
    assert found is not None
    roles = frozenset(Role) - {Role.ADMIN, Role.AUDITOR}
    return replace(found.viewer, unit=320100, roles=roles)


def entered() -> Registered:
    now = clock.now()
    return register(worker("nj_clerk"), replace(INCOMING, received_at=now), now)


def stepped(case_id: int, login: str, key: str, **data: object) -> None:
    with read(SYSTEM) as session:
        version = session.get_one(m.Case, case_id).version
    take_step(worker(login), case_id, key, data, clock.now(), version=version, token=f"{key}")


def answered() -> Registered:
    """A case of one unit from registration to the answer."""
    made, today = entered(), clock.now().date()
    for login, key, data in (
        ("nj_clerk", "classify", {"route": "procedure"}),
        ("nj_clerk", "accept", {"simple": False}),
        ("nj_clerk", "conclude", {
            "findings": {"1": "substantiated", "2": "substantiated"},
            "measures": ["order_correct"], "facts": "属实"}),
        ("sz_handler", "approve", {"conclusion": "substantiated"}),
        ("sz_handler", "reply", {"answers": {"1": "停产", "2": "公开"}, "reply_basis": "法"}),
        ("nj_clerk", "deliver", {"way": "post", "delivered_on": today, "proof": "EMS1"}),
    ):  # fmt: skip
        stepped(made.case_id, login, key, **data)
    return made


def token_in(page: str, at: int = 0) -> str:
    return re.findall(r'name="token" value="([^"]+)"', page)[at]


def asked(client: httpx.Client, code: str) -> httpx.Response:
    token = token_in(client.get("/query").text)
    return client.post("/query", data={"code": code, "token": token})


def attempts() -> int:
    with read(SYSTEM) as session:
        return session.scalar(select(func.count(m.SignInAttempt.id))) or 0


def test_a_petitioner_sees_a_word_and_days_and_nothing_else(public: Server) -> None:
    made = answered()
    client = public.client()
    answer = asked(client, f" {made.query_code[:4].lower()} {made.query_code[4:]}")
    assert answer.status_code == 200 and "已办结" in answer.text
    today = clock.now().date()
    day = f"{today.year}年{today.month}月{today.day}日"
    assert answer.text.count(f"<dd>{day}</dd>") == 5
    assert [words for words in (*PRIVATE, made.no) if words in answer.text] == []
    assert "<script" not in answer.text and not client.cookies
    read_out = re.sub(r"<[^>]*>|\d+年\d+月\d+日", "", answer.text)
    assert re.findall(r"\d", read_out) == [], "no number leads anywhere"


def test_every_answer_says_keep_nothing_and_show_nobody(public: Server) -> None:
    client = public.client()
    for answer in (client.get("/query"), asked(client, "ZZZZZZZZ"), asked(client, "?")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-robots-tag"].startswith("noindex")
        assert "set-cookie" not in answer.headers


def test_unknown_and_sealed_codes_get_the_same_answer_on_the_beat(public: Server) -> None:
    made, known = entered(), entered()
    stepped(made.case_id, "nj_clerk", "classify", route="accusation")
    client, answers = public.client(), {}
    for name, code in (("sealed", made.query_code), ("unknown", "ZZZZZZZZ"),
                       ("known", known.query_code)):  # fmt: skip
        began = time.perf_counter()
        token = token_in(client.get("/query").text)
        answer = client.post("/query", data={"code": code, "token": token})
        assert time.perf_counter() - began >= BEAT
        page = re.sub(r'name="token" value="[^"]+"', "", answer.text).replace(code, "")
        answers[name] = (answer.status_code, page, sorted(answer.headers))
    assert answers["sealed"] == answers["unknown"]
    assert answers["unknown"][0] == 404 and answers["known"][0] == 200


def test_opening_the_page_with_a_code_looks_nothing_up(public: Server) -> None:
    before, client = attempts(), public.client()
    page = client.get("/query", params={"code": "ABCD2345"})
    assert 'value="ABCD2345"' in page.text and attempts() == before
    harmful = client.get("/query", params={"code": '"><script>1'})
    assert "<script" not in harmful.text and "&quot;&gt;&lt;script&gt;1" in harmful.text


def test_both_stages_are_rated_once(public: Server) -> None:
    made, client = answered(), public.client()
    page = asked(client, made.query_code)
    given = {"code": made.query_code, "token": token_in(page.text)}
    first = client.post("/query/rate", data={**given, "stage": "handling", "score": "3"})
    assert first.status_code == 200 and "评价已收到" in first.text
    again = client.post("/query/rate", data={**given, "stage": "handling", "score": "1"})
    assert again.status_code == 422 and "只能评价一次" in again.text
    none = client.post("/query/rate", data={**given, "stage": "intake"})
    assert none.status_code == 422 and "请选择" in none.text
    last = client.post("/query/rate", data={**given, "stage": "intake", "score": "1"})
    assert "您已经评价过" in last.text and "<form" not in last.text
    with read(SYSTEM) as session:
        rows = session.query(m.Rating).filter_by(case_id=made.case_id).order_by(m.Rating.id)
        assert [(r.stage, r.score, r.by) for r in rows] == [
            ("handling", 3, "query_code"), ("intake", 1, "query_code"),
        ]  # fmt: skip


WRONG = [
    # path, headers, fields without the token, token, status, why
    ("/query", {"origin": "https://other.example"}, {}, "own", 403, "a form of another site"),
    ("/query", {"origin": ""}, {}, "own", 403, "no origin named"),
    ("/query", {}, {}, "", 400, "no token"),
    ("/query", {}, {}, "1.abc", 400, "a forged token"),
    ("/query/rate", {}, {"stage": "handling", "score": "1"}, "own", 400,
     "the token of the asking form rates nothing"),
    ("/query", {}, {"code": "123"}, "own", 422, "no code can be that"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "headers", "fields", "token", "status", "why"), WRONG, ids=[w[5] for w in WRONG]
)
def test_a_form_not_from_here_is_refused(
    public: Server, path: str, headers: dict[str, str], fields: dict[str, str], token: str,
    status: int, why: str,
) -> None:  # fmt: skip
    code, client, before = entered().query_code, public.client(), attempts()
    own = token_in(client.get("/query").text) if token == "own" else token
    sent = {"code": code, "token": own, **fields}
    answer = client.post(path, data=sent, headers=headers)
    assert answer.status_code == status, why
    assert attempts() == before, "nothing was looked up"
    if status != 403:
        assert f'value="{sent["code"]}"' in answer.text, "what was typed stays"


def test_too_many_misses_are_told_when_to_come_back(public: Server) -> None:
    client, last = public.client(), None
    for _ in range(25):
        last = asked(client, "ZZZZZZZZ")
        if last.status_code == 429:
            break
    assert last is not None and last.status_code == 429
    assert 0 < int(last.headers["retry-after"]) <= 3600 and "分钟后再试" in last.text


SWITCH = [
    ({"XF_DEMO": "0"}, False, "an installation is closed unless it says otherwise"),
    ({"XF_DEMO": "0", "XF_PUBLIC_QUERY": "1"}, True, "it said so"),
    ({"XF_DEMO": "1"}, True, "a demonstration shows it"),
    ({"XF_DEMO": "1", "XF_PUBLIC_QUERY": "0"}, False, "unless it says otherwise"),
]


@pytest.mark.parametrize(("given", "on", "why"), SWITCH, ids=[s[2] for s in SWITCH])
def test_the_page_is_there_where_it_is_wanted(
    tmp_path: Path, given: dict[str, str], on: bool, why: str
) -> None:
    assert load({**given, "XF_DATA_DIR": str(tmp_path)}).public_query is on
    with surroundings(tmp_path, **given):
        for path in ("/query", "/query/rate", "/assets/query.css"):
            scope = {"path": path, "method": "GET", "headers": [(b"accept", b"text/html")]}
            assert (gate.decide(scope, None) is None) is on, why
