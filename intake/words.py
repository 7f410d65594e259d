"""Words of a file found in our vocabulary: labels, aliases, divisions by code and by name."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import lru_cache

from domain.people import Level, city_of, level_of
from intake.model import Division, Vocabulary

YES = "是 有 对 y yes true 1 √ ✓ 重复 重复件 重复投诉 重信重访 集体 集体访 匿名 保密 要求保密 同意"
NO = "否 无 不 n no false 0 × 首次 初次 初件 首次投诉 初信初访 个人 个访 实名 署名 不保密 不同意"
_FLAGS = dict.fromkeys(YES.split(), "1") | dict.fromkeys(NO.split(), "0")
# A column may ask the opposite of our field: 是否实名 for anonymous. Then a bare yes or no turns.
_OPPOSITES = {
    "repeat": re.compile("^[^重]*(?:初信|初访|首次|初次|初件)[^重]*$"),
    "anonymous": re.compile("^[^匿]*(?:实名|署名)[^匿]*$"),
    "confidential": re.compile("^[^密]*公开[^密]*$"),
}
_BARE = frozenset(_FLAGS) & {*"是有对√✓否无不×10yn", "yes", "no", "true", "false"}
_SEPARATORS = re.compile(r"[、,，;；\n]+")
_MARKS = re.compile(r"[\s*★☆:：_\-.·。/]+")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|<.*?>")
_CODE = re.compile(r"(\d{6})(?:0{3}|0{6})?")


@dataclass(frozen=True, eq=False, slots=True)
class Words:
    """A vocabulary turned round for looking up; `tables` is field key → plain word → key."""

    tables: Map[str, Map[str, str]]
    keys: Map[str, frozenset[str]]
    origins: frozenset[tuple[str, str]]
    channels: Map[str, str]  # sub-channel → channel
    external: frozenset[str]
    divisions: Map[int, Division]
    names: Map[str, frozenset[int]]
    retired: Map[int, int | None]

    def find(self, key: str, text: str) -> str | None:
        """Our key for one word of a closed field, None where the word is not known."""
        if key == "division":
            code = self.place(text)
            return None if code is None else str(code)
        table = self.tables[key]
        word = plain(text)
        return table.get(word) or (_category(table, word) if key == "categories" else None)

    def place(self, text: str) -> int | None:
        """Today's code of a division named by code or by name; None if unknown or ambiguous."""
        if number := _CODE.fullmatch(plain(text)):
            code: int | None = int(number[1])
            code = self.retired.get(code, code) if code is not None else None
            return code if code in self.divisions else None
        found = self.named(text)
        return next(iter(found)) if len(found) == 1 else None

    def named(self, text: str) -> frozenset[int]:
        """The divisions a name may mean; the longest beginning counts when more text follows."""
        word = _MARKS.sub("", plain(text))
        for length in range(len(word), 1, -1):
            found = self.names.get(word[:length])
            if found and (length == len(word) or (length > 2 and word[length - 1] in "市区县")):
                return found
        return frozenset()

    def place_fault(self, text: str) -> str:
        """Why `place` found nothing, and what to write instead."""
        if number := _CODE.fullmatch(plain(text)):
            return self.code_fault(int(number[1]))
        found = sorted(self.named(text))
        if len(found) > 1:
            full = "、".join(self.full_name(code) for code in found)
            return f"地区“{text[:30]}”有 {len(found)} 处同名（{full}）；请写明设区市或区划代码"
        return f"地区“{text[:30]}”不在区划表内；请填写区划代码或“设区市＋县(市、区)”全称"

    def code_fault(self, code: int) -> str:
        """Why a division code is refused."""
        if code in self.retired:
            after = self.retired[code]
            return f"区划代码 {code} 已撤销；" + (
                "请改填现行代码" if after is None else f"请改为 {after}"
            )
        return f"区划代码 {code} 不在区划表内；请核对"

    def full_name(self, code: int) -> str:
        """A county with its city, a city or the province by itself."""
        city = self.divisions.get(city_of(code))
        above = city.name if city and level_of(code) is Level.COUNTY else ""
        return above + self.divisions[code].name


