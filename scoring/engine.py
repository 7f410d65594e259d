"""Findings become points, sheets and a ranking. Pure: the same input gives the same result."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from rules.model import Indicator, Scoresheet
from scoring.digest import digest_of
from scoring.judge import check, raw_points, status_of
from scoring.model import (
    NOTHING,
    Adjustment,
    AreaTotal,
    Finding,
    Line,
    Means,
    Result,
    Sheet,
    Status,
    Versions,
)
from scoring.numbers import cents, mean
from scoring.period import Period
from scoring.ranking import grade_of, ranked
from scoring.weights import redistribute

# A total resting on less than this share of the weight that could be judged is for reference:
# no grade, no rank (docs/decisions/0002-too-few.md).
RANKED_SHARE = Decimal("0.5")

Judged = tuple[Indicator, Finding | None, Status, str]


def score(
    scoresheet: Scoresheet,
    versions: Versions,
    period: Period,
    snapshot: datetime,
    units: Iterable[int],
    findings: Iterable[Finding],
    adjustments: Iterable[Adjustment] = (),
) -> Result:
    """Score `units` for a period from what the measures found.

    Every indicator that is `ready` has exactly one finding for each unit; one that is not has
    none and is 不适用 for all. Anything else, and a list that contradicts its number, raises
    `ValueError`.
    """
    codes = sorted(set(units))
    found = _placed(scoresheet, codes, findings)
    extras = _adjusted(scoresheet, codes, adjustments)
    sheets = [
        _sheet(
            scoresheet, period, [found.get((i.code, unit)) for i in scoresheet.indicators], extra
        )
        for unit, extra in zip(codes, extras, strict=True)
    ]
    placed = ranked(scoresheet, sheets)
    digest = digest_of(period, snapshot, versions, placed)
    return Result(period, snapshot, versions, placed, _means(scoresheet, placed), digest)


def _placed(
    scoresheet: Scoresheet, units: Sequence[int], findings: Iterable[Finding]
) -> dict[tuple[str, int], Finding]:
    ready = {indicator.code: indicator for indicator in scoresheet.indicators if indicator.ready}
    expected = {(code, unit) for code in ready for unit in units}
    found: dict[tuple[str, int], Finding] = {}
    for finding in findings:
        place = finding.indicator, finding.unit
        if place in found or place not in expected:
            raise ValueError(f"finding out of place: {place}")
        check(ready[finding.indicator], finding)
        found[place] = finding
    if missing := expected - found.keys():
        raise ValueError(f"findings missing: {sorted(missing)}")
    return found


def _adjusted(
    scoresheet: Scoresheet, units: Sequence[int], adjustments: Iterable[Adjustment]
) -> list[Adjustment]:
    given = list(adjustments)
    by_unit = {adjustment.unit: adjustment for adjustment in given}
    if len(by_unit) != len(given) or not by_unit.keys() <= set(units):
        raise ValueError("adjustments repeat a unit or name one that is not scored")
    if any(bonus.points < 0 for adjustment in given for bonus in adjustment.bonuses):
        raise ValueError("a bonus cannot be negative")
    known = {veto.key for veto in scoresheet.vetoes}
    if any(not adjustment.vetoes <= known for adjustment in given):
        raise ValueError("a veto the scoresheet does not know")
    return [by_unit.get(unit, Adjustment(unit)) for unit in units]


def _sheet(
    scoresheet: Scoresheet,
    period: Period,
    findings: Sequence[Finding | None],
    adjustment: Adjustment,
) -> Sheet:
    judged: list[Judged] = [
        (indicator, finding, *status_of(indicator, finding, period.kind))
        for indicator, finding in zip(scoresheet.indicators, findings, strict=True)
    ]
    counting = {indicator.code for indicator, _, status, _ in judged if status is Status.NORMAL}
    weights = redistribute(scoresheet.indicators, counting)
    lines = tuple(_line(*one, weights.get(one[0].code, Fraction(0))) for one in judged)
    total, bonus = _total(scoresheet, lines, adjustment)
    enough = _enough(lines)
    grade = grade_of(scoresheet, total, enough, adjustment)
    areas = _areas(scoresheet, lines)
    return Sheet(adjustment.unit, lines, areas, adjustment, bonus, total, enough, grade)


def _line(
    indicator: Indicator, finding: Finding | None, status: Status, note: str, weight: Fraction
) -> Line:
    points = reference = None
    if finding and status is Status.NORMAL:
        # Scaled unrounded, rounded last and once.
        points = cents(raw_points(indicator, finding) * weight / Fraction(indicator.weight))
    elif finding and status is Status.TOO_FEW:
        reference = cents(raw_points(indicator, finding))
    return Line(indicator, finding, status, weight, points, reference, note)


def _areas(scoresheet: Scoresheet, lines: Sequence[Line]) -> tuple[AreaTotal, ...]:
    totals = []
    for area in scoresheet.areas:
        own = [line for line in lines if line.indicator.area == area.key]
        weight = sum((line.weight for line in own), Fraction(0))
        totals.append(AreaTotal(area, weight, _sum(own)))
    return tuple(totals)


def _sum(lines: Sequence[Line]) -> Decimal | None:
    points = [line.points for line in lines if line.points is not None]
    return sum(points, NOTHING) if points else None


def _total(
    scoresheet: Scoresheet, lines: Sequence[Line], adjustment: Adjustment
) -> tuple[Decimal | None, Decimal]:
    """The total, never above full marks, and the bonus in it."""
    earned = _sum(lines)
    if earned is None:
        return None, NOTHING
    given = sum((bonus.points for bonus in adjustment.bonuses), NOTHING)
    bonus = min(given, scoresheet.bonus_cap)
    return min(earned + bonus, scoresheet.total_cap), bonus


def _enough(lines: Sequence[Line]) -> bool:
    """Whether the lines that count carry enough of the weight that could have been judged."""
    possible = [line for line in lines if line.finding and line.finding.available]
    counted = [line for line in possible if line.status is Status.NORMAL]
    limit = _weight(possible) * RANKED_SHARE
    return bool(counted) and _weight(counted) >= limit


def _weight(lines: Sequence[Line]) -> Decimal:
    return sum((line.indicator.weight for line in lines), NOTHING)


def _means(scoresheet: Scoresheet, sheets: Sequence[Sheet]) -> Means:
    lines = {
        indicator.code: mean(sheet.lines[at].points for sheet in sheets)
        for at, indicator in enumerate(scoresheet.indicators)
    }
    areas = {
        area.key: mean(sheet.areas[at].points for sheet in sheets)
        for at, area in enumerate(scoresheet.areas)
    }
    return Means(lines, areas, mean(sheet.total for sheet in sheets if sheet.enough))
