"""Stored runs: frozen, versioned, reproducible, the same on both databases, each city its own."""

import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import models as m
from db.queries import scores as stored
from db.session import engine, reading
from domain.errors import NotAllowed, NotFound, Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from scoring.period import Period
from services import score_proof, score_runs, scorecards, scoring, trace
from services.__main__ import main
from settings import settings
from tests.office import STAFF, prepare, viewer
from tests.score_histories import NANJING, SUZHOU, XUANWU, History, made, store

NOW = datetime(2026, 11, 23, 10, 0)
MAY = Period.parse("2026-05")


def person(unit: int, *roles: Role) -> Viewer:
    return Viewer(viewer("auditor").person_id, "某人", unit, str(unit), frozenset(roles))


ASSESSOR = person(320000, Role.ASSESSOR)
LEADER = person(320000, Role.LEADER)
SUZHOU_LEAD = person(SUZHOU, Role.CITY_LEAD)
COUNTY_LEADER = person(XUANWU, Role.LEADER)


@pytest.fixture(autouse=True)
def histories(database_url: str) -> list[History]:
    prepare()
    found = made(340)
    store(found)
    return found


def run(period: Period = MAY, now: datetime = NOW) -> scoring.Run:
    made_run = score_runs.run(ASSESSOR, period, now)
    return scoring.run_of(ASSESSOR, made_run.id)


def test_a_run_is_kept_whole_and_verifies() -> None:
    kept = run()
    assert (kept.state, kept.ordinal) == ("published", 1)
    assert kept.snapshot_at == datetime(2026, 6, 3, 23, 59, 59, 999999)
    assert score_runs.verify(ASSESSOR, kept.id) == []
    with reading(settings().database_url, SYSTEM) as session:
        event = session.query(m.Event).filter_by(kind="score_run").one()
        assert json.loads(event.data)["digest"] == kept.digest
        assert session.query(m.Checkpoint).count() == 1
        assert trace.check(session) == []


def test_running_again_is_a_new_version_with_the_same_digest() -> None:
    first, second = run(), run(now=datetime(2026, 11, 24, 9, 0))
    assert [r.ordinal for r in scoring.runs(ASSESSOR, MAY)] == [2, 1]
    assert first.digest == second.digest


def test_what_is_recorded_later_changes_neither_the_run_nor_a_new_one(
    histories: list[History],
) -> None:
    early = [History(h.id, h.place, h.channel, h.reachable, h.anonymous, h.missing,
                     [e for e in h.events if e.at <= datetime(2026, 6, 3, 23, 59)],
                     [r for r in h.repeats if r[0] <= datetime(2026, 6, 3).date()])
             for h in histories]  # fmt: skip
    later = run()
    names = ("case_links", "ratings", "clocks", "case_units")
    with engine(settings().database_url).begin() as connection:
        for name in ("score_items", "score_lines", "score_sheets", "score_runs", *names,
                     "submissions", "cases"):  # fmt: skip
            connection.execute(text(f"DELETE FROM {name}"))
    kept = {h.id for h in early if h.events}
    for history in early:
        history.repeats = [r for r in history.repeats if r[1] in kept]
    store(early)
    assert run().digest == later.digest


def test_an_altered_row_is_found() -> None:
    kept = run()
    for statement in (
        "UPDATE score_lines SET numerator = numerator - 1 WHERE indicator = 'A2'",
        "UPDATE score_items SET reason = '改过' WHERE indicator = 'B1'",
        "UPDATE score_sheets SET total = 99",
        "UPDATE score_lines SET points = 1 WHERE indicator = 'B3'",
        "DELETE FROM score_items WHERE indicator = 'E1'",
    ):
        connection = engine(settings().database_url).connect()
        connection.execute(text(statement))
        connection.commit()
        connection.close()
        assert score_runs.verify(ASSESSOR, kept.id) != [], statement
        kept = run()


def test_a_running_period_is_provisional_and_a_future_one_refused() -> None:
    now = datetime(2026, 11, 23, 10, 0)
    kept = run(Period.parse("2026-11"), now)
    assert (kept.state, kept.provisional, kept.snapshot_at) == ("provisional", True, now)
    assert run(Period.parse("2026-10"), datetime(2026, 11, 4, 10, 0)).provisional
    with pytest.raises(Refused, match="尚未开始"):
        run(Period.parse("2026-12"), now)


@pytest.mark.parametrize("login", STAFF)
def test_only_an_assessor_of_the_province_scores(login: str) -> None:
    with pytest.raises(NotAllowed):
        score_runs.run(viewer(login), MAY, NOW)
    with pytest.raises(NotAllowed):
        score_runs.run(person(SUZHOU, Role.ASSESSOR), MAY, NOW)


def test_the_number_of_every_line_is_the_count_of_its_list() -> None:
    kept = run()
    seen = 0
    for who in (ASSESSOR, LEADER, SUZHOU_LEAD):
        for sheet in scoring.league(who, kept):
            for line in sheet.lines:
                rows = scoring.items(who, kept, sheet.unit, line.code)
                assert len(rows) == line.failing, (sheet.unit, line.code)
                seen += len(rows)
    assert seen > 100


