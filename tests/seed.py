"""A seeded database every test may read, and a copy for those that write; three viewers."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from db.session import engine
from domain.people import Role, Viewer
from services.demo import build
from services.demo.people import person_id
from settings import settings

CASES, SEED, TODAY = 1500, 1, date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 30)  # the moment tests look at it: Tuesday morning


@dataclass(frozen=True, slots=True)
class Seeded:
    """A demonstration of CASES cases that ends at midnight before TODAY."""

    home: Path
    today: date = TODAY
    now: datetime = NOW

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"sqlite:///{self.home / 'demo.sqlite3'}"


def viewer(unit: int, unit_name: str, *roles: Role, name: str = "测试") -> Viewer:
    """The demonstration person of a unit who has the first of the roles."""
    return Viewer(person_id(unit, roles[0]), name, unit, unit_name, frozenset(roles))


@pytest.fixture(scope="session")
def seeded_origin(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """Built once a session; nobody writes to it."""
    home = tmp_path_factory.mktemp("seeded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XF_DATA_DIR", str(home))
        patch.setenv("XF_DEMO", "1")
        patch.delenv("DATABASE_URL", raising=False)
        settings.cache_clear()
        build(CASES, SEED, TODAY, workers=1)
    settings.cache_clear()
    return Seeded(home)


def _enter(home: Path, monkeypatch: pytest.MonkeyPatch) -> Seeded:
    monkeypatch.setenv("XF_DATA_DIR", str(home))
    monkeypatch.setenv("XF_DEMO", "1")
    settings.cache_clear()
    return Seeded(home)


@pytest.fixture
def seeded(own_environment: None, seeded_origin: Seeded, monkeypatch: pytest.MonkeyPatch) -> Seeded:
    """The settings of this test point at the shared seeded database: read only."""
    return _enter(seeded_origin.home, monkeypatch)


@pytest.fixture
def seeded_copy(
    own_environment: None, seeded_origin: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Seeded]:
    """The settings of this test point at its own copy of the seeded database."""
    engine(seeded_origin.url).dispose()  # the last one out folds the write-ahead log in
    home = tmp_path / "seeded"
    shutil.copytree(seeded_origin.home, home)
    copy = _enter(home, monkeypatch)
    yield copy
    engine(copy.url).dispose()


@pytest.fixture
def nj_clerk() -> Viewer:
    """A clerk of 南京市生态环境局."""
    return viewer(320100, "南京市生态环境局", Role.CLERK, name="南京登记员")


@pytest.fixture
def sz_handler() -> Viewer:
    """A handler of 苏州市生态环境局."""
    return viewer(320500, "苏州市生态环境局", Role.HANDLER, name="苏州承办人")


@pytest.fixture
def nobody() -> Viewer:
    """An administrator, who sees no case at all."""
    return viewer(320000, "江苏省生态环境厅", Role.ADMIN, name="系统管理员")


def later(**span: float) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(**span)
