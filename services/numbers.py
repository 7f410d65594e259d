"""Numbers without gap or double: given out inside the transaction that uses them."""

import secrets
from datetime import date

from sqlalchemy.orm import Session

from db import models as m
from db.upsert import upsert

# No 0 O 1 I L, so that a code read out on the phone is heard right.
QUERY_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def take(session: Session, series: str, count: int = 1) -> int:
    """Reserve `count` numbers of a series and return the first; a rollback gives them back."""
    query = upsert(session, m.Number).values(series=series, last=count)
    query = query.on_conflict_do_update(
        index_elements=["series"], set_={"last": m.Number.last + count}
    )
    last = session.execute(query.returning(m.Number.last)).scalar_one()
    return int(last) - count + 1


def series_of(unit: int, day: date, letter: str) -> str:
    """The head of case numbers: JS, the registering unit, the day and the channel's letter."""
    return f"JS{unit}{day:%Y%m%d}{letter}"


def query_code() -> str:
    """A random code of eight signs by which a petitioner asks after the case."""
    return "".join(secrets.choice(QUERY_SIGNS) for _ in range(8))
