"""The database all benchmarks lie on: built once for a size, a seed and a generator."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.figures import Effort
from db.session import close_all
from domain.clocks import Lights
from rules import load
from services.clock import now
from services.demo import build
from settings import ROOT, settings

# Whatever decides what a build writes, and how it is stored.
SOURCES = ("services/demo", "assets/demo", "rules", "domain", "db/models", "db/migrations",
           "services/rows.py", "services/trace.py", "db/words.py")  # fmt: skip
MARK = "bench.json"


@dataclass(frozen=True, slots=True)
class Built:
    """What stands, and what it cost."""

    cases: int
    seed: int
    today: str
    events: int
    minutes: float
    gigabytes: float
    digest: str


@dataclass(frozen=True, slots=True)
class Bed:
    """A standing database: its folder (key, files) and its address."""

    home: Path
    url: str
    built: Built
    effort: Effort

    @property
    def sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return make_url(self.url).get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(make_url(self.url).database or "")

    @property
    def today(self) -> date:
        """The day at whose beginning the data ends."""
        return date.fromisoformat(self.built.today)

    @property
    def lights(self) -> Lights:
        """The limits of the board's lights on that day."""
        return Lights.on(self.today, load().calendar)


def standing(
    keep: Path, cases: int, seed: int, url: str | None, any_build: bool, effort: Effort
) -> Bed:
    """The database of a size and a seed, built when it does not stand yet."""
    found, kind = digest(), "postgresql" if url else "sqlite"
    home = keep / f"{kind}-{cases}-{seed}"
    mark = home / MARK
    own = _own_url(home, url, f"bench_{cases}_{seed}")
    if mark.is_file():
        built = Built(**json.loads(mark.read_text(encoding="utf-8")))
        if (built.digest == found or any_build) and _there(own):
            return Bed(home, own, built, effort)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with using(home, own):
        built = _build(cases, seed, own, url, found)
    mark.write_text(json.dumps(asdict(built)), encoding="utf-8")
    return Bed(home, own, built, effort)


def digest() -> str:
    """A hash of the generator and of what it stands on."""
    made = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".toml", ".json", ".csv"):
                made.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return made.hexdigest()[:16]


def _build(cases: int, seed: int, own: str, url: str | None, found: str) -> Built:
    if url:
        _fresh_database(url, own)
    began, today = time.monotonic(), now().date()
    made = build(cases, seed, today)
    minutes = (time.monotonic() - began) / 60
    return Built(cases, seed, today.isoformat(), made.events, round(minutes, 2), size(own), found)


@contextmanager
def using(home: Path, url: str) -> Iterator[None]:
    """Point the settings of this process at a folder and an address for a while."""
    wanted = surroundings(home, url)
    before = {name: os.environ.get(name) for name in wanted}
    close_all()
    os.environ.update(wanted)
    settings.cache_clear()
    try:
        yield
    finally:
        close_all()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        settings.cache_clear()


def surroundings(home: Path, url: str) -> dict[str, str]:
    """The environment of a process that works on this database."""
    return {
        "XF_DATA_DIR": str(home),
        "XF_DEMO": "1",
        "DATABASE_URL": url,
        "XF_LOG_LEVEL": "WARNING",
    }


@contextmanager
def copied(bed: Bed) -> Iterator[Bed]:
    """A copy that may be written to, removed afterwards; the settings point at it."""
    home = bed.home.with_name(bed.home.name + "-copy")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    shutil.copy(bed.home / "demo.key", home)
    close_all()
    copy = Bed(home, _copy_database(bed, home), bed.built, bed.effort)
    try:
        with using(home, copy.url):
            yield copy
    finally:
        if not bed.sqlite:
            _server(bed.url, f'drop database "{make_url(copy.url).database}" with (force)')
        shutil.rmtree(home)


def _copy_database(bed: Bed, home: Path) -> str:
    if bed.sqlite:
        shutil.copy(bed.file, home / "demo.sqlite3")
        os.sync()  # what the copying left to write would be waited for by the first who commits
        return f"sqlite:///{home / 'demo.sqlite3'}"
    name = make_url(bed.url).database
    copy = f"{name}_copy"
    _server(bed.url, f'drop database if exists "{copy}" with (force)')
    _server(bed.url, f'create database "{copy}" template "{name}"')
    return make_url(bed.url).set(database=copy).render_as_string(hide_password=False)


def size(url: str) -> float:
    """Gigabytes on disk."""
    if make_url(url).get_backend_name() == "sqlite":
        return round(Path(make_url(url).database or "").stat().st_size / 1e9, 2)
    name = make_url(url).database
    [[found]] = _server(url, f"select pg_database_size('{name}')")
    return round(found / 1e9, 2)


def _own_url(home: Path, url: str | None, name: str) -> str:
    if not url:
        return f"sqlite:///{home / 'demo.sqlite3'}"
    made = make_url(url).set(drivername="postgresql+psycopg", database=name)
    return made.render_as_string(hide_password=False)


def _there(url: str) -> bool:
    if make_url(url).get_backend_name() == "sqlite":
        return Path(make_url(url).database or "").is_file()
    return bool(
        _server(url, f"select 1 from pg_database where datname = '{make_url(url).database}'")
    )


def _fresh_database(url: str, own: str) -> None:
    name = make_url(own).database
    _server(url, f'drop database if exists "{name}" with (force)')
    _server(url, f'create database "{name}"')


def _server(url: str, sql: str) -> list[Any]:
    """One statement on the server that holds a database, outside any transaction."""
    door = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(door.render_as_string(hide_password=False), autocommit=True) as server:
        cursor = server.execute(sql)
        return cursor.fetchall() if cursor.description else []
