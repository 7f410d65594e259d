"""A step about to be taken, and what its checks ask of the case."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.history import Event
from domain.people import Viewer
from domain.table import Step
from domain.workflow import CaseState


@dataclass(frozen=True, slots=True)
class About:
    """A step about to be taken."""

    session: Session
    step: Step
    state: CaseState
    events: list[Event]
    viewer: Viewer
    case: m.Case
    submission: int | None
    now: datetime

    @property
    def today(self) -> date:
        """The day on which it is taken."""
        return self.now.date()

    def last(self, *steps: str) -> dict[str, Any]:
        """What the latest of these steps recorded."""
        return dict(next(e for e in reversed(self.events) if e.step in steps).data)

    def clock(self, *keys: str) -> m.Clock | None:
        """The latest clock of these keys that the case has."""
        query = select(m.Clock).where(m.Clock.case_id == self.case.id, m.Clock.key.in_(keys))
        return self.session.scalars(query.order_by(m.Clock.due_on.desc()).limit(1)).first()
