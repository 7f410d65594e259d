"""What goes into a run and what comes out of it: findings and items, lines, sheets, a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.labelled import Labelled
from rules.model import Area, Grade, Indicator, Kind
from rules.rulebook import Rules
from scoring.period import Period

NOTHING = Decimal(0)


class Status(Labelled):
    """What became of a line, with its Chinese label; only a normal line carries points."""

    NORMAL = "normal", "正常"
    NOT_APPLICABLE = "not_applicable", "不适用"
    TOO_FEW = "too_few", "样本不足"
    NO_MODULE = "no_module", "不适用（未建模块）"


class Item(NamedTuple):
    """One thing a line lost for: why, and the clock's proof. A tuple: there may be 10⁵ of them.

    `points` is what it takes off by itself (a deduction, or the extra of a rate line). `fails`
    says whether it is one of the failing items of the rate; an extra that is in neither number
    (found on site, outside the system) has False. Row ids never enter the digest.
    """

    case_id: int | None
    case_no: str
    submission_id: int | None
    unit: int
    clock: str | None
    due_on: date | None
    done_on: date | None
    reason: str
    points: Decimal = NOTHING
    fails: bool = True
    started_on: date | None = None  # with the clock's key it opens the proof day by day


@dataclass(frozen=True, slots=True)
class Finding:
    """What a measure found for one unit and one indicator.

    rate, linear: `numerator` of `denominator`; `deduction` is what single items cost on top.
    deduction: `numerator` events, `denominator` things looked at (0 where that has no meaning,
    and where a sampled line had no sample), `deduction` the sum of their points.
    `available` False: the source (a ledger, a sample plan) is not there; `note` says which.
    `listed` False: counted only, `items` not loaded; such a result is a preview, never stored.
    """

    indicator: str
    unit: int
    numerator: int
    denominator: int
    deduction: Decimal = NOTHING
    items: tuple[Item, ...] = ()
    available: bool = True
    listed: bool = True
    note: str = ""
    remedy: str = ""

    def failing(self, indicator: Indicator) -> int:
        """How many items the list of this line must show as failing."""
        if indicator.kind is Kind.DEDUCTION or indicator.complement:
            return self.numerator
        return self.denominator - self.numerator

    @property
    def rate(self) -> Fraction | None:
        """Numerator over denominator, exact; None where there is nothing to judge."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass(frozen=True, slots=True)
class Versions:
    """Which rules and which calendar a run was made with."""

    rules: str
    rules_digest: str
    calendar: str

    @classmethod
    def of(cls, rules: Rules) -> "Versions":
        """The versions of a rule book."""
        return cls(rules.version, rules.digest, rules.calendar.version)


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points on top, with the reason shown beside them."""

    points: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a unit gets beside its lines: bonuses, and keys of vetoes that cap its grade."""

    unit: int
    bonuses: tuple[Bonus, ...] = ()
    vetoes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of one unit, judged.

    `points` are rounded once and None unless the line counts; `weight` is the weight in effect
    after redistribution, unrounded, 0 where the line does not count. `reference` is what a line
    with too few items would have scored at its own weight: shown, in no sum.
    """

    indicator: Indicator
    finding: Finding | None
    status: Status
    weight: Fraction
    points: Decimal | None
    reference: Decimal | None
    note: str

    @property
    def numerator(self) -> int | None:
        """The numerator shown, None where no measure exists."""
        return self.finding.numerator if self.finding else None

    @property
    def denominator(self) -> int | None:
        """The denominator shown, None where no measure exists."""
        return self.finding.denominator if self.finding else None

    @property
    def rate(self) -> Fraction | None:
        """The rate shown, exact; None for deductions and where there is nothing to judge."""
        if self.finding is None or self.indicator.kind is Kind.DEDUCTION:
            return None
        return self.finding.rate

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything this line lost for."""
        return self.finding.items if self.finding else ()

    @property
    def lost(self) -> Fraction:
        """How far the points lie below the weight in effect; 0 where the line does not count."""
        return max(Fraction(0), self.weight - Fraction(self.points or 0))


@dataclass(frozen=True, slots=True)
class AreaTotal:
    """The points of one area; None where no line of it counts."""

    area: Area
    weight: Fraction
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The scoresheet of one unit.

    `enough` False: too little could be judged, the total is for reference, without grade
    (a vetoed unit keeps its 不合格) and without rank.
    """

    unit: int
    lines: tuple[Line, ...]
    areas: tuple[AreaTotal, ...]
    adjustment: Adjustment
    bonus: Decimal
    total: Decimal | None
    enough: bool
    grade: Grade | None
    rank: int | None = None

    def line(self, code: str) -> Line:
        """The line of an indicator."""
        return next(line for line in self.lines if line.indicator.code == code)

    def losses(self, count: int) -> tuple[Line, ...]:
        """The `count` lines that cost most, heaviest first."""
        lost = sorted((line for line in self.lines if line.lost), key=lambda line: -line.lost)
        return tuple(lost[:count])


@dataclass(frozen=True, slots=True)
class Means:
    """Means over the units where a value is present, rounded half-up to two places."""

    lines: Mapping[str, Decimal | None]
    areas: Mapping[str, Decimal | None]
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Result:
    """A scored period; `sheets` in the order of unit codes."""

    period: Period
    snapshot: datetime
    versions: Versions
    sheets: tuple[Sheet, ...]
    means: Means
    digest: str

    def sheet(self, unit: int) -> Sheet:
        """The sheet of a unit."""
        return next(sheet for sheet in self.sheets if sheet.unit == unit)

    @property
    def league(self) -> tuple[Sheet, ...]:
        """The sheets by rank; those without a rank at the end."""
        return tuple(sorted(self.sheets, key=lambda s: (s.rank is None, s.rank or 0, s.unit)))
