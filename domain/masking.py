"""What in free text tells who somebody is, and the text without it.

Marks phones, ID numbers, car plates, likely names, house numbers and accounts. Recall comes
first: a mark too many is taken away by the person who confirms, one too few is not seen. Offsets
are those of the given text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.likely_names import likely_names
from domain.mask_patterns import HOUSE_NUMBER, OFFICIAL, PATTERNS, PROVINCES, Kind, plain

__all__ = ["Kind", "Span", "Stretch", "find", "mask", "occurrences", "settled"]

Stretch = tuple[int, int, Kind]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch `start:end` of a text and what stands in its place in the masked one."""

    start: int
    end: int
    kind: Kind
    shown: str


def find(text: str, known: Iterable[str] = ()) -> list[Span]:
    """Spans to mask, in order and without overlap.

    `known` are strings that are masked wherever they stand, however they are spaced, such as the
    petitioner's own name, phone and address; strings of one sign are left out.
    """
    sure = list(_matched(plain(text)))
    # 车苏A12345: what reaches into a number is no name.
    names = [
        (start, end, Kind.NAME)
        for start, end in likely_names(text)
        if not any(start < stop and begin < end for begin, stop, _ in sure)
    ]
    return settled(text, [*occurrences(text, known), *sure, *names])


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced by what it shows; spans do not overlap."""
    out, last = [], 0
    for span in sorted(spans, key=lambda s: s.start):
        out += [text[last : span.start], span.shown]
        last = span.end
    return "".join(out) + text[last:]


def occurrences(text: str, words: Iterable[str], kind: Kind | None = None) -> list[Stretch]:
    """Where words stand in a text, whatever their width, case and spacing; the longest first.

    Without a kind each word is taken for what it looks like: a number, a name or an address.
    """
    found: list[Stretch] = []
    whole = plain(text)
    for word in sorted({re.sub(r"[ \-·]", "", plain(w)) for w in words}, key=len, reverse=True):
        if len(word) > 1:
            pattern = r"[ \-·]{0,3}".join(map(re.escape, word))
            own = kind or _looks_like(word)
            found += [(*match.span(), own) for match in re.finditer(pattern, whole)]
    return found


def settled(text: str, stretches: Iterable[Stretch]) -> list[Span]:
    """Stretches as spans without overlap: the earlier in order win, of others the rest is kept."""
    free, spans = [True] * len(text), []
    for start, end, kind in stretches:
        for begin, stop in _left(free, start, end):
            if any(sign.isalnum() for sign in text[begin:stop]):
                spans.append(Span(begin, stop, kind, _shown(kind, text[begin:stop])))
        free[start:end] = [False] * (end - start)
    return sorted(spans, key=lambda span: span.start)


def _left(free: list[bool], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of a stretch that nothing has taken yet."""
    begin = start
    for at in range(start, end + 1):
        if at == end or not free[at]:
            if at > begin:
                yield begin, at
            begin = at + 1


def _matched(text: str) -> Iterator[Stretch]:
    """What the patterns find in a plain text, without the blanks at its ends."""
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            start, end = match.span(group)
            start += len(match[group]) - len(match[group].lstrip())
            if kind is not Kind.ID or not OFFICIAL.search(text[max(0, start - 14) : start]):
                yield start, end, kind


def _looks_like(word: str) -> Kind:
    if re.fullmatch(r"\d{17}[\dX]|\d{15}|[A-Z]{1,2}\d{6,}", word):
        return Kind.ID
    if re.fullmatch(r"\+?\d{5,}", word):
        return Kind.PHONE
    return Kind.NAME if len(word) <= 4 else Kind.ADDRESS


def _shown(kind: Kind, text: str) -> str:
    """What stands in place of a stretch; never enough to tell who it was."""
    signs = re.sub(r"[^0-9A-Z]", "", plain(text))
    match kind:
        case Kind.PHONE:
            mobile = re.fullmatch(r"(?:0086|86)?(1[3-9]\d)\d{4}(\d{4})", signs)
            if mobile:
                return f"{mobile[1]}****{mobile[2]}"
            return signs[:3] + "****" if len(signs) >= 10 else "****"
        case Kind.ID:
            return signs[: 6 if len(signs) >= 15 else 2] + "****"
        case Kind.PLATE if text[0] in PROVINCES:
            return f"{text[0]}{signs[:1]}·****"
        case Kind.EMAIL if "@" in text:
            return f"{text[0]}***{text[text.index('@') :]}"
        case Kind.HOUSE:
            return HOUSE_NUMBER.sub("**", plain(text))
        case Kind.NAME:
            signs = re.sub(r"[\s·•・]", "", text)
            return signs[0] + "*" * max(len(signs) - 1, 1)
    return "****"
