"""Scope: what a viewer sees is the rule of units and nothing more, under every kind of read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from db import models as m
from domain.people import Role, Viewer, last_below
from domain.scope import NOTHING, SYSTEM, scope_of
from services.store import read, write
from tests.office import NOW, STAFF, Walk, enter, prepare, viewer

COUNTED = (
    m.Case, m.Clock, m.Submission, m.Demand, m.CaseCategory, m.Petitioner, m.Event, m.CaseLink,
    m.Rating, m.Document, m.Attachment, m.Supervision, m.ScoreItem, m.ScoreLine, m.ScoreSheet,
    m.LeaderAction, m.Review, m.Visit,
)  # fmt: skip
VIEWERS = [
    ("province_clerk", {"nj", "xw", "sz", "afar"}, "the province sees all but what is sealed"),
    ("nj_clerk", {"nj", "xw", "afar"}, "the city, its counties, and what it registered"),
    ("xw_handler", {"xw"}, "the county sees what lies in it or was given to it"),
    ("sz_handler", {"sz", "afar"}, "another city sees its own, and what lies in it"),
    ("auditor", {"nj", "xw", "sz", "afar", "sealed"}, "discipline inspection sees sealed ones"),
    ("province_supervisor", {"nj", "xw", "sz", "afar", "sealed"}, "the province passes them on"),
    ("admin", set(), "an administrator sees no case content"),
]


@pytest.fixture
def cases(database_url: str) -> dict[str, int]:
    """A case of each kind by name: where it lies, who registered it, whether it is sealed."""
    prepare()
    made = {
        "nj": enter("nj_clerk", division=320104),
        "xw": enter("nj_clerk", division=320102),
        "sz": enter("sz_clerk", division=320505),
        "afar": enter("nj_clerk", division=320505),
        "sealed": enter("nj_clerk", division=320104),
    }
    Walk(made["sealed"].case_id).step("nj_clerk", "classify", route="accusation")
    return {name: registered.case_id for name, registered in made.items()}


@pytest.mark.parametrize(("login", "seen", "why"), VIEWERS)
def test_a_viewer_sees_the_rule(
    cases: dict[str, int], login: str, seen: set[str], why: str
) -> None:
    names = {number: name for name, number in cases.items()}
    with read(scope_of(viewer(login))) as session:
        assert {names[i] for i in session.scalars(select(m.Case.id))} == seen, why
        joined = select(m.Clock.case_id).join(m.Case, m.Case.id == m.Clock.case_id)
        assert {names[i] for i in session.scalars(joined)} == seen, why
        for table in (m.Submission, m.Demand, m.CaseCategory):
            assert {names[i] for i in session.scalars(select(table.case_id))} == seen, why
        sealed = session.scalars(select(m.Petitioner.submission_id)).all()
        assert len(sealed) == len(seen), why


def test_nobody_sees_a_row_of_any_table(cases: dict[str, int]) -> None:
    with read(NOTHING) as session:
        for table in COUNTED:
            assert session.scalar(select(func.count()).select_from(table)) == 0, table


def test_a_session_without_a_scope_reads_nothing(cases: dict[str, int]) -> None:
    with read(SYSTEM) as session:
        del session.info["scope"]
        with pytest.raises(RuntimeError, match="scope"):
            session.scalars(select(m.Case.id))


def test_an_assignment_opens_a_case_and_keeps_it_open_above(cases: dict[str, int]) -> None:
    walk = Walk(cases["nj"], NOW + timedelta(hours=1))
    walk.step("nj_clerk", "classify", route="procedure").step("nj_clerk", "assign", to=320102)
    for login in ("xw_handler", "nj_clerk", "province_clerk"):
        with read(scope_of(viewer(login))) as session:
            assert cases["nj"] in session.scalars(select(m.Case.id)).all(), login


def test_every_table_that_hangs_on_a_case_has_the_rule() -> None:
    hanging = {
        table
        for table in m.Base.__subclasses__()
        if {"case_id", "submission_id"} & set(table.__table__.columns.keys())
    }
    # The rows by which visibility itself is decided are read by the rule only,
    # a download belongs to the one sign-in it was made for, a notice to the person it tells.
    assert hanging - set(COUNTED) <= {m.CaseUnit, m.CaseMeasure, m.Download, m.Notice}


@given(
    unit=st.sampled_from([320000, 320100, 320102, 320500, 320583]),
    roles=st.sets(st.sampled_from(list(Role)), max_size=4),
    code=st.integers(320000, 329999),
)
def test_a_scope_covers_its_unit_and_those_below(unit: int, roles: set[Role], code: int) -> None:
    scope = scope_of(Viewer(1, "x", unit, "x", frozenset(roles)))
    touches = bool(roles - {Role.ADMIN})
    assert scope.covers(code) == (touches and unit <= code <= last_below(unit))
    passes_on = unit == 320000 and Role.SUPERVISOR in roles
    assert scope.sealed == (Role.AUDITOR in roles or passes_on)


def test_the_scope_of_everybody_in_the_office_is_inside_their_unit() -> None:
    for login, (role, unit) in STAFF.items():
        scope = scope_of(viewer(login))
        assert scope == NOTHING if role == "admin" else scope.low == unit, login


def test_writing_under_a_scope_cannot_reach_another_units_case(cases: dict[str, int]) -> None:
    with write(scope_of(viewer("sz_handler"))) as session:
        query = select(m.Case).where(m.Case.id == cases["xw"]).with_for_update()
        assert session.scalars(query).one_or_none() is None
