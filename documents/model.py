"""The frozen record a scorecard is drawn from; stored as JSON, redrawn to the same bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from documents import frozen
from domain.errors import Refused
from domain.labelled import Labelled
from domain.people import last_below

UNREADABLE = "评分单存档无法读取：{}。请重新生成该期评分单。"
ZERO = Decimal(0)
_FINE = Decimal("1e-12")


def exact(value: Fraction | None) -> Decimal | None:
    """A fraction as the record keeps it: twelve decimals, far finer than anything shown."""
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_FINE, ROUND_HALF_UP)


class CardState(Labelled):
    """How final a score run is."""

    PROVISIONAL = "provisional", "暂定"
    PUBLISHED = "published", "公布"
    LOCKED = "locked", "审定"


class LineStatus(Labelled):
    """What became of a line; only a normal one carries points."""

    NORMAL = "normal", "正常"
    NOT_APPLICABLE = "not_applicable", "不适用"
    TOO_FEW = "too_few", "样本不足"
    NO_MODULE = "no_module", "未建模块"


@dataclass(frozen=True, slots=True)
class Area:
    """One of the six areas: its weight, what it may give this period, its points and the mean."""

    code: str
    label: str
    weight: Decimal
    effective: Decimal  # after weights of 不适用 lines moved; 0 when the whole area is empty
    points: Decimal | None
    mean: Decimal | None  # the province's mean points in this area


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the scoresheet as frozen in the run."""

    code: str
    area: str
    label: str
    weight: Decimal
    effective: Decimal  # the weight after redistribution, 0 where the line does not count
    numerator: int | None
    denominator: int | None
    rate: Decimal | None  # a fraction, 0.971875 for 97.19 %
    points: Decimal | None
    status: LineStatus
    rule: str  # how points come about, in a reader's words; about 48 characters fit page one
    reference: Decimal | None = None  # what too few items would have scored; in no sum
    remedy: str = ""  # what would mend it, in up to fifty characters

    @property
    def lost(self) -> Decimal | None:
        """Points lost against the effective weight; None where nothing was judged."""
        return None if self.points is None else max(ZERO, self.effective - self.points)


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The total of one period; None where there was none."""

    label: str  # short: 10月, 三季度, 2026年
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class AnnexItem:
    """One deducted item; never a petitioner."""

    line: str
    case_no: str
    reason: str
    due: date | None
    done: date | None
    days_late: int | None
    unit_code: int
    unit_name: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything one unit's scorecard shows, frozen with the run."""

    organ: str  # who issues: 江苏省生态环境厅
    number: str  # the document's own number, "" before it has one
    unit_code: int
    unit_name: str
    period: str  # 2026年10月
    state: CardState
    total: Decimal | None
    grade: str  # 优秀 良好 合格 不合格, "" where nothing was judged
    rank: int | None
    rank_of: int
    mean: Decimal | None  # the province's mean total
    bonus: Decimal
    veto: str  # the reason of a veto, "" for none
    areas: tuple[Area, ...]
    lines: tuple[Line, ...]
    trend: tuple[TrendPoint, ...]  # oldest first, this period last, at most six
    items: tuple[AnnexItem, ...]
    notes: tuple[str, ...]  # sentences for the reader, such as how an exemption was used
    rules_version: str
    calendar_version: str
    digest: str
    snapshot_at: datetime
    ran_at: datetime
    run_id: str
    issued_on: date
    contact: str = ""
    mean_label: str = "全省均值"  # whose mean stands beside: the province's, or the city's

    def __post_init__(self) -> None:
        """Refuse another unit's items: a scorecard shows its own unit and those below it."""
        last = last_below(self.unit_code)
        if any(not self.unit_code <= item.unit_code <= last for item in self.items):
            raise Refused(f"{self.unit_name}评分单中混入了其他单位的事项，已停止出具。")

    @property
    def largest_losses(self) -> tuple[Line, ...]:
        """The five lines that lost most, heaviest first, ties in table order."""
        losing = [line for line in self.lines if line.lost]
        return tuple(sorted(losing, key=lambda line: -(line.lost or ZERO))[:5])

    def items_of(self, code: str) -> tuple[AnnexItem, ...]:
        """The deducted items of one line, in the order of the run."""
        return tuple(item for item in self.items if item.line == code)

    def texts(self) -> list[str]:
        """Every text of the record, to be checked against the fonts before drawing."""
        return frozen.texts(self)

    def to_json(self) -> str:
        """The record as canonical JSON."""
        return frozen.to_json(self)

    @staticmethod
    def from_json(text: str) -> "Scorecard":
        """The record of a stored JSON; refuses keys it does not know."""
        return frozen.from_json(Scorecard, text, UNREADABLE)
