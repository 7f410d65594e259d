"""Named numbers: each is one condition, and tile, list, map, export and score line all use it.

A clock number counts the *cases* that have such a clock, so that it equals the list it opens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from db import models as m
from db.models.clocks import RUNNING, TROUBLE
from domain.clocks import Lights
from domain.people import Level, city_of, last_below, level_of


class Shine(StrEnum):
    """The lights of a board. A provisional clock (暂定) is never red and stands by itself."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    PROVISIONAL = "provisional"

    @property
    def label(self) -> str:
        """The light in a word."""
        return _SAID[self][0]

    @property
    def meaning(self) -> str:
        """What the light says of a clock."""
        return _SAID[self][1]


_SAID = {
    Shine.RED: ("红灯", "已超期"),
    Shine.ORANGE: ("橙灯", "1个工作日内到期"),
    Shine.YELLOW: ("黄灯", "3个工作日内到期"),
    Shine.GREEN: ("绿灯", "期限充裕"),
    Shine.PROVISIONAL: ("暂定", "到期日待国务院办公厅通知"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first..last`, both included."""

    first: date
    last: date

    def holds(self, column: object) -> ColumnElement[bool]:
        """Whether a date column lies in the period."""
        return column.between(self.first, self.last)  # type: ignore[attr-defined]


def light(shine: Shine, limits: Lights) -> ColumnElement[bool]:
    """The running clocks under a light on the day of `limits`; the five lights are disjoint."""
    due = m.Clock.due_on
    if shine is Shine.PROVISIONAL:
        return and_(RUNNING, m.Clock.provisional)
    ends = {
        Shine.RED: due < limits.today,
        Shine.ORANGE: due.between(limits.today, limits.orange_until),
        Shine.YELLOW: and_(due > limits.orange_until, due <= limits.yellow_until),
        Shine.GREEN: due > limits.yellow_until,
    }
    return and_(RUNNING, ends[shine], ~m.Clock.provisional)


def shine_of(due_on: date, provisional: bool, limits: Lights) -> Shine:
    """The light of one running clock; the same rule as `light`, for a row already read."""
    return Shine.PROVISIONAL if provisional else Shine(limits.of(due_on).value)


def falls_due(period: Period) -> ColumnElement[bool]:
    """The running clocks that end in a period, provisional ones included."""
    return and_(RUNNING, period.holds(m.Clock.due_on))


def responsible(unit: int, own: bool = False) -> ColumnElement[bool]:
    """The clocks of a unit and those below it, or of the unit alone."""
    # As an expression, so that SQLite walks the running clocks and not the cohort of the city.
    city, high = m.Clock.city_code + 0, unit if own else last_below(unit)
    if high - unit == 99:
        return city == unit
    inside = m.Clock.unit_code.between(unit, high)
    return and_(city == city_of(unit), inside) if high == unit else inside


def lying_in(place: int) -> list[ColumnElement[bool]]:
    """The cases of a division; no condition for the whole province."""
    match level_of(place):
        case Level.PROVINCE:
            return []
        case Level.CITY:
            return [m.Case.place_city == place]
    return [m.Case.place_city == city_of(place), m.Case.place_code == place]


def within(column: object, unit: int) -> ColumnElement[bool]:
    """Whether a column of unit codes lies in a unit's subtree."""
    return column.between(unit, last_below(unit))  # type: ignore[attr-defined]


# --- numbers over cases; each opens as /cases?metric=KEY&from=…&to=…


@dataclass(frozen=True, slots=True)
class Metric:
    """A number over cases with its words; `dated` ones need a period."""

    key: str
    label: str
    dated: bool
    where: Callable[[Period, Lights], ColumnElement[bool]]
    of_clocks: bool = False  # `where` speaks of a clock: cases that have such a one


def of_its_own() -> ColumnElement[bool]:
    """A matter of its own: not merged into another, by whose contacts it is counted."""
    # The few that are, and not the column, which no covering index has.
    cases = m.Case.__table__.c
    return m.Case.id.not_in(select(cases.id).where(cases.merged_into.is_not(None)))


def received(period: Period) -> ColumnElement[bool]:
    """收件: received in the period."""
    return and_(period.holds(m.Case.received_on), of_its_own())


def in_hand() -> ColumnElement[bool]:
    """在办: neither concluded nor declined nor passed on."""
    return m.Case.ended_on.is_(None)


def concluded(period: Period) -> ColumnElement[bool]:
    """办结: concluded in the period."""
    return period.holds(m.Case.concluded_on)


def rated(period: Period) -> ColumnElement[bool]:
    """已评价: delivered in the period and rated."""
    return and_(period.holds(m.Case.delivered_on), m.Case.rating.is_not(None))


def overdue(limits: Lights) -> ColumnElement[bool]:
    """超期: at least one red clock."""
    return has_clock(light(Shine.RED, limits))


def has_clock(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a case has a clock of the condition; the condition's index drives."""
    return m.Case.id.in_(select(m.Clock.case_id).where(condition))


CONCLUDING = ("conclude_petition", "conclude_report", "conclude_simple")


def late_at_the_end() -> ColumnElement[bool]:
    """A concluding clock that was done after its due date; nothing erases it but an exemption."""
    clock = m.Clock
    late = and_(clock.done_on > clock.due_on, ~clock.exempt, ~clock.provisional)
    # As an expression, so that the clocks of the one case are read and not the whole cohort.
    return exists().where(clock.case_id == m.Case.id, (clock.key + "").in_(CONCLUDING), late)


def accepted(period: Period) -> ColumnElement[bool]:
    """受理: decided in the period, and neither declined nor passed on."""
    return and_(period.holds(m.Case.decided_on), m.Case.status.not_in(("declined", "transferred")))


def ended_as(status: str) -> Callable[[Period, Lights], ColumnElement[bool]]:
    """Left hand in the period by this way: declined or transferred."""
    return lambda period, _: and_(m.Case.status == status, period.holds(m.Case.ended_on))


def of_category(key: str, case_id: Any = m.Case.id) -> ColumnElement[bool]:
    """Cases of a main category, or of a sub-category where the key is longer than a letter."""
    own = m.CaseCategory.sub if len(key) > 1 else m.CaseCategory.main
    return exists().where(m.CaseCategory.case_id == case_id, own == key)


# --- rates over the clocks that fell due in a period, by the unit responsible

# The rates of the monthly summary and the map: one clock, or the concluding ones together.
RATES: Mapping[str, tuple[str, ...]] = {
    "dispatch": ("dispatch",),
    "conclude": CONCLUDING,
    "notice": ("notice",),
    "reply": ("reply",),
    "rating": ("rating",),
}


def judged(period: Period, limits: Lights) -> Period:
    """The days of a period whose clocks can be judged: until yesterday, for today is not over."""
    return Period(period.first, min(period.last, limits.today - timedelta(days=1)))


def fell_due(period: Period, limits: Lights) -> ColumnElement[bool]:
    """Clocks that ended in the judged days; neither exempted nor provisional."""
    clock = m.Clock
    return and_(judged(period, limits).holds(clock.due_on), ~clock.exempt, ~clock.provisional)


def missed(period: Period, limits: Lights) -> ColumnElement[bool]:
    """Of those, not done or done late."""
    late = or_(m.Clock.done_on.is_(None), m.Clock.done_on > m.Clock.due_on)
    return and_(TROUBLE, fell_due(period, limits), late)


def met(period: Period, limits: Lights) -> ColumnElement[bool]:
    """Of those, done by the due date."""
    return and_(fell_due(period, limits), m.Clock.done_on <= m.Clock.due_on)


def whose(key: str, duty: int | None, own: bool = False) -> list[ColumnElement[bool]]:
    """The clocks of a rate (or of one key), and of a unit with those below it or by itself."""
    out: list[ColumnElement[bool]] = []
    if key:
        out.append(m.Clock.key.in_(RATES.get(key, (key,))))
    if duty and (own or level_of(duty) is not Level.PROVINCE):
        out.append(m.Clock.city_code == city_of(duty))
    if duty and (own or level_of(duty) is Level.COUNTY):
        out.append(m.Clock.unit_code == duty)
    return out


def _rating(*scores: int) -> Callable[[Period, Lights], ColumnElement[bool]]:
    return lambda period, _: and_(rated(period), m.Case.rating.in_(scores))


METRICS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric("received", "收件", True, lambda p, _: received(p)),
        Metric("in_hand", "在办", False, lambda _p, _l: in_hand()),
        Metric("overdue", "超期", False, lambda _p, lights: overdue(lights)),
        Metric("in_hand_overdue", "在办且超期", False,
               lambda _p, lights: and_(in_hand(), overdue(lights))),
        Metric("concluded", "办结", True, lambda p, _: concluded(p)),
        Metric("concluded_late", "超期办结", True,
               lambda p, _: and_(concluded(p), late_at_the_end())),
        Metric("concluded_on_time", "按期办结", True,
               lambda p, _: and_(concluded(p), not_(late_at_the_end()))),
        Metric("repeats", "重复件", True, lambda p, _: and_(received(p), m.Case.is_repeat)),
        Metric("groups", "群体件", True, lambda p, _: and_(received(p), m.Case.is_group)),
        Metric("rated", "已评价", True, lambda p, _: rated(p)),
        Metric("satisfied", "满意和基本满意", True, _rating(1, 2)),
        Metric("dissatisfied", "不满意", True, _rating(3)),
        Metric("accepted", "受理", True, lambda p, _: accepted(p)),
        Metric("declined", "不予受理", True, ended_as("declined")),
        Metric("transferred", "移送", True, ended_as("transferred")),
        Metric("due", "期内到期", True, fell_due, of_clocks=True),
        Metric("met", "按期完成", True, met, of_clocks=True),
        Metric("missed", "未按期完成", True, missed, of_clocks=True),
    )
}  # fmt: skip
