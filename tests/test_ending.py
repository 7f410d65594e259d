"""How a case ends: with who cannot be found, passed on, put right, and whole in its archive."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db import models as m
from db.queries.queues import Desk, condition
from documents.letter_model import Letter
from domain.errors import Invalid, NotAllowed, Refused
from domain.scope import SYSTEM
from services import letters
from services.attachments import attach
from services.store import read
from tests.office import NOW, Walk, enter, prepare, viewer

ANSWERS = {"1": "已停止排放。", "2": "已公开结果。"}
TRIES = {"tried_on": "2026-11-23", "tried_again_on": "2026-11-24",
         "attempts": "两次邮寄均退回。", "evidence": "邮政退件"}  # fmt: skip
PLAIN = {"联系方式": "王科员，025-80000000"}


@pytest.fixture
def walk(database_url: str) -> Walk:
    prepare()
    return Walk(enter().case_id)


def replied(walk: Walk) -> Walk:
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers=ANSWERS, reply_basis="《大气污染防治法》")
    walk.now = NOW + timedelta(days=2)
    return walk


def papered(walk: Walk) -> None:
    for kind in ("accept", "answer"):
        letters.issue(viewer("xw_handler"), walk.case_id, kind, None, walk.now, given=PLAIN)


def clocks(walk: Walk) -> dict[str, date | None]:
    return dict(walk.stored(m.Clock, lambda c: (c.key, c.done_on)))


def waiting(walk: Walk, key: str, unit: int) -> list[int]:
    with read(SYSTEM) as session:
        return list(
            session.scalars(select(m.Case.id).where(condition(key, Desk(unit, walk.now.date()))))
        )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tried_again_on": "2026-11-23"}, "另一天"),
        ({"tried_on": ""}, "第一次送达日期"),
        ({"tried_again_on": "2026-12-31"}, "日期"),
        ({"attempts": ""}, "送达经过"),
    ],
)
def test_that_somebody_cannot_be_found_is_shown(
    walk: Walk, changes: dict[str, str], why: str
) -> None:
    replied(walk)
    attach(viewer("xw_handler"), walk.case_id, "退件.pdf", b"%PDF-1.7\n%x\n", walk.now)
    with pytest.raises(Invalid) as refused:
        walk.step("xw_reviewer", "undeliverable", **{**TRIES, **changes})
    assert why in "".join(refused.value.problems.values())


def test_who_cannot_be_found_is_owed_nothing_more(walk: Walk) -> None:
    replied(walk)
    with pytest.raises(Invalid, match="附证据"):
        walk.step("xw_reviewer", "undeliverable", **TRIES)
    attach(viewer("xw_handler"), walk.case_id, "退件.pdf", b"%PDF-1.7\n%x\n", walk.now)
    with pytest.raises(NotAllowed, match="须由"):
        walk.step("xw_handler", "undeliverable", **TRIES)
    walk.step("xw_reviewer", "undeliverable", **TRIES)
    assert walk.case.status == "concluded", "answered, and delivered to nobody"
    found = clocks(walk)
    assert found["reply"] == found["notice"] == walk.now.date()
    assert not {"callback", "rating"} & set(found)
    for key in ("answer", "deliver", "notify"):
        assert walk.case_id not in waiting(walk, key, 320102), key
    walk.step("nj_clerk", "pass_check")
    walk.step("xw_clerk", "archive", retention="10")
    assert walk.case.archived_on == walk.now.date()


def test_what_was_delivered_cannot_be_undeliverable(walk: Walk) -> None:
    replied(walk).step("xw_clerk", "deliver", way="post", delivered_on="2026-11-25", proof="EMS1")
    attach(viewer("xw_handler"), walk.case_id, "退件.pdf", b"%PDF-1.7\n%x\n", walk.now)
    with pytest.raises(Refused, match="已经送达"):
        walk.step("xw_reviewer", "undeliverable", **TRIES)


def test_what_is_passed_on_is_answered_below_and_checked_by_nobody(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure")
    with pytest.raises(Invalid, match="下级"):
        walk.step("nj_clerk", "pass_on", to=320000)
    walk.step("nj_clerk", "pass_on", to=320102, note="请依法办理。")
    assert (walk.case.status, walk.case.holder_unit) == ("to_sign", 320102)
    assert clocks(walk)["dispatch"] == walk.now.date()
    assert walk.case_id in waiting(walk, "sign", 320102)
    told = walk.stored(m.Notice, lambda n: n.text.split("　")[1])
    assert set(told) == {"转送来件，请签收"}
    made = letters.issue(viewer("nj_clerk"), walk.case_id, "transfer_letter", None, walk.now,
                         "夜间恶臭", given=PLAIN)  # fmt: skip
    with read(SYSTEM) as session:
        letter = Letter.from_json(session.get_one(m.Document, made.id).record)
    assert letter.salutation == "玄武区生态环境局"
    walk.step("xw_clerk", "sign").step("xw_handler", "accept", simple=False)
    walk.to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    assert "ordered" not in clocks(walk)
    assert walk.case_id not in waiting(walk, "check", 320100)
    with pytest.raises(NotAllowed, match="转送"):
        walk.step("nj_clerk", "pass_check")


def test_a_classification_is_put_right_until_it_is_accepted(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="petition").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "sign")
    started = {c.key: c.started_on for c in walk.stored(m.Clock, lambda c: c)}
    walk.step("xw_clerk", "reclassify", route="procedure", reason="反映的是污染问题。")
    assert (walk.case.route, walk.case.track) == ("procedure", "report")
    assert {c.key: c.started_on for c in walk.stored(m.Clock, lambda c: c)} == started
    walk.step("xw_handler", "accept", simple=False)
    with pytest.raises(NotAllowed, match="已经受理"):
        walk.step("xw_clerk", "reclassify", route="petition", reason="改回。")


def test_what_turns_out_an_accusation_is_sealed_at_once(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    walk.step("xw_clerk", "sign")
    walk.step("xw_clerk", "reclassify", route="accusation", reason="反映工作人员收受财物。")
    case = walk.case
    assert (case.holder_unit, case.status) == (320000, "to_assign")
    assert case.sealed


def test_an_archive_is_whole_with_letters_check_and_leaders_matters(walk: Walk) -> None:
    replied(walk).step("nj_clerk", "instruct", leader="某局长", instruction="请速办。",
                       instructed_on="2026-11-25", order_limit="2026-12-20")  # fmt: skip
    for step in ("notify", "deliver"):
        walk.step("xw_clerk", step, way="post", delivered_on="2026-11-25", proof="EMS1")
    walk.step("xw_clerk", "callback", reached=True, way="phone", solved="yes")
    lacking = {"“受理告知书”没有出具", "“举报事项答复函”没有出具", "第 1 项领导事项没有落实",
               "上级没有办理办结审核"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        walk.step("xw_clerk", "archive", retention="10")
    assert set(str(refused.value).split("：")[1].split("；")) == lacking
    walk.step("xw_handler", "follow_up", progress="已落实。", finished=True)
    walk.step("nj_clerk", "pass_check")
    papered(walk)
    walk.step("xw_clerk", "archive", retention="10")
    assert walk.case.status == "archived"
