"""The lists the office works with: channels, categories, routes, reasons, fields."""

from typing import Protocol, TypeVar

from domain.workflow import Track
from rules.model import (
    Category,
    Channel,
    DeclineReason,
    Document,
    Entry,
    Field,
    Measure,
    Route,
    SubCategory,
    SubChannel,
)
from rules.reading import Table, each, unique


class Keyed(Protocol):
    """Anything with a key."""

    @property
    def key(self) -> str:
        """The key."""


K = TypeVar("K", bound=Keyed)


def _rows(doc: Table, key: str) -> list[Table]:
    doc.text("version")
    tables = doc.tables(key)
    doc.done()
    return tables


def _entry(table: Table) -> Entry:
    return Entry(table.text("key"), table.text("label"))


def channels(doc: Table) -> tuple[Channel, ...]:
    """Channels with their sub-channels; keys and letters occur once."""
    found = each(_rows(doc, "channel"), _channel)
    unique(doc, "channel.key", [c.key for c in found])
    unique(doc, "channel.letter", [c.letter for c in found])
    unique(doc, "channel.subchannels.key", [s.key for c in found for s in c.subchannels])
    return found


def _channel(table: Table) -> Channel:
    key, letter = table.text("key"), table.text("letter")
    if len(letter) != 1 or not "A" <= letter <= "Z":
        raise table.fault("letter", f"须为一个大写字母，现为“{letter}”")

    def sub(row: Table) -> SubChannel:
        return SubChannel(row.text("key"), row.text("label"), key, row.flag("external"))

    return Channel(key, table.text("label"), letter, each(table.tables("subchannels"), sub))


def industries(doc: Table) -> tuple[Entry, ...]:
    """The industries of subjects."""
    return _unique(doc, "industry", each(_rows(doc, "industry"), _entry))


def categories(doc: Table, industry: tuple[Entry, ...]) -> tuple[Category, ...]:
    """Categories with their sub-categories, whose keys begin with the category's."""
    known = [i.key for i in industry]
    found = each(_rows(doc, "category"), lambda table: _category(table, known))
    unique(doc, "category.key", [c.key for c in found])
    unique(doc, "category.subcategories.key", [s.key for c in found for s in c.subcategories])
    return found


def _category(table: Table, industry: list[str]) -> Category:
    key = table.text("key")

    def sub(row: Table) -> SubCategory:
        usual = row.word("industry", industry) if "industry" in row else ""
        found = SubCategory(row.text("key"), row.text("label"), key, usual)
        if not found.key.startswith(key):
            raise row.fault("key", f"小类代号须以大类代号“{key}”开头")
        return found

    return Category(key, table.text("label"), each(table.tables("subcategories"), sub))


def routes(doc: Table) -> tuple[Route, ...]:
    """The statutory routes; each leads to a track."""
    return _unique(doc, "route", each(_rows(doc, "route"), _route))


def _route(table: Table) -> Route:
    return Route(
        key=table.text("key"),
        label=table.text("label"),
        track=table.word("track", [str(t) for t in Track]),
        basis=table.text("basis"),
        examples=table.text("examples", ""),
        answer=table.text("answer", ""),
        remedy=table.text("remedy", ""),
    )


def declines(doc: Table) -> tuple[DeclineReason, ...]:
    """The reasons for not accepting."""
    return _unique(doc, "decline", each(_rows(doc, "decline"), _decline))


def _decline(table: Table) -> DeclineReason:
    return DeclineReason(
        key=table.text("key"),
        label=table.text("label"),
        article=table.text("article"),
        direction=table.text("direction", ""),
        tracks=table.words("tracks", [str(track) for track in Track], ()),
        needs_contact_attempt=table.flag("needs_contact_attempt"),
    )


def fields(doc: Table) -> tuple[Field, ...]:
    """The fields of registration; an alias belongs to one field only."""
    found = _unique(doc, "field", each(_rows(doc, "field"), _field))
    unique(doc, "field.aliases", [a.lower() for f in found for a in f.aliases])
    return found


def _field(table: Table) -> Field:
    return Field(
        key=table.text("key"),
        label=table.text("label"),
        star=table.flag("star"),
        sealed=table.flag("sealed"),
        help=table.text("help", ""),
        aliases=table.texts("aliases", ()),
    )


def documents(doc: Table) -> tuple[Document, ...]:
    """The documents the system issues."""

    def build(table: Table) -> Document:
        return Document(table.text("key"), table.text("label"), table.text("template"))

    return _unique(doc, "document", each(_rows(doc, "document"), build))


Lists = tuple[tuple[Measure, ...], tuple[Entry, ...], tuple[Entry, ...], tuple[Entry, ...]]


def lists(doc: Table) -> Lists:
    """Measures, ways of notifying, urgencies and time patterns."""
    doc.text("version")
    rows = [doc.tables(key) for key in ("measure", "way", "urgency", "time_pattern")]
    doc.done()
    measures = _unique(doc, "measure", each(rows[0], _measure))
    ways, urgencies, patterns = (each(tables, _entry) for tables in rows[1:])
    return (
        measures,
        _unique(doc, "way", ways),
        _unique(doc, "urgency", urgencies),
        _unique(doc, "time_pattern", patterns),
    )


def _measure(table: Table) -> Measure:
    return Measure(table.text("key"), table.text("label"), table.flag("fine"))


def _unique(doc: Table, name: str, found: tuple[K, ...]) -> tuple[K, ...]:
    unique(doc, f"{name}.key", [item.key for item in found])
    return found
