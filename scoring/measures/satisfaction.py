"""E2 群众满意率: 满意 and 基本满意 of the valid ratings of the handling unit."""

from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.orm import Session

from db import models as m
from scoring.measures import Asked
from scoring.measures._cohort import CASES, CLOCKS, cohort, counts, fails
from scoring.measures._windows import KEYS, named, windows
from scoring.model import Finding, Item

RATINGS = m.Rating.__table__
UNSATISFIED: ColumnElement[int] = literal_column("3")  # as the partial index says it
REMEDY = "对不满意的逐件二次回访，问清未解决的诉求并补充办理和答复"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Ratings given within the windows of E1; every 不满意 is a failing item."""
    rated = {unit: tally.met for unit, tally in windows(session, asked).items()}
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked):
        lists[asked.unit_of(one.unit)].append(one)
    return [
        Finding(
            asked.indicator.code, unit, rated[unit] - len(lists[unit]), rated[unit],
            items=tuple(lists[unit]) if asked.listed else (), listed=asked.listed, remedy=REMEDY,
        )
        for unit in asked.units
    ]  # fmt: skip


def _items(session: Session, asked: Asked) -> list[Item]:
    c, r = CLOCKS.c, RATINGS.c
    query = (
        select(c.case_id, CASES.c.no, c.submission_id, c.unit_code, c.key, c.due_on, c.done_on,
               c.started_on)
        .join_from(RATINGS, CLOCKS, and_(c.case_id == r.case_id,
                                         c.submission_id == r.submission_id))
        .join(CASES, CASES.c.id == c.case_id)
        .where(r.stage == literal_column("'handling'"), r.score == UNSATISFIED)
        .where(cohort(asked, KEYS, led=True), counts(asked), ~fails(asked), named())
        .order_by(c.due_on, CASES.c.no, c.submission_id)
    )  # fmt: skip
    return [
        Item(case_id, no, submission, unit, key, due, done, f"{done}评价为不满意",
             started_on=started)
        for case_id, no, submission, unit, key, due, done, started in session.execute(query)
    ]  # fmt: skip
