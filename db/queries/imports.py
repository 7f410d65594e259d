"""Files that were written and the mappings remembered for the next one."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from db.upsert import upsert


def batch_of(session: Session, sha256: str, subchannel: str, unit: int) -> m.ImportBatch | None:
    """The last writing of a file with these bytes into a sub-channel by this unit."""
    batch = m.ImportBatch
    query = select(batch).where(
        batch.sha256 == sha256, batch.subchannel == subchannel, batch.unit_code == unit
    )
    return session.scalars(query.order_by(batch.id.desc()).limit(1)).one_or_none()


def mapping_of(session: Session, subchannel: str, units: Sequence[int]) -> str | None:
    """The mapping remembered for a sub-channel by the first of the units that has one."""
    kept = m.ImportMapping
    query = select(kept.unit_code, kept.mapping).where(
        kept.subchannel == subchannel, kept.unit_code.in_(units)
    )
    found = {row.unit_code: row.mapping for row in session.execute(query)}
    return next((found[unit] for unit in units if unit in found), None)


def keep_mapping(session: Session, row: dict[str, object]) -> None:
    """Remember a mapping in the place of the one before."""
    statement = upsert(session, m.ImportMapping).values(row)
    changes = {name: row[name] for name in ("mapping", "changed_by", "changed_at")}
    where = ["subchannel", "unit_code"]
    session.execute(statement.on_conflict_do_update(index_elements=where, set_=changes))


def add_batch(session: Session, row: dict[str, object]) -> int:
    """Write down a file that is being written; returns its number."""
    batch = m.ImportBatch(**row)
    session.add(batch)
    session.flush()
    return batch.id
