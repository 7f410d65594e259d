"""Many rows into one table: the statement built once, the types' own conversions by column."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

MANY = 50  # rows from which it is worth leaving out what Core does for each row


class _Turned(dict[Any, Any]):
    """A column's values as the driver takes them, each worked out once."""

    def __init__(self, turn: Callable[[Any], Any]) -> None:
        self.turn = turn

    def __missing__(self, value: Any) -> Any:
        self[value] = turned = self.turn(value)
        return turned


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns, in their order."""
    if len(rows) >= MANY:
        _insert_many(connection, table, rows)
    elif rows:
        connection.execute(_statement(table), list(rows) if len(rows) > 1 else rows[0])


@cache
def _statement(table: Table) -> Any:
    return insert(table)


def _insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    sql, columns, named = _compiled(connection.dialect, table, tuple(rows[0]))
    made: list[Iterable[Any]] = []
    for name, turn in columns:
        values = map(itemgetter(name), rows)
        made.append(values if turn is None else map(_Turned(turn).__getitem__, values))
    given: Any = list(zip(*made, strict=True))
    if named:
        names = [name for name, _ in columns]
        given = [dict(zip(names, row, strict=True)) for row in given]
    connection.exec_driver_sql(sql, given)


@lru_cache(maxsize=64)
def _compiled(dialect: Dialect, table: Table, names: tuple[str, ...]) -> tuple[str, Any, bool]:
    """The text of an insert of these columns, each with its type's conversion, in its order."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
    positions = getattr(compiled, "positiontup", None)
    columns = [
        (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in positions or names
    ]
    return str(compiled), columns, positions is None
