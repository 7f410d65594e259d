"""Rows into one table: the statement built once; many of plain values at once."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from operator import itemgetter
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.orm import Session

ROOM = 256 << 20  # bytes
MANY = 1000  # rows from which it pays to look for what they have alike
_CODE = re.compile(r"[\w .:-]*", re.ASCII)  # what needs no quoting in a statement

Plain = tuple[Any, ...]
Alike = tuple[tuple[str, str], ...]  # columns with the literal all rows have
Lean = tuple[tuple[str, ...], Sequence[Plain], Alike]

# For these Python's sqlite3 asks two protocols in vain, each time, unless it knows an adapter.
sqlite3.register_adapter(NoneType, {}.get)  # type: ignore[arg-type]  # gives None
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(bytes, bytes)


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns, in their order."""
    if rows:
        connection.execute(_statement(table), list(rows) if len(rows) > 1 else rows[0])


def insert_plain(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Plain],
    alike: Alike = (),
) -> None:
    """Insert rows of values that both databases take as they are, in the order of the columns."""
    if rows:
        connection.exec_driver_sql(_written(connection.dialect, table, columns, alike), list(rows))


def lean(columns: tuple[str, ...], rows: Sequence[Plain]) -> Lean:
    """Columns, rows and literals as `insert_plain` takes them: what many rows have alike once.

    Nothing, yes and no, numbers and codes are said in the statement; a value bound costs more.
    """
    if len(rows) < MANY:
        return columns, rows, ()
    perhaps = [at for at, (one, other) in enumerate(zip(rows[0], rows[-1], strict=True))
               if one == other and _literal(one)]  # fmt: skip
    if len(perhaps) < 2:
        return columns, rows, ()
    found = zip(*set(map(itemgetter(*perhaps), rows)), strict=True)
    alike = {at: _literal(values[0]) for at, values in zip(perhaps, found, strict=True)
             if len(set(values)) == 1}  # fmt: skip
    kept = [at for at in range(len(columns)) if at not in alike]
    if len(kept) < 2:
        return columns, rows, ()
    named = tuple((columns[at], literal) for at, literal in alike.items())
    return tuple(columns[at] for at in kept), list(map(itemgetter(*kept), rows)), named


def _literal(value: Any) -> str:
    """A value as both databases read it in a statement; empty for one that has to be bound."""
    if value is None:
        return "NULL"
    if type(value) in (bool, int):
        return str(value).upper()
    return f"'{value}'" if type(value) is str and _CODE.fullmatch(value) else ""


@lru_cache(maxsize=64)
def _written(dialect: Dialect, table: Table, columns: tuple[str, ...], alike: Alike) -> str:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(map(quote, (*columns, *(name for name, _ in alike))))
    marks = ", ".join((*(mark for _ in columns), *(literal for _, literal in alike)))
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
