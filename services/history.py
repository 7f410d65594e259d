"""The events of a case, as the pure rules read them."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.history import Event
from domain.table import BESIDE, BY_KEY

# Steps and records on a case; views and exports are in the trace but change nothing.
STEPS = frozenset(BY_KEY) | BESIDE


def events_of(session: Session, case_id: int) -> list[Event]:
    """The steps of a case in the order they were recorded; the caller has checked the scope."""
    events = m.Event.__table__
    rows = session.execute(
        select(events).where(events.c.case_id == case_id).order_by(events.c.id)
    ).mappings()
    return [
        Event(row["kind"], row["at"], row["on"], row["chain"], row["submission_id"],
              row["person_id"], json.loads(row["data"]), row["id"])
        for row in rows
        if row["kind"] in STEPS
    ]  # fmt: skip
