"""Bulk builds of a new database: a SQLite file with all that is slow put off, or COPY."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, DropIndex

from db import guards, migrate
from db.models import Base
from db.session import engine

Rows = Sequence[tuple[Any, ...]]
# Tables that are small, or that the services give ids by sequence.
WITH_IDS = ("people", "cases", "submissions")


# Looked at before every event: a new file has none to replace, and keeps its unique keys.
GUARD = "events_no_replace"
FTS_OPTION = "INSERT INTO case_words (case_words, rank) VALUES (?, ?)"


class Sink(Protocol):
    """A place rows go to in bulk."""

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Write rows of a table."""

    def words(self, rows: Sequence[tuple[int, str]]) -> None:
        """Index texts, already in pairs."""

    def finish(self) -> None:
        """Make the indexes and everything durable; the database is there from now on."""

    def drop(self) -> None:
        """Leave nothing behind of an unfinished build."""


def _indexes() -> Iterable[Any]:
    for table in Base.metadata.sorted_tables:
        yield from sorted(table.indexes, key=lambda index: str(index.name))


class SqliteSink:
    """A new file beside the wanted one, put in its place when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.drop()
        migrate.upgrade(f"sqlite:///{self.part}")
        _release(f"sqlite:///{self.part}")
        self.door = sqlite3.connect(self.part, isolation_level=None)
        # Durability is made at the end, in one go.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE",
                       "cache_size=-400000", "temp_store=MEMORY", "foreign_keys=OFF",
                       "threads=2"):  # fmt: skip
            self.door.execute(f"PRAGMA {pragma}")
        self._sql(DropIndex)
        self.door.execute(f"DROP TRIGGER {GUARD}")
        self.door.execute(FTS_OPTION, ("hashsize", 64 << 20))
        self.door.execute("BEGIN")

    def _sql(self, kind: Any) -> None:
        for index in _indexes():
            self.door.execute(str(kind(index).compile(dialect=sqlite.dialect())))

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Write rows of a table."""
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        self.door.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608

    def words(self, rows: Sequence[tuple[int, str]]) -> None:
        """Index texts, already in pairs."""
        self.door.executemany("INSERT INTO case_words (rowid, words) VALUES (?, ?)", rows)

    def finish(self) -> None:
        """Indexes, statistics, then the file itself."""
        self.door.execute("COMMIT")
        self.door.execute(FTS_OPTION, ("hashsize", 1 << 20))
        self._sql(CreateIndex)
        self.door.execute(guards.SQLITE[GUARD])
        # Of every row: from a sample SQLite takes a clock's key to be as choosy as a day.
        self.door.execute("ANALYZE")
        self.door.execute("PRAGMA locking_mode=NORMAL")
        self.door.execute("PRAGMA journal_mode=WAL")
        self.door.close()
        with self.part.open("rb") as file:
            os.fsync(file.fileno())
        for old in _beside(self.path):
            old.unlink(missing_ok=True)
        _release(f"sqlite:///{self.path}")
        os.replace(self.part, self.path)

    def drop(self) -> None:
        """Remove the unfinished file."""
        for name in ("", "-wal", "-shm", "-journal"):
            Path(f"{self.part}{name}").unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    return [Path(f"{path}{name}") for name in ("", "-wal", "-shm")]


def _release(url: str) -> None:
    """Close what the pool holds of a file about to be replaced."""
    engine(url).dispose()


class PostgresSink:
    """One transaction of COPY; indexes are made after the rows."""

    def __init__(self, url: str) -> None:
        migrate.upgrade(url)
        _release(url)
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.door = psycopg.connect(plain)
        for index in _indexes():
            self.door.execute(f'DROP INDEX "{index.name}"')

    def put(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Write rows of a table."""
        names = ", ".join(f'"{name}"' for name in columns)
        with self.door.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def words(self, rows: Sequence[tuple[int, str]]) -> None:
        """Index texts, already in pairs."""
        with self.door.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO case_words VALUES (%s, to_tsvector('simple', %s))", rows
            )

    def finish(self) -> None:
        """Indexes, sequences, commit, statistics."""
        for index in _indexes():
            self.door.execute(str(CreateIndex(index).compile(dialect=postgresql.dialect())))
        for table in WITH_IDS:
            self.door.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )
        self.door.commit()
        self.door.autocommit = True
        self.door.execute("ANALYZE")
        self.door.close()

    def drop(self) -> None:
        """Roll back what was written."""
        self.door.close()


def sink_for(url: str) -> Sink:
    """The sink of a database address."""
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteSink(Path(make_url(url).database or ""))
    return PostgresSink(url)
