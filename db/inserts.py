"""Rows into one table: the statement built once; many of plain values at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.orm import Session

ROOM = 256 << 20  # bytes


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns, in their order."""
    if rows:
        connection.execute(_statement(table), list(rows) if len(rows) > 1 else rows[0])


def insert_plain(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert rows of values that both databases take as they are, in the order of the columns."""
    if rows:
        connection.exec_driver_sql(_written(connection.dialect, table, columns), list(rows))


@lru_cache(maxsize=64)
def _written(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> str:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names, marks = ", ".join(map(quote, columns)), ", ".join(mark for _ in columns)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608


@contextmanager
def roomy(session: Session) -> Iterator[None]:
    """More memory for the pages of one long writing, so that none is written twice (SQLite)."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    [[before]] = connection.exec_driver_sql("PRAGMA cache_size").all()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{ROOM >> 10}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={before}")


@cache
def _statement(table: Table) -> Any:
    return insert(table)
