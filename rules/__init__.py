"""The law and the method as dated documents; `load()` reads and checks them all."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from rules import clocks as _clocks
from rules import indicators as _indicators
from rules import lists as _lists
from rules import papers as _papers
from rules import workdays as _workdays
from rules.model import (
    Area,
    Category,
    Channel,
    DeclineReason,
    Document,
    Entry,
    Fault,
    Field,
    Grade,
    Indicator,
    Kind,
    Measure,
    Route,
    Scoresheet,
    SubCategory,
    SubChannel,
    Veto,
)
from rules.reading import Table, read
from rules.rulebook import Rules

FOLDER = Path(__file__).parent
FILES = (
    "categories.toml",
    "channels.toml",
    "clocks.toml",
    "declines.toml",
    "documents.toml",
    "fields.toml",
    "indicators.toml",
    "industries.toml",
    "letters.toml",
    "lists.toml",
    "routes.toml",
    "workdays.toml",
)


def load(folder: Path | None = None) -> Rules:
    """Read and check the documents; the shipped ones are read once. Raises `BadRules`."""
    return _shipped() if folder is None else _load(folder)


@lru_cache(maxsize=1)
def _shipped() -> Rules:
    return _load(FOLDER)


def _load(folder: Path) -> Rules:
    raw = {name: read(folder, name) for name in FILES}

    def doc(name: str) -> Table:
        return Table(raw[f"{name}.toml"], f"{name}.toml")

    channels = _lists.channels(doc("channels"))
    industries = _lists.industries(doc("industries"))
    clocks = _clocks.clock_rules(doc("clocks"), [c.key for c in channels])
    measures, ways, urgencies, patterns = _lists.lists(doc("lists"))
    return Rules(
        calendar=_workdays.calendar(doc("workdays")),
        clocks=clocks,
        channels=channels,
        categories=_lists.categories(doc("categories"), industries),
        industries=industries,
        routes=_lists.routes(doc("routes")),
        declines=_lists.declines(doc("declines")),
        measures=measures,
        ways=ways,
        urgencies=urgencies,
        time_patterns=patterns,
        fields=_lists.fields(doc("fields")),
        documents=_lists.documents(doc("documents")),
        letters=_papers.letters(doc("letters")),
        scoresheet=_indicators.scoresheet(doc("indicators"), [c.key for c in clocks]),
        version=max(str(data["version"]) for data in raw.values()),
        digest=digest(raw),
    )


def digest(content: Any) -> str:
    """The sha256 of a document's content, whatever its layout and comments."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check(rules: Rules) -> list[str]:
    """What an operator should look at; empty when all is well."""
    problems = []
    for route in rules.routes:
        if route.answer and route.track in ("report", "petition") and not route.remedy:
            problems.append(f"routes.toml：route[{route.key}].remedy：答复须写明救济途径")
    for kind in rules.letters:
        for slot in _papers.slots(kind.key):
            found = _papers.faults(kind, slot, _papers.shipped(kind.key, slot))
            problems += [f"letters/{kind.key}：{fault}" for fault in found]
    return problems


__all__ = [
    "FILES", "FOLDER", "Area", "Category", "Channel", "DeclineReason", "Document", "Entry",
    "Fault", "Field", "Grade", "Indicator", "Kind", "Measure", "Route", "Rules", "Scoresheet",
    "SubCategory", "SubChannel", "Veto", "check", "digest", "load",
]  # fmt: skip
