"""Invented firms and places complained of; the same ones come back, some of them often."""

from dataclasses import dataclass
from functools import cache
from random import Random

from services.demo.province import asset, point, province

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


@dataclass(frozen=True, slots=True)
class Subject:
    """A firm or site: name, address, credit code, map point."""

    name: str
    address: str
    code: str | None
    lon: float
    lat: float


@cache
def subject(seed: int, county: int, industry: str, number: int) -> Subject:
    """The so-many-th subject of an industry in a county."""
    rng = Random(f"{seed}/{county}/{industry}/{number}")
    names = asset("names.json")
    coined = "".join(rng.choice(names["coined"]) for _ in range(rng.choice((2, 3, 3))))
    town = rng.choice(names["street"]) + rng.choice(names["coined"])
    road = rng.choice(names["coined"]) + rng.choice(names["street"])
    place = province().names[county]
    lon, lat = point(rng, county)
    kind = rng.choice(("街道", "街道", "镇"))
    return Subject(
        name=province().short[county] + coined + rng.choice(names["suffix"][industry]),
        address=f"{place}{town}{kind}{road}路{rng.randrange(1, 400)}号",
        code=credit_code(rng) if rng.random() < 0.35 else None,
        lon=lon,
        lat=lat,
    )


def credit_code(rng: Random) -> str:
    """A credit code with a right check sign and a registrar that does not exist."""
    body = "91329900MA" + "".join(rng.choice(_SIGNS) for _ in range(7))
    total = sum(_SIGNS.index(s) * w for s, w in zip(body, _WEIGHTS, strict=True))
    return body + _SIGNS[-total % 31]
