"""Taking steps: the way of a case, refusals, staleness, and that all or nothing is written."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import models as m
from db.session import engine
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.people import Role
from domain.scope import SYSTEM
from domain.workflow import fold
from intake.model import NOBODY
from services import trace
from services.history import events_of
from services.rows import state_columns
from services.steps import take_step
from services.store import read, write
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


def test_only_a_petition_is_declined_as_ended_by_a_re_review() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="procedure")
    said = {"decline_reason": "review_ended", "basis_note": "已有复核意见"}
    with pytest.raises(Invalid, match="法定途径"):
        walk.step("nj_reviewer", "decline", **said)
    walk.step("nj_clerk", "classify", route="petition").step("nj_reviewer", "decline", **said)
    assert walk.case.status == "declined"


def test_an_opinion_given_anew_can_be_reviewed_for_thirty_days_of_its_own() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="petition")
    walk.step("nj_clerk", "assign", to=320102).step("xw_clerk", "sign")
    walk.step("xw_handler", "accept", simple=False)
    for day in (date(2026, 11, 24), date(2027, 1, 20)):
        walk.now = datetime.combine(day, NOW.time())
        walk.to_approval("substantiated", "substantiated")
        walk.step("xw_reviewer", "approve", conclusion="substantiated")
        walk.step("xw_reviewer", "reply", answers={"1": "已停", "2": "已公开"}, reply_basis="条例",
                  opinions={"1": "支持", "2": "支持"})  # fmt: skip
        walk.step("xw_handler", "deliver", way="post", delivered_on=day, proof="EMS1")
        if day.year == 2026:
            walk.step("nj_clerk", "send_back", reason="未查清", redo_by=date(2027, 1, 20))
    walk.now = datetime.combine(date(2027, 3, 1), NOW.time())
    asked = {"request": "请求撤销"}
    with pytest.raises(Invalid, match="2027-02-19"):
        walk.step("nj_clerk", "request_review", requested_on=date(2027, 2, 20), **asked)
    walk.step("nj_clerk", "request_review", requested_on=date(2027, 2, 19), **asked)
    assert walk.case.status == "reviewing"


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
    evidence(walk.case_id)
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
    # Entered on its due date and dispatch due tomorrow: nothing had fallen due before the sealing.
    assert set(clocks) == {(True, True)}
    walk.step("province_supervisor", "transfer", transfer_to="省纪委监委驻厅纪检组")
    assert walk.case.status == "transferred"


def test_what_was_late_before_the_sealing_stays_late() -> None:
    walk = Walk(enter(received_at=datetime(2026, 11, 16, 9, 0)).case_id)
    walk.step("nj_clerk", "classify", route="accusation")
    clocks = walk.stored(m.Clock, lambda c: (c.key, c.exempt, c.sealed))
    assert clocks == [("entry", False, True), ("dispatch", False, True)]


def test_a_slip_is_put_right_by_the_province() -> None:
    walk = Walk(enter().case_id).step("nj_clerk", "classify", route="accusation")
    assert walk.case.holder_unit == 320000
    walk.step("province_supervisor", "classify", route="procedure")
    assert (walk.case.sealed, walk.case.track) == (False, "report")
    walk.step("province_supervisor", "assign", to=320102)
    assert set(walk.stored(m.Clock, lambda c: (c.sealed, c.exempt))) == {(False, False)}


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


def delivered() -> Walk:
    walk = Walk(enter().case_id).to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "一", "2": "二"}, reply_basis="大气法")
    return walk.step("xw_clerk", "deliver", way="post", delivered_on=NOW.date(), proof="EMS1")


def test_three_callbacks_on_three_days_without_an_answer_finish() -> None:
    walk = delivered()
    for _ in range(3):
        walk.step("xw_clerk", "callback", reached=False)
        walk.now += timedelta(days=1)
    with pytest.raises(NotAllowed, match="回访已经完成"):
        walk.step("xw_clerk", "callback", reached=True)


def test_a_second_try_on_the_same_day_is_no_try() -> None:
    walk = delivered().step("xw_clerk", "callback", reached=False)
    with pytest.raises(Refused, match="改日"):
        walk.step("xw_clerk", "callback", reached=False)


def answered(case_id: int) -> list[date | None]:
    with read(SYSTEM) as session:
        return [s.answered_on for s in session.query(m.Submission).filter_by(case_id=case_id)]


def test_only_a_callback_that_reached_somebody_is_an_answer() -> None:
    walk = delivered().step("xw_clerk", "callback", reached=False)
    assert answered(walk.case_id) == [None]
    walk.now += timedelta(days=1)
    walk.step("xw_clerk", "callback", reached=True)
    assert answered(walk.case_id) == [walk.now.date()]


DATES = [
    ("notify", {"delivered_on": date(2026, 11, 20)}, "delivered_on", "before the decision"),
    ("notify", {"delivered_on": date(2026, 11, 24)}, "delivered_on", "tomorrow"),
    ("notify", {"proof": ""}, "proof", "told, but nothing proves it"),
]


@pytest.mark.parametrize(("key", "changes", "field", "why"), DATES)
def test_a_delivery_is_after_what_it_delivers_and_proved(
    key: str, changes: dict, field: str, why: str
) -> None:
    walk = Walk(enter().case_id).to_handling()
    data = {"way": "sms", "delivered_on": date(2026, 11, 23), "proof": "回执1", **changes}
    with pytest.raises(Invalid) as refused:
        walk.step("xw_handler", key, **data)
    assert list(refused.value.problems) == [field], why


def test_unsubstantiated_needs_evidence() -> None:
    walk = Walk(enter().case_id).to_handling().to_approval("unsubstantiated", "unsubstantiated")
    with pytest.raises(Invalid, match="附证据"):
        walk.step("xw_reviewer", "approve", conclusion="unsubstantiated")
    evidence(walk.case_id)
    walk.step("xw_reviewer", "approve", conclusion="unsubstantiated")
    clocks = walk.stored(m.Clock, lambda c: (c.key, c.unit_code))
    assert ("verification", 320000) in clocks


def evidence(case_id: int) -> None:
    with write(SYSTEM) as session:
        session.add(
            m.Attachment(case_id=case_id, name="监测报告.pdf", mime="application/pdf", size=1,
                         sha256="0" * 64, at=NOW)
        )  # fmt: skip


def test_nobody_approves_the_own_conclusion() -> None:
    walk = Walk(enter().case_id).to_handling().to_approval("substantiated", "substantiated")
    both = replace(viewer("xw_handler"), roles=frozenset({Role.HANDLER, Role.REVIEWER}))
    with pytest.raises(NotAllowed, match="不得审定"):
        take_step(both, walk.case_id, "approve", {"conclusion": "substantiated"}, walk.now,
                  version=walk.version, token="own")  # fmt: skip


def test_a_case_without_a_way_to_reach_anybody_is_not_simple() -> None:
    walk = Walk(enter(petitioner=NOBODY, anonymous=True).case_id)
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "sign")
    with pytest.raises(Invalid, match="简易"):
        walk.step("xw_handler", "accept", simple=True)


def test_a_step_takes_no_submission_of_another_case() -> None:
    other = enter("sz_clerk", division=320505)
    with read(SYSTEM) as session:
        stranger = session.query(m.Submission.id).filter_by(case_id=other.case_id).scalar()
    walk = Walk(enter().case_id).to_handling()
    data = {"way": "sms", "delivered_on": NOW.date(), "proof": "1"}
    with pytest.raises(NotFound, match="来件"):
        take_step(viewer("xw_handler"), walk.case_id, "notify", data, walk.now,
                  version=walk.version, token="x", submission=stranger)  # fmt: skip


def test_a_finding_for_no_demand_is_dropped() -> None:
    walk = Walk(enter().case_id).to_handling()
    found = {"1": "unsubstantiated", "2": "unsubstantiated", "9": "substantiated"}
    walk.step("xw_handler", "conclude", findings=found, measures=["none"], facts="未见")
    evidence(walk.case_id)
    with pytest.raises(Invalid, match="总体认定"):
        walk.step("xw_reviewer", "approve", conclusion="partly")


def test_what_was_received_before_any_calendar_has_no_clock_and_goes_its_way() -> None:
    walk = Walk(enter(received_at=datetime(2010, 5, 1, 9, 0)).case_id)
    walk.step("nj_clerk", "classify", route="procedure")
    assert walk.stored(m.Clock, lambda c: c.key) == []


def test_what_an_inspection_forwards_has_its_term() -> None:
    made = enter(channel="other", subchannel="central_inspection", source_no="D1")
    due = Walk(made.case_id).stored(m.Clock, lambda c: (c.key, str(c.due_on)))
    assert ("inspection_order", "2026-11-30") in due


def test_the_database_refuses_to_change_an_event() -> None:
    enter()
    for statement in ("UPDATE events SET data = '{}'", "DELETE FROM events"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            engine(settings().database_url).connect() as connection,
        ):
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
