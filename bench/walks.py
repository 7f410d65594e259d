"""Random walks over the table of steps, each rule looked at after every step.

python -m bench.walks [--count 100000] [--seed 1] [--steps 40] [--processes 2]

Prints how often each step was taken, where the cases ended, the balance and the time; 1 when a
rule did not hold, with the first walks that broke it.
"""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from bench.walk_checks import Broken, Counted, Watch
from bench.walking import Walk
from domain.table import TABLE

AT_ONCE = 250  # walks handed to a process
SHOWN = 3  # broken walks told in full


@dataclass
class Told:
    """What some walks came to."""

    walks: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    counted: Counted = field(default_factory=Counted)
    broken: list[str] = field(default_factory=list)

    def add(self, other: "Told") -> None:
        """Add what others came to."""
        self.walks += other.walks
        self.taken.update(other.taken)
        self.ends.update(other.ends)
        self.counted.more(other.counted)
        self.broken.extend(other.broken)

    def walk(self, seed: int, steps: int) -> None:
        """One whole walk."""
        watch = Watch(Walk(seed))
        self.walks += 1
        try:
            while watch.steps < steps and not watch.walk.over and watch.step():
                watch.walk.pause()
        except Broken as broken:
            self.broken.append(f"seed {seed}: {broken}")
        self.taken.update(watch.taken)
        for case in watch.walk.cases:
            self.counted.add(case)
            merged = "并入他件" if case.state.merged_into else case.state.status.label
            self.ends[merged + ("（已归档）" if case.state.has("archived") else "")] += 1

    @property
    def faults(self) -> list[str]:
        """Every rule that did not hold."""
        lacking = [] if self.walks < 1000 else [
            f"nobody ever took {step.key}" for step in TABLE if not self.taken[step.key]
        ]  # fmt: skip
        return [*self.broken, *self.counted.faults(), *lacking]


def walked(seeds: range, steps: int) -> Told:
    """The walks of some seeds, one after another."""
    told = Told()
    for seed in seeds:
        told.walk(seed, steps)
    return told


def _parts(args: Namespace) -> Iterator[range]:
    end = args.seed + args.count
    for first in range(args.seed, end, AT_ONCE):
        yield range(first, min(first + AT_ONCE, end))


def main() -> int:
    """Walk, print, and say whether every rule held."""
    args, began, told = _arguments(), time.monotonic(), Told()
    parts = list(_parts(args))
    with ProcessPoolExecutor(args.processes) as pool:
        for one in pool.map(walked, parts, [args.steps] * len(parts)):
            told.add(one)
    took, steps = time.monotonic() - began, sum(told.taken.values())
    print(f"{told.walks:,} walks, {steps:,} steps in {took:.0f} s: {told.walks / took:.0f} walks/s")
    for what, counts in (("steps", told.taken), ("ends", told.ends)):
        print(f"{what}: " + ", ".join(f"{key} {n:,}" for key, n in counts.most_common()))
    print(told.counted.text)
    faults = told.faults
    print(f"broken rules: {len(faults)}")
    print(*faults[:SHOWN], sep="\n")
    return 1 if faults else 0


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench.walks", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40, help="of a walk at most")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
