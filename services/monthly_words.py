"""How the monthly summary speaks: changes, shares, points and titles that state the finding.

A base of 0 gives “—”; a base under 10 gives counts and no percentage; shares have one decimal;
the difference of two percentages is 个百分点.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

NOTHING = "—"
LEAST_BASE = 10  # below it a percentage says more than the numbers do


def tenth(value: Fraction) -> Decimal:
    """A number to one decimal, half up, once."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def share(part: int, whole: int | None) -> str:
    """62.5%, or “—” of nothing."""
    return f"{tenth(Fraction(100 * part, whole))}%" if whole else NOTHING


def change(now: int, base: int) -> str:
    """上升12.3%, 下降4.0%, 持平; 增加3件 where the base is small; “—” where there is none."""
    if base == 0:
        return NOTHING
    if now == base:
        return "持平"
    if base < LEAST_BASE:
        return f"{'增加' if now > base else '减少'}{abs(now - base)}件"
    rate = tenth(Fraction(100 * abs(now - base), base))
    return f"{'上升' if now > base else '下降'}{rate}%"


def points(part: int, whole: int, base_part: int, base_whole: int) -> str:
    """高3.2个百分点, 低0.4个百分点, 持平: of the shares as they are shown."""
    if not whole or not base_whole:
        return NOTHING
    shown = tenth(Fraction(100 * part, whole)) - tenth(Fraction(100 * base_part, base_whole))
    if shown == 0:
        return "持平"
    return f"{'高' if shown > 0 else '低'}{abs(shown)}个百分点"


def per_ten_thousand(number: int, population_wan: Decimal | None) -> Decimal | None:
    """Cases to ten thousand residents, to two decimals; None where no number of residents is."""
    if not population_wan:
        return None
    return (Decimal(number) / population_wan).quantize(Decimal("0.01"), ROUND_HALF_UP)


def said(label: str, change_text: str) -> str:
    """，环比上升3.0%; nothing where there is nothing to compare with."""
    return "" if change_text == NOTHING else f"，{label}{change_text}"
