"""Walks through the service itself: it takes what the table permits and refuses all else."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from bench.telling import told
from bench.walk_checks import Counted
from bench.walking import ROLES, UNITS, Case, Walk, person
from db import models as m
from domain.clocks import SubmissionFacts
from domain.errors import NotAllowed, NotFound, Refused
from domain.people import above
from domain.scope import SYSTEM
from domain.table import APART, BY_KEY, TABLE
from domain.workflow import fold, refusal
from intake.model import NOBODY
from scoring.period import Period
from services.commands.summary import SCOPE
from services.history import events_of
from services.monthly import summary
from services.registration import register
from services.rows import clock_row, state_columns
from services.steps import take_step
from services.store import read, write
from tests.office import INCOMING, NOW, prepare

WALKS, STEPS, ASKED = 8, 30, 8


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    """Every unit of the walks with a person for each role, and one who has them all."""
    prepare()
    with write(SYSTEM) as session:
        for viewer in (person(unit, role) for unit in UNITS for role in (*ROLES, None)):
            session.add(
                m.Person(id=viewer.person_id, login=f"walk{viewer.person_id}", name=viewer.name,
                         unit_code=viewer.unit, password_hash="", password_set_at=NOW,
                         created_at=NOW, roles=[m.PersonRole(role=r) for r in viewer.roles])
            )  # fmt: skip


def registered(rng: Random) -> int:
    place = rng.choice([unit for unit in UNITS if unit % 100])
    unit = rng.choice((320000, above(place) or 320000, place))
    nobody: dict[str, Any] = {"petitioner": NOBODY, "anonymous": True} if rng.random() < 0.3 else {}
    incoming = replace(INCOMING, division=place, **nobody)
    case_id = register(person(unit, ROLES[0]), incoming, NOW).case_id
    with write(SYSTEM) as session:
        session.add(m.Attachment(case_id=case_id, name="监测报告.pdf", mime="application/pdf",
                                 size=1, sha256="0" * 64, at=NOW))  # fmt: skip
    return case_id


def stored(case_id: int) -> Case:
    """A case as the database has it, whose row and clocks are those its events give."""
    with read(SYSTEM) as session:
        row, events = session.get_one(m.Case, case_id), events_of(session, case_id)
        contacts = [SubmissionFacts(s.id, s.channel, s.reachable, s.anonymous)
                    for s in session.query(m.Submission).filter_by(case_id=case_id)]  # fmt: skip
        case = Case(1, row.place_code, row.channel, contacts, events, fold(events))
        case.work_out()
        columns = state_columns(case.state)
        assert {name: getattr(row, name) for name in columns} == columns
        kept = session.query(m.Clock).filter_by(case_id=case_id).order_by(m.Clock.id)
        made = [clock_row(case_id, clock, case.state.sealed_on) for clock in case.clocks]
        assert [{name: getattr(k, name) for name in made[0]} for k in kept] == made
        assert row.version == len(events)
    return case


def test_the_service_says_what_the_table_says() -> None:
    taken, refused, faults = Counter[str](), Counter[str](), Counter[str]()
    counted, until = Counted(), NOW
    for seed in range(WALKS):
        walk, now = Walk(seed), datetime.combine(NOW.date(), time(14))
        case_id, walk.today = registered(walk.rng), NOW.date()
        case = stored(case_id)
        for number in range(STEPS):
            walk.cases = [case, case]
            now = datetime.combine(walk.today, time(14)) + timedelta(minutes=number)
            for _ in range(ASKED):
                step = walk.rng.choice([step for step in TABLE if step.key not in APART])
                viewer = person(walk.rng.choice(UNITS), walk.rng.choice((*ROLES, None)))
                if case.seen_by(viewer) and refusal(step, case.state, viewer) is None:
                    continue
                with pytest.raises((NotAllowed, NotFound)):
                    take_step(viewer, case_id, step.key, {}, now, version=len(case.events),
                              token=f"{number}")  # fmt: skip
                refused[step.key] += 1
            found = walk.choose(400)
            if found is None or found[1].step.key in APART:
                walk.pause()
                continue
            about = found[1]
            try:
                take_step(about.viewer, case_id, about.step.key, told(about), now,
                          version=len(case.events), token=f"{number}")  # fmt: skip
                taken[about.step.key] += 1
            except Refused as fault:  # of what was filled in, or of its day: not of the person
                assert not isinstance(fault, NotAllowed | NotFound), (about.step.key, str(fault))
                faults[about.step.key] += 1
            case = stored(case_id)
            walk.pause()
        until = max(until, now)
        if not case.state.sealed_on:
            counted.add(case)
    # A petitioner's own case is closed, a county has returned it once, a date has passed: rarely.
    assert faults.total() < taken.total() / 4, faults
    assert len(taken) > 20 and len(refused) > len(BY_KEY) * 3 // 4
    the_summary_says(counted, until)


def the_summary_says(counted: Counted, until: datetime) -> None:
    """Every month's stock of every division is what the walked cases add up to."""
    balances = list(counted.balances())
    assert len(balances) > 10 and counted.faults() == []
    for unit, month, stock in balances:
        asked = Period.parse(f"{month // 100}-{month % 100:02}")
        flow = summary(SCOPE, asked, unit, until).flow
        at = (unit, month)
        moved = (counted.received[at], counted.ended[at], counted.passed[at])
        assert (flow.received, flow.ended, flow.transferred, flow.closing) == (*moved, stock)
