"""Registering: what is refused, what is stored, and that a double click is one case."""

from dataclasses import replace
from datetime import datetime

import pytest

from db import models as m
from domain.errors import Invalid, NotAllowed
from domain.scope import SYSTEM
from services import trace
from services.identity import unseal
from services.registration import register
from services.store import read
from tests.office import INCOMING, NOW, PETITIONER, enter, prepare, viewer


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


def count(table: type[m.Base]) -> int:
    with read(SYSTEM) as session:
        return session.query(table).count()


def test_numbers_run_by_unit_day_and_channel() -> None:
    assert enter().no == "JS32010020261123P00001"
    assert enter().no == "JS32010020261123P00002"
    assert enter(channel="letter", subchannel="mail").no == "JS32010020261123L00001"
    assert enter("xw_clerk").no == "JS32010220261123P00001"


def test_the_same_key_registers_once() -> None:
    first = register(viewer("nj_clerk"), INCOMING, NOW, key="form-1")
    assert register(viewer("nj_clerk"), INCOMING, NOW, key="form-1") == first
    assert count(m.Case) == 1


REFUSALS = [
    ({"received_at": datetime(2026, 11, 23, 10, 1)}, "received_at", "received in the future"),
    ({"division": 329999}, "division", "no such division"),
    ({"petitioner": replace(PETITIONER, phone="1381234567")}, "phone", "a digit is missing"),
    ({"group": True, "headcount": 4}, "headcount", "a group is of five or more"),
    ({"subchannel": "hotline_12345"}, "source_no", "a work order has a number"),
    ({"title": "", "content": ""}, "content", "nothing was said at all"),
]


@pytest.mark.parametrize(("changes", "field", "why"), REFUSALS)
def test_a_wrong_field_is_refused_by_name(changes: dict, field: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        enter(**changes)
    assert field in refused.value.problems, why
    assert count(m.Case) == 0


def test_a_source_number_is_used_once_in_its_subchannel() -> None:
    made = enter(subchannel="hotline_12345", source_no="DH-1")
    with pytest.raises(Invalid, match=made.no):
        enter(subchannel="hotline_12345", source_no="DH-1")
    enter(subchannel="police_110", source_no="DH-1")
    assert count(m.Case) == 2


def test_another_citys_number_is_refused_without_its_case() -> None:
    made = enter(subchannel="hotline_12345", source_no="DH-1")
    with pytest.raises(Exception, match="其他单位") as refused:
        enter("sz_clerk", subchannel="hotline_12345", source_no="DH-1", division=320505)
    assert made.no not in str(refused.value)


def test_only_a_clerk_registers() -> None:
    with pytest.raises(NotAllowed):
        enter("xw_handler")


def test_the_identity_is_sealed_and_nowhere_else() -> None:
    made = enter()
    with read(SYSTEM) as session:
        row = session.query(m.Petitioner).one()
        assert unseal(row.sealed, made.no).phone == PETITIONER.phone
        for table in m.Base.metadata.sorted_tables:
            if table.name in ("petitioners", "people"):
                continue
            text = str(session.execute(table.select()).all())
            assert PETITIONER.phone not in text and PETITIONER.name not in text, table.name


def test_missing_stars_are_kept_from_the_first_version() -> None:
    enter(industry="", repeat=None)
    with read(SYSTEM) as session:
        assert session.query(m.Submission).one().missing == "industry,repeat"


def test_clocks_run_from_receipt() -> None:
    made = enter()
    with read(SYSTEM) as session:
        rows = session.query(m.Clock).filter_by(case_id=made.case_id)
        clocks = {c.key: (str(c.due_on), c.done_on is not None, c.unit_code) for c in rows}
    # Received on Friday: one workday is Monday, two are Tuesday.
    assert clocks == {
        "entry": ("2026-11-23", True, 320100),
        "dispatch": ("2026-11-24", False, 320100),
    }


def test_a_county_has_what_it_receives_from_the_day_of_receipt() -> None:
    made = enter("xw_clerk")
    with read(SYSTEM) as session:
        rows = session.query(m.Clock).filter_by(case_id=made.case_id)
        clocks = {c.key: (str(c.started_on), str(c.known_on), str(c.due_on)) for c in rows}
    assert clocks["decision"] == ("2026-11-20", "2026-11-23", "2026-12-07")
    assert clocks["notice"] == ("2026-11-20", "2026-11-23", "2026-12-07")


def test_every_registration_is_in_a_sound_trace() -> None:
    enter()
    enter("sz_clerk", division=320505)
    with read(SYSTEM) as session:
        events = [(e.chain, e.seq, e.kind) for e in session.query(m.Event)]
        assert events == [(320100, 1, "register"), (320500, 1, "register")]
        assert trace.check(session) == []
