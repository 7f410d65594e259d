"""Likely personal names in Chinese text: a surname, what stands around it, and a score.

A candidate is a surname with one or two signs after it. It gains by what comes before (我叫, 老板),
by what follows (先生, a stop, 说) and by signs usual in given names; it loses where it begins like
another word, a place or a firm. There is no dictionary: a person looks at what is marked.
"""

import re
from collections.abc import Iterator

from domain.name_words import (
    COMMON,
    COMPOUND,
    FIRMS,
    FOLLOW,
    GIVEN,
    LEADS,
    LIGHT,
    NAMED,
    NEVER,
    PAIRS,
    PLACES,
    RARE,
    ROLES,
    SMALL,
    STYLES,
    TAILS,
    TITLES,
    WAYS,
    WORDS,
    WORDY,
)

ENOUGH = 3.0  # points a candidate needs
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GAP = ' 　:：“”"（('
_LINKS = ("是", "为", "叫", "名叫", "姓名")
_DOTTED = re.compile(r"[\u4e00-\u9fff]{2,6}(?:[·•・][\u4e00-\u9fff]{2,6}){1,3}")
# 姓名：张　伟, a name spread over the width of three.
_SPREAD = re.compile(
    r"(?:姓名|[系报诉访请]人|签[名字])[:：]\s*"
    r"([\u4e00-\u9fff][ 　]{1,2}[\u4e00-\u9fff])(?![\u4e00-\u9fff])"
)
_FIRM = re.compile(rf"[^的在是和与说开办有把将被，。；：、！？\s]{{0,8}}?(?:{'|'.join(FIRMS)})")


def likely_names(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every likely name, and of each further place where a full one stands."""
    found = set(_scored(text))
    found |= {match.span(1) for match in _SPREAD.finditer(text) if match[1][0] in COMMON | RARE}
    found |= {_trimmed(text, *match.span()) for match in _DOTTED.finditer(text)}
    known = {text[start:end] for start, end in found if end - start > 2}
    for name in known:
        found |= {match.span() for match in re.finditer(re.escape(name), text)}
    yield from sorted(found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A dotted name without the role before it and the words behind."""
    dot = max(text.rfind(sign, start, end) for sign in "·•・")
    cues = [at for at in range(start + 1, dot - 1) if text.endswith(ROLES + NAMED, 0, at)]
    stops = [at for at in range(dot + 3, end) if text[at] in FOLLOW | NEVER]
    return max(cues, default=start), min(stops, default=end)


def _scored(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text) - 1:
        points, end = max((_candidate(text, at, end) for end in _ends(text, at)), default=(0.0, at))
        if points >= ENOUGH:
            yield at, end
        at = end if points >= ENOUGH else at + 1


def _ends(text: str, at: int) -> Iterator[int]:
    """Where a name that begins here may end."""
    head = 2 if text[at : at + 2] in COMPOUND else 1
    if head == 1 and text[at] not in COMMON and text[at] not in RARE:
        return
    for end in (at + head + 1, at + head + 2):
        given = text[at + head : end]
        if len(given) == end - at - head and all(map(_may_name, given)):
            yield end


def _may_name(sign: str) -> bool:
    return bool(_HAN.match(sign)) and sign not in NEVER


def _candidate(text: str, at: int, end: int) -> tuple[float, int]:
    """Points of a candidate, with its end so that of two equals the longer wins."""
    name = text[at:end]
    compound = name[:2] in COMPOUND
    given = name[2:] if compound else name[1:]
    before, after = _before(text, at), _after(text, end)
    usual = 1 if given in PAIRS else sum(sign in GIVEN for sign in given) / len(given)
    if after < 0 and before >= 2 and len(given) == 2 and usual == 1:
        after = 0  # a whole name after a cue, before any word
    points = before + after + 2 * usual
    points += 1 if compound or name[0] in COMMON else 0
    if not compound:
        points -= _doubt(text, at, name, told=before >= 4 or _titled(text, end))
    if len(given) == 2 and given[1] in FOLLOW and given not in PAIRS and not _stopped(text, end):
        points -= 2
    if len(name) == 2 and (name[0] == name[1] or name[1] in STYLES):
        points -= 5
    if name[-1] in WAYS or (text.startswith(PLACES, end) and not _titled(text, end)):
        points -= 3
    if before < 2 and _FIRM.match(text, end):
        points -= 3
    return points, end


def _doubt(text: str, at: int, name: str, *, told: bool) -> float:
    """How much of a single surname and what follows it is like other words."""
    points = 2.0 if name[0] in SMALL else 1.0 if name[0] in WORDY else 0.0
    usual = all(sign in GIVEN for sign in name[1:])
    if name[:2] in WORDS or (name[1:] in WORDS and not usual):
        points += 3 if told else 6
    if text[max(0, at - 1) : at + 1] in TAILS:
        points += 3
    if any(text.startswith(TITLES, place) for place in range(at + 1, at + len(name))):
        points += 5
    if text.startswith(("〔", "[", "［"), at + len(name)):
        points += 5
    return points


def _before(text: str, at: int) -> float:
    """How much what stands before speaks for a name."""
    if at == 0:
        return 1
    near = text[max(0, at - 12) : at]
    bare = near.rstrip(_GAP)
    told = bare != near and near[len(bare)] in ":："
    if bare.endswith(NAMED):
        return 4
    if bare.endswith(ROLES):
        return 4 if told else 2
    link = next((word for word in _LINKS if bare.endswith(word)), "")
    if link and bare.removesuffix(link).endswith(ROLES):
        return 3
    if bare.endswith(LEADS):
        return 1
    return 1 if text[at - 1] in LIGHT or text[at - 1].isdigit() else -1


def _titled(text: str, end: int) -> bool:
    return text.startswith(TITLES, end)


def _stopped(text: str, end: int) -> bool:
    """Whether the text stops here: the end, a mark, a number, or a title."""
    return end >= len(text) or not _HAN.match(text[end]) or _titled(text, end)


def _after(text: str, end: int) -> float:
    """How much what follows speaks for a name that ends here."""
    if _titled(text, end):
        return 3
    if _stopped(text, end):
        return 2
    return 1 if text[end] in FOLLOW else -1
