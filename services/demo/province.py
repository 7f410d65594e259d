"""The invented habits of each city and county, and where their places lie on the map."""

import json
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from math import floor
from pathlib import Path
from random import Random

from services.vocabulary import divisions

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets" / "demo"
BORDERS = ROOT / "ui" / "static" / "geo" / "jiangsu_counties.geojson"
PROVINCE = 320000
BAND = 0.01  # degrees of latitude
Ring = list[list[float]]
Edge = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Habits:
    """How a place works, as shares between 0 and 1: misses, repeats, reached, contented."""

    entry: float
    complete: float
    dispatch: float
    decide: float
    conclude: float
    notice: float
    reply: float
    repeat: float
    reached: float
    content: float
    overturned: float


@dataclass(frozen=True)
class Province:
    """Cities and counties with their weights and habits."""

    counties: tuple[int, ...]
    weights: tuple[float, ...]  # cumulated, the last is the sum
    habits: dict[int, Habits]
    names: dict[int, str]
    short: dict[int, str]

    def pick(self, share: float) -> int:
        """The county at a share between 0 and 1 of all complaints."""
        return self.counties[bisect(self.weights, share * self.weights[-1])]


@cache
def asset(name: str) -> dict:
    """A JSON file of assets/demo."""
    return json.loads((ASSETS / name).read_text(encoding="utf-8"))


@cache
def province() -> Province:
    """The province of the demonstration."""
    cities = {int(code): values for code, values in asset("cities.json")["cities"].items()}
    own = {code: _habits(values, 1.0) for code, values in cities.items()}
    own[PROVINCE] = _habits(cities[320500], 1.0)
    weights: list[float] = []
    counties = [int(row["code"]) for row in divisions() if row["level"] == "county"]
    for city, values in cities.items():
        below = [code for code in counties if code // 100 * 100 == city]
        shares = [0.35 + Random(code).random() ** 1.5 * 2 for code in below]
        weights += [values["weight"] * share / sum(shares) for share in shares]
        own |= {code: _habits(values, 0.5 + Random(code + 1).random()) for code in below}
    return Province(
        counties=tuple(counties),
        weights=tuple(accumulate(weights)),
        habits=own,
        names={int(row["code"]): row["name"] for row in divisions()},
        short={int(row["code"]): row["short_name"] for row in divisions()},
    )


def _habits(values: dict[str, float], factor: float) -> Habits:
    shares = {key: value / 100 for key, value in values.items() if key != "weight"}
    misses = ("entry", "complete", "dispatch", "decide", "conclude", "notice", "reply")
    return Habits(**shares | {key: shares[key] * factor for key in misses})


@cache
def _borders() -> dict[int, list[Ring]]:
    found = {}
    for feature in json.loads(BORDERS.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        parts = shape["coordinates"]
        rings = [parts[0]] if shape["type"] == "Polygon" else [part[0] for part in parts]
        found[int(feature["id"])] = rings
    return found


@cache
def _edges(county: int) -> dict[int, list[Edge]]:
    """The borders of a county, edge by edge, under each band of latitude an edge reaches."""
    found: dict[int, list[Edge]] = {}
    for ring in _borders()[county]:
        for (x0, y0), (x, y) in pairwise([ring[-1], *ring]):
            for band in range(floor(min(y0, y) / BAND), floor(max(y0, y) / BAND) + 1):
                found.setdefault(band, []).append((x0, y0, x, y))
    return found


@cache
def _centres() -> dict[int, tuple[float, float]]:
    return {int(row["code"]): (float(row["lon"]), float(row["lat"])) for row in divisions()}


def inside(lon: float, lat: float, county: int) -> bool:
    """Whether a point lies within the borders of a county."""
    found = False
    for x0, y0, x, y in _edges(county).get(floor(lat / BAND), ()):
        if (y > lat) != (y0 > lat) and lon < (x0 - x) * (lat - y) / (y0 - y) + x:
            found = not found
    return found


def point(rng: Random, county: int) -> tuple[float, float]:
    """A point in a county, denser towards its middle."""
    lon, lat = _centres()[county]
    reach = 0.16
    for _ in range(12):
        x, y = rng.gauss(lon, reach), rng.gauss(lat, reach * 0.8)
        if inside(x, y, county):
            return round(x, 5), round(y, 5)
        reach *= 0.75
    return lon, lat
