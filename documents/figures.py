"""Numbers and dates as documents print them: half-up, two decimals, — for what was not judged."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

NOTHING = "—"
_CENT = Decimal("0.01")


def points(value: Decimal | None) -> str:
    """Points with two decimals."""
    return NOTHING if value is None else str(value.quantize(_CENT, ROUND_HALF_UP))


def signed(value: Decimal | None) -> str:
    """Points with their sign."""
    return (
        NOTHING if value is None else f"{value.quantize(_CENT, ROUND_HALF_UP):+}".replace("-", "−")
    )


def weight(value: Decimal) -> str:
    """A weight, without decimals where it is whole."""
    return str(int(value)) if value == int(value) else points(value)


def percent(rate: Decimal | None) -> str:
    """A fraction as a percentage with two decimals."""
    return NOTHING if rate is None else f"{(rate * 100).quantize(_CENT, ROUND_HALF_UP)}%"


def count(value: int | None) -> str:
    """A whole number."""
    return NOTHING if value is None else str(value)


def day(value: date | None) -> str:
    """A date as 2026-10-31."""
    return NOTHING if value is None else value.isoformat()


def day_in_words(value: date) -> str:
    """A date as official letters print it: 2026年10月31日."""
    return f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime) -> str:
    """A moment as 2026-10-31 09:05."""
    return value.strftime("%Y-%m-%d %H:%M")
