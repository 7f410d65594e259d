"""The kinds of letters, their shipped texts, and what a text must and must not say."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.errors import Refused
from domain.statuses import Track
from domain.table import BY_KEY
from domain.wording import Node, named, parse, said
from rules.reading import Table, each, unique

FOLDER = Path(__file__).parent / "letters"
TO = ("petitioner", "unit", "organ", "subject", "file")
MASKS = ("matter", "result")
# Remedies of the petition track alone (条例 第31条、第35条): a letter that tells of them to who
# complained of a polluter is wrong in law.
PETITION_ONLY = ("复查", "复核")


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of letter: after which steps, on which tracks, to whom, with which fields."""

    key: str
    label: str
    title: str
    mark: str  # its word in the number
    steps: tuple[str, ...]
    tracks: tuple[str, ...]  # empty: all
    to: str
    masks: str  # what a person confirms masked before it may leave, "" for nothing
    fields: tuple[str, ...]  # the common ones too
    lists: dict[str, tuple[str, ...]]
    must: tuple[str, ...]
    optional: frozenset[str]  # of `must`: may be empty
    asks: tuple[str, ...]
    say: tuple[str, ...]
    seal: bool

    def fits(self, track: str | None) -> bool:
        """Whether a case of that track may get this letter."""
        return not self.tracks or track in self.tracks

    @property
    def masked(self) -> bool:
        """Whether it goes to others than the petitioner and must not lead to them."""
        return bool(self.masks)


def letters(doc: Table) -> tuple[LetterKind, ...]:
    """The kinds of letters; keys and marks occur once."""
    doc.text("version")
    common = doc.texts("common")
    found = each(doc.tables("letter"), lambda table: _kind(table, common))
    doc.done()
    for name in ("key", "mark"):
        unique(doc, f"letter.{name}", [getattr(kind, name) for kind in found])
    return found


def _kind(table: Table, common: tuple[str, ...]) -> LetterKind:
    fields = (*common, *table.texts("fields"))
    lists = _lists(table.table("lists")) if "lists" in table else {}
    inner = [name for names in lists.values() for name in names]
    must = table.texts("must", ())
    table_must = [name.rstrip("?") for name in must]
    strange = [name for name in table_must if name not in (*fields, *lists, *inner)]
    if strange:
        raise table.fault("must", f"“{strange[0]}”不在 fields 或 lists 中")
    return LetterKind(
        key=table.text("key"),
        label=table.text("label"),
        title=table.text("title"),
        mark=table.text("mark"),
        steps=table.words("steps", BY_KEY, ()),
        tracks=table.words("tracks", [str(track) for track in Track], ()),
        to=table.word("to", TO),
        masks=table.word("masks", MASKS) if "masks" in table else "",
        fields=fields,
        lists=lists,
        must=tuple(table_must),
        optional=frozenset(name[:-1] for name in must if name.endswith("?")),
        asks=table.words("asks", fields, ()),
        say=table.texts("say", ()),
        seal=table.flag("seal", True),
    )


def _lists(table: Table) -> dict[str, tuple[str, ...]]:
    found = {name: table.texts(name) for name in table}
    table.done()
    return found


# --- the texts


@cache
def shipped(kind: str, track: str = "") -> str:
    """The shipped text of a kind, on a track where tracks differ."""
    name = f"{kind}.{track}.txt" if track else f"{kind}.txt"
    return (FOLDER / name).read_text("utf-8")


@cache
def slots(kind: str) -> tuple[str, ...]:
    """The texts a kind has: one for all tracks (""), or one a track."""
    own = tuple(str(track) for track in Track if (FOLDER / f"{kind}.{track}.txt").is_file())
    return own or ("",)


def slot_of(kind: LetterKind, track: str | None) -> str:
    """The text of a kind that a case of that track gets."""
    return track or "" if slots(kind.key) != ("",) else ""


def faults(kind: LetterKind, slot: str, text: str) -> list[str]:
    """Why a text cannot be the template of a kind; empty when it can."""
    try:
        nodes = parse(text)
    except Refused as error:
        return [str(error)]
    return [*_fields(kind, nodes), *_words(kind, slot, said(nodes))]


def _fields(kind: LetterKind, nodes: tuple[Node, ...]) -> Iterator[str]:
    used = set(named(nodes))
    for within, name in sorted(used):
        if name not in (*kind.fields, *kind.lists, *kind.lists.get(within, ())):
            yield f"“{kind.label}”没有字段“{name}”，可用的有：{'、'.join(_known(kind))}"
    names = {name for _, name in used}
    for name in kind.must:
        if name not in names:
            yield f"“{kind.label}”必须写明“{{{{{name}}}}}”"


def _known(kind: LetterKind) -> list[str]:
    inner = [f"{name}（内含{'、'.join(own)}）" for name, own in kind.lists.items()]
    return [*kind.fields, *inner]


def _words(kind: LetterKind, slot: str, words: str) -> Iterator[str]:
    for phrase in kind.say:
        if phrase not in words:
            yield f"“{kind.label}”必须写明“{phrase}”"
    if on_report(kind, slot):
        for word in PETITION_ONLY:
            if word in words:
                yield (
                    f"“{word}”只适用于信访途径；“{kind.label}”用于举报投诉途径，不得写“{word}”，"
                    "请改写为申请行政复议或者提起行政诉讼"
                )


def on_report(kind: LetterKind, slot: str) -> bool:
    """Whether cases of the report track get this text."""
    return kind.fits(Track.REPORT) and slot in ("", Track.REPORT)
