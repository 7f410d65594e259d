"""A ledger file: read, mapped, examined whole, and written in one transaction or not at all."""

import gc
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.inserts import roomy
from db.queries import imports, registering
from domain.errors import Refused
from domain.people import Viewer, city_of, province_of
from domain.scope import scope_of
from intake.annotate import annotate
from intake.mapping import apply, propose, unknown_values
from intake.model import Incoming, Mapping, Problem, Table
from intake.reader import read as read_table
from intake.template import template
from rules import load
from services import store, trace
from services.keys import keys
from services.registration import ELSEWHERE, Progress, may_register, refusal, register_all
from services.vocabulary import vocabulary

TOLD = "{at:%Y-%m-%d %H:%M}导入过，当时新增 {added} 件"

__all__ = [
    "Earlier", "Examined", "Imported", "Ledger", "annotated", "examine", "open_file", "propose_for",
    "remember", "saved", "template", "unknown", "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """An uploaded file as read: its name, the hash of its bytes, its table."""

    name: str
    sha256: str
    table: Table = field(repr=False)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier writing of the same bytes."""

    at: datetime
    added: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What writing the file would do: rows to add, rows known already, problems of the others."""

    ledger: Ledger
    subchannel: str
    mapping: Mapping
    fresh: tuple[Incoming, ...] = field(repr=False)
    known: int
    problems: tuple[Problem, ...] = field(repr=False)
    earlier: Earlier | None

    @property
    def faulty(self) -> int:
        """How many rows have a problem."""
        return len({problem.row for problem in self.problems})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a writing did."""

    batch: int | None  # nothing is written down when nothing was added
    added: int
    known: int
    faulty: int


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: it would walk the whole ledger again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def open_file(viewer: Viewer, data: bytes, name: str, sheet: str = "") -> Ledger:
    """Read an uploaded file; `Refused` says what is wrong with one that cannot be read."""
    may_register(viewer)
    table = read_table(data, name, vocabulary(), sheet)
    return Ledger(name, hashlib.sha256(data).hexdigest(), table)


def saved(viewer: Viewer, subchannel: str) -> Mapping | None:
    """The mapping this unit, or else one above it, used last for the sub-channel."""
    units = list(dict.fromkeys((viewer.unit, city_of(viewer.unit), province_of(viewer.unit))))
    with store.read(scope_of(viewer)) as session:
        text = imports.mapping_of(session, subchannel, units)
    return Mapping.from_json(text) if text else None


def propose_for(viewer: Viewer, ledger: Ledger, subchannel: str) -> Mapping:
    """The columns known by name, over the mapping remembered for the sub-channel."""
    return propose(ledger.table, vocabulary(), saved(viewer, subchannel))


def unknown(ledger: Ledger, mapping: Mapping) -> dict[str, list[tuple[str, int]]]:
    """Per closed field the file's words that are not ours yet, with their counts."""
    return unknown_values(ledger.table, mapping, vocabulary())


@_uncollected()
def examine(
    viewer: Viewer, ledger: Ledger, mapping: Mapping, subchannel: str, now: datetime
) -> Examined:
    """Check every row and compare with what is registered; nothing is written."""
    may_register(viewer)
    channel = load().subchannel(subchannel).channel
    mapping = replace(mapping, columns={h: k for h, k in mapping.columns.items() if k})
    good, problems = apply(ledger.table, mapping, vocabulary(), channel, subchannel, now)
    with store.read(scope_of(viewer)) as session:
        fresh, hidden = _fresh(session, viewer, good)
        batch = imports.batch_of(session, ledger.sha256, subchannel, viewer.unit)
    earlier = Earlier(batch.at, batch.added) if batch else None
    known = len(good) - len(fresh) - len(hidden)
    problems = sorted([*problems, *_elsewhere(hidden, mapping)], key=lambda one: one.row)
    return Examined(ledger, subchannel, mapping, tuple(fresh), known, tuple(problems), earlier)


@_uncollected()
def write(
    viewer: Viewer,
    examined: Examined,
    now: datetime,
    *,
    partial: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Write the good rows in one transaction; with problems only when `partial` is said.

    Rows that somebody registered since the examination are left out too. Any failure, and a
    `progress` that raises, leaves the database as it was.
    """
    may_register(viewer)
    if examined.problems and not partial:
        raise Refused(
            f"文件有 {examined.faulty} 行存在问题，没有写入；请改正，或选择只导入其余各行"
        )
    with store.write(scope_of(viewer)) as session:
        rows, hidden = _fresh(session, viewer, examined.fresh)
        if hidden and not partial:
            raise Refused(f"{ELSEWHERE.format(hidden[0].source_no)}；没有写入，请重新检查后再导入")
        known = examined.known + len(examined.fresh) - len(rows) - len(hidden)
        done = Imported(None, len(rows), known, examined.faulty + len(hidden))
        if not rows:
            return done
        done = replace(done, batch=_begin(session, viewer, examined, done, now))
        try:
            _register(session, viewer, rows, now, done.batch, progress)
        except IntegrityError as error:
            raise refusal(error) from error
        # After the registration: numbers first, then the chain, as whoever registers one.
        _told(session, viewer, examined, done, now)
    return done


def remember(viewer: Viewer, subchannel: str, mapping: Mapping, now: datetime) -> None:
    """Keep a mapping for the next file of the sub-channel."""
    may_register(viewer)
    with store.write(scope_of(viewer)) as session:
        _remember(session, viewer, subchannel, mapping, now)


def annotated(examined: Examined, only_faulty: bool = False) -> bytes:
    """The file back as xlsx with a column of problems."""
    return annotate(examined.ledger.table, examined.problems, only_faulty)


def _elsewhere(hidden: Sequence[Incoming], mapping: Mapping) -> list[Problem]:
    """The rows whose source number another unit registered, out of this viewer's sight."""
    column = next((head for head, key in mapping.columns.items() if key == "source_no"), "")
    column = column or load().label("field", "source_no")
    return [Problem(row.row, column, ELSEWHERE.format(row.source_no)) for row in hidden]


def _fresh(
    session: Session, viewer: Viewer, rows: Sequence[Incoming]
) -> tuple[list[Incoming], list[Incoming]]:
    """The rows not registered yet, each once, and those registered where the viewer sees nothing.

    A row is known by its source number, or without one by all it says.
    """
    numbers: dict[str, list[str]] = {}
    for row in rows:
        if row.source_no:
            numbers.setdefault(row.subchannel, []).append(row.source_no)
    taken = {sub: registering.sources_taken(session, sub, of) for sub, of in numbers.items()}
    seen_of = {sub: registering.sources_seen(session, sub, of) for sub, of in taken.items()}
    prints = [None if row.source_no else _print(viewer, row) for row in rows]
    seen = registering.keys_taken(session, (p for p in prints if p))
    fresh, hidden = [], []
    for row, mark in zip(rows, prints, strict=True):
        if mark is None:
            known = row.source_no in taken[row.subchannel]
            if known and row.source_no not in seen_of[row.subchannel]:
                hidden.append(row)
        else:
            known = mark in seen
            seen.add(mark)
        if not known:
            fresh.append(row)
    return fresh, hidden


def _print(viewer: Viewer, row: Incoming) -> str:
    """A keyed hash of all that a row without a source number says, to know it again."""
    said = repr((viewer.unit, astuple(replace(row, row=0))))
    return hmac.new(keys().match, said.encode(), "sha256").hexdigest()


def _begin(
    session: Session, viewer: Viewer, examined: Examined, done: Imported, now: datetime
) -> int:
    ledger, text = examined.ledger, examined.mapping.to_json()
    batch = imports.add_batch(session, {
        "sha256": ledger.sha256, "name": ledger.name[:200], "subchannel": examined.subchannel,
        "unit_code": viewer.unit, "mapping": text, "person_id": viewer.person_id, "at": now,
        "rows": ledger.table.filled, "added": done.added,
    })  # fmt: skip
    _remember(session, viewer, examined.subchannel, examined.mapping, now)
    return batch


def _told(
    session: Session, viewer: Viewer, examined: Examined, done: Imported, now: datetime
) -> None:
    ledger = examined.ledger
    what = {
        "batch": done.batch, "name": ledger.name, "sha256": ledger.sha256, "known": done.known,
        "faulty": done.faulty, "subchannel": examined.subchannel, "rows": ledger.table.filled,
        "added": done.added,
    }  # fmt: skip
    trace.record(session, "import", now, viewer=viewer, data=what)


def _remember(
    session: Session, viewer: Viewer, subchannel: str, mapping: Mapping, now: datetime
) -> None:
    imports.keep_mapping(session, {
        "subchannel": subchannel, "unit_code": viewer.unit, "mapping": mapping.to_json(),
        "changed_by": viewer.person_id, "changed_at": now,
    })  # fmt: skip


def _register(
    session: Session,
    viewer: Viewer,
    rows: Sequence[Incoming],
    now: datetime,
    batch: int | None,
    progress: Progress | None,
) -> None:
    with roomy(session):
        marks = [None if row.source_no else _print(viewer, row) for row in rows]
        register_all(session, viewer, rows, now, keys=marks, batch=batch, progress=progress)
