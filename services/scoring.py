"""What pages, documents and commands read of stored score runs, under the viewer's scope."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

from db.queries import scores as stored
from domain.errors import NotFound
from domain.people import Level, Role, Viewer, last_below, level_of, province_of
from domain.scope import SYSTEM, Scope, scope_of
from rules.model import Indicator, Kind
from scoring.measures import __name__ as MEASURES
from scoring.method import thaw, thaw_means
from scoring.model import Status
from scoring.numbers import cents, plain
from scoring.period import Period, PeriodKind
from scoring.wording import says
from services.reader import Machine, Reader
from services.score_views import STATES as STATES
from services.score_views import Area as Area
from services.score_views import Item as Item
from services.score_views import Line as Line
from services.score_views import Run as Run
from services.score_views import Sheet as Sheet
from services.score_views import Trend as Trend
from services.store import read

TREND = 6  # periods shown


def recent(kind: PeriodKind, today: date, count: int) -> list[Period]:
    """The periods of a kind up to the running one, newest first."""
    here = Period.of(today, kind)
    return [here.previous(n) for n in range(count)]


def may_run(viewer: Viewer) -> bool:
    """Whether this person may start a run."""
    return viewer.has(Role.ASSESSOR) and viewer.level is Level.PROVINCE


def sight(viewer: Reader) -> Scope:
    """What a reader sees: a person the own scope, a command of the operator everything."""
    return SYSTEM if isinstance(viewer, Machine) else scope_of(viewer)


def runs(viewer: Reader, period: Period) -> list[Run]:
    """The runs of a period, newest first."""
    with read(sight(viewer)) as session:
        return [_run(row) for row in stored.runs(session, str(period))]


def run_of(viewer: Reader, run_id: int) -> Run:
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


def league(viewer: Reader, run: Run) -> list[Sheet]:
    """The sheets this viewer may see, by rank: all of them for the province, else the own."""
    with read(sight(viewer)) as session:
        rows, lines = stored.sheets(session, run.id), stored.lines(session, run.id)
        names = stored.unit_names(session, 0, 999999)
    by_unit: dict[int, list[stored.LineRow]] = {}
    for line in lines:
        by_unit.setdefault(line.unit_code, []).append(line)
    return [_sheet(run, row, by_unit.get(row.unit_code, []), names) for row in rows]


def sheet(viewer: Reader, run: Run, unit: int) -> Sheet:
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


def items(viewer: Reader, run: Run, unit: int, code: str | None = None) -> list[Item]:
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


def trend(viewer: Reader, run: Run, unit: int | None) -> list[Trend]:
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
