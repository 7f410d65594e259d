"""Where the board stands, as its address says it, and what the lists it opens are asked for."""

from dataclasses import dataclass

import streamlit as st

from db.queries.metrics import Shine
from domain.people import Level, last_below, level_of
from domain.scope import Scope
from ui import reads

AHEAD = (3, 5, 10)
LIGHTS = (Shine.RED, Shine.ORANGE, Shine.YELLOW, Shine.PROVISIONAL)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose clocks, which light, how many workdays ahead, on a wall or not."""

    unit: int
    shine: Shine
    days: int
    wall: bool

    def at(self, **changes: object) -> dict[str, object]:
        """The keys of the board's address with some changed."""
        now = {"unit": self.unit, "light": self.shine.value, "days": self.days}
        return now | {"wall": 1 if self.wall else ""} | changes

    def cases(self, row: int | None = None, clock: str = "", shine: str = "") -> dict[str, object]:
        """What the list is asked for by a number: of a row, of a clock, or of the whole board."""
        return {"light": shine or self.shine.value, "clock": clock} | self.duty(row)

    def duty(self, row: int | None = None) -> dict[str, object]:
        """The responsible unit; a row of the board's own unit is that unit alone."""
        unit = self.unit if row is None else row
        own = row == self.unit and last_below(self.unit) != self.unit
        if level_of(unit) is Level.PROVINCE and not own:
            return {}
        return {"duty": unit, "own": "1" if own else ""}


def standing(scope: Scope, home: int) -> Place:
    """The place the address asks for, within what the viewer sees."""
    asked = st.query_params
    given = asked.get("unit", "")
    unit = int(given) if given.isdigit() else home
    if not scope.covers(unit) or unit not in reads.units():
        unit = home
    named = {shine.value: shine for shine in LIGHTS}
    days = asked.get("days", "")
    return Place(
        unit=unit,
        shine=named.get(asked.get("light", ""), Shine.RED),
        days=int(days) if days in map(str, AHEAD) else AHEAD[1],
        wall=asked.get("wall") == "1",
    )
