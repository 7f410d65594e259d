"""All benchmarks: `python -m bench [--cases N] [--seed S] [--url ADDRESS] [--only name,…]`."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from bench import table
from bench.bed import Bed, standing, using
from bench.figures import QUICK, Effort, Line
from settings import ROOT

# Name → module; each has `lines(bed)`.
BENCHES = {
    "board": "boards", "summary": "summaries", "score": "scores", "search": "searches",
    "cards": "cards", "entry": "entries", "import": "imports", "page": "pages",
    "sessions": "people",
}  # fmt: skip


def main() -> int:
    """Build, measure, print; 1 when something is over its target."""
    args = _arguments()
    wanted = args.only.split(",") if args.only else list(BENCHES)
    effort = QUICK if args.quick else Effort()
    bed = standing(args.keep, args.cases, args.seed, args.url, args.any_build, effort)
    lines = []
    _say(args, _about(bed))
    _say(args, table.head())
    with using(bed.home, bed.url):
        for line in _all(bed, wanted):
            lines.append(line)
            _say(args, table.rows(line))
    if args.json:
        print(table.as_json({"bed": _about(bed)}, lines))
    over = [line for line in lines if line.over]
    _say(args, f"over: {', '.join(f'{o.name} ({o.what})' for o in over) or 'nothing'}")
    return 1 if over else 0


def _arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="a PostgreSQL server; its own database is made on it")
    parser.add_argument("--only", help=f"some of {', '.join(BENCHES)}")
    parser.add_argument("--keep", type=Path, default=ROOT / "var" / "bench", metavar="DIR")
    parser.add_argument("--any-build", action="store_true", help="a build of an older generator")
    parser.add_argument("--quick", action="store_true", help="a try, whose figures say nothing")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _all(bed: Bed, wanted: list[str]) -> Iterator[Line]:
    for name in BENCHES:
        if name in wanted:
            measure: Callable[[Bed], Iterator[Line]] = import_module(f"bench.{BENCHES[name]}").lines
            yield from measure(bed)


def _about(bed: Bed) -> str:
    built = bed.built
    return (
        f"{built.cases:,} cases, {built.events:,} events, seed {built.seed}, up to {built.today},"
        f" {'SQLite' if bed.sqlite else 'PostgreSQL'}: built in {built.minutes:g} minutes,"
        f" {built.gigabytes:g} GB ({built.digest}); measured {time.strftime('%Y-%m-%d %H:%M')}"
    )


def _say(args: Namespace, text: str) -> None:
    print(text, file=sys.stderr if args.json else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
