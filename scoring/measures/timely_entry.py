"""A2 录入及时率: submissions entered within their term."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import find_on_clocks
from scoring.model import Finding

REMEDY = "收到来件的当日录入，最迟不过次一工作日；外渠道来件用文件导入成批录入"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Entry clocks met of those that fell due."""
    return find_on_clocks(session, asked, "录入", REMEDY)
