"""What the rule documents say, as frozen values."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a plain list: a key and its Chinese label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class SubChannel:
    """A sub-channel; `external` items carry the number of their own ledger."""

    key: str
    label: str
    channel: str
    external: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """One of 信、访、网、电、其他; `letter` is its letter in case numbers."""

    key: str
    label: str
    letter: str
    subchannels: tuple[SubChannel, ...]


@dataclass(frozen=True, slots=True)
class SubCategory:
    """A kind of pollution within a category; `industry` is the usual culprit, or empty."""

    key: str
    label: str
    category: str
    industry: str


@dataclass(frozen=True, slots=True)
class Category:
    """A main category of pollution; a case may have several."""

    key: str
    label: str
    subcategories: tuple[SubCategory, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A statutory route (依法分类): its track, what answers it, and the remedy to be told."""

    key: str
    label: str
    track: str
    basis: str
    examples: str
    answer: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """A reason for not accepting, with its article and where the petitioner should go.

    `direction` is empty where each letter says it anew; `tracks` empty fits all.
    """

    key: str
    label: str
    article: str
    direction: str
    tracks: tuple[str, ...]
    needs_contact_attempt: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure taken on a conclusion; `fine` ones record a case number and an amount."""

    key: str
    label: str
    fine: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of registration; `star` ones must be valid in the first version (A3)."""

    key: str
    label: str
    star: bool
    sealed: bool
    help: str
    aliases: tuple[str, ...]  # headers by which ledgers call it


@dataclass(frozen=True, slots=True)
class Document:
    """A document the system issues; its module is `documents/<key>.py`."""

    key: str
    label: str
    template: str


class Kind(StrEnum):
    """How a score line turns a count into points."""

    RATE = "rate"
    LINEAR = "linear"
    DEDUCTION = "deduction"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that costs `points` each, on top of a rate or as the whole of a deduction."""

    key: str
    label: str
    points: Decimal
    days: int | None  # a limit in days the fault speaks of
    additional: bool  # comes on top of the heaviest fault of the same case


@dataclass(frozen=True, slots=True)
class Indicator:
    """A line of the scoresheet. Rates and thresholds are fractions: 0.98 is 98 %."""

    code: str
    area: str
    label: str
    weight: Decimal
    kind: Kind
    measure: str
    ready: bool
    numerator: str
    denominator: str
    source: str
    clocks: tuple[str, ...]
    target: Decimal | None  # T
    step: Decimal | None  # d: points per percentage point below T
    floor: Decimal | None  # L
    complement: bool  # the rate judged is 1 − r
    minimum: int | None  # n
    sampled: bool  # nothing sampled: 不适用, not full marks
    window_days: int | None
    faults: tuple[Fault, ...]
    heaviest_per_case: bool

    def fault(self, key: str) -> Fault:
        """The fault of that key."""
        return next(f for f in self.faults if f.key == key)


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the scoresheet with its weight; all areas add up to 100."""

    key: str
    label: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and the least total that earns it."""

    key: str
    label: str
    least: Decimal


@dataclass(frozen=True, slots=True)
class Veto:
    """A fault that caps the grade whatever the total."""

    key: str
    label: str
    grade: str


@dataclass(frozen=True, slots=True)
class Scoresheet:
    """The whole method: areas, indicators, grades and the days of the cycle."""

    version: str
    areas: tuple[Area, ...]
    indicators: tuple[Indicator, ...]
    grades: tuple[Grade, ...]  # best first
    vetoes: tuple[Veto, ...]
    ties: tuple[str, ...]
    total_cap: Decimal
    bonus_cap: Decimal
    snapshot_workdays: int
    self_check_workdays: int
    publish_workdays: int
    exemption_workdays: int
    answer_workdays: int

    def indicator(self, code: str) -> Indicator:
        """The indicator of that code."""
        return next(i for i in self.indicators if i.code == code)

    def of_area(self, area: str) -> tuple[Indicator, ...]:
        """The indicators of an area in their order."""
        return tuple(i for i in self.indicators if i.area == area)

    def grade(self, total: Decimal) -> Grade:
        """The grade a total earns."""
        return next((g for g in self.grades if total >= g.least), self.grades[-1])
