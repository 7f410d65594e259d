"""C1 受理告知率: petitioners told in time of what became of their matter."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "到件15日内告知信访人，并登记送达日期和凭证"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Notice clocks met of those that fell due."""
    return find_on_clocks(session, asked, "告知信访人", REMEDY)