def test_a_city_sees_its_own_row_and_the_mean_of_all() -> None:
    kept = run()
    everyone = scoring.league(ASSESSOR, kept)
    assert {SUZHOU, NANJING} <= {sheet.unit for sheet in everyone}
    own = scoring.league(SUZHOU_LEAD, kept)
    assert [sheet.unit for sheet in own] == [SUZHOU]
    assert own[0] == next(sheet for sheet in everyone if sheet.unit == SUZHOU)
    assert scoring.league(COUNTY_LEADER, kept) == []
    assert scoring.items(SUZHOU_LEAD, kept, NANJING) == []
    with pytest.raises(NotFound):
        scoring.sheet(SUZHOU_LEAD, kept, NANJING)
    foreign = scoring.items(ASSESSOR, kept, NANJING)[0]
    with pytest.raises(NotFound):
        score_proof.proof(SUZHOU_LEAD, kept.id, foreign.id)
    with pytest.raises(NotFound):
        scorecards.scorecard(SUZHOU_LEAD, kept, NANJING, NOW)
    assert len(scorecards.scorecards(SUZHOU_LEAD, kept, NOW)) == 1
    for item in scoring.items(SUZHOU_LEAD, kept, SUZHOU):
        assert SUZHOU <= item.unit < SUZHOU + 100
        assert "JS3201" not in item.reason


def test_every_clock_of_an_item_is_proved_to_its_due_date() -> None:
    kept = run(Period.parse("2026Q2"))
    proved = extended = 0
    for city in (NANJING, SUZHOU):
        for item in scoring.items(ASSESSOR, kept, city):
            found = score_proof.proof(ASSESSOR, kept.id, item.id)
            assert (found is None) == (item.clock is None)
            if found:
                assert found.days[0].day == found.started_on
                assert found.days[-1].day == found.due_on == item.due_on
                proved, extended = proved + 1, extended + bool(found.extended)
    assert proved > 50
    assert extended > 0


def test_a_scorecard_gives_the_same_bytes_whatever_happens_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = run()
    first = scorecards.scorecards(ASSESSOR, kept, NOW)
    run(Period.parse("2026-04"))
    kept_files = sorted((settings().data_dir / "drawn").iterdir())
    assert len(kept_files) == 13
    kept_files[0].write_bytes(b"%PDF of somebody else")
    kept_files[1].unlink()
    assert scorecards.scorecards(LEADER, kept, datetime(2026, 12, 1, 8, 0)) == first
    with monkeypatch.context() as patched:  # nothing is drawn a third time
        patched.delattr(scorecards, "render")
        assert scorecards.scorecards(LEADER, kept, datetime(2026, 12, 2, 8, 0)) == first
    assert len(first) == 13
    assert all(data.startswith(b"%PDF") for data in first.values())
    with engine(settings().database_url).begin() as connection:
        connection.execute(text("UPDATE documents SET record = replace(record, '南京', '北京')"))
    with pytest.raises(Refused, match="存档"):
        scorecards.scorecard(ASSESSOR, kept, NANJING, NOW)


def test_the_trend_comes_from_stored_runs_alone() -> None:
    april, kept = run(Period.parse("2026-04")), run()
    points = scoring.trend(SUZHOU_LEAD, kept, SUZHOU)
    assert [str(p.period) for p in points][-2:] == ["2026-04", "2026-05"]
    assert [p.total for p in points[:4]] == [None] * 4
    assert points[-2].total == scoring.sheet(SUZHOU_LEAD, april, SUZHOU).total


def test_the_commands_give_every_line_and_a_card_for_each_city(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "--period", "2026-05", "--city", "320100", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [city["city"] for city in data["cities"]] == [NANJING]
    lines = {line["indicator"]: line for line in data["cities"][0]["lines"]}
    assert len(lines) == 18
    assert len(lines["A2"]["items"]) == lines["A2"]["denominator"] - lines["A2"]["numerator"]
    assert lines["A1"]["status"] == "no_module"
    assert sum(Fraction(line["effective"]) for line in lines.values()) == 100
    with reading(settings().database_url, SYSTEM) as session:
        row = stored.run(session, data["run"])
    assert row is not None
    assert row.digest == data["digest"]
    assert main(["scorecards", "--period", "2026-05", "--out", str(tmp_path / "cards")]) == 0
    assert len(list((tmp_path / "cards").glob("*.pdf"))) == 13
    assert main(["score", "--period", "2026-13"]) == 1
    assert main(["score", "--period", "2026-05", "--city", "320102"]) == 1
    assert main(["scorecards", "--period", "2026-04", "--out", str(tmp_path)]) == 1


def test_nobody_is_neither_a_person_nor_the_machine() -> None:
    kept = run()
    nobody: Any = None
    for ask in (
        lambda: score_runs.run(nobody, MAY, NOW),
        lambda: scoring.runs(nobody, MAY),
        lambda: scoring.run_of(nobody, kept.id),
    ):
        with pytest.raises(AttributeError):
            ask()
