"""The demonstration: repeatable, lawful, complete, and plausible."""

import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from db import migrate
from domain.errors import Refused
from domain.people import Level, city_of, level_of
from domain.scope import SYSTEM
from domain.workflow import Status
from intake.checks import id_fault, phone_fault, uscc_fault
from rules import load
from services import trace
from services.demo import build
from services.demo.cases import Maker
from services.demo.days import Days
from services.demo.province import inside
from services.keys import Keys, create
from services.store import read
from services.units import spelled, unit_rows
from settings import settings
from tests.seed import SEED, TODAY, Seeded

KEY = Keys("0" * 8, bytes(32), bytes(32), bytes(32))


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(SEED, Days(3000, TODAY, load().calendar), KEY)


@pytest.fixture
def db(seeded: Seeded):
    with closing(sqlite3.connect(seeded.home / "demo.sqlite3")) as door:
        yield door


def test_time_never_runs_backwards_nor_past_the_cutoff(maker: Maker) -> None:
    for index in range(0, 3000, 7):
        events = [event for _, event in maker.made(index, "JS").events]
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert moments[-1] < datetime.combine(TODAY, datetime.min.time())
        assert all(event.on <= event.at.date() for event in events)


def _digest(home: Path) -> str:
    out = hashlib.sha256()
    with closing(sqlite3.connect(home / "demo.sqlite3")) as door:
        for line in door.iterdump():
            out.update(line.encode("utf-8", "surrogateescape"))
    return out.hexdigest()


def test_same_size_seed_and_day_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        home = tmp_path / name
        monkeypatch.setenv("XF_DATA_DIR", str(home))
        settings.cache_clear()
        if name == "one":
            create(home / "demo.key")
        else:
            home.mkdir()
            (home / "demo.key").write_text((tmp_path / "one" / "demo.key").read_text())
            (home / "demo.key").chmod(0o600)
        build(120, seed, TODAY, workers=1)
        digests.append(_digest(home))
    assert digests[0] == digests[1] != digests[2]


def test_only_a_demonstration_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XF_DEMO", "0")
    settings.cache_clear()
    with pytest.raises(Refused, match="不是演示环境"):
        build(10, 1, TODAY)


