"""Queues that look at more than a status: what may be archived, what is to be put right."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import queues
from db.queries.queues import Desk
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from domain.table import BY_KEY
from domain.workflow import fold, refusal
from intake.model import NOBODY
from services.history import events_of
from services.oversight_checks import incomplete
from services.step_about import About
from services.store import read
from tests.office import NOW, Walk, enter, prepare
from tests.seed import NOW as SEEDED_NOW
from tests.seed import TODAY, Seeded

DAY = NOW.date()
Turn = tuple[str, str, dict[str, Any]]
Path = Sequence[Turn | int]  # a number: so many days go by

FOUND = {"1": "substantiated", "2": "substantiated"}
CONCLUDE: Turn = ("xw_handler", "conclude",
                  {"findings": FOUND, "measures": ["order_correct"], "facts": "属实"})  # fmt: skip
NOTIFY: Turn = ("xw_clerk", "notify", {"way": "sms", "delivered_on": DAY, "proof": "回执1"})
APPROVE: Turn = ("xw_reviewer", "approve", {"conclusion": "substantiated"})
STAGE: Turn = ("xw_reviewer", "stage", {
    "conclusion": "substantiated", "plan_item": "污水站加盖", "plan_unit": "某化工有限公司",
    "plan_due": "2027-03-01", "plan_check": "现场验收",
})  # fmt: skip
REPLY: Turn = ("xw_reviewer", "reply", {
    "answers": {"1": "已停", "2": "已公开"}, "reply_basis": "大气法",
    "opinions": {"1": "支持", "2": "支持"},
})  # fmt: skip
DELIVER: Turn = ("xw_handler", "deliver", {"way": "sms", "delivered_on": DAY, "proof": "回执2"})
CALL: Turn = ("xw_clerk", "callback", {"reached": True})
ORDER: Turn = ("province_supervisor", "supervise", {
    "order_kind": "order", "order_reason": "反映强烈", "order_demands": "查清",
    "order_limit": "2026-12-10",
})  # fmt: skip
CHECK: Turn = ("nj_clerk", "pass_check", {})
CHARGE: Turn = ("nj_clerk", "charge", {"leader": "王局长"})
FOLLOW: Turn = ("nj_clerk", "follow_up", {"progress": "已办。", "finished": True})
BACK: Turn = ("nj_clerk", "send_back", {"reason": "未查清", "redo_by": "2026-12-20"})
REPORT: Turn = ("xw_handler", "rectify", {"progress": "完成一半"})
VERIFY: Turn = ("xw_reviewer", "verify_rectification",
                {"verified_on": DAY, "proof": "现场照片"})  # fmt: skip
DECLINE: Turn = ("xw_reviewer", "decline", {"decline_reason": "other", "basis_note": "不在本区"})


def handling(route: str = "procedure") -> Path:
    return (("nj_clerk", "classify", {"route": route}), ("nj_clerk", "assign", {"to": 320102}),
            ("xw_clerk", "sign", {}), ("xw_handler", "accept", {"simple": False}))  # fmt: skip


SIGNED = handling()[:3]
ANSWERED = (*handling(), NOTIFY, CONCLUDE, APPROVE, REPLY, DELIVER)
STAGED = (*handling(), NOTIFY, CONCLUDE, STAGE, REPLY, DELIVER)
AGAIN = (CONCLUDE, APPROVE, REPLY, DELIVER, CHECK)
PETITION = (*handling("petition"), NOTIFY, *AGAIN, CALL)
PASSED = (*SIGNED[:1], ("nj_clerk", "pass_on", {"to": 320102}), *handling()[2:], NOTIFY, *AGAIN[:4])


def walked(path: Path, **changes: Any) -> Walk:
    walk = Walk(enter(**changes).case_id)
    for turn in path:
        if isinstance(turn, int):
            walk.now += timedelta(days=turn)
        else:
            walk.step(turn[0], turn[1], **turn[2])
    return walk


def archivable(session: Session, case: m.Case, now: datetime) -> bool:
    """Whether a clerk of its holder may archive it, its letters apart."""
    events, step = events_of(session, case.id), BY_KEY["archive"]
    state = fold(events)
    clerk = Viewer(-1, "", state.holder, "", frozenset({Role.CLERK}))
    about = About(session, step, state, events, clerk, case, None, now)
    return refusal(step, state, clerk) is None and not incomplete(about)


def waits(key: str, unit: int, today: date) -> bool:
    with read(SYSTEM) as session:
        return bool(queues.counts(session, [key], Desk(unit, today))[key])


ARCHIVE: list[tuple[Path, bool, str]] = [
    ((*SIGNED, DECLINE, NOTIFY), True, "declined, and its petitioner was told"),
    ((*SIGNED, DECLINE), False, "declined, and its petitioner was not told"),
    ((*ANSWERED, CHECK), False, "answered, and nobody called back"),
    ((*ANSWERED, CHECK, CALL), True, "told, answered, checked and called"),
    ((*ANSWERED, CALL), False, "its sender has not looked at it"),
    ((*PASSED, CALL), True, "passed on: its sender does not look at it"),
    ((*handling(), *AGAIN, CALL), False, "its acceptance was told to nobody"),
    ((*handling(), NOTIFY, CONCLUDE, APPROVE, CHECK), False, "concluded, but not answered"),
    ((*ANSWERED, CHECK, CALL, ORDER), False, "an order is open"),
    ((*ANSWERED, CHECK, CALL, CHARGE), False, "a leader's matter is open"),
    ((*ANSWERED, CHECK, CALL, CHARGE, FOLLOW), True, "a leader's matter is done"),
    ((*STAGED, CHECK, CALL), False, "what was found is not put right"),
    ((*STAGED, CHECK, CALL, VERIFY), True, "put right and verified"),
    (PETITION, False, "a review may still be asked for"),
    ((*PETITION, 40), True, "the days to ask for a review are over"),
    ((*ANSWERED, CALL, BACK, CONCLUDE, APPROVE, CHECK), False, "handled again, not answered again"),
    ((*ANSWERED, CALL, BACK, *AGAIN), False, "answered again, and not called again"),
    ((*ANSWERED, CALL, BACK, *AGAIN, 1, CALL), True, "answered again and called again"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "expected", "why"), ARCHIVE, ids=[row[2] for row in ARCHIVE])
def test_what_waits_for_the_archive_may_be_archived(
    own_environment: None, path: Path, expected: bool, why: str
) -> None:
    prepare()
    walk = walked(path)
    assert waits("archive", 320102, walk.now.date()) is expected, why
    with read(SYSTEM) as session:
        assert archivable(session, session.get_one(m.Case, walk.case_id), walk.now) is expected, why


def test_who_cannot_be_reached_is_answered_and_called_by_nobody() -> None:
    prepare()
    walk = walked((*handling(), CONCLUDE, APPROVE), anonymous=True, petitioner=NOBODY)
    walk.step("nj_clerk", "pass_check")
    assert waits("archive", 320102, DAY)


def test_of_a_whole_province_what_waits_is_what_may_be_archived(seeded: Seeded) -> None:
    waiting, may = set(), set()
    with read(SYSTEM) as session:
        for unit in session.scalars(select(m.Unit.code)):
            found = select(m.Case.id).where(queues.condition("archive", Desk(unit, TODAY)))
            waiting |= set(session.scalars(found))
        for case in session.scalars(select(m.Case).where(m.Case.archived_on.is_(None))):
            if archivable(session, case, SEEDED_NOW):
                may.add(case.id)
    assert len(may) > 20
    assert waiting == may


@pytest.mark.parametrize(
    ("path", "expected", "why"),
    [(ANSWERED, True, "assigned: a result is reported"), (PASSED, False, "passed on: none is"),
     ((*ANSWERED, CHECK), False, "looked at")],
)  # fmt: skip
def test_a_sender_looks_at_what_was_assigned(path: Path, expected: bool, why: str) -> None:
    prepare()
    walked(path)
    assert waits("check", 320100, DAY) is expected, why


RECTIFY: list[tuple[Path, int, set[str], str]] = [
    # what happened, days later, who has something to do, why
    (STAGED, 0, set(), "the plan was made today"),
    (STAGED, 29, set(), "not a month yet"),
    (STAGED, 30, {"report"}, "a month without a word: 23 December"),
    ((*STAGED, 20, REPORT), 0, {"look", "look above"}, "there is progress to look at"),
    ((*STAGED, 20, REPORT), 15, {"look", "look above"}, "said less than a month ago"),
    ((*STAGED, 20, REPORT), 31, {"report", "look", "look above"}, "and a month later again"),
    (STAGED, 98, {"report", "look", "look above"}, "its day has come: 1 March"),
    ((*STAGED, 20, REPORT, VERIFY), 40, set(), "put right"),
    (ANSWERED, 98, set(), "nothing was to be put right"),
    ((*STAGED, 20, BACK), 40, set(), "in hand again: what it comes to is open"),
    ((*STAGED, REPORT, BACK, CONCLUDE, STAGE), 1, {"look", "look above"},
     "reported on the day of a new plan"),
]  # fmt: skip
DESKS = {"report": ("rectify", 320102), "look": ("verify_rectification", 320102),
         "look above": ("verify_rectification", 320100)}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "days", "expected", "why"), RECTIFY, ids=[row[3] for row in RECTIFY]
)
def test_what_is_to_be_put_right_waits_for_a_word_each_month_and_for_a_look(
    own_environment: None, path: Path, days: int, expected: set[str], why: str
) -> None:
    prepare()
    today = walked(path).now.date() + timedelta(days=days)
    assert {name for name, desk in DESKS.items() if waits(*desk, today)} == expected, why
    assert not waits("verify_rectification", 320500, today), "of another city"


@pytest.mark.parametrize(
    ("day", "before"),
    [("2026-03-31", "2026-02-28"), ("2026-01-15", "2025-12-15"), ("2028-03-30", "2028-02-29")],
)
def test_a_month_before(day: str, before: str) -> None:
    assert queues.month_before(date.fromisoformat(day)) == date.fromisoformat(before)


def test_both_databases_count_every_queue(database_url: str) -> None:
    prepare()
    walked((*STAGED, CALL, REPORT))
    with read(SYSTEM) as session:
        found = queues.counts(session, list(queues.QUEUES), Desk(320102, DAY))
    assert {key for key, number in found.items() if number} == {"verify_rectification"}
