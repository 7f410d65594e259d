"""When 2027's notice comes: what moves is shown first, written once, and on the record."""

from dataclasses import replace
from datetime import date

import pytest

import rules
import services.recount as recount
import services.rows as rows
from db import models as m
from domain.scope import SYSTEM
from domain.workdays import Calendar, SpecialDay
from services.store import read
from tests.office import NOW, Walk, enter, prepare


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice for 2027 that gives the 22nd of January off."""
    shipped = rules.load()
    off = date(2027, 1, 22)
    special = {**shipped.calendar.special, off: SpecialDay(off, False, "试验假", "国办〔2026〕1号")}
    calendar = Calendar("2027.1", 2018, 2027, special)
    later = replace(shipped, calendar=calendar)
    monkeypatch.setattr(rows, "load", lambda: later)
    monkeypatch.setattr(recount, "load", lambda: later)


def conclude_clock() -> tuple[str, bool]:
    with read(SYSTEM) as session:
        clock = session.query(m.Clock).filter_by(key="conclude_report").one()
        return str(clock.due_on), clock.provisional


def test_nothing_moves_without_a_notice() -> None:
    Walk(enter().case_id).to_handling()
    assert recount.changes() == []
    assert recount.confirm(NOW) == 0


def test_a_notice_moves_what_it_moves_and_ends_the_provisional(
    request: pytest.FixtureRequest,
) -> None:
    walk = Walk(enter().case_id).to_handling()
    assert conclude_clock() == ("2027-01-22", True)
    request.getfixturevalue("notice")
    found = recount.changes()
    assert [(c.case_no, str(c.before), str(c.after), c.provisional) for c in found] == [
        (walk.case.no, "2027-01-22", "2027-01-25", False)
    ]
    assert conclude_clock() == ("2027-01-22", True)
    assert recount.confirm(NOW) == 1
    assert conclude_clock() == ("2027-01-25", False)
    assert recount.confirm(NOW) == 0
    with read(SYSTEM) as session:
        event = session.query(m.Event).filter_by(kind="recount_clocks").one()
        assert "2027-01-22→2027-01-25" in event.data
