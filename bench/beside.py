"""What benchmarks are held against: hand-written SQL in the same database, and DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from bench.bed import Bed
from db.session import engine

CHUNK = 200_000
# What the analytical references read.
TABLES = {
    "clocks": {
        "case_id": "BIGINT", "submission_id": "BIGINT", "key": "VARCHAR", "unit_code": "INTEGER",
        "city_code": "INTEGER", "started_on": "DATE", "known_on": "DATE", "due_on": "DATE",
        "done_on": "DATE", "shown_on": "DATE", "duty": "BOOLEAN", "exempt": "BOOLEAN",
        "provisional": "BOOLEAN", "sealed": "BOOLEAN",
    },
    "cases": {
        "id": "BIGINT", "no": "VARCHAR", "title": "VARCHAR", "place_code": "INTEGER",
        "place_city": "INTEGER", "channel": "VARCHAR", "subchannel": "VARCHAR",
        "received_on": "DATE", "received_month": "INTEGER", "status": "VARCHAR",
        "ended_on": "DATE", "ended_month": "INTEGER", "concluded_on": "DATE",
        "delivered_on": "DATE", "rating": "INTEGER", "is_repeat": "BOOLEAN",
        "is_group": "BOOLEAN", "sealed": "BOOLEAN", "urgency": "VARCHAR",
    },
    "case_categories": {"case_id": "BIGINT", "main": "VARCHAR", "sub": "VARCHAR"},
}  # fmt: skip


class Plain:
    """Hand-written SQL straight through the driver."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def all(self, sql: str) -> list[Any]:
        """Every row of a statement."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql)
            return list(cursor.fetchall())
        finally:
            cursor.close()


@contextmanager
def plain(bed: Bed) -> Iterator[Plain]:
    """A connection of the same engine, with the same pragmas, without the ORM."""
    connection = engine(bed.url).raw_connection()
    try:
        yield Plain(connection)
    finally:
        connection.rollback() if not bed.sqlite else None
        connection.close()


@contextmanager
def duck(bed: Bed) -> Iterator[Plain]:
    """The same tables in DuckDB, exported once."""
    path = bed.home / "reference.duckdb"
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with duckdb.connect(str(part)) as made, plain(bed) as source:
            for table, columns in TABLES.items():
                _export(made, source, table, columns)
        part.rename(path)
    with duckdb.connect(str(path), read_only=True, config={"threads": 2}) as found:
        yield Plain(found)


def _export(made: Any, source: Plain, table: str, columns: dict[str, str]) -> None:
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    made.execute(f"CREATE TABLE {table} ({shape})")
    names = ", ".join(columns)
    cast = ", ".join(f"CAST({name} AS {kind})" for name, kind in columns.items())
    cursor = source.connection.cursor()
    cursor.execute(f"SELECT {names} FROM {table}")
    while rows := list(islice(cursor, CHUNK)):
        arrays = [pa.array(column) for column in zip(*rows, strict=True)]
        made.register("chunk", pa.table(arrays, names=list(columns)))
        made.execute(f"INSERT INTO {table} SELECT {cast} FROM chunk")
    cursor.close()
