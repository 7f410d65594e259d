"""The rule of a line in a Chinese sentence, for sheets and scorecards."""

from decimal import Decimal

from rules.model import Indicator, Kind
from scoring.numbers import plain


def says(indicator: Indicator) -> str:
    """What an indicator asks for and what falling short costs."""
    faults = [f"{fault.label}，每件扣{plain(fault.points)}分" for fault in indicator.faults]
    return "；".join([_main(indicator), *faults]) + "。"


def _main(indicator: Indicator) -> str:
    target = indicator.target or Decimal(0)
    if indicator.kind is Kind.DEDUCTION:
        return "没有扣分事项得满分，按项扣分，扣完为止"
    if indicator.kind is Kind.LINEAR:
        low = _percent(indicator.floor or Decimal(0))
        return f"达到{_percent(target)}得满分，{low}及以下不得分，其间按比例得分"
    step = plain(indicator.step or Decimal(0))
    if indicator.complement:
        goal = f"不高于{_percent(1 - target)}得满分，每高1个百分点"
    else:
        goal = f"达到{_percent(target)}得满分，每低1个百分点"
    return f"{goal}扣{step}分，扣完为止"


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)}%"
