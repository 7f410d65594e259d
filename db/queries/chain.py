"""The three statements every write of the system ends with, built once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db import models as m
from db.inserts import insert_plain, insert_rows
from db.upsert import upsert

HEADS = m.ChainHead.__table__
_OF = HEADS.c.chain == bindparam("of")
_END = select(HEADS.c.seq, HEADS.c.hash).where(_OF).with_for_update()
_MOVE = (
    update(HEADS)
    .where(_OF)
    .values(seq=bindparam("seq"), hash=bindparam("hash"), mac=bindparam("mac"))
)


def end(session: Session, chain: int) -> tuple[int, bytes] | None:
    """The number and hash of a chain's last event, locked until the transaction ends."""
    found = session.connection().execute(_END, {"of": chain}).one_or_none()
    return (found[0], found[1]) if found else None


def begin(session: Session, chain: int, last: bytes, mac: bytes) -> None:
    """Begin a chain that has no event yet; somebody else may have begun it at the same time."""
    row = {"chain": chain, "seq": 0, "hash": last, "mac": mac}
    statement = upsert(session, HEADS).values(row).on_conflict_do_nothing()
    session.connection().execute(statement)


def append(
    session: Session, rows: Sequence[dict[str, Any]], chain: int, seq: int, last: bytes, mac: bytes
) -> None:
    """Write events and move the chain's end to the last of them."""
    connection = session.connection()
    insert_rows(connection, m.Event.__table__, rows)
    connection.execute(_MOVE, {"of": chain, "seq": seq, "hash": last, "mac": mac})


def append_plain(
    session: Session,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    chain: int,
    seq: int,
    last: bytes,
    mac: bytes,
) -> None:
    """The same for rows of plain values in the order of the columns."""
    connection = session.connection()
    insert_plain(connection, m.Event.__table__, columns, rows)
    connection.execute(_MOVE, {"of": chain, "seq": seq, "hash": last, "mac": mac})
