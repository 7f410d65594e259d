"""One finding against one indicator: whether it counts, and the points at full weight."""

from fractions import Fraction

from rules.model import Indicator, Kind
from scoring.model import NOTHING, Finding, Status
from scoring.period import PeriodKind


def raw_points(indicator: Indicator, finding: Finding) -> Fraction:
    """The points at the indicator's own weight, exact (scoresheet: three rule kinds)."""
    weight = Fraction(indicator.weight)
    extra = Fraction(finding.deduction)
    if indicator.kind is Kind.DEDUCTION:
        return max(Fraction(0), weight - extra)
    reached, target = _reached(indicator, finding), Fraction(indicator.target or 0)
    if indicator.kind is Kind.LINEAR:
        low = Fraction(indicator.floor or 0)
        share = min(Fraction(1), max(Fraction(0), (reached - low) / (target - low)))
        return max(Fraction(0), weight * share - extra)
    short = max(Fraction(0), target - reached) * 100
    return max(Fraction(0), weight - Fraction(indicator.step or 0) * short - extra)


def _reached(indicator: Indicator, finding: Finding) -> Fraction:
    """The judged rate; 1 − r where the numerator counts faults."""
    rate = Fraction(finding.numerator, finding.denominator)
    return 1 - rate if indicator.complement else rate


def status_of(
    indicator: Indicator, finding: Finding | None, kind: PeriodKind
) -> tuple[Status, str]:
    """What becomes of the line, and why, in Chinese."""
    if finding is None:
        return Status.NO_MODULE, "本指标的统计模块未建，分值按比例调到其他指标"
    if not finding.available:
        return Status.NOT_APPLICABLE, finding.note or "本期没有取得数据来源"
    if not finding.denominator and indicator.sampled:
        return Status.NOT_APPLICABLE, "本期没有抽查"
    if not finding.denominator and indicator.kind is not Kind.DEDUCTION:
        return Status.NOT_APPLICABLE, "本期没有应考核的事项"
    if finding.denominator < (indicator.minimum or 0):
        return _too_few(finding.denominator, indicator.minimum or 0, kind)
    return Status.NORMAL, finding.note


def _too_few(count: int, minimum: int, kind: PeriodKind) -> tuple[Status, str]:
    why = f"样本{count}件，少于{minimum}件"
    if kind is PeriodKind.MONTH:
        return Status.TOO_FEW, f"{why}，只供参考，不计分、不排名"
    return Status.NOT_APPLICABLE, why


def check(indicator: Indicator, finding: Finding) -> None:
    """Raise `ValueError` where the numbers of a finding and its list contradict each other."""
    where = f"{indicator.code} of {finding.unit}"
    if finding.numerator < 0 or finding.denominator < 0 or finding.deduction < 0:
        raise ValueError(f"{where}: negative number")
    if indicator.kind is not Kind.DEDUCTION and finding.numerator > finding.denominator:
        raise ValueError(f"{where}: {finding.numerator} of {finding.denominator}")
    if not finding.listed:
        return
    failing = sum(item.fails for item in finding.items)
    if failing != finding.failing(indicator):
        raise ValueError(f"{where}: {failing} items listed, {finding.failing(indicator)} counted")
    if sum((item.points for item in finding.items), NOTHING) != finding.deduction:
        raise ValueError(f"{where}: the points of the items are not the deduction")
