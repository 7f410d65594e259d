"""A long file: made beside, written in one go, and what others who write meanwhile are told."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from db import inserts
from db import models as m
from db import session as sessions
from domain.errors import Refused
from domain.scope import SYSTEM, scope_of
from services import importing, numbers, preparing, registration, trace
from services.identity import unseal
from services.store import read, write
from settings import settings
from tests.office import INCOMING, NOW, enter, prepare, viewer
from tests.test_importing import count, examined, ledger, row, written

LONG = [row(n, name=f"张{n}", kind="恶臭异味" if n % 2 else "") for n in range(1, 8)]
CHANCE = ("id", "case_id", "submission_id", "query_code", "sealed", "prev", "hash", "batch_id")


@pytest.fixture(autouse=True)
def office(database_url: str) -> None:
    prepare()


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is long, and is made by another process."""
    monkeypatch.setattr(preparing, "MANY", 2)
    monkeypatch.setattr("services.preparing.os.cpu_count", lambda: 2)
    monkeypatch.setattr(registration, "AT_ONCE", 2)


def stored() -> dict[str, list[dict[str, Any]]]:
    """All rows of a registration, without what chance or order decides."""
    found = {}
    with read(SYSTEM) as session:
        for model in (m.Case, m.Submission, m.Petitioner, m.Demand, m.CaseCategory, m.CaseUnit,
                      m.Clock, m.Event):  # fmt: skip
            rows = session.execute(model.__table__.select()).mappings()
            plain = [{k: v for k, v in one.items() if k not in CHANCE} for one in rows]
            found[model.__tablename__] = sorted(plain, key=repr)
    return found


def test_what_is_made_beside_is_what_is_made_here(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    written(examined(ledger(*LONG)))
    here = stored()
    prepare_again()
    request.getfixturevalue("beside")
    used: list[Any] = []
    real = preparing._answer

    def noted(asked: Any) -> Any:
        used.append(real(asked))
        return used[-1]

    monkeypatch.setattr(preparing, "_answer", noted)
    written(examined(ledger(*LONG)))
    assert len(used) == 3 and None not in used
    assert stored() == here
    with read(SYSTEM) as session:
        assert trace.check(session) == []
        people = session.query(m.Petitioner, m.Submission.no).join(
            m.Submission, m.Submission.id == m.Petitioner.submission_id
        )
        assert {unseal(p.sealed, no).name for p, no in people} == {f"张{n}" for n in range(1, 8)}


def test_what_rows_have_alike_is_stored_as_if_each_had_said_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written(examined(ledger(*LONG)))
    each = stored()
    prepare_again()
    monkeypatch.setattr(inserts, "MANY", 2)
    written(examined(ledger(*LONG)))
    assert stored() == each


def prepare_again() -> None:
    """The office as it was before."""
    sessions.close_all()
    settings().key_file.unlink()
    prepare()


def test_where_the_other_process_fails_the_rows_are_made_here(
    beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(ledger(*LONG))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert written(found).added == 7
    with read(SYSTEM) as session:
        assert trace.check(session) == []


def test_a_stop_in_the_middle_leaves_nothing_and_no_process(
    beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Any] = []
    real = subprocess.Popen

    def noted(*given: Any, **named: Any) -> Any:
        begun.append(real(*given, **named))
        return begun[-1]

    found = examined(ledger(*LONG))
    monkeypatch.setattr("services.preparing.subprocess.Popen", noted)

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.write(viewer("nj_clerk"), found, NOW, progress=stop)
    assert [one.poll() is not None for one in begun] == [True]
    assert [count(t) for t in (m.Case, m.ImportBatch, m.Event)] == [0, 0, 0]


def test_a_code_in_use_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = enter().query_code
    drawn = iter([[taken, "AAAAAAAA"], ["AAAAAAAA"], ["BBBBBBBB"]])
    monkeypatch.setattr(numbers, "random_codes", lambda _: next(drawn))
    written(examined(ledger(row(1), row(2))))
    with read(SYSTEM) as session:
        codes = {one.query_code for one in session.query(m.Submission)}
    assert codes == {taken, "AAAAAAAA", "BBBBBBBB"}


def test_codes_are_eight_signs_read_out_safely() -> None:
    codes = numbers.random_codes(3000)
    assert {len(code) for code in codes} == {8} and len(set(codes)) == 3000
    assert set("".join(codes)) == set(numbers.QUERY_SIGNS)


def test_a_clash_is_told_by_its_true_name(monkeypatch: pytest.MonkeyPatch) -> None:
    first = enter(subchannel="hotline_12345", source_no="DH1")
    monkeypatch.setattr(registration, "query_codes", lambda _s, n: [first.query_code] * n)
    with pytest.raises(Refused, match="查询码"):
        enter()
    assert count(m.Case) == 1


def test_the_same_source_number_at_once_is_told_so() -> None:
    same = [replace(INCOMING, subchannel="hotline_12345", source_no="DH9")] * 2
    with write(scope_of(viewer("nj_clerk"))) as session:
        with pytest.raises(IntegrityError) as broken:
            registration.register_all(session, viewer("nj_clerk"), same, NOW)
        session.rollback()
    assert "来源编号" in str(registration.refusal(broken.value))


def test_another_broken_rule_stays_what_it_was() -> None:
    error = IntegrityError("", {}, sqlite3.IntegrityError("FOREIGN KEY constraint failed"))
    assert registration.refusal(error) is error


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a database whose writers wait for a moment only."""
    sessions.close_all()
    monkeypatch.setattr(sessions, "PATIENCE", 50)
    url = settings().database_url
    if make_url(url).get_backend_name() != "sqlite":
        monkeypatch.setenv("DATABASE_URL", url + "?options=-c%20lock_timeout%3D2000")
        settings.cache_clear()
    yield url
    sessions.close_all()


def test_a_clerk_who_waited_in_vain_is_told_kindly(impatient: str) -> None:
    if make_url(impatient).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(make_url(impatient).database))) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Refused, match="稍候再试"):
                enter()
        return
    # Where rows are locked, not the database, another unit's clerk does not wait at all.
    with write(scope_of(viewer("nj_clerk"))) as session:
        registration.register_all(session, viewer("nj_clerk"), [INCOMING], NOW)
        assert enter("sz_clerk", division=320505).no.startswith("JS320500")
    assert count(m.Case) == 2


def test_two_who_crossed_are_told_to_try_again(postgres_url: str) -> None:
    crossed = "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"
    with (
        pytest.raises(Refused, match="再试一次"),
        sessions.writing(postgres_url, SYSTEM) as session,
    ):
        session.execute(text(crossed))


def test_ids_and_numbers_run_on_after_a_file() -> None:
    written(examined(ledger(row(1), row(2))))
    made = enter()
    with read(SYSTEM) as session:
        assert session.get_one(m.Case, made.case_id).no == made.no
        assert session.query(m.Case).count() == 3
    assert made.no.endswith("P00003")
