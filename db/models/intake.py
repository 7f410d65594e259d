"""Unfinished entries, imported files and remembered column mappings."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Big, Code, Id, Line, Ref, Word


class Draft(Base):
    """What a person has typed and not yet registered; sealed, for it names a petitioner."""

    __tablename__ = "drafts"
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[Word]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("person_id", "kind"),)


class ImportBatch(Base):
    """A file that was written; the same file again adds nothing."""

    __tablename__ = "import_batches"
    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[Line]
    subchannel: Mapped[Word]
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"))
    mapping: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    added: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    at: Mapped[datetime]


class ImportMapping(Base):
    """The remembered mapping of a sub-channel's ledger to our fields and values."""

    __tablename__ = "import_mappings"
    subchannel: Mapped[Word] = mapped_column(primary_key=True)
    unit_code: Mapped[Code] = mapped_column(ForeignKey("units.code"), primary_key=True)
    mapping: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[int | None] = mapped_column(Big, ForeignKey("people.id"))
    changed_at: Mapped[datetime]
