"""E1 群众参评率: petitioners who rated, or were called back, before their window closed."""

from sqlalchemy.orm import Session

from scoring.measures import Asked
from scoring.measures._clock_line import findings
from scoring.measures._cohort import Failure, failures
from scoring.measures._windows import KEYS, called_back, named, windows
from scoring.model import Finding, Item

REMEDY = "答复送达后7日内由承办人以外的人回访；把查询码告诉信访人，方便其自行评价"


def find(session: Session, asked: Asked) -> list[Finding]:
    """Windows with a rating or a finished callback, of those that closed."""
    called = called_back(asked)
    tallies = windows(session, asked, excused=called)
    failed = failures(session, asked, KEYS, ~called, named()) if asked.listed else []
    return findings(asked, tallies, map(_item, failed), REMEDY)


def _item(failed: Failure) -> Item:
    return Item(
        failed.case_id, failed.case_no, failed.submission_id, failed.unit, failed.key,
        failed.due_on, failed.done_on, _reason(failed), started_on=failed.started_on,
    )  # fmt: skip


def _reason(failed: Failure) -> str:
    since = f"答复{failed.started_on}送达，评价窗口至{failed.due_on}"
    if failed.done_on:
        return f"{since}：窗口结束后{failed.done_on}才评价，窗口内没有完成回访"
    return f"{since}：没有评价，也没有完成回访"
