"""Building the demonstration: batches made by workers, written by one hand in order of time."""

import gc
import hmac
import marshal
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from multiprocessing import get_context, parent_process
from operator import itemgetter
from typing import Any

from db.bulk import Sink, sink_for
from domain.errors import Refused
from rules import load
from services import trace
from services.demo.cases import Maker
from services.demo.days import DAY, Days
from services.demo.joined import join_some
from services.demo.pack import Batch, Told, batch
from services.demo.people import person_rows
from services.demo.scored import MOST, score_closed
from services.demo.tables import EVENT, TABLES
from services.folder import own
from services.keys import Keys, create, keys
from services.rows import Row
from services.units import unit_rows
from settings import settings

BATCH = 2500
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build has written."""

    cases: int
    events: int
    first: date
    today: date


def build(
    cases: int, seed: int, today: date, progress: Progress | None = None, workers: int | None = None
) -> Built:
    """Write a demonstration of so many cases that ends at midnight before `today`.

    Unless it is very large its closed periods are scored, so that trends are there at the first
    start. Replaces a SQLite file as a whole; a PostgreSQL database must be empty. Raises `Refused`
    unless this is a demonstration.
    """
    if not settings().demo:
        raise Refused(
            "这不是演示环境，不能写入演示数据；如需演示，请设置 XF_DEMO=1 并使用单独的数据库"
        )
    own(settings().data_dir)
    if not settings().key_file.is_file():
        create(settings().key_file)
    days = Days(cases, today, load().calendar)
    sink = sink_for(settings().database_url)
    try:
        with _no_cycles():
            events = _write(sink, days, seed, keys(), progress, workers)
        sink.finish()
    except BaseException:
        sink.drop()
        raise
    join_some(cases, today)
    if cases <= MOST:
        score_closed(today)
    return Built(cases, events, days.start, today)


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Without a search for cycles: rows are none, and looking costs a fifth of the time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _write(
    sink: Sink, days: Days, seed: int, key: Keys, progress: Progress | None, workers: int | None
) -> int:
    began = datetime.combine(days.start, time(8))
    _put(sink, "units", unit_rows())
    people, roles = person_rows(began)
    _put(sink, "people", people)
    _put(sink, "person_roles", roles)
    chains, numbers, done = Chains(key.trace), dict[str, int](), 0
    for made in _batches(days, seed, key, workers):
        for table, rows in made.rows.items():
            if rows:
                sink.put(table, TABLES[table], rows)
        sink.words(made.words)
        sink.put("events", CHAINED, chains.before(made.begins))
        chains.add(made.events)
        numbers |= made.numbers
        done += made.cases
        if progress:
            progress(done, days.cases)
    sink.put("events", CHAINED, chains.before(None))
    heads = chains.heads()
    sink.put("chain_heads", ("chain", "seq", "hash", "mac"), heads)
    at, *signed = trace.checkpoint_row(((c, seq, last) for c, seq, last, _ in heads),
                                       datetime.combine(days.today, time()))  # fmt: skip
    sink.put("checkpoints", ("at", "heads", "mac"), [(_stored(at), *signed)])
    numbers |= {"cases.id": days.cases, "submissions.id": days.cases}
    sink.put("numbers", ("series", "last"), list(numbers.items()))
    return chains.count


def _put(sink: Sink, table: str, rows: list[Row]) -> None:
    values = [tuple(_stored(value) for value in row.values()) for row in rows]
    sink.put(table, tuple(rows[0]), values)


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return value if isinstance(value, int | str | None) else float(value)


CHAINED = (*EVENT, "chain", "seq", "prev", "hash")
_NONE = (0, trace.GENESIS)


class Chains:
    """Events of all units in order of time, each linked to the one before in its chain."""

    def __init__(self, key: bytes) -> None:
        self.key, self.count = key, 0
        self._waiting: dict[int, list[Told]] = {}  # by day
        self._last: dict[int, tuple[int, bytes]] = {}

    def add(self, events: list[Told]) -> None:
        """Take the events of a batch."""
        for event in events:
            self._waiting.setdefault(event[0] // DAY, []).append(event)

    def before(self, day: int | None) -> list[tuple[Any, ...]]:
        """The rows of all waiting events before a day, or of all; later ones wait on."""
        due = sorted(waits for waits in self._waiting if day is None or waits < day)
        out: list[tuple[Any, ...]] = []
        for each in due:
            out += self._linked(sorted(self._waiting.pop(each), key=itemgetter(0)))
        self.count += len(out)
        return out

    def _linked(self, events: list[Told]) -> Iterator[tuple[Any, ...]]:
        key, ends = self.key, self._last
        for _, chain, text, columns in events:
            last, prev = ends.get(chain, _NONE)
            seq = last + 1
            made = hmac.digest(key, b"%b[%d,%d,%b" % (prev, chain, seq, text), "sha256")
            ends[chain] = (seq, made)
            yield *columns, chain, seq, prev, made

    def heads(self) -> list[tuple[Any, ...]]:
        """The signed head of each chain."""
        return [
            (chain, seq, last, trace.head_mac(self.key, chain, seq, last))
            for chain, (seq, last) in sorted(self._last.items())
        ]


# --- workers

_maker: Maker | None = None


def _start(cases: int, today: date, seed: int, key: Keys) -> None:
    global _maker
    if parent_process():
        gc.disable()  # as in _no_cycles, for good: the process does nothing else
    _maker = Maker(seed, Days(cases, today, load().calendar), key)


def _work(first: int, last: int) -> bytes:
    """A batch as bytes: rows are plain values, which marshal carries far faster than pickle."""
    assert _maker is not None
    made = batch(_maker, first, last)
    return marshal.dumps([getattr(made, field.name) for field in fields(Batch)])


def _read(sent: bytes) -> Batch:
    return Batch(*marshal.loads(sent))  # noqa: S302  from our own worker


def _spans(days: Days) -> Iterator[tuple[int, int]]:
    """Runs of whole days with about BATCH cases each."""
    first, done = days.first, 0
    for day in range(days.first, days.last + 1):
        upto = days.ends[day - days.first]
        if upto - done >= BATCH or day == days.last:
            yield first, day
            first, done = day + 1, upto


def _batches(days: Days, seed: int, key: Keys, workers: int | None) -> Iterator[Batch]:
    """The batches in order of time, made by other processes when there are many."""
    spans = list(_spans(days))
    count = workers if workers is not None else min(os.cpu_count() or 1, len(spans) // 2)
    if count < 2:
        _start(days.cases, days.today, seed, key)
        yield from (_read(_work(*span)) for span in spans)
        return
    with _pool(count, (days.cases, days.today, seed, key)) as pool:
        waiting: list[Future[bytes]] = []
        for span in spans:
            waiting.append(pool.submit(_work, *span))
            if len(waiting) > count + 2:
                yield _read(waiting.pop(0).result())
        for future in waiting:
            yield _read(future.result())


@contextmanager
def _pool(count: int, args: tuple[Any, ...]) -> Iterator[ProcessPoolExecutor]:
    context = get_context("spawn")
    with ProcessPoolExecutor(count, context, _start, args) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
