"""What cases are to each other: candidates, decisions, reopening; and that counts stay true."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db import models as m
from db.queries import board, cases, metrics, regions
from db.queries.cases import CaseFilter
from db.queries.metrics import METRICS
from db.queries.regions import Measure
from domain.clocks import Lights
from domain.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from domain.people import Viewer
from domain.scope import SYSTEM, Scope, scope_of
from rules import load
from scoring.period import Period
from services import duplicates, identity_view, trace
from services.identity import unseal
from services.merging import merge, separate
from services.monthly import summary
from services.registration import Registered
from services.relating import link, unlink
from services.reopening import reopen
from services.steps import take_step
from services.store import read
from tests.merging_office import OTHER, TODAY, do, enter_other, everything, later, sound
from tests.office import NOW, PETITIONER, Walk, enter, prepare, viewer
from tests.seed import NOW as MORNING
from tests.seed import Seeded


@pytest.fixture
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def first(office: None) -> Walk:
    return Walk(enter(received_at=NOW - timedelta(days=9)).case_id)


@pytest.fixture
def second(first: Walk) -> Walk:
    return Walk(enter().case_id)


def suggested(walk: Walk, login: str = "nj_clerk") -> dict[int, tuple[str, ...]]:
    return {one.case_id: one.reasons for one in duplicates.beside(viewer(login), walk.case_id)}


# --- candidates


def test_each_is_a_candidate_of_the_other_with_reasons(first: Walk, second: Walk) -> None:
    reasons = (
        "同一联系电话",
        "同城同名信访人",
        "90天内同一地区、同一对象、同类型",
        "文字相似 100%",
    )
    assert suggested(first) == {second.case_id: reasons}
    assert suggested(second) == {first.case_id: reasons}


BESIDE: list[tuple[dict[str, Any], str, str]] = [
    ({"petitioner": OTHER, "content": "打桩", "title": "工地", "categories": ("N01",)}, "同一对象",
     "the same subject in the place, whoever wrote"),
    ({"subject": "", "title": "打桩", "content": "工地", "division": 320104}, "同一联系电话",
     "the same telephone, wherever it is"),
    ({"petitioner": OTHER, "subject": ""}, "文字相似", "much the same text"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason", "why"), BESIDE, ids=[one[2] for one in BESIDE])
def test_a_candidate_says_why(first: Walk, changes: dict[str, Any], reason: str, why: str) -> None:
    found = Walk(enter(**changes).case_id)
    [reasons] = suggested(first).values()
    assert reason in "；".join(reasons), why
    assert suggested(found).keys() == {first.case_id}


def test_other_people_long_after_are_no_candidates(first: Walk) -> None:
    then = NOW + timedelta(days=91)
    enter(now=then, received_at=then, petitioner=OTHER)
    assert suggested(first) == {}
    same = enter(now=then, received_at=then)
    assert suggested(first).keys() == {same.case_id}, "the same person counts at any time"


def test_a_joined_petitioner_is_compared_too(first: Walk, second: Walk) -> None:
    other = enter_other()
    do(merge, first, other)
    again = enter(petitioner=OTHER, subject="", title="又来", content="又来", division=320104)
    assert "同一联系电话" in suggested(first)[again.case_id]
    assert other.case_id not in suggested(second), "what is merged away is no candidate"


def test_another_citys_case_and_a_sealed_one_are_no_candidates(first: Walk) -> None:
    enter("sz_clerk", division=320508)
    hidden = Walk(enter().case_id)
    hidden.step("nj_clerk", "classify", route="accusation")
    assert suggested(first) == {}
    assert duplicates.beside(viewer("sz_clerk"), first.case_id) == []


def test_a_candidate_holds_no_identity(first: Walk, second: Walk) -> None:
    said = repr(duplicates.beside(viewer("nj_clerk"), first.case_id))
    assert second.case.no in said
    assert PETITIONER.name not in said and PETITIONER.phone not in said


@pytest.mark.parametrize("login", ["auditor", "xw_handler", "nj_reviewer", "admin"])
def test_only_who_decides_sees_candidates(first: Walk, login: str) -> None:
    with pytest.raises(NotAllowed):
        suggested(first, login)


# --- decisions


def links() -> list[tuple[int, int, str]]:
    with read(SYSTEM) as session:
        return [(x.case_id, x.earlier_id, x.kind) for x in session.query(m.CaseLink)]


def decide(
    one: Walk, two: Walk, kind: str, login: str = "nj_clerk", reason: str = "同一人"
) -> None:
    link(viewer(login), one.case_id, two.case_id, kind, reason, later())


@pytest.mark.parametrize("kind", ["repeat", "related", "separate"])
def test_a_decision_is_of_the_later_case_and_ends_the_candidacy(
    first: Walk, second: Walk, kind: str
) -> None:
    before = everything()
    decide(first, second, kind)
    assert links() == [(second.case_id, first.case_id, kind)]
    assert second.case.is_repeat == (kind == "repeat") and not first.case.is_repeat
    assert suggested(first) == suggested(second) == {}
    unlink(viewer("nj_clerk"), second.case_id, first.case_id, "认定有误", later())
    assert everything() == before and suggested(first)
    with read(SYSTEM) as session:
        told = [e.kind for e in session.query(m.Event).order_by(m.Event.id)][-2:]
        assert told == [f"link_{kind}", "unlink"] and trace.check(session) == []


def test_a_decision_replaces_the_one_before_and_the_same_again_is_none(
    first: Walk, second: Walk
) -> None:
    decide(first, second, "repeat")
    decide(second, first, "related")
    decide(second, first, "related")
    assert links() == [(second.case_id, first.case_id, "related")]
    assert not second.case.is_repeat
    with read(SYSTEM) as session:
        assert session.query(m.Event).filter(m.Event.kind.like("link_%")).count() == 2


def test_what_the_petitioner_said_stays_when_a_link_goes(first: Walk) -> None:
    again = Walk(enter(repeat=True).case_id)
    decide(again, first, "repeat")
    unlink(viewer("nj_clerk"), again.case_id, first.case_id, "有误", later())
    assert again.case.is_repeat


NOT_LINKED = [
    ("sz_clerk", "related", "同一人", NotFound, "another city sees neither"),
    ("xw_clerk", "related", "同一人", NotAllowed, "the county does not hold it"),
    ("xw_handler", "related", "同一人", NotAllowed, "a handler does not decide"),
    ("auditor", "related", "同一人", NotAllowed, "discipline inspection changes nothing"),
    ("nj_clerk", "reopened", "同一人", Refused, "reopening is a step of its own"),
    ("nj_clerk", "related", "", Invalid, "without a reason"),
    ("nj_clerk", "related", "长" * 201, Invalid, "too long a reason"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("login", "kind", "reason", "error", "why"), NOT_LINKED, ids=[one[4] for one in NOT_LINKED]
)
def test_a_decision_is_refused(
    first: Walk, second: Walk, login: str, kind: str, reason: str, error: type[Exception], why: str
) -> None:
    with pytest.raises(error):
        decide(first, second, kind, login, reason)
    assert links() == [], why


def test_a_merged_away_case_and_oneself_are_related_to_nothing(first: Walk, second: Walk) -> None:
    third = enter_other()
    do(merge, first, third)
    for one, two in ((third, second), (second, third), (second, second)):
        with pytest.raises(Refused):
            decide(one, two, "related")


# --- reopening


def delivered(walk: Walk) -> Walk:
    walk.to_handling().to_approval("substantiated", "substantiated")
    walk.step("xw_reviewer", "approve", conclusion="substantiated")
    walk.step("xw_reviewer", "reply", answers={"1": "甲", "2": "乙"}, reply_basis="法")
    return walk.step("xw_handler", "deliver", way="sms", delivered_on=TODAY, proof="回执")


def again(walk: Walk, login: str = "nj_clerk", **given: Any) -> Registered:
    asked: dict[str, Any] = {"version": walk.version, "token": "again"} | given
    return reopen(viewer(login), walk.case_id, "问题反弹", later(), **asked)


def test_the_matter_begins_anew_and_the_ended_case_stands(first: Walk) -> None:
    delivered(first)
    before = first.stored(m.Clock, lambda c: (c.key, c.due_on, c.done_on))
    made = again(first)
    new = Walk(made.case_id)
    same = ("title", "place_code", "address", "subject_name", "industry", "channel", "kinds")
    assert [getattr(new.case, n) for n in same] == [getattr(first.case, n) for n in same]
    assert new.stored(m.Demand, lambda d: d.text) == ["停止排放", "公开监测结果"]
    assert new.case.status == "registered" and new.case.received_on == TODAY
    assert first.stored(m.Clock, lambda c: (c.key, c.due_on, c.done_on)) == before
    assert first.case.status == "delivered"
    assert links() == [(made.case_id, first.case_id, "reopened")]
    assert new.stored(m.Clock, lambda c: c.started_on) == [TODAY] * 2
    sound()


def test_the_identity_is_sealed_again_for_the_new_number(first: Walk) -> None:
    delivered(first)
    made = again(first)
    with read(SYSTEM) as session:
        query = select(m.Petitioner).join(m.Submission).where(m.Submission.case_id == made.case_id)
        found = session.scalars(query).one()
        assert unseal(found.sealed, made.no).name == PETITIONER.name
        told = "".join(e.data for e in session.query(m.Event))
    assert PETITIONER.name not in told and PETITIONER.phone not in told
    assert PETITIONER.name not in repr(made)


def test_the_same_click_and_a_second_reopening(first: Walk) -> None:
    delivered(first)
    shown = first.version
    made = again(first, version=shown)
    assert again(first, version=shown) == made
    with pytest.raises(NotAllowed, match="已经办理过"):
        again(first, token="other")
    with pytest.raises(Stale):
        again(first, version=shown, token="third")


def test_the_click_of_another_step_is_no_reopening(first: Walk) -> None:
    first.step("nj_clerk", "classify", route="procedure")
    take_step(viewer("nj_clerk"), first.case_id, "transfer", {"transfer_to": "市城市管理局"},
              later(), version=first.version, token="again")  # fmt: skip
    made = again(first)
    assert made.case_id != first.case_id
    assert Walk(made.case_id).case.no == made.no


def test_the_same_click_is_answered_after_the_new_case_was_merged(first: Walk) -> None:
    delivered(first)
    shown = first.version
    made = again(first, version=shown)
    do(merge, enter_other(), Walk(made.case_id))
    assert again(first, version=shown) == made


def test_a_joined_petitioner_may_be_the_one_it_is_reopened_for(first: Walk) -> None:
    other = enter_other()
    joined = other.stored(m.Submission, lambda s: s.id)[0]
    do(merge, first, other)
    first.step("nj_clerk", "classify", route="procedure")
    first.step("nj_reviewer", "decline", decline_reason="other", basis_note="不属职责")
    with pytest.raises(NotFound):
        again(first, submission=99)
    made = again(first, submission=joined)
    with read(SYSTEM) as session:
        contact = session.query(m.Submission).filter_by(case_id=made.case_id).one()
        assert identity_view.opened(session, [contact.id])[contact.id].name == OTHER.name


def test_a_ledgers_number_is_not_taken_twice(office: None) -> None:
    walk = Walk(enter(channel="web", subchannel="web_12369", source_no="W-1").case_id)
    made = again(delivered(walk))
    with read(SYSTEM) as session:
        found = session.query(m.Submission).filter_by(case_id=made.case_id).one()
    assert (found.source_no, found.missing) == (walk.case.no, "")


@pytest.mark.parametrize(
    ("login", "error"),
    [("sz_clerk", NotFound), ("xw_handler", NotAllowed), ("auditor", NotAllowed)],
)
def test_who_may_not_reopen(first: Walk, login: str, error: type[Exception]) -> None:
    delivered(first)
    with pytest.raises(error):
        again(first, login)


def test_a_case_in_hand_is_not_reopened(first: Walk) -> None:
    with pytest.raises(NotAllowed, match="当前状态"):
        again(first)


# --- counts stay true

SUZHOU, NANJING, PROVINCE = Scope(320500, 320599), Scope(320100, 320199), Scope(320000, 329999)
SCOPES = {320500: SUZHOU, 320100: NANJING, 320000: PROVINCE}
LIMITS = Lights.on(MORNING.date(), load().calendar)
NOVEMBER = Period.parse("2026-11")


def numbers(unit: int) -> dict[str, Any]:
    """Every number of a unit's pages that counts matters."""
    scope, month = SCOPES[unit], NOVEMBER
    days = metrics.Period(month.first, month.last)
    with read(scope) as session:
        lists = {
            key: cases.count(session, CaseFilter(metric=key, first=days.first, last=days.last),
                             LIMITS)
            for key, metric in METRICS.items() if not metric.of_clocks
        }  # fmt: skip
        maps = regions.numbers(session, Measure.RECEIVED, unit, days, "", LIMITS)
        hand = board.in_hand(session, unit)
        all_ = cases.count(session, CaseFilter(), LIMITS)
        contacts = session.scalar(select(func.count(m.Submission.id)))
        persons = session.scalar(select(func.sum(m.Submission.persons)))
    told = summary(scope, month, unit, MORNING)
    return {"lists": lists, "map": sum(p.part for p in maps.values()), "board": hand, "all": all_,
            "contacts": contacts, "persons": persons, "month": told.flow.received,
            "closing": told.flow.closing, "summary": told}  # fmt: skip


