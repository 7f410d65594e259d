"""Search: the newest fifty hits of words of two characters, common and rare."""

from collections.abc import Iterator
from functools import partial

from bench.bed import Bed
from bench.beside import Plain, plain
from bench.boards import CITY, PROVINCE, scope
from bench.figures import Line, Reference, at_most, timed
from db.queries import cases
from db.queries.cases import CaseFilter
from db.session import reading

# Words tried for a common, a middling and a rare one, by how many cases have them.
WORDS = (
    "异味", "噪声", "废水", "恶臭", "油烟", "扬尘", "夜间", "辐射", "机房", "养殖", "渣土", "焚烧",
    "黑烟", "喷漆", "锅炉", "屠宰", "电镀", "基站", "鱼塘", "死鱼",
)  # fmt: skip


def lines(bed: Bed) -> Iterator[Line]:
    """Three words, for the province and for a city."""
    with plain(bed) as own:
        for kind, (word, hits) in zip(("common", "middling", "rare"), _chosen(bed), strict=True):
            for unit in (PROVINCE, CITY):
                yield _line(bed, own, kind, word, hits, unit)


def _line(bed: Bed, own: Plain, kind: str, word: str, hits: int, unit: int) -> Line:
    where = "province" if unit == PROVINCE else "one city"
    own_way = timed(partial(_search, bed, word, unit), bed.effort.seconds)
    took = timed(partial(own.all, _like(bed, word, unit)), bed.effort.seconds / 4, warm=0)
    what = f"newest 50 of a {kind} word ({word}, {_many(hits)}), {where}"
    return at_most("search", what, own_way, 20, Reference("LIKE", took.median))


def _search(bed: Bed, word: str, unit: int) -> int:
    with reading(bed.url, scope(unit)) as session:
        return len(cases.page(session, CaseFilter(q=word), bed.lights))


def _like(bed: Bed, word: str, unit: int) -> str:
    seen = "" if unit == PROVINCE else (
        " AND EXISTS (SELECT 1 FROM case_units u WHERE u.case_id = cases.id"
        f" AND u.unit_code BETWEEN {unit} AND {unit + 99})"
    )  # fmt: skip
    return (
        "SELECT cases.id, cases.no, cases.title FROM cases"
        " JOIN submissions s ON s.case_id = cases.id"
        f" WHERE NOT cases.sealed AND (s.content LIKE '%{word}%' OR cases.title LIKE '%{word}%')"
        f"{seen} ORDER BY cases.id DESC LIMIT 50"
    ).replace("%", "%%" if not bed.sqlite else "%")


def _chosen(bed: Bed) -> list[tuple[str, int]]:
    """The most common word, the middle one and the rarest that has fifty hits, or any."""
    found = sorted(((_hits(bed, word), word) for word in WORDS), reverse=True)
    some = [(word, hits) for hits, word in found if hits >= 50] or [found[0][::-1]]
    return [some[0], some[len(some) // 2], some[-1]]


def _hits(bed: Bed, word: str) -> int:
    match = (
        f"SELECT count(*) FROM case_words WHERE case_words MATCH '\"{word}\"'" if bed.sqlite
        else f"SELECT count(*) FROM case_words WHERE words @@ to_tsquery('simple', '{word}')"
    )  # fmt: skip
    with plain(bed) as own:
        [[hits]] = own.all(match)
    return int(hits)


def _many(hits: int) -> str:
    return f"{hits:,} hits"
