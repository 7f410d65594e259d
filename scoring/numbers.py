"""Exact numbers, and the one rounding: half-up to two places."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import floor

HALF = Fraction(1, 2)


def cents(value: Fraction) -> Decimal:
    """`value` rounded half-up to two decimals."""
    return Decimal(floor(value * 100 + HALF)).scaleb(-2)


def percent(rate: Fraction | None) -> str:
    """A rate for readers: 92.75%, and — where there is nothing to judge."""
    return "—" if rate is None else f"{cents(rate * 100)}%"


def mean(values: Iterable[Decimal | None]) -> Decimal | None:
    """The mean of the values that are present, or None."""
    present = [Fraction(value) for value in values if value is not None]
    return cents(sum(present, Fraction(0)) / len(present)) if present else None


def plain(value: Decimal) -> str:
    """A decimal as text that does not depend on how many zeros a database kept."""
    return format(value.normalize(), "f") if value else "0"
