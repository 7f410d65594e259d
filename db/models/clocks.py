"""The index rows of clocks, and the few orders in which they are read."""

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    and_,
    false,
    literal_column,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Ref, Word


class Clock(Base):
    """The index row of one clock (domain.clocks.Clock); worked out, never counted down.

    `on` columns say when a thing happened, `known_on` and `shown_on` when the system learned it.
    """

    __tablename__ = "clocks"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"))
    submission_id: Mapped[int | None] = mapped_column(Big, ForeignKey("submissions.id"))
    key: Mapped[Word]
    ordinal: Mapped[int] = mapped_column(default=1)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    city_code: Mapped[Code]
    started_on: Mapped[date]
    known_on: Mapped[date]
    first_due_on: Mapped[date]
    due_on: Mapped[date]
    provisional: Mapped[bool]
    done_on: Mapped[date | None]
    shown_on: Mapped[date | None]
    duty: Mapped[bool]
    exempt: Mapped[bool] = mapped_column(server_default=false())
    sealed: Mapped[bool] = mapped_column(server_default=false())
    named: Mapped[bool] = mapped_column(server_default=false())  # the petitioner gave a name
    rule_since: Mapped[date]
    __table_args__ = (
        CheckConstraint("city_code = unit_code / 100 * 100", name="city"),
        CheckConstraint("(done_on IS NULL) = (shown_on IS NULL)", name="done"),
        CheckConstraint("shown_on IS NULL OR shown_on >= done_on", name="shown"),
        CheckConstraint("known_on >= started_on", name="known"),
        CheckConstraint("due_on >= first_due_on", name="due"),
        Index("ix_clocks_case", "case_id"),
    )


# The two ways clocks are read: those running (boards) and those of a cohort (scores).
# `shown_on > due_on` covers every late one, for nothing is shown before it is done; together
# with the rows known only after they were due these are all that a snapshot can judge as
# failed or leave out, so a score counts the cohort and reads only the trouble.
RUNNING = and_(Clock.done_on.is_(None), Clock.duty, ~Clock.exempt)


def trouble(c: Any) -> ColumnElement[bool]:
    """The condition of the index of trouble on the columns of the table or of an alias."""
    return or_(
        c.done_on.is_(None), c.shown_on > c.due_on, c.known_on > c.due_on, c.exempt, c.provisional
    )


TROUBLE = trouble(Clock)
Index("ix_clocks_running", Clock.due_on, Clock.city_code, Clock.key, Clock.unit_code, Clock.case_id,
      Clock.provisional, Clock.sealed, Clock.done_on, Clock.duty, Clock.exempt,
      sqlite_where=RUNNING, postgresql_where=RUNNING)  # fmt: skip
Index("ix_clocks_cohort", Clock.key, Clock.city_code, Clock.due_on, Clock.unit_code,
      Clock.case_id, Clock.sealed, Clock.named)  # fmt: skip
# The same leading columns as the cohort and all that judging needs, so that no row is looked up.
JUDGED = (Clock.unit_code, Clock.done_on, Clock.shown_on, Clock.exempt, Clock.provisional,
          Clock.sealed, Clock.named, Clock.case_id, Clock.submission_id,
          Clock.started_on)  # fmt: skip
Index("ix_clocks_trouble", Clock.key, Clock.city_code, Clock.due_on, Clock.known_on, *JUDGED,
      sqlite_where=TROUBLE, postgresql_where=TROUBLE)  # fmt: skip
# What was learned of only after it was due is judged by when it was learned.
LEARNED = Clock.known_on > Clock.due_on
Index("ix_clocks_learned", Clock.known_on, Clock.key, Clock.city_code, Clock.due_on, *JUDGED,
      sqlite_where=LEARNED, postgresql_where=LEARNED)  # fmt: skip
# The window in which a petitioner rated, found by the rating.
WINDOW = Clock.key == literal_column("'rating'")
Index("ix_clocks_window", Clock.submission_id, Clock.key, Clock.city_code, Clock.due_on,
      Clock.known_on,
      *(c for c in JUDGED if c is not Clock.submission_id),
      sqlite_where=WINDOW, postgresql_where=WINDOW)  # fmt: skip
