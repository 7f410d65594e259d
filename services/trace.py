"""The trace: append an event to its chain, and check that no event was altered or removed.

The hash of an event is an HMAC over its canonical text and the hash before it. The key is not
in the database, so a chain cannot be recomputed there; the signed head of each chain shows a
cut tail; a checkpoint kept elsewhere shows a database put back to an older state.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.queries import chain as chains
from domain.history import Event as HistoryEvent
from domain.people import Viewer
from services.keys import keys

GENESIS = bytes(32)
SYSTEM_CHAIN = 0
_listed = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
).encode


def canonical(data: Mapping[str, Any]) -> str:
    """The one JSON text of a mapping: sorted keys, no spaces, readable Chinese."""
    return _encode(data) if data else "{}"


def digest(key: bytes, prev: bytes, row: Mapping[str, Any]) -> bytes:
    """The chained hash of an event row; `row` has the columns of `events` but id and hashes."""
    at = row["at"].isoformat(timespec="microseconds")
    who = (row["case_id"], row["submission_id"], row["person_id"], row["ip"])
    parts = (row["chain"], row["seq"], row["kind"], at, row["on"].isoformat(), *who, row["data"])
    text = _listed(parts)
    return hmac.digest(key, prev + text.encode(), "sha256")


def head_mac(key: bytes, chain: int, seq: int, last: bytes) -> bytes:
    """The signature of a chain's head."""
    return hmac.digest(key, b"head" + f"{chain}:{seq}:".encode() + last, "sha256")


