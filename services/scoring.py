"""What pages, documents and commands read of stored score runs, under the viewer's scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

from db.queries import scores as stored
from domain.errors import NotFound
from domain.people import Level, Role, Viewer, last_below, level_of, province_of
from domain.scope import SYSTEM, Scope, scope_of
from rules.model import Indicator, Kind, Scoresheet
from scoring.measures import __name__ as MEASURES
from scoring.method import thaw, thaw_means
from scoring.model import Means, Status
from scoring.numbers import cents, percent, plain
from scoring.period import Period, PeriodKind
from scoring.wording import says
from services.store import read

STATES = {"provisional": "暂定", "published": "公布", "locked": "审定"}
TREND = 6


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


def recent(kind: PeriodKind, today: date, count: int) -> list[Period]:
    """The periods of a kind up to the running one, newest first."""
    here = Period.of(today, kind)
    return [here.previous(n) for n in range(count)]


def may_run(viewer: Viewer) -> bool:
    """Whether this person may start a run."""
    return viewer.has(Role.ASSESSOR) and viewer.level is Level.PROVINCE


def sight(viewer: Viewer | None) -> Scope:
    """What a reader sees; `None` is the machine's own work, a command of the operator."""
    return SYSTEM if viewer is None else scope_of(viewer)


def runs(viewer: Viewer | None, period: Period) -> list[Run]:
    """The runs of a period, newest first."""
    with read(sight(viewer)) as session:
        return [_run(row) for row in stored.runs(session, str(period))]


def run_of(viewer: Viewer | None, run_id: int) -> Run:
    """A run by its id; raises `NotFound`."""
    with read(sight(viewer)) as session:
        row = stored.run(session, run_id)
    if row is None:
        raise NotFound("没有这次评分，请重新选择考核期和批次")
    return _run(row)


def _run(row: stored.RunRow) -> Run:
    return Run(
        row.id, Period.parse(row.period), row.ordinal, row.state, row.snapshot_at, row.ran_at,
        row.rules_version, row.calendar_version, row.digest, thaw_means(row.means),
        thaw(row.method),
    )  # fmt: skip


def league(viewer: Viewer | None, run: Run) -> list[Sheet]:
    """The sheets this viewer may see, by rank: all of them for the province, else the own."""
    with read(sight(viewer)) as session:
        rows, lines = stored.sheets(session, run.id), stored.lines(session, run.id)
        names = stored.unit_names(session, 0, 999999)
    by_unit: dict[int, list[stored.LineRow]] = {}
    for line in lines:
        by_unit.setdefault(line.unit_code, []).append(line)
    return [_sheet(run, row, by_unit.get(row.unit_code, []), names) for row in rows]


def sheet(viewer: Viewer | None, run: Run, unit: int) -> Sheet:
    """The sheet of one unit; raises `NotFound` where the viewer may not see it."""
    with read(sight(viewer)) as session:
        found = [row for row in stored.sheets(session, run.id) if row.unit_code == unit]
        if not found:
            raise NotFound("没有这个市的评分表，或不在您的可见范围内")
        lines = stored.lines(session, run.id, unit)
        names = stored.unit_names(session, unit, unit)
    return _sheet(run, found[0], lines, names)


def _sheet(
    run: Run, row: stored.SheetRow, lines: Iterable[stored.LineRow], names: dict[int, str]
) -> Sheet:
    kept = {line.indicator: line for line in lines}
    made = tuple(_line(run, i, kept[i.code]) for i in run.method.indicators if i.code in kept)
    grades = {grade.key: grade.label for grade in run.method.grades}
    vetoes = tuple(v.label for v in run.method.vetoes if f'"{v.key}"' in row.adjustment)
    return Sheet(
        row.unit_code, names.get(row.unit_code, str(row.unit_code)), row.total,
        grades.get(row.grade or "", ""), row.rank, row.ranked_of, row.enough, row.bonus, vetoes,
        row.note, _areas(run, made), made,
    )  # fmt: skip


