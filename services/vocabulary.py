"""The words a form or a file may use, built once from the rules and the shipped divisions."""

import csv
from functools import cache
from pathlib import Path

from intake.model import Division, Vocabulary
from rules import load

DIVISIONS = Path(__file__).resolve().parent.parent / "assets" / "divisions.csv"


@cache
def divisions() -> tuple[dict[str, str], ...]:
    """The rows of assets/divisions.csv: province, cities, counties."""
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of this installation."""
    rules = load()
    subchannels = [sub for channel in rules.channels for sub in channel.subchannels]
    categories: dict[str, str] = {}
    for main in rules.categories:
        categories |= {main.label: main.key, main.key: main.key}
        for sub in main.subcategories:
            categories |= {sub.key: sub.key, f"{main.label}-{sub.label}": sub.key}
            categories.setdefault(sub.label, sub.key)
    return Vocabulary(
        aliases={field.key: field.aliases for field in rules.fields},
        categories=categories,
        mains=frozenset(main.key for main in rules.categories),
        subchannels={w: (s.channel, s.key) for s in subchannels for w in (s.key, s.label)},
        external=frozenset(s.key for s in subchannels if s.external),
        industries=_words(rules.industries),
        urgencies=_words(rules.urgencies),
        time_patterns=_words(rules.time_patterns),
        divisions=tuple(
            Division(int(row["code"]), row["name"], row["short_name"]) for row in divisions()
        ),
        stars=frozenset(field.key for field in rules.fields if field.star),
    )


def _words(entries: object) -> dict[str, str]:
    return {word: e.key for e in entries for word in (e.key, e.label)}  # type: ignore[attr-defined]
