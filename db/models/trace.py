"""The trace: every event, append-only by trigger, chained by keyed hash."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Word


class Event(Base):
    """A step on a case, or something done in the system: who, when, from where, what.

    `data` is canonical JSON and never holds an identity. `hash` is an HMAC over the row and
    `prev`, under a key that is not in the database. The database refuses UPDATE and DELETE.
    """

    __tablename__ = "events"
    id: Mapped[Id]
    chain: Mapped[Code]  # the acting unit's code; 0 for the system itself
    seq: Mapped[int]
    kind: Mapped[Word]  # a step of domain.workflow, or a system kind such as sign_in
    at: Mapped[datetime]
    on: Mapped[date]
    case_id: Mapped[int | None] = mapped_column(Big, ForeignKey("cases.id"))
    submission_id: Mapped[int | None] = mapped_column(Big, ForeignKey("submissions.id"))
    person_id: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    ip: Mapped[Word] = mapped_column(default="")
    data: Mapped[str] = mapped_column(Text)
    prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_events_case", "case_id", "id"),
        Index("ix_events_kind", "kind", "at"),
        Index("ix_events_at", "at", "id"),
    )


class ChainHead(Base):
    """The last event of each chain, signed, so that a cut tail is found."""

    __tablename__ = "chain_heads"
    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class Checkpoint(Base):
    """A signed digest over all heads, to be kept elsewhere (printed, mailed to the auditor)."""

    __tablename__ = "checkpoints"
    id: Mapped[Id]
    at: Mapped[datetime]
    heads: Mapped[str] = mapped_column(Text)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))
