"""Each person's contact, and the one sealed table of petitioners' identities."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Ref, Word


class Submission(Base):
    """One person's contact. `missing` lists ★ fields not valid in the first saved version."""

    __tablename__ = "submissions"
    id: Mapped[Id]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("cases.id"), index=True)
    no: Mapped[Word] = mapped_column(unique=True)
    query_code: Mapped[str] = mapped_column(String(8), unique=True)
    channel: Mapped[Word]
    subchannel: Mapped[Word]
    source_no: Mapped[str | None] = mapped_column(String(100))
    received_at: Mapped[datetime]
    registered_at: Mapped[datetime]
    registered_on: Mapped[date]
    registered_unit: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    registered_city: Mapped[Code]
    registered_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    content: Mapped[str] = mapped_column(Text)
    time_pattern: Mapped[str | None] = mapped_column(String(40))
    urgency: Mapped[Word]
    first_or_repeat: Mapped[Word]
    persons: Mapped[int] = mapped_column(default=1)
    anonymous: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    e_delivery: Mapped[bool] = mapped_column(default=False)
    reachable: Mapped[bool]
    answered_on: Mapped[date | None]  # a callback reached the petitioner
    receiver: Mapped[str | None] = mapped_column(String(50))  # visit
    outcome: Mapped[str | None] = mapped_column(Text)  # visit
    recording_no: Mapped[str | None] = mapped_column(String(64))  # call
    missing: Mapped[str] = mapped_column(String(400), default="")
    batch_id: Mapped[int | None] = mapped_column(Big, ForeignKey("import_batches.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    __table_args__ = (
        UniqueConstraint("subchannel", "source_no"),
        Index("ix_submissions_source", "source_no", sqlite_where=text("source_no IS NOT NULL"),
              postgresql_where=text("source_no IS NOT NULL")),
        CheckConstraint("registered_at >= received_at", name="registered"),
        CheckConstraint("persons >= 1", name="persons"),
        Index("ix_submissions_registered", "registered_city", "registered_on", "registered_unit"),
        Index("ix_submissions_incomplete", "registered_city", "registered_on",
              sqlite_where=text("missing <> ''"), postgresql_where=text("missing <> ''")),
    )  # fmt: skip


# Who was reached, by the case: a window is looked up here and in no wide row (E1).
ANSWERED = Submission.answered_on.is_not(None)
Index("ix_submissions_answered", Submission.case_id, Submission.id, Submission.answered_on,
      sqlite_where=ANSWERED, postgresql_where=ANSWERED)  # fmt: skip


class Petitioner(Base):
    """Name, phone, ID number and address of who contacted, and nothing else; encrypted.

    `sealed` is AES-256-GCM under a key outside the database; the hashes are keyed, for "same
    person?" only.
    """

    __tablename__ = "petitioners"
    submission_id: Mapped[int] = mapped_column(
        Big, ForeignKey("submissions.id"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16))
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    id_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    person_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)  # name+place
