"""Grades and ranks: what a total earns, what a veto caps, who stands before whom."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from rules.model import Grade, Scoresheet
from scoring.model import NOTHING, Adjustment, Sheet

UNPLACED = Decimal(-1)  # a line that does not count loses a tie against any that does


def grade_of(
    scoresheet: Scoresheet, total: Decimal | None, enough: bool, adjustment: Adjustment
) -> Grade | None:
    """The grade of a total, no better than any veto allows.

    Too little judged: no grade, unless a veto gives the lowest one whatever the points.
    """
    order = scoresheet.grades
    caps = [veto.grade for veto in scoresheet.vetoes if veto.key in adjustment.vetoes]
    capped = [grade for grade in order if grade.key in caps]
    if total is not None and enough:
        return max([scoresheet.grade(total), *capped], key=order.index)
    return order[-1] if order[-1] in capped else None


def ranked(scoresheet: Scoresheet, sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Give ranks: by grade (a veto moves down), total, the tie lines; then a shared rank."""
    keys = {sheet.unit: _strength(scoresheet, sheet) for sheet in sheets if sheet.enough}
    return tuple(
        replace(sheet, rank=1 + sum(other > keys[sheet.unit] for other in keys.values()))
        if sheet.unit in keys
        else sheet
        for sheet in sheets
    )


def _strength(scoresheet: Scoresheet, sheet: Sheet) -> tuple[Decimal, ...]:
    order = scoresheet.grades
    place = -order.index(sheet.grade) if sheet.grade else -len(order)
    points = {line.indicator.code: line.points for line in sheet.lines}
    ties = [points.get(code) for code in scoresheet.ties]
    broken = [UNPLACED if point is None else point for point in ties]
    return Decimal(place), sheet.total or NOTHING, *broken
