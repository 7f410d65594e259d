"""Invented petitioners: names, phones of a test range, ID numbers of a division that is none."""

from functools import cache
from random import Random

from services.demo.province import asset
from services.identity import Identity

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))


@cache
def _given() -> tuple[str, str]:
    names = asset("names.json")
    return names["surnames"], names["given"]


def petitioner(rng: Random, number: int, address: str, anonymous: bool, silent: bool) -> Identity:
    """Who contacted: `anonymous` gives no name, `silent` leaves no way to be reached."""
    surnames, given = _given()
    chance = rng.random
    name = surnames[int(chance() * len(surnames))] + given[int(chance() * len(given))]
    if chance() < 0.7:
        name += given[int(chance() * len(given))]
    phone = "" if silent else f"1990{number % 10_000_000:07d}"
    id_no = id_number(rng) if not anonymous and chance() < 0.12 else ""
    if anonymous:
        return Identity("", phone, "", "")
    road = address[: address.find("路") + 1]
    home = f"{road}{int(chance() * 60) + 1}幢{int(chance() * 900) + 101}室"
    return Identity(name, phone, id_no, home if not silent and chance() < 0.4 else "")


def id_number(rng: Random) -> str:
    """An ID number with a right check sign."""
    born = f"{rng.randrange(1950, 2004)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
    body = f"329900{born}{rng.randrange(1000):03d}"
    total = sum(int(s) * w for s, w in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]
