"""What a monthly summary says, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring.period import Period


@dataclass(frozen=True, slots=True)
class Flow:
    """The movements of a month; opening + received − ended − transferred = closing."""

    month: Period
    opening: int
    received: int
    concluded: int
    declined: int
    transferred: int

    @property
    def ended(self) -> int:
        """结: concluded or declined."""
        return self.concluded + self.declined

    @property
    def closing(self) -> int:
        """结存 at the end of the month."""
        return self.opening + self.received - self.ended - self.transferred


@dataclass(frozen=True, slots=True)
class Line:
    """A count with its share, and the counts it is compared with where there are any."""

    key: str
    label: str
    number: int
    share: str
    before: int | None = None
    year_ago: int | None = None
    on_month: str = ""
    on_year: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A main type with its sub-types."""

    main: Line
    subs: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A rate as part and whole; `text` is what is shown."""

    part: int
    whole: int
    text: str

    @property
    def value(self) -> float | None:
        """Percent, for charts; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Row:
    """A region of the table; rates by key of `metrics.RATES`."""

    code: int
    label: str
    received: int
    per_ten_thousand: Decimal | None
    accepted: int
    concluded: int
    repeats: int
    overdue: int
    in_hand: int
    satisfaction: Share
    rates: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was concluded of a type: conclusions by key, and how many were found true."""

    key: str
    label: str
    concluded: int
    by: Mapping[str, int]
    true: Share


@dataclass(frozen=True, slots=True)
class Verified:
    """The province's verification of unsubstantiated conclusions."""

    upheld: int
    overturned: int
    text: str

    @property
    def decided(self) -> int:
        """How many were decided."""
        return self.upheld + self.overturned


@dataclass(frozen=True, slots=True)
class Summary:
    """One month of one division; `titles` are the findings by section, from 1."""

    month: Period
    unit: int
    unit_name: str
    level: str
    until: date  # the last day that is counted
    whole: bool  # the month is over
    flow: Flow
    before: Flow
    year_ago: Flow
    accepted: int
    staged: int
    series: tuple[Flow, ...]
    channels: tuple[Line, ...]
    kinds: tuple[Kind, ...]
    industries: tuple[Line, ...]
    rows: tuple[Row, ...]
    total: Row
    outcomes: tuple[Outcome, ...]
    outcome: Outcome
    verified: Verified
    titles: Mapping[int, str]
    notes: tuple[str, ...]
