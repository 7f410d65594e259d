"""Numbers without gap or double: given out inside the transaction that uses them."""

import secrets
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from db.queries import registering

# No 0 O 1 I L, so that a code read out on the phone is heard right.
QUERY_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 8
# A random byte is a sign; the few at the end that would favour the first signs are left out.
_EVEN = 256 // len(QUERY_SIGNS) * len(QUERY_SIGNS)
_SIGN = (QUERY_SIGNS * 9)[:256].encode()
_ODD = bytes(range(_EVEN, 256))


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


def query_codes(session: Session, count: int) -> list[str]:
    """So many codes by which petitioners ask after their cases, none of them in use."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        drawn = dict.fromkeys(random_codes(count - len(codes)))
        for taken in registering.codes_taken(session, list(drawn)):
            del drawn[taken]
        codes |= drawn
    return list(codes)


def random_codes(count: int) -> list[str]:
    """So many random codes of eight signs."""
    signs, wanted = b"", count * _LENGTH
    while len(signs) < wanted:
        signs += secrets.token_bytes(wanted + _LENGTH).translate(_SIGN, _ODD)
    text = signs.decode()
    return [text[at : at + _LENGTH] for at in range(0, wanted, _LENGTH)]
