"""E2 群众满意率: 满意 and 基本满意 of the valid ratings of the handling unit."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select
from sqlalchemy.orm import Session

from db import models as m
from db.models.clocks import WINDOW
from scoring.measures import Asked
from scoring.measures._clock_line import learned_late
from scoring.measures._cohort import (
    CASES,
    CLOCKS,
    RATING,
    Failure,
    counts,
    fails,
    judged_of_case,
    unit_column,
)
from scoring.measures._tallies import tally
from scoring.model import Finding, Item

KEYS = (RATING,)
RATINGS = m.Rating.__table__
UNSATISFIED: ColumnElement[int] = literal_column("3")  # as the partial index says it
REMEDY = "对不满意的逐件二次回访，问清未解决的诉求并补充办理和答复"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Ratings given within the windows of E1; every 不满意 is a failing item."""
    rated = {unit: one.done for unit, one in tally(session, asked, KEYS).items()}
    lists: dict[int, list[Item]] = {unit: [] for unit in asked.units}
    for one in _items(session, asked) if asked.listed else ():
        lists[asked.unit_of(one.unit)].append(one)
    number = (
        {unit: len(items) for unit, items in lists.items()}
        if asked.listed
        else _number(session, asked)
    )
    return [
        Finding(
            asked.indicator.code, unit, rated[unit] - number.get(unit, 0), rated[unit],
            items=tuple(lists[unit]), listed=asked.listed, remedy=REMEDY,
        )
        for unit in asked.units
    ]  # fmt: skip


def _unsatisfied(asked: Asked, *columns: Any) -> Select[Any]:
    """Columns of windows that were rated in time, and 不满意."""
    c, r = CLOCKS.c, RATINGS.c
    return (
        select(*columns)
        .join_from(RATINGS, CLOCKS, and_(c.submission_id == r.submission_id, WINDOW))
        .where(r.stage == literal_column("'handling'"), r.score == UNSATISFIED, c.named)
        .where(judged_of_case(asked, KEYS), counts(asked), ~fails(asked))
    )


def _number(session: Session, asked: Asked) -> dict[int, int]:
    unit = unit_column(asked)
    query = _unsatisfied(asked, unit, func.count()).group_by(unit)
    return {row[0]: row[1] for row in session.execute(query)}


def _items(session: Session, asked: Asked) -> list[Item]:
    c = CLOCKS.c
    columns = (c.case_id, CASES.c.no, c.submission_id, c.unit_code, c.key, c.started_on, c.due_on,
               c.done_on)  # fmt: skip
    query = _unsatisfied(asked, *columns).join(CASES, CASES.c.id == c.case_id)
    query = query.order_by(c.due_on, CASES.c.no, c.submission_id)
    return [_item(asked, Failure(*row)) for row in session.execute(query).all()]


def _item(asked: Asked, found: Failure) -> Item:
    return Item(
        found.case_id, found.case_no, found.submission_id, found.unit, found.key, found.due_on,
        found.done_on, f"{learned_late(asked, found)}{found.done_on}评价为不满意",
        started_on=found.started_on,
    )  # fmt: skip
