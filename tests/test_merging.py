"""Merging and its undoing: the same rows again, every petitioner still owed a notice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.scope import SYSTEM
from intake.model import NOBODY
from services import attachments, notices
from services.merging import merge, separate
from services.store import read
from tests.merging_office import OTHER, TODAY, contact, do, enter_other, everything, sound
from tests.office import NOW, Walk, enter, prepare, viewer

SAID = {"way": "sms", "delivered_on": TODAY, "proof": "回执1"}


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def main() -> Walk:
    return Walk(enter().case_id)


@pytest.fixture
def other() -> Walk:
    return enter_other()


def clock(case_id: int, key: str, submission: int) -> m.Clock:
    with read(SYSTEM) as session:
        query = select(m.Clock).filter_by(case_id=case_id, key=key, submission_id=submission)
        return session.scalars(query).one()


# --- the same rows


def to_sign(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)


def nothing(_walk: Walk) -> None:
    """As registered."""


def handled(walk: Walk) -> None:
    walk.to_handling()


def notified(walk: Walk) -> None:
    walk.to_handling().step("xw_handler", "notify", **SAID)


WAYS = [
    (nothing, nothing, "both as registered"),
    (to_sign, nothing, "the main one assigned"),
    (handled, handled, "both accepted"),
    (handled, notified, "the other petitioner was told already"),
    (notified, to_sign, "one told, one not yet signed"),
]


@pytest.mark.parametrize(("mine", "theirs", "why"), WAYS, ids=[way[2] for way in WAYS])
def test_undoing_gives_the_same_rows(
    main: Walk, mine: Callable[[Walk], None], theirs: Callable[[Walk], None], why: str
) -> None:
    other = enter_other(confidential=True, urgency="urgent", group=True, headcount=6)
    mine(main)
    theirs(other)
    attachments.attach(viewer("nj_clerk"), other.case_id, "现场.pdf", b"%PDF-1.7\nx", NOW)
    before = everything()
    do(merge, main, other)
    sound()
    assert everything() != before
    do(separate, main, other)
    assert everything() == before, why
    sound()


def test_two_merged_and_undone_in_the_order_they_came(main: Walk) -> None:
    first, second = enter_other(confidential=True), enter_other(urgency="critical")
    before = everything()
    do(merge, main, first)
    do(merge, main, second)
    assert (main.case.submissions, main.case.confidential, main.case.urgency) == (
        3, True, "critical",
    )  # fmt: skip
    do(separate, main, first)
    assert (main.case.submissions, main.case.confidential, main.case.urgency) == (
        2, False, "critical",
    )  # fmt: skip
    sound()
    do(separate, main, second)
    assert everything() == before
    do(merge, main, first)
    do(separate, main, first)
    assert everything() == before
    sound()


# --- what a merged case is


def test_every_demand_file_and_contact_is_the_main_cases(main: Walk, other: Walk) -> None:
    attachments.attach(viewer("nj_clerk"), other.case_id, "现场.pdf", b"%PDF-1.7\nx", NOW)
    sent = contact(other)
    do(merge, main, other)
    demands = main.stored(m.Demand, lambda d: (d.ordinal, d.text))
    assert demands == [(1, "停止排放"), (2, "公开监测结果"), (3, "赔偿损失")]
    assert main.stored(m.Attachment, lambda a: a.name) == ["现场.pdf"]
    assert sent in main.stored(m.Submission, lambda s: s.id)
    assert (main.case.submissions, other.case.submissions) == (2, 0)
    gone = other.case
    assert (gone.merged_into, gone.received_month, gone.ended_month) == (main.case_id, 0, 0)
    assert all(done for done in other.stored(m.Clock, lambda c: c.done_on is not None))


def test_each_petitioner_is_owed_a_notice_of_their_own(main: Walk, other: Walk) -> None:
    own, joined = contact(main), contact(other)
    do(merge, main, other)
    main.to_handling()
    assert {clock(main.case_id, "notice", one).done_on for one in (own, joined)} == {None}
    main.step("xw_handler", "notify", **SAID)
    done = [clock(main.case_id, "notice", one).done_on for one in (own, joined)]
    assert sorted(done, key=str) == [TODAY, None]
    main.step("xw_handler", "notify", **SAID)
    assert clock(main.case_id, "notice", joined).done_on == TODAY
    with pytest.raises(NotAllowed, match="已经办理过"):
        main.step("xw_handler", "notify", **SAID)
    sound()


def test_a_notice_given_before_stands_and_none_is_late_for_it(main: Walk, other: Walk) -> None:
    notified(other)
    joined = contact(other)
    known = clock(other.case_id, "notice", joined)
    handled(main)
    do(merge, main, other)
    after = clock(main.case_id, "notice", joined)
    assert (after.started_on, after.due_on, after.done_on) == (
        known.started_on, known.due_on, TODAY,
    )  # fmt: skip
    main.step("xw_handler", "notify", **SAID)
    with pytest.raises(NotAllowed, match="已经办理过"):
        main.step("xw_handler", "notify", **SAID)


def test_the_term_of_a_contact_runs_from_its_own_arrival(main: Walk, other: Walk) -> None:
    """A notice owed since Monday is not owed since the merging on Thursday."""
    to_sign(other)
    joined = contact(other)
    arrived = clock(other.case_id, "notice", joined)
    main.now = other.now = NOW + timedelta(days=3)
    do(merge, main, other, now=NOW + timedelta(days=3))
    main.to_handling()
    assert clock(main.case_id, "notice", joined).due_on == arrived.due_on
    assert clock(main.case_id, "notice", contact(main)).due_on > arrived.due_on


def test_a_late_entry_stays_late(main: Walk) -> None:
    other = enter_other(received_at=datetime(2026, 11, 2, 9, 0))
    joined = contact(other)
    entry = clock(other.case_id, "entry", joined)
    assert entry.done_on and entry.done_on > entry.due_on
    do(merge, main, other)
    after = clock(main.case_id, "entry", joined)
    assert (after.due_on, after.done_on) == (entry.due_on, entry.done_on)


def test_a_joined_arrival_is_no_arrival_of_the_main_case(main: Walk, other: Walk) -> None:
    """The unit that decides what it received itself has it from the day of receipt."""
    to_sign(other)
    do(merge, main, other)
    main.step("nj_clerk", "classify", route="procedure")
    main.step("nj_clerk", "accept", simple=False)
    assert clock(main.case_id, "notice", contact(main)).started_on == date(2026, 11, 20)
    sound()


def test_every_joined_demand_must_be_found_and_answered(main: Walk, other: Walk) -> None:
    do(merge, main, other)
    main.to_handling()
    with pytest.raises(Invalid, match="第 3 项"):
        main.to_approval("substantiated", "substantiated")
    main.to_approval("substantiated", "substantiated", "unsubstantiated")
    main.step("xw_reviewer", "approve", conclusion="partly")
    main.step("xw_reviewer", "reply", answers={"1": "甲", "2": "乙", "3": "丙"}, reply_basis="法")
    main.step("xw_handler", "deliver", **SAID)
    sound()


def test_who_could_see_the_other_sees_the_main_case_until_it_is_undone() -> None:
    main = Walk(enter("nj_clerk").case_id)
    other = enter_other(division=320104)
    assert 320104 not in units(main)
    do(merge, main, other)
    assert 320104 in units(main)
    do(separate, main, other)
    assert 320104 not in units(main)


def units(walk: Walk) -> list[int]:
    with read(SYSTEM) as session:
        return list(session.scalars(select(m.CaseUnit.unit_code).filter_by(case_id=walk.case_id)))


def test_the_handling_unit_is_told(main: Walk, other: Walk) -> None:
    to_sign(main)
    do(merge, main, other)
    told = [n.text for n in notices.of(viewer("xw_handler"))]
    assert f"{main.case.no}　有来件并入，请一并办理" in told


def test_a_second_click_is_the_same_merging(main: Walk, other: Walk) -> None:
    shown: dict[str, Any] = {
        "main_version": main.version,
        "other_version": other.version,
        "token": "x",
    }
    do(merge, main, other, **shown)
    do(merge, main, other, **shown)
    assert main.case.submissions == 2
    back: dict[str, Any] = {
        "main_version": main.version,
        "other_version": other.version,
        "token": "y",
    }
    do(separate, main, other, **back)
    do(separate, main, other, **back)
    assert other.case.submissions == 1


# --- refusals


def concluded(walk: Walk) -> None:
    asked = walk.stored(m.Demand, lambda d: "substantiated")
    walk.to_handling().to_approval(*asked)
    walk.step("xw_reviewer", "approve", conclusion="substantiated")


def petition(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="petition")


def report(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="procedure")


def declined(walk: Walk) -> None:
    report(walk)
    walk.step("nj_reviewer", "decline", decline_reason="other", basis_note="不属职责")


def supervised(walk: Walk) -> None:
    to_sign(walk)
    walk.step("province_supervisor", "supervise", order_kind="order", order_reason="超期",
              order_demands="速办", order_limit=TODAY + timedelta(days=9))  # fmt: skip


def charged(walk: Walk) -> None:
    walk.step("nj_clerk", "charge", leader="王局长")


def joined_already(walk: Walk) -> None:
    do(merge, walk, enter_other())


def sealed(walk: Walk) -> None:
    walk.step("nj_clerk", "classify", route="accusation")


UNFIT = [
    (nothing, concluded, "nj_clerk", Refused, "已经办结", "a concluded matter is closed"),
    (nothing, declined, "nj_clerk", Refused, "已经办结或者离办", "a declined one left hand"),
    (concluded, nothing, "nj_clerk", NotAllowed, "当前状态", "nothing joins a concluded case"),
    (report, petition, "nj_clerk", Refused, "法定途径不同", "the tracks give other rights"),
    (nothing, handled, "nj_clerk", Refused, "以它为主件", "what was accepted is not taken back"),
    (nothing, supervised, "nj_clerk", Refused, "督办", "an order is answered where it was given"),
    (nothing, charged, "nj_clerk", Refused, "包案", "a leader's charge is not lost"),
    (nothing, joined_already, "nj_clerk", Refused, "已有并入", "no chains of mergings"),
    (nothing, sealed, "nj_clerk", NotFound, "可见范围", "an accusation is not even seen"),
    (nothing, sealed, "province_supervisor", Refused, "密封", "nor merged by who sees it"),
    (sealed, nothing, "province_supervisor", NotAllowed, "密封", "nor is anything hidden in it"),
    (nothing, nothing, "sz_clerk", NotFound, "可见范围", "another city sees neither"),
    (nothing, nothing, "auditor", NotAllowed, "登记员", "discipline inspection changes nothing"),
    (nothing, nothing, "xw_handler", NotAllowed, "登记员", "a handler does not merge"),
    (nothing, nothing, "xw_clerk", NotAllowed, "其他单位承办", "a county does not merge a city's"),
]


@pytest.mark.parametrize(
    ("mine", "theirs", "login", "error", "words", "why"), UNFIT, ids=[one[5] for one in UNFIT]
)
def test_what_is_not_to_be_merged_is_refused_with_a_sentence(
    main: Walk, other: Walk, mine: Callable[[Walk], None], theirs: Callable[[Walk], None],
    login: str, error: type[Exception], words: str, why: str,
) -> None:  # fmt: skip
    mine(main)
    theirs(other)
    before = everything()
    with pytest.raises(error, match=words):
        do(merge, main, other, login)
    assert everything() == before, why


def test_a_county_merges_its_own_and_not_its_neighbours() -> None:
    own = Walk(enter("xw_clerk").case_id)
    second = Walk(enter("xw_clerk", petitioner=OTHER).case_id)
    do(merge, own, second, "xw_clerk")
    lying_there = enter_other()  # of 玄武, but held by 南京
    with pytest.raises(NotAllowed, match="共同的上级"):
        do(merge, own, lying_there, "xw_clerk")


def test_a_forwarded_item_is_answered_by_itself(main: Walk) -> None:
    other = enter_other(channel="other", subchannel="central_inspection", source_no="督-1")
    with pytest.raises(Refused, match="督察转办"):
        do(merge, main, other)
    do(merge, other, main)


@pytest.mark.parametrize(
    ("given", "error"),
    [({"reason": " "}, Invalid), ({"reason": "长" * 2001}, Invalid),
     ({"main_version": 99}, Stale), ({"other_version": 99}, Stale)],
)  # fmt: skip
def test_without_a_reason_or_with_old_pages_nothing_is_done(
    main: Walk, other: Walk, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        do(merge, main, other, **given)


def test_a_merged_away_case_is_handled_nowhere_but_in_the_main_one(main: Walk, other: Walk) -> None:
    do(merge, main, other)
    with pytest.raises(NotAllowed, match="已并入"):
        other.step("nj_clerk", "classify", route="procedure")
    for one, two in ((main, other), (other, main), (main, main)):
        with pytest.raises(Refused):
            do(merge, one, two)


def told_the_joined(main: Walk) -> None:
    handled(main)
    main.step("xw_handler", "notify", **SAID).step("xw_handler", "notify", **SAID)


def waiting(main: Walk) -> None:
    handled(main)
    main.to_approval("substantiated", "substantiated", "substantiated")


def judged(main: Walk) -> None:
    waiting(main)
    main.step("xw_reviewer", "approve", conclusion="substantiated")


TOO_LATE = [
    (told_the_joined, "“告知”", "the joined petitioner was told by the main case"),
    (waiting, "退回承办人", "their demands stand in a draft"),
    (judged, "作出认定", "their demands were judged"),
]


@pytest.mark.parametrize(("since", "words", "why"), TOO_LATE, ids=[one[2] for one in TOO_LATE])
def test_what_was_said_to_a_joined_petitioner_cannot_be_undone(
    main: Walk, other: Walk, since: Callable[[Walk], None], words: str, why: str
) -> None:
    do(merge, main, other)
    since(main)
    with pytest.raises(Refused, match=words):
        do(separate, main, other)
    assert other.case.merged_into == main.case_id, why


def test_a_notice_that_reached_nobody_is_no_obstacle(main: Walk, other: Walk) -> None:
    do(merge, main, other)
    handled(main)
    for _ in range(2):
        main.step("xw_handler", "notify", way="sms", failure="停机")
    do(separate, main, other)
    sound()
    assert other.case.status == "registered" and main.case.submissions == 1


def test_a_simple_procedure_keeps_somebody_to_reply_to(other: Walk) -> None:
    nobody = enter_other(petitioner=NOBODY, anonymous=True)
    do(merge, nobody, other)
    nobody.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    nobody.step("xw_clerk", "sign").step("xw_handler", "accept", simple=True)
    with pytest.raises(Refused, match="简易办理"):
        do(separate, nobody, other)


def test_what_was_set_aside_stays_so_through_a_merging(main: Walk, other: Walk) -> None:
    said = {"reason": "系统故障", "evidence": "省厅通知"}
    other.step("province_supervisor", "exempt", clocks=["entry"], **said)
    main.step("province_supervisor", "exempt", clocks=["dispatch"], **said)
    do(merge, main, other)
    aside = main.stored(m.Clock, lambda clock: (clock.key, clock.submission_id, clock.exempt))
    own, joined = sorted({number for _, number, _ in aside if number})
    assert ("entry", joined, True) in aside and ("entry", own, False) in aside


def test_what_was_not_merged_cannot_be_separated(main: Walk, other: Walk) -> None:
    with pytest.raises(NotAllowed, match="没有并入"):
        do(separate, main, other)
    do(merge, main, enter_other(petitioner=NOBODY))
    with pytest.raises(Refused, match="没有并入本件"):
        do(separate, main, other)