def plain(text: str) -> str:
    """A word for comparing: full-width made half-width, no outer blanks, lower case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def heading(text: str) -> str:
    """A column name for comparing: also without blanks, stars and dashes."""
    return _MARKS.sub("", plain(text))


def bare_heading(text: str) -> str:
    """A column name without what stands in brackets, as in 投诉时间（必填）."""
    return _MARKS.sub("", _BRACKETS.sub("", plain(text)))


def turned(key: str, header: str, text: str) -> bool:
    """Whether a yes or no in this column means the opposite for our field."""
    opposite = _OPPOSITES.get(key)
    return opposite is not None and plain(text) in _BARE and bool(opposite.match(heading(header)))


def parts(text: str) -> list[str]:
    """The single words of a cell that names several."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


@lru_cache(maxsize=8)
def words_of(vocabulary: Vocabulary) -> Words:
    """The index of a vocabulary, kept while the vocabulary lives on."""
    subchannels = {key: channel for channel, key in vocabulary.subchannels.values()}
    named = {word: key for word, (_, key) in vocabulary.subchannels.items()}
    closed = {
        "categories": vocabulary.categories, "subchannel": named,
        "industry": vocabulary.industries, "urgency": vocabulary.urgencies,
        "time_pattern": vocabulary.time_patterns,
    }  # fmt: skip
    tables: dict[str, Map[str, str]] = {key: _table(words) for key, words in closed.items()}
    flags = ("repeat", "group", "anonymous", "confidential", "electronic_delivery")
    return Words(
        tables=tables | dict.fromkeys(flags, _FLAGS),
        keys={key: frozenset(words.values()) for key, words in closed.items()},
        origins=frozenset(vocabulary.subchannels.values()),
        channels=subchannels,
        external=vocabulary.external,
        divisions={division.code: division for division in vocabulary.divisions},
        names=_names(vocabulary.divisions),
        retired=vocabulary.retired,
    )


def _table(words: Map[str, str]) -> dict[str, str]:
    keys = {plain(key): key for key in words.values()}
    return keys | {plain(word): key for word, key in words.items()}


def _category(table: Map[str, str], word: str) -> str | None:
    """A category said at greater length: 大气污染, 噪声-工业噪声, 大气/恶臭异味."""
    for part in (word, re.split(r"[-—–>:/|·]+", word)[-1].strip()):
        for shorter in (part, part.removesuffix("污染"), part.removesuffix("类")):
            if shorter in table:
                return table[shorter]
    return None


def _names(divisions: Iterable[Division]) -> dict[str, frozenset[int]]:
    by_code = {division.code: division for division in divisions}
    found: dict[str, set[int]] = {}
    for code in by_code:
        for name in _spellings(by_code, code):
            found.setdefault(_MARKS.sub("", plain(name)), set()).add(code)
    return {name: _highest(codes) for name, codes in found.items()}


def _spellings(by_code: Map[int, Division], code: int) -> Iterator[str]:
    """昆山市, 昆山, 苏州市昆山市, 苏州昆山, 江苏省苏州市昆山市 …"""
    above = [c for c in (code // 10000 * 10000, city_of(code)) if c != code and c in by_code]
    own = _both(by_code[code])
    yield from own
    for city in _both(by_code[above[-1]]) if above else ():
        yield from (city + name for name in own)
    for province in _both(by_code[above[0]]) if len(set(above)) == 2 else ():
        cities = _both(by_code[above[1]])
        yield from (province + city + name for city in cities for name in own)


def _both(division: Division) -> tuple[str, ...]:
    return tuple({division.name, division.short_name} - {""})


def _highest(codes: set[int]) -> frozenset[int]:
    """A name that a city and a county share means the city; two counties stay in doubt."""
    cities = {code for code in codes if level_of(code) is not Level.COUNTY}
    return frozenset(cities or codes)
