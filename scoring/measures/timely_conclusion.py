"""B3 按期办结率: cases concluded within their term; one more than 30 days late costs extra."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "受理后60日（简易10个工作日）内办结；情况复杂的，在期限届满前申请延期一次并告知信访人"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Conclusion clocks met of those that fell due; an approved extension moved their end."""
    return find_on_clocks(session, asked, "办结", REMEDY, asked.indicator.fault("long_overdue"))
