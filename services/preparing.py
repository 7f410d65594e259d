"""The rows of a long file, made by another process while this one writes them.

Frames on stdin and stdout, each with its length before it: first what is the same for the whole
writing and the keys, then the incomings of one part at a time, answered by their rows.
"""

import gc
import logging
import marshal
import os
import pickle
import resource
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from typing import IO, Any

from intake.model import Incoming, Petitioner
from services.incoming_rows import About, Made, Writing, make
from services.keys import Keys
from settings import ROOT

MANY = 10_000  # incomings from which another process is worth its start
AHEAD = 2  # parts asked for while one is written
_LOG = logging.getLogger("services.preparing")
_LENGTH = struct.Struct("!Q")
_OWN = [one.name for one in fields(Incoming) if one.name != "petitioner"]
_PERSON = [one.name for one in fields(Petitioner)]
_said = attrgetter(*_OWN, *(f"petitioner.{name}" for name in _PERSON))
Part = tuple[Sequence[Incoming], Sequence[About]]


def parts(
    writing: Writing, incomings: Sequence[Incoming], abouts: Sequence[About], keys: Keys, step: int
) -> Iterator[tuple[int, Made]]:
    """The rows of all incomings, so many at a time, each with how many have been made."""
    cut = [(incomings[at : at + step], abouts[at : at + step])
           for at in range(0, len(incomings), step)]  # fmt: skip
    beside = len(incomings) >= MANY and (os.cpu_count() or 1) > 1
    done = 0
    with closing((_beside if beside else _here)(writing, cut, keys)) as made:
        for part, rows in zip(cut, made, strict=True):
            done += len(part[0])
            yield done, rows


def _here(writing: Writing, cut: Sequence[Part], keys: Keys) -> Generator[Made, None, None]:
    yield from (make(writing, *part, keys) for part in cut)


def _beside(writing: Writing, cut: Sequence[Part], keys: Keys) -> Generator[Made, None, None]:
    """The parts as another process makes them; here the first, and all where that fails."""
    first, *later = cut
    with _asking(pickle.dumps((writing, keys))) as ask:
        waiting = deque(map(ask, later[:AHEAD]))
        yield make(writing, *first, keys)  # while the other process starts
        for at, part in enumerate(later, AHEAD):
            made = _answer(waiting.popleft())
            waiting.extend(map(ask, later[at : at + 1]))
            yield made or make(writing, *part, keys)


@contextmanager
def _asking(first: bytes) -> Iterator[Callable[[Part], Future[bytes]]]:
    """A process that was told what is the same for all; it ends with the block, however it ends."""
    command = [sys.executable, "-E", "-s", "-m", "services.preparing"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, cwd=ROOT)  # fmt: skip
    hand = ThreadPoolExecutor(1, "preparing")
    hand.submit(_tell, worker, first)
    try:
        yield lambda part: hand.submit(_ask, worker, part)
    finally:
        worker.kill()
        hand.shutdown(cancel_futures=True)
        with suppress(BrokenPipeError), worker:
            pass  # closes both pipes


def _tell(worker: subprocess.Popen[bytes], frame: bytes) -> None:
    assert worker.stdin
    _put(worker.stdin, frame)


def _ask(worker: subprocess.Popen[bytes], part: Part) -> bytes:
    assert worker.stdout
    incomings, abouts = part
    _tell(worker, pickle.dumps((list(map(_said, incomings)), list(map(tuple, abouts)))))
    return _get(worker.stdout)


def _answer(asked: Future[bytes]) -> Made | None:
    try:
        sent = asked.result()
    except (OSError, EOFError):
        _LOG.warning("the preparing process is gone; its rows are made here")
        return None
    return Made(*marshal.loads(sent))  # noqa: S302 - from our own process


def _put(out: IO[bytes], frame: bytes) -> None:
    out.write(_LENGTH.pack(len(frame)))
    out.write(frame)
    out.flush()


def _get(source: IO[bytes]) -> bytes:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    [length] = _LENGTH.unpack(head)
    frame = source.read(length)
    if len(frame) < length:
        raise EOFError
    return frame


def main() -> int:
    """Answer every part until the other side closes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # identities are in memory here
    gc.disable()
    source, out = sys.stdin.buffer, sys.stdout.buffer
    writing, keys = pickle.loads(_get(source))  # noqa: S301 - from our own process
    while True:
        try:
            said, abouts = pickle.loads(_get(source))  # noqa: S301
        except EOFError:
            return 0
        made = make(writing, [_incoming(one) for one in said], [About(*a) for a in abouts], keys)
        _put(out, marshal.dumps((made.tables, made.words, made.events)))


def _incoming(said: tuple[Any, ...]) -> Incoming:
    own, person = said[: len(_OWN)], said[len(_OWN) :]
    values = dict(zip(_OWN, own, strict=True))
    return Incoming(**values, petitioner=Petitioner(*person))


if __name__ == "__main__":
    sys.exit(main())
