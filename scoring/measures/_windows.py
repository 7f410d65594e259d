"""Rating windows that closed in the period, of petitioners who can be reached and gave a name."""

from sqlalchemy import ColumnClause, and_, exists, literal_column, select
from sqlalchemy.orm import Session

from db import models as m
from scoring.measures import Asked
from scoring.measures._cohort import CLOCKS, Condition, Tally, tally, unindexed

KEYS = ("rating",)
# As the partial index of callbacks names it.
CALLBACK: ColumnClause[str] = literal_column("'callback'")
SUBMISSIONS = m.Submission.__table__


def windows(session: Session, asked: Asked, excused: Condition | None = None) -> dict[int, Tally]:
    """The tally of the windows; those of anonymous petitioners are in neither number."""
    c = SUBMISSIONS.c
    on = and_(CLOCKS.c.case_id == unindexed(c.case_id), CLOCKS.c.submission_id == unindexed(c.id))
    nameless = and_(c.anonymous, c.reachable)
    every = tally(session, asked, KEYS, excused=excused)
    left = tally(session, asked, KEYS, excused=excused, among=(SUBMISSIONS, on, nameless))
    return {unit: every[unit].minus(left[unit]) for unit in asked.units}


def named() -> Condition:
    """The petitioner of the clock's submission gave a name."""
    nameless = select(1).where(SUBMISSIONS.c.id == CLOCKS.c.submission_id, SUBMISSIONS.c.anonymous)
    return ~exists(nameless)


def called_back(asked: Asked) -> Condition:
    """A callback was finished, and recorded, by the end of the window."""
    c, call = CLOCKS.c, CLOCKS.alias("call")
    return exists(
        select(1).where(
            call.c.case_id == c.case_id, call.c.key == CALLBACK,
            call.c.submission_id == c.submission_id,
            call.c.done_on <= c.due_on, call.c.shown_on <= asked.known,
        )
    )  # fmt: skip
