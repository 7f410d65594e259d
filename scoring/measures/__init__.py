"""Measures: one file an indicator. Here is what each is asked, and the asking of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module

from sqlalchemy.orm import Session

from domain.people import Level, city_of, level_of
from rules.model import Indicator
from rules.rulebook import Rules
from scoring.model import Finding
from scoring.period import Period

Told = Callable[[int, int, str], None]  # done, of, what


@dataclass(frozen=True, slots=True)
class Asked:
    """What a measure is asked: an indicator, a period, a snapshot, and units of one level.

    `units` are cities, or counties of one city. `listed` False asks for numbers alone.
    """

    indicator: Indicator
    rules: Rules
    period: Period
    snapshot: datetime
    units: tuple[int, ...]
    listed: bool = True

    def __post_init__(self) -> None:
        levels = {level_of(unit) for unit in self.units}
        counties = levels == {Level.COUNTY} and len({city_of(unit) for unit in self.units}) == 1
        if levels != {Level.CITY} and not counties:
            raise ValueError("units are cities, or counties of one city")

    @property
    def by_city(self) -> bool:
        """Whether cities are scored, with their counties inside."""
        return level_of(self.units[0]) is Level.CITY

    @property
    def city(self) -> int | None:
        """The one city all units belong to, or None for several."""
        cities = {city_of(unit) for unit in self.units}
        return cities.pop() if len(cities) == 1 else None

    @property
    def known(self) -> date:
        """The last day whose entries count; midnight is 24:00 of the day before."""
        return (self.snapshot - timedelta(microseconds=1)).date()

    @property
    def until(self) -> date:
        """The last due date that can be judged: a term ends at 24:00 of its due date."""
        over = (self.snapshot + timedelta(microseconds=1)).date() - timedelta(days=1)
        return min(self.period.last, over)

    def unit_of(self, code: int) -> int:
        """The scored unit that a unit's items count for."""
        return city_of(code) if self.by_city else code


def find_all(
    session: Session,
    rules: Rules,
    period: Period,
    snapshot: datetime,
    units: Iterable[int],
    *,
    listed: bool = True,
    tell: Told | None = None,
) -> list[Finding]:
    """The findings of every ready indicator for `units`.

    A reading session sees one state of the database, so a number and its list agree.

    The caller has checked that the viewer may see these units: measures count under no scope,
    so that a number does not depend on who asks.
    """
    ready = [indicator for indicator in rules.indicators if indicator.ready]
    found: list[Finding] = []
    for number, indicator in enumerate(ready):
        if tell:
            tell(number, len(ready), f"{indicator.code} {indicator.label}")
        asked = Asked(indicator, rules, period, snapshot, tuple(units), listed)
        measure = import_module(f"{__name__}.{indicator.measure}")
        found.extend(measure.find(session, asked))
    return found
