"""E1 群众参评率: petitioners who rated, or were reached by a callback, before the window closed.

A callback that reached nobody ends after three tries; the petitioner took no part in it.
"""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import findings, learned_late
from scoring.measures._cohort import RATING, Failure, failures
from scoring.measures._tallies import tally
from scoring.model import Finding, Item

KEYS = (RATING,)
REMEDY = "答复送达后7日内由承办人以外的人回访；把查询码告诉信访人，方便其自行评价"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Windows with a rating or an answered callback, of those that closed."""
    failed = failures(session, asked, KEYS) if asked.listed else []
    items = (_item(asked, one) for one in failed)
    return findings(asked, tally(session, asked, KEYS), items, REMEDY)


def _item(asked: Asked, failed: Failure) -> Item:
    return Item(
        failed.case_id, failed.case_no, failed.submission_id, failed.unit, failed.key,
        failed.due_on, failed.done_on, learned_late(asked, failed) + _reason(failed),
        started_on=failed.started_on,
    )  # fmt: skip


def _reason(failed: Failure) -> str:
    since = f"答复{failed.started_on}送达，评价窗口至{failed.due_on}"
    if failed.done_on:
        return f"{since}：窗口结束后{failed.done_on}才评价，窗口内回访没有联系上信访人"
    return f"{since}：没有评价，回访也没有联系上信访人"