def test_postgres_holds_the_same(
    postgres_url: str, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    settings.cache_clear()
    build(1500, SEED, TODAY, workers=1)
    with read(SYSTEM) as session:
        assert trace.check(session) == []
        rows = session.connection().exec_driver_sql("SELECT status, count(*) FROM cases GROUP BY 1")
        found = {row[0]: row[1] for row in rows}
    with closing(sqlite3.connect(seeded.home / "demo.sqlite3")) as door:
        assert found == dict(door.execute("SELECT status, count(*) FROM cases GROUP BY 1"))


def test_the_database_is_sound(seeded: Seeded, db: sqlite3.Connection) -> None:
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert migrate.is_current(seeded.url)
    with read(SYSTEM) as session:
        assert trace.check(session) == []


def _share(db: sqlite3.Connection, query: str) -> dict[str, float]:
    rows = dict(db.execute(query))
    return {key: count / sum(rows.values()) for key, count in rows.items()}


def test_every_status_track_finding_and_rating_is_there(db: sqlite3.Connection) -> None:
    assert set(_share(db, "SELECT status, count(*) FROM cases GROUP BY 1")) == set(Status)
    tracks = _share(db, "SELECT track, count(*) FROM cases GROUP BY 1")
    assert {"report", "petition", "suggestion", "litigation", "accusation", "elsewhere"} <= set(
        tracks
    )
    conclusions = _share(db, "SELECT conclusion, count(*) FROM cases GROUP BY 1")
    assert {"substantiated", "mostly", "partly", "unsubstantiated"} <= set(conclusions)
    assert {1, 2, 3} <= set(_share(db, "SELECT rating, count(*) FROM cases GROUP BY 1"))


FAULTS = {
    "late entry": "SELECT count(*) FROM clocks WHERE key = 'entry' AND done_on > due_on",
    "late dispatch": "SELECT count(*) FROM clocks WHERE key = 'dispatch' AND done_on > due_on",
    "late signing": "SELECT count(*) FROM clocks WHERE key = 'sign' AND done_on > due_on",
    "late notice": "SELECT count(*) FROM clocks WHERE key = 'notice' AND done_on > due_on",
    "late conclusion": "SELECT count(*) FROM clocks WHERE key LIKE 'conclude%'"
    " AND done_on > due_on",
    "late reply": "SELECT count(*) FROM clocks WHERE key = 'reply' AND done_on > due_on",
    "late callback": "SELECT count(*) FROM clocks WHERE key = 'callback' AND done_on > due_on",
    "overdue now": "SELECT count(*) FROM clocks WHERE duty AND NOT exempt AND done_on IS NULL"
    f" AND due_on < '{TODAY}'",
    "provisional": "SELECT count(*) FROM clocks WHERE provisional AND due_on > '2026-12-31'",
    "extended": "SELECT count(*) FROM clocks WHERE due_on > first_due_on",
    "incomplete": "SELECT count(*) FROM submissions WHERE missing <> ''",
    "repeats": "SELECT count(*) FROM case_links WHERE kind = 'repeat'",
    "group": "SELECT count(*) FROM cases WHERE is_group",
    "anonymous": "SELECT count(*) FROM submissions WHERE anonymous",
    "unreachable": "SELECT count(*) FROM submissions WHERE NOT reachable",
    "confidential": "SELECT count(*) FROM cases WHERE confidential",
    "sealed": "SELECT count(*) FROM cases WHERE sealed",
    "simple": "SELECT count(*) FROM cases WHERE simple",
    "declined": "SELECT count(*) FROM cases WHERE status = 'declined'",
    "overturned": "SELECT count(*) FROM events WHERE kind = 'verify' AND data LIKE '%overturned%'",
    "rejected": "SELECT count(*) FROM events WHERE kind = 'reject'",
    "exempt": "SELECT count(*) FROM clocks WHERE exempt AND NOT sealed",
    "not yet checked": "SELECT count(*) FROM cases WHERE sender_unit IS NOT NULL"
    " AND delivered_on IS NOT NULL AND checked_on IS NULL",
    "notice that failed": "SELECT count(*) FROM events WHERE kind = 'notify'"
    " AND data LIKE '%failure%'",
    "order not answered": "SELECT count(*) FROM supervisions WHERE closed_on IS NULL",
    "assisted": "SELECT count(*) FROM events WHERE kind = 'assign' AND data LIKE '%assist%'",
    "copies": "SELECT count(*) FROM events WHERE kind = 'transfer' AND data LIKE '%copies%'",
    "refused return": "SELECT count(*) FROM events WHERE kind = 'refuse_return'",
    "hearing": "SELECT count(*) FROM events WHERE kind = 'hold_hearing'",
    "revoked": "SELECT count(*) FROM reviews WHERE outcome = 'revoked'",
    "recorded later": "SELECT count(*) FROM clocks WHERE shown_on > done_on",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_kind_of_fault_is_there(db: sqlite3.Connection, fault: str) -> None:
    assert db.execute(FAULTS[fault]).fetchone()[0] > 0


def test_the_mix_is_that_of_the_province(db: sqlite3.Connection) -> None:
    channels = _share(db, "SELECT channel, count(*) FROM cases GROUP BY 1")
    assert 0.42 < channels["phone"] < 0.56
    assert 0.40 < channels["web"] < 0.52
    total = db.execute("SELECT count(*) FROM cases").fetchone()[0]
    mains = dict(db.execute("SELECT main, count(DISTINCT case_id) FROM case_categories GROUP BY 1"))
    assert 0.48 < mains["A"] / total < 0.62
    assert 0.44 < mains["N"] / total < 0.55
    assert sum(mains.values()) > total * 1.2
    odour = db.execute("SELECT count(*) FROM case_categories WHERE sub = 'A01'").fetchone()[0]
    assert 0.38 < odour / mains["A"] < 0.52


def test_summer_is_louder_than_winter(maker: Maker) -> None:
    months = Counter[int]()
    days = maker.days
    for day in range(days.first, days.last + 1):
        months[days.date(day).month] += days.ends[day - days.first] - days.first_of(day)
    assert months[7] / 2 > 1.4 * months[2]


def test_open_work_is_plausible(db: sqlite3.Connection) -> None:
    running = "FROM clocks WHERE duty AND NOT exempt AND done_on IS NULL"
    open_ = db.execute(f"SELECT count(*) {running}").fetchone()[0]
    red = db.execute(f"SELECT count(*) {running} AND due_on < '{TODAY}'").fetchone()[0]
    assert 0 < red / open_ < 0.2  # of a few dozen: the ones left at a step weigh much here
    hand, all_ = db.execute("SELECT sum(ended_on IS NULL), count(*) FROM cases").fetchone()
    assert 0.03 < hand / all_ < 0.15


def test_points_lie_in_their_county(db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT lon, lat, place_code FROM cases WHERE lon IS NOT NULL").fetchall()
    away = [row for row in rows if not inside(*row)]
    assert len(away) <= len(rows) * 0.02


def test_invented_people_pass_the_checks(maker: Maker) -> None:
    now, ids, codes = datetime(2026, 11, 24), 0, 0
    for index in range(0, 1500, 3):
        made = maker.made(index, "JS")
        who = made.identity
        assert not who.phone or phone_fault(who.phone) == ""
        assert who.phone[:4] in ("", "1990")
        if who.id_no:
            ids += 1
            assert id_fault(who.id_no, now) == ""
        if made.plan.subject.code:
            codes += 1
            assert uscc_fault(made.plan.subject.code) == ""
    assert ids and codes


def test_a_repeat_is_by_the_same_person(maker: Maker) -> None:
    found = 0
    for index in range(1500, 3000):
        plan = maker.plan(index)
        if plan.repeats is None:
            continue
        found += 1
        earlier = maker.made(plan.repeats, "JS")
        later = maker.tell(plan, "JS")
        assert later.identity == earlier.identity
        told = earlier.state.delivered_on
        assert told and 0 <= (later.state.received_on - told).days <= 90  # type: ignore[operator]
    assert found > 20


def test_bigger_and_smaller_cities_differ(db: sqlite3.Connection) -> None:
    counts = dict(db.execute("SELECT place_city, count(*) FROM cases GROUP BY 1"))
    assert len(counts) == 13
    assert counts[320100] > 3 * counts[321300]


def test_units_are_the_divisions() -> None:
    rows = unit_rows()
    levels = Counter(level_of(row["code"]) for row in rows)
    assert levels == {Level.PROVINCE: 1, Level.CITY: 13, Level.COUNTY: 95}
    assert len({row["name"] for row in rows}) == 109
    for row in rows:
        above = {Level.PROVINCE: None, Level.CITY: 320000}
        assert row["parent_code"] == above.get(level_of(row["code"]), city_of(row["code"]))
        assert isinstance(row["lon"], Decimal)


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [("六合区", "luhequ", "lhq"), ("盱眙县", "xuyixian", "xyx"), ("沭阳县", "shuyangxian", "syx"),
     ("栖霞区", "qixiaqu", "qxq"), ("溧水区", "lishuiqu", "lsq"), ("邳州市", "pizhoushi", "pzs"),
     ("睢宁县", "suiningxian", "snx"), ("高淳区", "gaochunqu", "gcq"),
     ("句容市", "jurongshi", "jrs")],
)  # fmt: skip
def test_place_names_are_read_right(name: str, pinyin: str, initials: str) -> None:
    assert spelled(name) == (pinyin, initials)


def test_days_count_like_the_calendar() -> None:
    calendar = load().calendar
    days = Days(100, TODAY, calendar)
    for ordinal in range(days.first, days.last, 11):
        on = date.fromordinal(ordinal)
        assert days.advance(ordinal, 3) == calendar.advance(on, 3).toordinal()
        assert days.works(ordinal) == calendar.is_workday(on)
