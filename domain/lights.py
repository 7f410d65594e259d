"""The four lights of a running clock."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.workdays import Calendar


class Light(StrEnum):
    """红 overdue; 橙 due today or the next workday; 黄 within three workdays; 绿 otherwise."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Lights:
    """The last due dates of each light on a given day; the same dates serve SQL and Python."""

    today: date
    orange_until: date
    yellow_until: date

    @classmethod
    def on(cls, today: date, calendar: Calendar) -> "Lights":
        """The limits of the lights for `today`."""
        return cls(today, calendar.advance(today, 1), calendar.advance(today, 3))

    def of(self, due_on: date) -> Light:
        """The light of a running clock due on `due_on`."""
        if due_on < self.today:
            return Light.RED
        if due_on <= self.orange_until:
            return Light.ORANGE
        return Light.YELLOW if due_on <= self.yellow_until else Light.GREEN