def record(
    session: Session,
    kind: str,
    at: datetime,
    *,
    viewer: Viewer | None = None,
    chain: int | None = None,
    case_id: int | None = None,
    submission_id: int | None = None,
    on: date | None = None,
    ip: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append one event within the caller's transaction.

    The chain is the acting unit's unless named; events of one chain are written one by one.
    """
    number = chain if chain is not None else viewer.unit if viewer else SYSTEM_CHAIN
    row = {
        "kind": kind,
        "at": at,
        "on": on or at.date(),
        "case_id": case_id,
        "submission_id": submission_id,
        "person_id": viewer.person_id if viewer else None,
        "ip": ip or (viewer.ip if viewer else ""),
        "data": canonical(data or {}),
    }
    record_all(session, number, [row])


def row_of(event: HistoryEvent, case_id: int, ip: str = "") -> dict[str, Any]:
    """The row of a step on a case, as `record_all` takes it."""
    return {
        "kind": event.step,
        "at": event.at,
        "on": event.on,
        "case_id": case_id,
        "submission_id": event.submission,
        "person_id": event.person,
        "ip": ip,
        "data": canonical(event.data),
    }


def record_all(session: Session, chain: int, rows: Sequence[dict[str, Any]]) -> None:
    """Append events to one chain in their order; rows lack only chain, seq and the hashes."""
    key = keys().trace
    seq, last = _head(session, chain)
    for row in rows:
        seq += 1
        row.update(chain=chain, seq=seq, prev=last)
        row["hash"] = last = digest(key, last, row)
    chains.append(session, rows, chain, seq, last, head_mac(key, chain, seq, last))


Told = tuple[str, tuple[Any, ...]]  # the text of an event after its number, and its columns
TOLD = ("kind", "at", "on", "case_id", "submission_id", "person_id", "ip", "data")


def told(event: HistoryEvent, case_id: int, ip: str = "") -> Told:
    """A step on a case as `record_told` takes it: all of it that its place in a chain leaves."""
    at, on, data = event.at, event.on.isoformat(), canonical(event.data)
    who = (case_id, event.submission, event.person, ip)
    rest = _listed((event.step, at.isoformat(timespec="microseconds"), on, *who, data))[1:]
    return rest, (event.step, at.isoformat(" ", "microseconds"), on, *who, data)


def record_told(session: Session, chain: int, events: Iterable[Told]) -> None:
    """Append events to one chain in their order, each as `told` made it."""
    key = keys().trace
    seq, last = _head(session, chain)
    rows = []
    for rest, columns in events:
        seq, prev = seq + 1, last
        last = hmac.digest(key, prev + f"[{chain},{seq},{rest}".encode(), "sha256")
        rows.append((*columns, chain, seq, prev, last))
    names = (*TOLD, "chain", "seq", "prev", "hash")
    chains.append_plain(session, names, rows, chain, seq, last, head_mac(key, chain, seq, last))


def _head(session: Session, chain: int) -> tuple[int, bytes]:
    """The end of a chain, locked until the transaction ends; a new chain begins at zero."""
    if found := chains.end(session, chain):
        return found
    # Two first events of one unit at once: the second waits for the first, then reads its end.
    chains.begin(session, chain, GENESIS, head_mac(keys().trace, chain, 0, GENESIS))
    begun = chains.end(session, chain)
    assert begun is not None
    return begun


def check(session: Session) -> list[str]:
    """The faults of every chain, as sentences; an empty list is a sound trace."""
    key = keys().trace
    heads = {head.chain: head for head in session.scalars(select(m.ChainHead))}
    faults: list[str] = []
    last: dict[int, tuple[int, bytes]] = {}
    wanted, wrong = _checkpoints(session, key)
    for row in _rows(session):
        seq, prev = last.get(row["chain"], (0, GENESIS))
        if row["seq"] != seq + 1:
            faults.append(f"单位 {row['chain']} 的留痕在第 {seq} 与第 {row['seq']} 条之间有缺失")
        elif row["prev"] != prev or not hmac.compare_digest(row["hash"], digest(key, prev, row)):
            faults.append(f"单位 {row['chain']} 第 {row['seq']} 条留痕（事件 {row['id']}）被改动")
        last[row["chain"]] = (row["seq"], row["hash"])
        if (signed := wanted.pop((row["chain"], row["seq"]), None)) and signed[0] != row["hash"]:
            faults.append(_unlike(row["chain"], row["seq"], signed[1]))
    for chain in sorted(heads.keys() | last.keys()):
        faults.extend(_head_faults(key, chain, heads.get(chain), last.get(chain, (0, GENESIS))))
    # What a checkpoint signed and no event reached: the chain is shorter than it was.
    faults.extend(_unlike(chain, seq, at) for (chain, seq), (_, at) in wanted.items())
    return faults + wrong


Signed = dict[tuple[int, int], tuple[bytes, datetime]]


def _checkpoints(session: Session, key: bytes) -> tuple[Signed, list[str]]:
    """What each checkpoint says of each chain: its hash at a number; and checkpoints forged."""
    signed: Signed = {}
    faults: list[str] = []
    for point in session.scalars(select(m.Checkpoint).order_by(m.Checkpoint.id)):
        if not hmac.compare_digest(point.mac, _point_mac(key, point.heads)):
            faults.append(f"{point.at:%Y-%m-%d %H:%M} 的留痕存证（编号 {point.id}）签名不符")
            continue
        for chain, (seq, last) in json.loads(point.heads).items():
            known = signed.setdefault((int(chain), seq), (bytes.fromhex(last), point.at))
            if known[0] != bytes.fromhex(last):
                faults.append(_unlike(int(chain), seq, point.at))
    empty = [place for place, (last, _) in signed.items() if place[1] == 0 and last == GENESIS]
    for place in empty:
        del signed[place]
    return signed, faults


def _unlike(chain: int, seq: int, at: datetime) -> str:
    return f"单位 {chain} 第 {seq} 条留痕与 {at:%Y-%m-%d %H:%M} 的存证不符，缺失或被改写"


def _head_faults(
    key: bytes, chain: int, head: m.ChainHead | None, last: tuple[int, bytes]
) -> Iterator[str]:
    if head is None:
        yield f"单位 {chain} 的留痕缺少链尾签名"
    elif not hmac.compare_digest(head.mac, head_mac(key, chain, head.seq, head.hash)):
        yield f"单位 {chain} 的留痕链尾签名不符"
    elif (head.seq, head.hash) != last:
        yield f"单位 {chain} 的留痕应有 {head.seq} 条，实有 {last[0]} 条，末尾被删除或改动"


def _rows(session: Session) -> Iterator[Mapping[str, Any]]:
    events = m.Event.__table__
    query = select(events).order_by(events.c.chain, events.c.seq)
    for row in session.execute(query, execution_options={"yield_per": 5000}):
        yield row._asdict()


def checkpoint(session: Session, at: datetime) -> m.Checkpoint:
    """Sign all heads as they stand, for keeping elsewhere; returns the stored checkpoint."""
    heads = session.execute(
        select(m.ChainHead.chain, m.ChainHead.seq, m.ChainHead.hash).order_by(m.ChainHead.chain)
    )
    text = heads_text((chain, seq, last) for chain, seq, last in heads)
    made = m.Checkpoint(at=at, heads=text, mac=_point_mac(keys().trace, text))
    session.add(made)
    session.flush()
    return made


def heads_text(heads: Iterable[tuple[int, int, bytes]]) -> str:
    """The text of a checkpoint: every chain's last number and hash."""
    return canonical({str(chain): [seq, last.hex()] for chain, seq, last in heads})


def checkpoint_row(heads: Iterable[tuple[int, int, bytes]], at: datetime) -> tuple[Any, ...]:
    """A checkpoint as the values of `at`, `heads` and `mac`, for a build in bulk."""
    text = heads_text(heads)
    return (at, text, _point_mac(keys().trace, text))


def _point_mac(key: bytes, heads: str) -> bytes:
    return hmac.digest(key, heads.encode(), "sha256")
