"""B1 按期交办率: cases passed on or taken on within their term."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "收到后2个（信、访3个）工作日内交办、转送或作出受理决定；每日查看超期看板的橙色件"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Dispatch clocks met of those that fell due."""
    return find_on_clocks(session, asked, "交办", REMEDY)
