"""今日待办: every queue is the list it opens; a step that hands work over tells who has it now."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db import models as m
from db.queries import cases, queues
from db.queries.cases import CaseFilter
from db.queries.queues import QUEUES, Desk
from domain.clocks import Lights
from domain.scope import SYSTEM, Scope, scope_of
from rules import load
from services import clock, notices
from services.store import read
from tests.office import STAFF, Walk, enter, prepare, viewer
from tests.seed import NOW, TODAY, Seeded
from tests.serving import ROOT, as_person

LIMITS = Lights.on(TODAY, load().calendar)
TILE = re.compile(r'href="/(\w+)\?([^"]*)"[^>]*><span class="xf-tile-head">.*?number">([\d,]+)')
TODAYS_CALLS = re.compile(r"今日可拨 <b>([\d,]+)</b>")


def opened(login: str, page: str = "todo") -> AppTest:
    file = str(ROOT / "pages" / f"{page}.py")
    return as_person(AppTest.from_file(file, default_timeout=30), login)


def shown(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


SCOPES = {
    "js_supervisor": Scope(320000, 329999, sealed=True), "nj_clerk": Scope(320100, 320199),
    "xz_clerk": Scope(320300, 320399),
}  # fmt: skip


@pytest.mark.parametrize("login", sorted(SCOPES))
def test_a_tile_counts_what_its_list_counts(
    login: str, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_data.clear()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    found = TILE.findall(shown(opened(login).run()))
    tiles = [
        (page, dict(parse_qsl(unescape(asked))), int(n.replace(",", "")))
        for page, asked, n in found
    ]
    called = {"callbacks"} if login != "xz_clerk" else set()  # where nobody is to be called today
    assert {page for page, _, _ in tiles} == {"cases"} | called
    for page, asked, number in tiles:
        if page == "callbacks":
            listed = opened(login, page)
            listed.query_params.update(asked)
            assert TODAYS_CALLS.findall(shown(listed.run())) == [f"{number:,}"]
            continue
        with read(SCOPES[login]) as session:
            assert cases.count(session, CaseFilter.of(asked), LIMITS) == number, asked


# Where the case of a walk waits, and for whom, after each step.
PATH: tuple[tuple[str, str, dict[str, Any], int, set[str]], ...] = (
    ("nj_clerk", "classify", {"route": "procedure"}, 320100, {"assign"}),
    ("nj_clerk", "assign", {"to": 320102}, 320102, {"sign"}),
    ("xw_clerk", "return", {"objection": "地点在鼓楼区"}, 320100, {"returned"}),
    ("nj_clerk", "refuse_return", {"reason": "经核实在玄武区"}, 320102, {"sign"}),
    ("xw_clerk", "sign", {}, 320102, {"handle", "decide"}),
    ("xw_handler", "accept", {}, 320102, {"handle", "notify"}),
    ("xw_handler", "apply_extension", {"reason": "监测需时", "days": 10}, 320102,
     {"handle", "notify", "extension"}),
    ("xw_reviewer", "refuse_extension", {"reason": "无须延期"}, 320102, {"handle", "notify"}),
    ("province_supervisor", "supervise", {"order_kind": "order", "order_reason": "反映强烈",
     "order_demands": "查清", "order_limit": "2026-12-10"}, 320102,
     {"handle", "notify", "feedback"}),
    ("xw_handler", "feedback", {"feedback": "已查清"}, 320000, {"order"}),
    ("province_supervisor", "accept_feedback", {"opinion": "属实"}, 320102,
     {"handle", "notify"}),
    ("xw_clerk", "notify", {"way": "sms", "delivered_on": "2026-11-23", "proof": "回执1"}, 320102,
     {"handle"}),
    ("xw_handler", "conclude", {"findings": {"1": "substantiated", "2": "substantiated"},
     "measures": ["order_correct"], "facts": "属实"}, 320102, {"approve"}),
    ("xw_reviewer", "approve", {"conclusion": "substantiated"}, 320102, {"answer"}),
    ("xw_reviewer", "reply", {"answers": {"1": "已停", "2": "已公开"}, "reply_basis": "大气法"},
     320102, {"deliver"}),
    ("xw_handler", "deliver", {"way": "sms", "delivered_on": "2026-11-23", "proof": "回执2"},
     320102, set()),
)  # fmt: skip


def test_a_declined_case_waits_until_its_petitioner_is_told() -> None:
    prepare()
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="procedure")
    walk.step("nj_reviewer", "decline", decline_reason="other", basis_note="不在本市")
    with read(SYSTEM) as session:
        assert queues.counts(session, ["notify"], Desk(320100, TODAY)) == {"notify": 1}
    walk.step("nj_clerk", "notify", way="sms", delivered_on="2026-11-23", proof="回执1")
    with read(SYSTEM) as session:
        assert queues.counts(session, ["notify"], Desk(320100, TODAY)) == {"notify": 0}


def test_a_case_waits_where_its_next_step_is() -> None:
    prepare()
    walk = Walk(enter().case_id)
    for login, step, data, unit, expected in PATH:
        walk.step(login, step, **data)
        with read(SYSTEM) as session:
            found = {
                key
                for key, n in queues.counts(session, list(QUEUES), Desk(unit, TODAY)).items()
                if n
            }
        assert found - {"check"} == expected, step
    with read(SYSTEM) as session:
        assert queues.counts(session, ["check"], Desk(320100, TODAY)) == {"check": 1}, (
            "its sender checks it"
        )


TOLD: tuple[tuple[str, str, dict[str, Any], set[str], str], ...] = (
    ("nj_clerk", "classify", {"route": "procedure"}, set(), "nothing is handed over"),
    ("nj_clerk", "assign", {"to": 320102, "assist": [320104]}, {"xw_clerk", "xw_handler"},
     "who has it now; whoever assists has nobody here"),
    ("xw_clerk", "return", {"objection": "不属我区"}, {"nj_clerk"}, "who sent it decides"),
    ("nj_clerk", "refuse_return", {"reason": "属玄武"}, {"xw_clerk", "xw_handler"}, "goes on"),
    ("xw_handler", "sign", {}, set(), "it stays where it is"),
    ("nj_clerk", "reception",
     {"leader": "王局长", "promise": "查清", "instructed_on": "2026-11-23"},
     {"xw_clerk", "xw_handler", "xw_reviewer"}, "a leader's promise is to be kept"),
    ("province_supervisor", "supervise", {"order_kind": "order", "order_reason": "反映强烈",
     "order_demands": "查清", "order_limit": "2026-12-10"},
     {"xw_clerk", "xw_handler", "xw_reviewer"}, "an order is to be answered"),
    ("xw_handler", "feedback", {"feedback": "已查清"}, {"province_supervisor"},
     "who ordered hears of it, not who sent the case"),
    ("xw_reviewer", "decline", {"decline_reason": "other", "basis_note": "不在本区"}, {"nj_clerk"},
     "who sent it may think otherwise"),
)  # fmt: skip


def test_who_has_to_act_is_told_and_nobody_else() -> None:
    prepare()
    registered = enter()
    walk = Walk(registered.case_id)
    for login, step, data, expected, why in TOLD:
        walk.step(login, step, **data)
        told = {who for who in STAFF if notices.unread(viewer(who))}
        assert told == expected, (step, why)
        for who in told:
            [notice, *_] = notices.of(viewer(who))
            assert registered.no in notice.text
            assert "恶臭" not in notice.text, "a number only: a notice outlives what one may see"
            notices.mark_read(viewer(who))


def test_a_notice_is_one_persons() -> None:
    prepare()
    walk = Walk(enter().case_id)
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    with read(scope_of(viewer("sz_handler"))) as session:
        assert session.query(m.Case).count() == 0
    assert notices.of(viewer("sz_handler")) == []
    assert len(notices.of(viewer("xw_handler"))) == 1
