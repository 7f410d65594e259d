"""Measured figures: repeats after a warm-up, within a bounded time, beside their references."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

LEAST, MOST = 3, 300


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done for the figures, so that a run is bounded; slow things repeat less."""

    seconds: float = 4.0  # of one figure, after its warm-up
    sample: int = 4000  # cases of the per-case reference
    rows: int = 100_000  # of the ledger
    reruns: int = 60
    people: int = 100
    think: float = 10.0
    work: float = 75.0  # seconds the people are at work


QUICK = Effort(seconds=0.05, sample=50, rows=100, reruns=3, people=3, think=1.0, work=3.0)


@dataclass(frozen=True, slots=True)
class Timing:
    """What repeats of one thing took, in milliseconds."""

    n: int
    median: float
    p95: float
    cpu: float  # of this process, the median; waiting for other processes is not in it

    @classmethod
    def of(cls, seconds: Sequence[float], cpu: Sequence[float] = ()) -> "Timing":
        """The figures of some durations."""
        ordered = sorted(1000 * value for value in seconds)
        busy = 1000 * median(cpu) if cpu else 0.0
        return cls(len(ordered), median(ordered), quantile(ordered, 0.95), busy)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another way to the same answer, measured in the same run."""

    label: str
    ms: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `over` None: nothing is asked of it."""

    name: str
    what: str
    timing: Timing
    references: tuple[Reference, ...] = ()
    target: str = ""
    over: bool | None = None
    note: str = ""


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of ordered values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(what: Callable[[], Any], seconds: float, warm: int = 2) -> Timing:
    """Repeat something after a warm-up until the seconds are spent."""
    for _ in range(warm):
        what()
    gc.collect()
    took: list[float] = []
    busy: list[float] = []
    until = time.perf_counter() + seconds
    while len(took) < LEAST or (len(took) < MOST and time.perf_counter() < until):
        began, idle = time.perf_counter(), time.process_time()
        what()
        took.append(time.perf_counter() - began)
        busy.append(time.process_time() - idle)
    return Timing.of(took, busy)


def reference(label: str, what: Callable[[], Any], seconds: float) -> Reference:
    """The median of a reference."""
    return Reference(label, timed(what, seconds, warm=1).median)


def at_most(
    name: str, what: str, timing: Timing, limit_ms: float | None, *references: Reference,
    note: str = "",
) -> Line:  # fmt: skip
    """A line whose median is not to exceed a limit."""
    target = "" if limit_ms is None else f"≤ {limit_ms:g} ms"
    over = None if limit_ms is None else timing.median > limit_ms
    return Line(name, what, timing, references, target, over, note)
