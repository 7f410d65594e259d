"""Migrations: up from empty on both databases, equal to the models, append-only kept."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.migrate import differences, is_current, upgrade
from db.session import engine


def test_up_from_empty_gives_the_models(database_url: str) -> None:
    assert not is_current(database_url)
    upgrade(database_url)
    assert is_current(database_url)
    assert differences(database_url) == []
    upgrade(database_url)
    assert is_current(database_url)


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
        found = dict(connection.execute(text(where[engine(database_url).dialect.name])).all())
    for name in PARTIAL:
        assert " WHERE " in found[name], name


def test_truncating_the_trace_is_refused(postgres_url: str) -> None:
    upgrade(postgres_url)
    with pytest.raises(DBAPIError, match="append-only"), engine(postgres_url).begin() as door:
        door.execute(text("TRUNCATE events CASCADE"))
