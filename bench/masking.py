"""How well the masker marks what was planted, and what it marks besides.

Its word lists were mended on these narratives, so the false marks here are the least to expect:
other prose holds words that no list has.

python -m bench.masking [COUNT] [SEED]
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from bench.plants import Planted, corpus, narratives
from domain.mask_patterns import Kind
from domain.masking import Span, find

LEAST = {Kind.PHONE: 1.0, Kind.ID: 1.0, Kind.PLATE: 1.0, Kind.NAME: 0.95, Kind.HOUSE: 0.95}
AROUND = 6  # signs shown on each side of an example
EXAMPLES = 12


@dataclass(slots=True)
class Tally:
    """The marks of one kind over a corpus."""

    planted: int = 0
    found: int = 0  # plants that are marked from end to end
    exact: int = 0  # plants with a mark of just their length
    false: int = 0  # marks that touch no plant
    missed: list[str] = field(default_factory=list)
    examples: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """The share of plants found; 1 where nothing was planted."""
        return self.found / self.planted if self.planted else 1.0


def measured(texts: Iterable[Planted]) -> dict[Kind, Tally]:
    """Plants found and missed, and marks where nothing was planted, by kind."""
    tallies = {kind: Tally() for kind in Kind}
    for one in texts:
        spans = find(one.text)
        for plant in one.plants:
            tally = tallies[plant.kind]
            over = [s for s in spans if s.start < plant.end and s.end > plant.start]
            tally.planted += 1
            if {at for s in over for at in range(s.start, s.end)} >= set(
                range(plant.start, plant.end)
            ):
                tally.found += 1
            else:
                tally.missed.append(_around(one.text, plant.start, plant.end))
            tally.exact += any((s.start, s.end) == (plant.start, plant.end) for s in over)
        for span in spans:
            if not any(p.start < span.end and p.end > span.start for p in one.plants):
                _count_false(tallies[span.kind], one.text, span)
    return tallies


def _count_false(tally: Tally, text: str, span: Span) -> None:
    tally.false += 1
    tally.examples[_around(text, span.start, span.end)] += 1


def _around(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return f"{before}【{text[start:end]}】{after}".replace("\n", " ")


def table(tallies: dict[Kind, Tally], count: int) -> str:
    """The table a reader judges by."""
    head = (
        f"{'kind':10}{'planted':>9}{'found':>8}{'recall':>9}{'exact':>8}{'false':>8}{'a text':>8}"
    )
    rows = [
        f"{kind.value:10}{t.planted:9}{t.found:8}{t.recall:9.2%}{t.exact:8}{t.false:8}"
        f"{t.false / count:8.3f}"
        for kind, t in tallies.items()
        if t.planted or t.false
    ]
    return "\n".join([head, *rows])


def main(count: int, seed: int) -> int:
    """Print the table, what was missed and what was marked besides; 1 below the least recall."""
    texts = corpus(count, seed)
    began = time.perf_counter()
    tallies = measured(texts)
    took = 1000 * (time.perf_counter() - began) / count
    print(f"{count} planted texts, seed {seed}, {took:.2f} ms a text")
    print(table(tallies, count))
    plain = measured(Planted(text).with_roads() for text in islice(narratives(seed + 1), count))
    print(f"{count} texts of another seed with nothing planted")
    print(table(plain, count))
    for kind, tally in tallies.items():
        for words in tally.missed[:EXAMPLES]:
            print(f"missed {kind.value}: {words}")
        for words, times in (tally.examples + plain[kind].examples).most_common(EXAMPLES):
            print(f"false {kind.value} ×{times}: {words}")
    return 1 if any(tallies[kind].recall < least for kind, least in LEAST.items()) else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(numbers + [1000, 1][len(numbers) :])))
