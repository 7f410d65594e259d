"""What a stored score run, its sheets, lines and items are to those who read them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.errors import NotFound
from rules.model import Scoresheet
from scoring.model import Means, Status
from scoring.numbers import percent
from scoring.period import Period

STATES = {"provisional": "暂定", "published": "公布", "locked": "审定"}


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run as pages show it."""

    id: int
    period: Period
    ordinal: int
    state: str
    snapshot_at: datetime
    ran_at: datetime
    rules_version: str
    calendar_version: str
    digest: str
    means: Means
    method: Scoresheet

    @property
    def state_label(self) -> str:
        """暂定, 公布 or 审定."""
        return STATES[self.state]

    @property
    def provisional(self) -> bool:
        """Whether the period's snapshot had not come when it was made."""
        return self.state == "provisional"


@dataclass(frozen=True, slots=True)
class Area:
    """The points of one area; None where no line of it counts."""

    key: str
    label: str
    weight: Decimal
    effective: Decimal
    points: Decimal | None
    mean: Decimal | None

    @property
    def share(self) -> float | None:
        """Points over what could be had, for a bar."""
        return float(self.points / self.effective) if self.points is not None else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet, with the words that say how its points come about."""

    code: str
    label: str
    area: str
    weight: Decimal
    effective: Decimal
    numerator: int | None
    denominator: int | None
    rate: Fraction | None
    threshold: str
    points: Decimal | None
    reference: Decimal | None
    lost: Decimal | None
    mean: Decimal | None
    status: str
    status_label: str
    note: str
    rule: str
    numerator_label: str
    denominator_label: str
    source: str
    remedy: str
    failing: int  # how many items its list shows

    @property
    def rate_text(self) -> str:
        """97.19%, or —."""
        return percent(self.rate)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A unit's sheet."""

    unit: int
    name: str
    total: Decimal | None
    grade: str
    rank: int | None
    ranked_of: int
    enough: bool
    bonus: Decimal
    vetoes: tuple[str, ...]
    note: str
    areas: tuple[Area, ...]
    lines: tuple[Line, ...]

    def line(self, code: str) -> Line:
        """The line of an indicator; raises `NotFound`."""
        for line in self.lines:
            if line.code == code:
                return line
        raise NotFound(f"评分表没有指标 {code}")

    @property
    def losses(self) -> list[Line]:
        """The lines that lost, heaviest first."""
        return sorted((n for n in self.lines if n.lost), key=lambda n: -(n.lost or Decimal(0)))

    @property
    def received(self) -> int | None:
        """How many submissions it registered in the period."""
        return self._count("A3")

    @property
    def due(self) -> int | None:
        """How many conclusions fell due in the period."""
        return self._count("B3")

    def _count(self, code: str) -> int | None:
        return next((n.denominator for n in self.lines if n.code == code), None)

    @property
    def thin(self) -> tuple[str, ...]:
        """The lines with too few items."""
        return tuple(n.code for n in self.lines if n.status == Status.TOO_FEW)


@dataclass(frozen=True, slots=True)
class Item:
    """A failing item with the name of the unit it lay with."""

    id: int
    code: str
    case_id: int
    case_no: str
    unit: int
    unit_name: str
    clock: str | None
    due_on: date | None
    done_on: date | None
    late: int | None  # days, to the day it was done or to the snapshot
    reason: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Trend:
    """The total of one period; None where no run is stored."""

    period: Period
    total: Decimal | None
