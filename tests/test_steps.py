"""Taking steps: the way of a case, refusals, staleness, and that all or nothing is written."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import models as m
from db.session import engine
from domain.errors import Invalid, NotAllowed, NotFound, Stale
from domain.scope import SYSTEM
from domain.workflow import fold
from services import trace
from services.history import events_of
from services.rows import state_columns
from services.steps import take_step
from services.store import read
from settings import settings
from tests.office import NOW, Walk, enter, prepare, viewer


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


def consistent() -> None:
    """No state without its event, no event without its state, and a sound chain."""
    with read(SYSTEM) as session:
        for case in session.query(m.Case):
            state = state_columns(fold(events_of(session, case.id)))
            assert {name: getattr(case, name) for name in state} == state
            steps = session.query(m.Event).filter_by(case_id=case.id).count()
            assert case.version == steps
        assert trace.check(session) == []


def test_a_case_goes_its_whole_way() -> None:
    walk = Walk(enter().case_id).to_handling()
    walk.step("xw_handler", "notify", way="sms", delivered_on=date(2026, 11, 23), proof="回执1")
    walk.to_approval("substantiated", "unsubstantiated")
    walk.step("xw_reviewer", "approve", conclusion="partly")
    walk.step("xw_reviewer", "reply", answers={"1": "已停产", "2": "已公开"}, reply_basis="大气法")
    walk.step("xw_handler", "deliver", way="post", delivered_on=date(2026, 11, 23), proof="EMS1")
    walk.step("xw_clerk", "callback", reached=True, rating="1")
    case = walk.case
    assert (case.status, case.conclusion, case.rating) == ("delivered", "partly", 1)
    clocks = walk.stored(m.Clock, lambda c: (c.key, c.unit_code, c.done_on is not None))
    assert all(done for _, _, done in clocks)
    assert ("conclude_report", 320102, True) in clocks
    demands = walk.stored(m.Demand, lambda d: (d.finding, d.answer))
    assert demands == [("substantiated", "已停产"), ("unsubstantiated", "已公开")]
    consistent()


REFUSED = [
    ("sz_clerk", "classify", {"route": "procedure"}, NotFound, "another city does not see it"),
    ("admin", "classify", {"route": "procedure"}, NotFound, "an administrator sees no case"),
    ("xw_clerk", "classify", {"route": "procedure"}, NotAllowed, "the case is held above"),
    ("nj_clerk", "assign", {"to": 320102}, NotAllowed, "not classified yet"),
    ("nj_clerk", "classify", {}, Invalid, "the route is missing"),
    ("nj_clerk", "classify", {"route": "elsewhere2"}, Invalid, "no such route"),
    ("nj_clerk", "sign", {}, NotAllowed, "nothing was assigned"),
    ("nj_reviewer", "decline", {"decline_reason": "other"}, NotAllowed, "not classified yet"),
]


@pytest.mark.parametrize(("login", "key", "data", "error", "why"), REFUSED)
def test_a_step_out_of_order_is_refused(
    login: str, key: str, data: dict, error: type[Exception], why: str
) -> None:
    walk = Walk(enter().case_id)
    with pytest.raises(error):
        walk.step(login, key, **data)
    assert walk.case.status == "registered", why
    consistent()


def test_a_unit_assigns_only_below_itself() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="procedure")
    for to in (320000, 320100, 320505):
        with pytest.raises(Invalid, match="下级"):
            walk.step("nj_clerk", "assign", to=to)


def test_an_unclear_item_is_declined_only_after_a_contact_attempt() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="procedure")
    with pytest.raises(Invalid, match="联系"):
        walk.step("nj_reviewer", "decline", decline_reason="unclear", basis_note="地点不详")
    walk.step("nj_reviewer", "decline", decline_reason="unclear", basis_note="地点不详",
              contact_attempt="11月23日电话联系，无人接听")  # fmt: skip
    assert walk.case.status == "declined"


CONCLUSIONS = [
    (("substantiated", "substantiated"), "substantiated", True, "all are"),
    (("substantiated", "substantiated"), "partly", False, "all are, so it is not partly"),
    (("unsubstantiated", "unsubstantiated"), "unsubstantiated", True, "none is"),
    (("substantiated", "unsubstantiated"), "partly", True, "some are"),
    (("substantiated", "unsubstantiated"), "mostly", True, "the reviewer's choice with a reason"),
    (("substantiated", "unsubstantiated"), "unsubstantiated", False, "one is"),
]


@pytest.mark.parametrize(("findings", "overall", "fits", "why"), CONCLUSIONS)
def test_the_overall_conclusion_follows_the_findings(
    findings: tuple[str, str], overall: str, fits: bool, why: str
) -> None:
    walk = Walk(enter().case_id).to_handling().to_approval(*findings)
    if fits:
        walk.step("xw_reviewer", "approve", conclusion=overall, opinion="主要问题属实")
        assert walk.case.conclusion == overall, why
    else:
        with pytest.raises(Invalid, match="总体认定"):
            walk.step("xw_reviewer", "approve", conclusion=overall, opinion="理由")


def test_an_accusation_is_sealed_at_once() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="accusation")
    with pytest.raises(NotFound):
        walk.step("nj_clerk", "transfer", transfer_to="省纪委监委驻厅纪检组")
    clocks = walk.stored(m.Clock, lambda c: (c.sealed, c.exempt))
    assert set(clocks) == {(True, True)}


def test_the_second_of_two_people_is_told_kindly() -> None:
    walk = Walk(enter().case_id)
    shown = walk.version
    walk.step("nj_clerk", "classify", route="procedure")
    with pytest.raises(Stale, match="已由 南京nj_clerk 于 11月23日 10:01 更新"):
        take_step(viewer("nj_clerk"), walk.case_id, "classify", {"route": "petition"}, NOW,
                  version=shown, token="other")  # fmt: skip
    consistent()


def test_a_double_click_is_one_step() -> None:
    walk = Walk(enter().case_id)
    for _ in range(2):
        take_step(viewer("nj_clerk"), walk.case_id, "classify", {"route": "procedure"}, NOW,
                  version=1, token="click")  # fmt: skip
    assert walk.stored(m.Event, lambda e: e.kind) == ["register", "classify"]


def test_the_handler_does_not_call_back_the_own_case() -> None:
    walk = Walk(enter().case_id).to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "一", "2": "二"}, reply_basis="大气法")
    walk.step("xw_clerk", "deliver", way="post", delivered_on=NOW.date(), proof="EMS1")
    with pytest.raises(NotAllowed):
        walk.step("xw_handler", "callback", reached=True)


def test_three_callbacks_without_an_answer_finish() -> None:
    walk = Walk(enter().case_id).to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "一", "2": "二"}, reply_basis="大气法")
    walk.step("xw_clerk", "deliver", way="post", delivered_on=NOW.date(), proof="EMS1")
    for _ in range(3):
        walk.step("xw_clerk", "callback", reached=False)
    with pytest.raises(NotAllowed, match="回访已经完成"):
        walk.step("xw_clerk", "callback", reached=True)


def test_the_database_refuses_to_change_an_event() -> None:
    enter()
    for statement in ("UPDATE events SET data = '{}'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="append-only"), engine(
            settings().database_url
        ).connect() as connection:
            connection.execute(text(statement))


LOOP = """
import sys
from tests.office import Walk, enter
print("ready", flush=True)
for n in range(1000):
    walk = Walk(enter().case_id).to_handling()
    print(n, flush=True)
"""


def test_killed_in_the_middle_nothing_is_half_written(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": settings().database_url}
    for pause in (0.05, 0.11, 0.17):
        worker = subprocess.Popen([sys.executable, "-c", LOOP], env=environment,
                                  stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        worker.stdout.readline()
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    consistent()
