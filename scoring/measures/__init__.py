"""Measures: one file an indicator. Here is what each is asked, and the asking of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

from sqlalchemy.orm import Session

from domain.errors import Refused
from domain.people import Level, city_of, level_of
from rules.model import Indicator
from rules.rulebook import Rules
from scoring.model import Finding
from scoring.period import Period

Told = Callable[[int, int, str], None]  # done, of, what


@dataclass(frozen=True, slots=True)
class Asked:
    """What a measure is asked: an indicator, a period, a snapshot, and units of one level.

    `units` are cities, or counties of one city. `listed` False asks for numbers alone. `kept`
    holds what the measures of one run share, found in one session.
    """

    indicator: Indicator
    rules: Rules
    period: Period
    snapshot: datetime
    units: tuple[int, ...]
    listed: bool = True
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

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
    def known_before(self) -> date:
        """The last day whose entries the period before saw; what came later it did not judge."""
        before = self.period.previous()
        try:
            days = self.rules.scoresheet.snapshot_workdays
            return before.snapshot(self.rules.calendar, days).date()
        except Refused:  # the calendar begins with this period: nothing was judged before
            return date.min

    @property
    def until(self) -> date:
        """The last due date that can be judged: a term ends at 24:00 of its due date."""
        over = (self.snapshot + timedelta(microseconds=1)).date() - timedelta(days=1)
        return min(self.period.last, over)

    def once(self, name: str, find: Callable[[], Any]) -> Any:
        """What the measures of a run share: found for the first that asks, kept for the rest."""
        if name not in self.kept:
            self.kept[name] = find()
        return self.kept[name]

    @property
    def unit_of(self) -> Callable[[int], int]:
        """What gives the scored unit that a unit's items count for."""
        return city_of if self.by_city else int


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
    units = tuple(units)
    ready = [indicator for indicator in rules.indicators if indicator.ready]
    found: list[Finding] = []
    kept: dict[str, Any] = {}
    for number, indicator in enumerate(ready):
        if tell:
            tell(number, len(ready), f"{indicator.code} {indicator.label}")
        asked = Asked(indicator, rules, period, snapshot, units, listed, kept)
        measure = import_module(f"{__name__}.{indicator.measure}")
        found.extend(measure.find(session, asked))
    return found
