"""The whole life of cases in the demonstration: every step, in order, with the rows beside it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.people import Role, Viewer, level_of
from domain.scope import SYSTEM
from domain.workflow import BY_KEY, CaseState, Status, apply, fold, may_assign, refusal
from rules import load
from services import step_rows
from services.demo.cases import Maker
from services.demo.days import Days
from services.demo.people import SHOWN, STAFF, person_id
from services.demo.province import province
from services.history import events_of
from services.keys import Keys
from services.oversight_checks import incomplete
from services.step_about import About
from services.store import read, write
from tests.seed import SEED, TODAY, Seeded, viewer

MERGING = {"merge", "separate"}  # of two cases: by their service, once all cases are there
# A reopened case is registered anew, with a query code and a seal no seed can repeat.
NEVER = {"reopen"}
KEY = Keys("0" * 8, bytes(32), bytes(32), bytes(32))


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(SEED, Days(3000, TODAY, load().calendar), KEY)


def _actors() -> dict[int, Viewer]:
    found = {}
    for unit in province().short:
        for role in STAFF[level_of(unit)]:
            number = person_id(unit, role)
            found[number] = Viewer(number, "", unit, "", frozenset({role}))
        second = person_id(unit, Role.HANDLER, second=True)
        found[second] = Viewer(second, "", unit, "", frozenset({Role.HANDLER}))
    return found


def test_every_step_was_permitted_when_it_was_taken(maker: Maker) -> None:
    actors, seen = _actors(), Counter[str]()
    for index in range(3000):
        state = CaseState()
        made = maker.made(index, "JS")
        for _, event in made.events:
            step = BY_KEY.get(event.step)
            if step:
                assert refusal(step, state, actors[event.person or 0]) is None, (index, event)
            if event.step == "assign":
                for to in (event.data["to"], *event.data.get("assist", ())):
                    assert may_assign(event.unit, to)
            state = apply(state, event)
            seen[event.step] += 1
        assert state == fold([event for _, event in made.events])
    assert set(BY_KEY) - MERGING - NEVER <= set(seen)


AFTER = {
    "register": Status.REGISTERED, "classify": Status.TO_ASSIGN, "assign": Status.TO_SIGN,
    "return": Status.RETURNING, "conclude": Status.TO_APPROVE, "approve": Status.CONCLUDED,
    "stage": Status.STAGED, "reply": Status.TO_DELIVER, "request_review": Status.REVIEWING,
    "request_re_review": Status.RE_REVIEWING,
}  # fmt: skip
TAKEN = {
    "revoke": "deliver_review", "hearing": "deliver_re_review", "refuse_extension":
    "refuse_extension", "exempt": "exempt", "decline_final": "decline_final",
    "send_back": "send_back", "return_accepted": "accept_return", "reassign": "reassign",
    "instruct": "instruct", "charge": "charge", "reception": "reception",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_example_gets_where_it_is_shown(seed: int) -> None:
    made_by = Maker(seed, Days(1500, TODAY, load().calendar), KEY)
    for index, example in made_by.examples.items():
        made = made_by.made(index, "JS")
        steps = {event.step for _, event in made.events}
        if example.left_at in AFTER:
            assert made.state.status is AFTER[example.left_at], example
        assert {TAKEN[turn] for turn in example.turns & set(TAKEN)} <= steps, example


def test_every_step_is_in_the_trace(seeded: Seeded) -> None:
    with read(SYSTEM) as session:
        kinds = set(session.scalars(select(m.Event.kind).distinct()))
        merged = session.scalars(select(m.Case.id).where(m.Case.merged_into.is_not(None))).all()
    assert set(BY_KEY) - NEVER <= kinds
    assert merged


SIDES = {
    m.Supervision: "supervisions", m.LeaderAction: "leader_actions", m.Review: "reviews",
    m.CaseMeasure: "case_measures", m.Rating: "ratings",
}  # fmt: skip


def _rows(session: Session, table: type[m.Base]) -> list[tuple[Any, ...]]:
    columns = [column for column in table.__table__.c if column.key != "id"]
    return sorted(map(tuple, session.execute(select(*columns))), key=repr)


def _answered(session: Session) -> list[Any]:
    answered = select(m.Submission.id, m.Submission.answered_on).order_by(m.Submission.id)
    return list(map(tuple, session.execute(answered)))


def test_rows_beside_a_case_are_those_the_steps_would_write(seeded_copy: Seeded) -> None:
    with write(SYSTEM) as session:
        built = {name: _rows(session, table) for table, name in SIDES.items()}
        told = _rows(session, m.Demand), _answered(session)
        for table in SIDES:
            session.execute(delete(table))
        session.execute(update(m.Demand).values(finding=None, answer=None))
        session.execute(update(m.Submission).values(answered_on=None))
        for case_id in session.scalars(select(m.Case.id)).all():
            for event in events_of(session, case_id):
                step_rows.side_rows(session, case_id, event)
        for table, name in SIDES.items():
            assert built[name], name
            assert _rows(session, table) == built[name]
        assert (_rows(session, m.Demand), _answered(session)) == told


def test_what_is_archived_lacked_nothing(seeded: Seeded) -> None:
    looked = 0
    with read(SYSTEM) as session:
        for case in session.scalars(
            select(m.Case).where(m.Case.archived_on.is_not(None)).limit(300)
        ):
            events = events_of(session, case.id)
            *before, last = events[: 1 + [e.step for e in events].index("archive")]
            about = About(session, BY_KEY["archive"], fold(before), before,
                          viewer(last.unit, "", Role.CLERK), case, None, last.at)  # fmt: skip
            assert incomplete(about) == [], case.no
            looked += 1
    assert looked == 300


def test_the_people_of_the_show_have_news(seeded: Seeded) -> None:
    with read(SYSTEM) as session:
        found = session.scalars(select(m.Notice)).all()
        of_show = select(m.Person.id).where(m.Person.unit_code.in_(SHOWN))
        assert 10 < len(found) < 500
        told = {n.person_id for n in found if not n.kind.startswith(("merge", "separate"))}
        assert told <= set(session.scalars(of_show))
        for notice in found:
            steps = [e for e in events_of(session, notice.case_id or 0) if e.step == notice.kind]
            assert notice.at in [event.at for event in steps]
            assert notice.read_at is None
            assert notice.at > datetime.combine(TODAY, datetime.min.time()) - timedelta(days=21)
