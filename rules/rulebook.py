"""All rules together, with look-ups by key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from domain.clock_rules import ClockRule
from domain.workdays import Calendar
from rules.model import (
    Category,
    Channel,
    DeclineReason,
    Document,
    Entry,
    Field,
    Indicator,
    Measure,
    Route,
    Scoresheet,
    SubCategory,
    SubChannel,
)
from rules.papers import LetterKind


@dataclass(frozen=True, eq=False)
class Rules:
    """Everything the documents say. `version` is the newest document's; `digest` covers all."""

    version: str
    digest: str
    calendar: Calendar
    clocks: tuple[ClockRule, ...]
    channels: tuple[Channel, ...]
    categories: tuple[Category, ...]
    industries: tuple[Entry, ...]
    routes: tuple[Route, ...]
    declines: tuple[DeclineReason, ...]
    measures: tuple[Measure, ...]
    ways: tuple[Entry, ...]
    urgencies: tuple[Entry, ...]
    time_patterns: tuple[Entry, ...]
    fields: tuple[Field, ...]
    documents: tuple[Document, ...]
    letters: tuple[LetterKind, ...]
    scoresheet: Scoresheet

    @cached_property
    def subchannels(self) -> tuple[SubChannel, ...]:
        """All sub-channels in the order of their channels."""
        return tuple(s for c in self.channels for s in c.subchannels)

    @cached_property
    def subcategories(self) -> tuple[SubCategory, ...]:
        """All sub-categories in the order of their categories."""
        return tuple(s for c in self.categories for s in c.subcategories)

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """The indicators of the scoresheet."""
        return self.scoresheet.indicators

    @cached_property
    def _by(self) -> dict[str, dict[str, Any]]:
        kinds: dict[str, Iterable[Any]] = {
            "channel": self.channels,
            "subchannel": self.subchannels,
            "category": self.categories,
            "subcategory": self.subcategories,
            "industry": self.industries,
            "route": self.routes,
            "decline": self.declines,
            "measure": self.measures,
            "way": self.ways,
            "urgency": self.urgencies,
            "time_pattern": self.time_patterns,
            "field": self.fields,
            "document": self.documents,
            "letter": self.letters,
            "clock": reversed(self.clocks),
        }
        return {kind: {item.key: item for item in items} for kind, items in kinds.items()}

    def channel(self, key: str) -> Channel:
        """The channel of that key; raises KeyError, as all look-ups here."""
        return self._by["channel"][key]  # type: ignore[no-any-return]

    def subchannel(self, key: str) -> SubChannel:
        """The sub-channel of that key."""
        return self._by["subchannel"][key]  # type: ignore[no-any-return]

    def category(self, key: str) -> Category:
        """The category of that key."""
        return self._by["category"][key]  # type: ignore[no-any-return]

    def subcategory(self, key: str) -> SubCategory:
        """The sub-category of that key."""
        return self._by["subcategory"][key]  # type: ignore[no-any-return]

    def route(self, key: str) -> Route:
        """The statutory route of that key."""
        return self._by["route"][key]  # type: ignore[no-any-return]

    def decline(self, key: str) -> DeclineReason:
        """The reason for not accepting of that key."""
        return self._by["decline"][key]  # type: ignore[no-any-return]

    def field(self, key: str) -> Field:
        """The field of registration of that key."""
        return self._by["field"][key]  # type: ignore[no-any-return]

    def document(self, key: str) -> Document:
        """The document of that key."""
        return self._by["document"][key]  # type: ignore[no-any-return]

    def letter(self, key: str) -> LetterKind:
        """The kind of letter of that key."""
        return self._by["letter"][key]  # type: ignore[no-any-return]

    def clock(self, key: str, since: date | None = None, channel: str | None = None) -> ClockRule:
        """The first rule of a clock; with `since` or `channel` the one that fits them."""
        return next(
            rule
            for rule in self.clocks
            if rule.key == key
            and since in (None, rule.since)
            and (channel is None or not rule.channels or channel in rule.channels)
        )

    @cached_property
    def clock_labels(self) -> dict[str, str]:
        """Clock key → label, in the order of the document."""
        return {rule.key: rule.label for rule in self.clocks}

    def label(self, kind: str, key: str | None) -> str:
        """The Chinese label of a key, the key itself where it is unknown, "—" for none."""
        if not key:
            return "—"
        item = self._by[kind].get(key)
        return str(item.label) if item else key

    def options(self, kind: str) -> dict[str, str]:
        """Key → label of a list (channel, industry, way …), in its order."""
        items = reversed(self._by[kind].items()) if kind == "clock" else self._by[kind].items()
        return {key: item.label for key, item in items}