def pair(session: Any) -> tuple[m.Case, m.Case]:
    """Two accepted cases in the hands of 南京 and below that came in November, on one track."""
    query = select(m.Case).where(
        m.Case.holder_unit.between(320100, 320199), m.Case.received_month == 202611,
        m.Case.status == "handling", m.Case.decided_on.is_not(None), m.Case.track == "report",
        m.Case.supervised.is_(False), m.Case.subchannel.not_like("%inspection"),
    )  # fmt: skip
    main, other, *_ = session.scalars(query.order_by(m.Case.id)).all()
    return main, other


def test_counts_of_matters_contacts_and_persons_stay_true(
    seeded_copy: Seeded, nj_clerk: Viewer
) -> None:
    with read(scope_of(nj_clerk)) as session:
        main, other = pair(session)
    before = {unit: numbers(unit) for unit in SCOPES}
    shown = {"main_version": main.version, "other_version": other.version}
    merge(nj_clerk, main.id, other.id, "同一事项", MORNING, **shown, token="a")
    for unit, less in ((320500, 0), (320100, 1), (320000, 1)):
        now, known = numbers(unit), before[unit]
        for name in ("map", "board", "all", "month", "closing"):
            assert now[name] == known[name] - less, (unit, name)
        for name in ("received", "in_hand"):
            assert now["lists"][name] == known["lists"][name] - less, (unit, name)
        assert now["month"] == now["map"] == now["lists"]["received"], unit
        assert (now["contacts"], now["persons"]) == (known["contacts"], known["persons"]), unit
    with read(scope_of(nj_clerk)) as session:
        exact = cases.page(session, CaseFilter(no=other.no), LIMITS)
        assert {row.id for row in exact} == {main.id, other.id}
        assert not {other.id} & {row.id for row in cases.page(session, CaseFilter(), LIMITS)}
        versions = [session.get_one(m.Case, one.id).version for one in (main, other)]
    separate(nj_clerk, main.id, other.id, "不是同一事项", MORNING, main_version=versions[0],
             other_version=versions[1], token="b")  # fmt: skip
    assert {unit: numbers(unit) for unit in SCOPES} == before


def test_a_merged_away_case_waits_in_no_queue(first: Walk, second: Walk) -> None:
    def waiting() -> int:
        with read(scope_of(viewer("nj_clerk"))) as session:
            return cases.count(session, CaseFilter(queue="sort", at=320100), LIMITS)

    assert waiting() == 2
    do(merge, first, second)
    assert waiting() == 1
