"""The table of a run, as text and as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from unicodedata import east_asian_width

from bench.figures import Line

HEAD = (
    "name",
    "n",
    "median ms",
    "p95 ms",
    "cpu ms",
    "reference",
    "ref ms",
    "ratio",
    "target",
    "",
    "what",
)
LEFT = frozenset({0, 5, 8, 9, 10})
WIDTHS = (12, 4, 9, 9, 8, 32, 10, 8, 16, 4, 0)


def head() -> str:
    """The head of the table."""
    return _row(HEAD)


def rows(line: Line) -> str:
    """A line with its references below each other."""
    timing, verdict = line.timing, {True: "OVER", False: "ok", None: ""}[line.over]
    figures = (
        line.name,
        str(timing.n),
        _ms(timing.median),
        _ms(timing.p95),
        _ms(timing.cpu) if timing.cpu else "",
    )
    what = f"{line.what}; {line.note}" if line.note else line.what
    out = []
    for at, ref in enumerate(line.references or (None,)):
        own = figures if at == 0 else ("",) * 5
        tail = (line.target, verdict, what) if at == 0 else ("", "", "")
        beside = (ref.label, _ms(ref.ms), f"{_ratio(timing.median, ref.ms)}") if ref else ("",) * 3
        out.append(_row((*own, *beside, *tail)))
    return "\n".join(out)


def as_json(about: dict[str, object], lines: Iterable[Line]) -> str:
    """The run for machines."""
    data = {**about, "lines": [asdict(line) for line in lines]}
    return json.dumps(data, ensure_ascii=False, indent=1)


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _ratio(own: float, other: float) -> str:
    """How many times as long as the reference; below one it is faster."""
    return f"{own / other:.2f}×" if other and own / other < 10 else f"{own / max(other, 1e-9):.0f}×"


def _row(cells: Iterable[str]) -> str:
    made = []
    for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True)):
        blank = " " * max(0, width - _wide(cell))
        made.append(cell + blank if at in LEFT else blank + cell)
    return " ".join(made).rstrip()


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
