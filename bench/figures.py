"""Measured figures: repeats after a warm-up, within a bounded time, beside their references."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

BUDGET = 4.0  # seconds a figure may take; slow things are repeated less often
LEAST, MOST = 3, 300


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


def timed(what: Callable[[], Any], budget: float = BUDGET, warm: int = 2) -> Timing:
    """Repeat something after a warm-up until the budget is spent."""
    for _ in range(warm):
        what()
    gc.collect()
    took: list[float] = []
    busy: list[float] = []
    until = time.perf_counter() + budget
    while len(took) < LEAST or (len(took) < MOST and time.perf_counter() < until):
        began, idle = time.perf_counter(), time.process_time()
        what()
        took.append(time.perf_counter() - began)
        busy.append(time.process_time() - idle)
    return Timing.of(took, busy)


def reference(label: str, what: Callable[[], Any], budget: float = BUDGET / 2) -> Reference:
    """The median of a reference."""
    return Reference(label, timed(what, budget, warm=1).median)


def at_most(
    name: str, what: str, timing: Timing, limit_ms: float | None, *references: Reference,
    note: str = "",
) -> Line:  # fmt: skip
    """A line whose median is not to exceed a limit."""
    target = "" if limit_ms is None else f"≤ {limit_ms:g} ms"
    over = None if limit_ms is None else timing.median > limit_ms
    return Line(name, what, timing, references, target, over, note)
