"""How the monthly summary speaks: changes, shares, points and titles that state the finding.

A base of 0 gives “—”; a base under 10 gives counts and no percentage; shares have one decimal;
the difference of two percentages is 个百分点.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, TypeVar

Held = TypeVar("Held")
NOTHING = "—"
LEAST_BASE = 10  # below it a percentage says more than the numbers do
NAMED = 3  # of more that stand equal only so many are named


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


def foremost(lines: Iterable[Held], by: Callable[[Held], Any]) -> list[Held]:
    """All that share the greatest value, in their order; none of none."""
    kept = list(lines)
    most = max(map(by, kept), default=None)
    return [line for line in kept if by(line) == most]


def standing(labels: Sequence[str], place: str, noun: str = "") -> str:
    """甲渠道最多; 甲、乙渠道并列最多; 甲、乙、丙等5个渠道并列最多."""
    names = "、".join(labels[:NAMED])
    more = f"等{len(labels)}个" if len(labels) > NAMED else ""
    return f"{names}{more}{noun}{'并列' if len(labels) > 1 else ''}{place}"


def each(labels: Sequence[Any], figure: str) -> str:
    """占3.0% of one, 各占3.0% of several that stand equal."""
    return f"{'各' if len(labels) > 1 else ''}{figure}"
