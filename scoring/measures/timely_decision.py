"""B2 按期受理决定率: accepted, declined or transferred within fifteen days."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "到件15日内作出受理、不予受理或转送决定，并在系统中办理该步骤"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Decision clocks met of those that fell due."""
    return find_on_clocks(session, asked, "作出受理决定", REMEDY)
