"""SQLite's statistics: made where there are none or the table has outgrown them, else left."""

import pytest

from db import statistics
from db.session import engine
from settings import settings
from tests.office import enter, prepare


def test_statistics_follow_the_growth(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings.cache_clear()
    prepare()
    enter()
    assert not statistics.refresh(sqlite_url), "a small table needs none"
    monkeypatch.setattr(statistics, "LEAST", 0)
    assert statistics.refresh(sqlite_url)
    enter()
    assert not statistics.refresh(sqlite_url), "two cases are not more than twice one"
    enter()
    assert statistics.refresh(sqlite_url)
    with engine(sqlite_url).connect() as connection:
        made = connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1").scalar_one()
    assert made > 10


def test_a_server_minds_its_own(postgres_url: str) -> None:
    assert not statistics.refresh(postgres_url)
