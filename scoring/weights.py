"""Where the weight of a line that cannot be judged goes."""

from collections.abc import Collection, Sequence
from fractions import Fraction

from rules.model import Indicator


def redistribute(indicators: Sequence[Indicator], counting: Collection[str]) -> dict[str, Fraction]:
    """The weight in effect of every line that counts, unrounded.

    Within an area the weight goes to the lines that count, in proportion to theirs; the weight
    of an area where none counts goes to all other areas, in proportion to theirs.
    """
    whole = _by_area(indicators)
    judged = _by_area([i for i in indicators if i.code in counting])
    everything = sum(whole.values(), Fraction(0))
    living = sum((whole[area] for area in judged), Fraction(0))
    return {
        i.code: Fraction(i.weight) / judged[i.area] * whole[i.area] * everything / living
        for i in indicators
        if i.code in counting
    }


def _by_area(indicators: Sequence[Indicator]) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for indicator in indicators:
        sums[indicator.area] = sums.get(indicator.area, Fraction(0)) + Fraction(indicator.weight)
    return sums
