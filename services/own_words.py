"""What a petitioner is called, and whether a text says it: words alone, nothing stored."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from domain.mask_patterns import plain
from domain.masking import occurrences
from domain.name_words import ROLES
from services.identity import Identity, house_of
from services.vocabulary import divisions

TELLING = (
    "“{}”里有信访人的姓名、电话、证件号或住址，请删去，或者改称“信访人”；只是普通词语的，请换个说法"
)
LEAST_HOUSE = 4  # signs an address must have below its township to be looked for by itself
LEAST_NUMBER = 5  # signs of a number that is looked for whatever stands between them
# Registered where a name belongs, and nobody's.
NOBODY = frozenset(
    (*ROLES, "匿名", "匿名人", "不详", "未知", "群众", "市民", "热心市民", "网民", "网友", "学生",
     "家长", "职工", "员工", "路人", "先生", "女士")
)  # fmt: skip
# 张三、李四; 张三（代表）; 张三等12人.
_SEVERAL = re.compile(r"[、，,；;/（）()]|(?<=..)等.*")
_CALLED = re.compile(  # a phone as others write it: without country, area and extension
    r"(?:\+?86|0086|0)?(1[3-9]\d{9})|(?:0(?:10|2\d|[3-9]\d\d))?([2-9]\d{6,7})(?:转?\d{1,6})?"
)
_LAW = re.compile(
    "《[^《》]*(?:法|条例|办法|规定|规则|细则|标准|规范|名录|目录)(?:（[^《》]*）)?》"
)


def words_of(who: Identity, place: str) -> Iterator[str]:
    """What a petitioner is called, but for an address that is the matter's own `place`."""
    for name in map(str.strip, _SEVERAL.split(who.name)):
        if name and name not in NOBODY:
            yield name
    if found := _CALLED.fullmatch(re.sub(r"[^\d转+]", "", plain(who.phone))):
        yield found[1] or found[2]
    yield from filter(None, (who.phone, who.id_no))
    yield from _home(who.address, place)


def _home(home: str, place: str) -> Iterator[str]:
    """A home as others write it: whole, without its divisions, and road and house alone."""
    local, house = home, house_of(home)  # no house: a town or wider, where many live
    for name in _divisions():
        local = local.removeprefix(name)
    told = [part for part in (local, house) if len(part) >= LEAST_HOUSE and re.search(r"\d", part)]
    if house and local not in place and not any(part in place for part in told):
        yield from (home, *told)


def tells(text: str, words: Iterable[str], matter: Sequence[str] = ()) -> bool:
    """Whether a text says one of these words, however spaced or wide.

    Not where it is part of a longer name that everybody may say: one of the `matter` itself, as
    its subject's, a division's (江宁 in 江宁区), a law's.
    """
    bare, digits = _bare(text), _unmarked(plain(text))
    found = []
    for word in words:
        short = _bare(word)
        number = _unmarked(short)
        if number.isascii() and len(number) >= LEAST_NUMBER:
            if number in digits:
                return True
        elif short in bare:
            found.append(word)
    stretches = _open(text, matter) if found else []
    return any(
        "\n" not in text[start:end] and not _within((start, end), stretches)
        for start, end, _ in occurrences(text, found)
    )


def _bare(text: str) -> str:
    return re.sub(r"[ \-·]", "", plain(text))


def _unmarked(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


@cache
def _divisions() -> tuple[str, ...]:
    return tuple(row["name"] for row in divisions())


def _open(text: str, matter: Sequence[str]) -> list[tuple[int, int]]:
    """Where a text says what everybody may say."""
    names = [name for name in (*matter, *_divisions()) if name and name in text]
    said = [match.span() for name in names for match in re.finditer(re.escape(name), text)]
    return said + [match.span() for match in _LAW.finditer(text)]


def _within(hit: tuple[int, int], stretches: Iterable[tuple[int, int]]) -> bool:
    """Whether a stretch is a part, and not the whole, of one of these."""
    return any(start <= hit[0] and hit[1] <= end and (start, end) != hit
               for start, end in stretches)  # fmt: skip
