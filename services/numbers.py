"""Numbers without gap or double: given out inside the transaction that uses them."""

import secrets
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from db.queries import registering

# No 0 O 1 I L, so that a code read out on the phone is heard right.
QUERY_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def take(session: Session, series: str, count: int = 1) -> int:
    """Reserve `count` numbers of a series and return the first; a rollback gives them back."""
    return take_all(session, {series: count})[series]


def take_all(session: Session, wanted: Mapping[str, int]) -> dict[str, int]:
    """The same for several series at once; returns the first number of each."""
    last = registering.last_numbers(session, wanted)
    return {series: last[series] - count + 1 for series, count in wanted.items()}


def series_of(unit: int, day: date, letter: str) -> str:
    """The head of case numbers: JS, the registering unit, the day and the channel's letter."""
    return f"JS{unit}{day:%Y%m%d}{letter}"


def query_code() -> str:
    """A random code of eight signs by which a petitioner asks after the case."""
    number, base = secrets.randbelow(len(QUERY_SIGNS) ** 8), len(QUERY_SIGNS)
    return "".join(QUERY_SIGNS[number // base**place % base] for place in range(8))