def _areas(run: Run, lines: tuple[Line, ...]) -> tuple[Area, ...]:
    found = []
    for area in run.method.areas:
        own = [line for line in lines if line.area == area.key]
        points = [line.points for line in own if line.points is not None]
        effective = sum((line.effective for line in own), Decimal(0))
        total = sum(points, Decimal(0)) if points else None
        mean = run.means.areas.get(area.key)
        found.append(Area(area.key, area.label, area.weight, effective, total, mean))
    return tuple(found)


def _line(run: Run, indicator: Indicator, row: stored.LineRow) -> Line:
    judged = indicator.kind is not Kind.DEDUCTION and row.denominator
    numerator = None if row.numerator is None else int(row.numerator)
    effective = Fraction(row.effective)
    lost = None if row.points is None else cents(max(Fraction(0), effective - Fraction(row.points)))
    return Line(
        indicator.code, indicator.label, indicator.area, indicator.weight, cents(effective),
        numerator, row.denominator,
        Fraction(numerator or 0, row.denominator) if judged and row.denominator else None,
        _threshold(indicator), row.points, row.reference, lost,
        run.means.lines.get(indicator.code), row.status, _label_of(row.status), row.note,
        says(indicator), indicator.numerator, indicator.denominator, indicator.source,
        remedy_of(indicator), _failing(indicator, numerator, row.denominator),
    )  # fmt: skip


def _label_of(status: str) -> str:
    return next(one.label for one in Status if one.value == status)


def _failing(indicator: Indicator, numerator: int | None, denominator: int | None) -> int:
    if indicator.complement or indicator.kind is Kind.DEDUCTION:
        return numerator or 0
    return (denominator or 0) - (numerator or 0)


def _threshold(indicator: Indicator) -> str:
    if indicator.target is None:
        return "—"
    share = 1 - indicator.target if indicator.complement else indicator.target
    return f"{'≤' if indicator.complement else '≥'}{plain(share * 100)}%"


def remedy_of(indicator: Indicator) -> str:
    """What would mend the line, as its measure says; nothing where there is no measure yet."""
    if not indicator.ready:
        return ""
    return str(import_module(f"{MEASURES}.{indicator.measure}").REMEDY)


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


def items(viewer: Viewer | None, run: Run, unit: int, code: str | None = None) -> list[Item]:
    """The stored items of a line, or of the whole sheet: the list its number counts."""
    with read(sight(viewer)) as session:
        rows = stored.items(session, run.id, unit, code)
        names = stored.unit_names(session, unit, last_below(unit))
    order = {indicator.code: n for n, indicator in enumerate(run.method.indicators)}
    rows.sort(key=lambda row: (order[row.indicator], row.id))
    return [_item(run, row, names) for row in rows]


def _item(run: Run, row: stored.ItemRow, names: dict[int, str]) -> Item:
    end = row.done_on or run.snapshot_at.date()
    timed = row.due_on is not None and end > row.due_on
    return Item(
        row.id, row.indicator, row.case_id, row.case_no, row.responsible,
        names.get(row.responsible, str(row.responsible)), row.clock_key, row.due_on, row.done_on,
        (end - row.due_on).days if timed and row.due_on else None, row.reason, row.points,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trend:
    """The total of one period; None where no run is stored."""

    period: Period
    total: Decimal | None


def trend(viewer: Viewer | None, run: Run, unit: int | None) -> list[Trend]:
    """Six periods up to the run's, oldest first, of a unit or (None) of the province's mean."""
    periods = [run.period.previous(n) for n in range(TREND - 1, -1, -1)]
    with read(sight(viewer)) as session:
        newest = stored.latest(session, [str(p) for p in periods]) | {str(run.period): run.id}
        if unit is not None:
            totals = stored.totals(session, list(newest.values()), unit)
        else:
            found = (stored.run(session, run_id) for run_id in newest.values())
            totals = {row.id: thaw_means(row.means).total for row in found if row}
    return [Trend(p, totals.get(newest.get(str(p), 0))) for p in periods]


def own_city(viewer: Viewer) -> int | None:
    """The city of a viewer who sees one city alone; None for the province."""
    whole = level_of(viewer.unit) is Level.PROVINCE
    return None if whole else viewer.unit // 100 * 100


def organ_code(unit: int) -> int:
    """The unit that issues a unit's scorecard."""
    return province_of(unit)
