"""What every test stands on: an environment of its own, and databases of both kinds."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from db.session import close_all
from settings import settings
from tests.cluster import new_home, start, stop

pytest_plugins = ["tests.seed"]

# No timing in tests, and the same examples on every run.
hypothesis_settings.register_profile("house", deadline=None, derandomize=True)
hypothesis_settings.load_profile("house")


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable of the machine and no file of the checkout reaches a test."""
    for name in list(os.environ):
        if name.startswith("XF_") or name in ("DATABASE_URL", "PORT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XF_DATA_DIR", str(tmp_path / "var"))
    settings.cache_clear()
    yield
    settings.cache_clear()
    close_all()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: that of ./test, or one of this run's own."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    home = new_home()
    yield start(home)
    stop(home)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    name = f"xf_{secrets.token_hex(6)}"
    plain = postgres_server.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as door:
        door.execute(f"create database {name}")
    yield f"{postgres_server.rpartition('/')[0]}/{name}"
    with psycopg.connect(plain, autocommit=True) as door:
        door.execute(f"drop database {name} with (force)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite file."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database of each kind in turn, and DATABASE_URL pointing at it."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url = str(request.getfixturevalue(kind))
    monkeypatch.setenv("DATABASE_URL", url)
    settings.cache_clear()
    return url
