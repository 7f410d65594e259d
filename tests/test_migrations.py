"""Migrations: up from empty on both databases, equal to the models, append-only kept."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.guards import lacking
from db.migrate import differences, is_current, upgrade
from db.session import engine


def test_up_from_empty_gives_the_models(database_url: str) -> None:
    assert not is_current(database_url)
    upgrade(database_url)
    assert is_current(database_url)
    assert differences(database_url) == []
    upgrade(database_url)
    assert is_current(database_url)


KEPT = {
    "units": "(code, name, division, short_name, level, pinyin, initials, lon, lat)"
    " VALUES (320000, '省厅', '江苏省', '江苏', 'province', 'js', 'js', 118.8, 32.1)",
    "supervisions": '(case_id, kind, source, unit_code, reason, delivered_on)'
    " VALUES (1, 'order', 'overdue', 320000, '超期', '2026-10-09')",
    "case_links": "(case_id, earlier_id, kind, reason, \"on\")"
    " VALUES (2, 1, 'repeat', '登记时确认', '2026-10-09')",
    "attachments": "(case_id, name, mime, size, sha256, at)"
    " VALUES (1, '现场.jpg', 'image/jpeg', 9, 'x', '2026-10-09 00:00:00.000000')",
    "documents": "(kind, number, case_id, unit_code, record, sha256, at)"
    " VALUES ('scorecard', '1号', 1, 320000, '{}', 'x', '2026-10-09 00:00:00.000000')",
}  # fmt: skip
CASE = (
    "INSERT INTO cases (id, no, title, place_code, place_city, address, subject_name, channel,"
    " subchannel, received_on, received_month, registered_on, registered_unit, status, holder_unit,"
    " simple, sealed, is_group, is_repeat, confidential, urgency, submissions, changed_at, version)"
    " VALUES (:id, :no, '异味', 320000, 320000, '', '', 'phone', '12345', '2026-10-09', 202610,"
    " '2026-10-09', 320000, 'registered', 320000, false, false, false, false, false, 'normal', 1,"
    " '2026-10-09 00:00:00.000000', 1)"
)


def test_up_from_the_last_release_keeps_the_rows(database_url: str) -> None:
    upgrade(database_url, "0001")
    with engine(database_url).begin() as door:
        door.execute(text(f"INSERT INTO units {KEPT['units']}"))
        door.execute(text(CASE), [{"id": 1, "no": "A1"}, {"id": 2, "no": "A2"}])
        for table in list(KEPT)[1:]:
            door.execute(text(f"INSERT INTO {table} {KEPT[table]}"))
    upgrade(database_url)
    assert differences(database_url) == []
    with engine(database_url).connect() as door:
        counts = {name: door.scalar(text(f"SELECT count(*) FROM {name}")) for name in KEPT}
        assert counts == dict.fromkeys(KEPT, 1)
        assert door.scalar(text("SELECT count(*) FROM cases WHERE NOT supervised")) == 2


def test_the_check_sees_a_difference(database_url: str) -> None:
    upgrade(database_url)
    with engine(database_url).begin() as connection:
        connection.execute(text("ALTER TABLE checkpoints ADD COLUMN extra INTEGER"))
    assert ["extra" in line for line in differences(database_url)] == [True]


PARTIAL = ("ix_clocks_running", "ix_clocks_trouble", "ix_cases_in_hand")


def test_partial_indexes_are_partial(database_url: str) -> None:
    upgrade(database_url)
    where = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes",
    }
    with engine(database_url).connect() as connection:
        found: dict[str, str] = dict(
            connection.execute(text(where[engine(database_url).dialect.name])).all()
        )
    for name in PARTIAL:
        assert " WHERE " in found[name], name


OFF = {
    "sqlite": [
        "DROP TRIGGER events_no_update",
        "DROP TRIGGER events_no_delete",
        "DROP TRIGGER events_no_replace",
    ],
    "postgresql": [
        "ALTER TABLE events DISABLE TRIGGER events_no_change",
        "DROP TRIGGER events_no_truncate ON events",
        "CREATE OR REPLACE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
    ],
}


def test_the_check_sees_a_guard_switched_off(database_url: str) -> None:
    upgrade(database_url)
    for statement in OFF[engine(database_url).dialect.name]:
        with engine(database_url).connect() as connection:
            connection.execute(text(statement))
            assert lacking(connection), statement
            connection.rollback()
            assert lacking(connection) == []


def test_a_trigger_emptied_under_its_name_is_seen(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    with engine(sqlite_url).begin() as connection:
        connection.execute(text("DROP TRIGGER events_no_update"))
        connection.execute(
            text("CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT 1; END")
        )
    assert len(differences(sqlite_url)) == 1


@pytest.mark.parametrize("same", ["id", "place in the chain"])
def test_an_event_is_not_replaced(sqlite_url: str, same: str) -> None:
    upgrade(sqlite_url)
    event = (
        'INSERT OR REPLACE INTO events (id, chain, seq, kind, at, "on", ip, data, prev, hash)'
        " VALUES (:id, 0, :seq, 'x', '2026-01-01 00:00:00.000000', '2026-01-01', '', :data, 'x',"
        " 'x')"
    )
    with engine(sqlite_url).begin() as door:
        door.execute(text(event), {"id": 1, "seq": 1, "data": "{}"})
        door.execute(text(event), {"id": 2, "seq": 2, "data": "{}"})
    again = {"id": 2, "seq": 9} if same == "id" else {"id": 9, "seq": 2}
    with pytest.raises(DBAPIError, match="append-only"), engine(sqlite_url).begin() as door:
        door.execute(text(event), {**again, "data": "other"})


def test_truncating_the_trace_is_refused(postgres_url: str) -> None:
    upgrade(postgres_url)
    with pytest.raises(DBAPIError, match="append-only"), engine(postgres_url).begin() as door:
        door.execute(text("TRUNCATE events CASCADE"))
