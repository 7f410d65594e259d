"""C2 按期答复率: replies delivered within their term."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "办结后3个工作日内答复并送达信访人，登记送达日期和凭证"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Reply clocks met of those that fell due."""
    return find_on_clocks(session, asked, "送达答复", REMEDY)
