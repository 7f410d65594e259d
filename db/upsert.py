"""`INSERT … ON CONFLICT`, spoken the same way by both databases."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def upsert(session: Session, table: Any) -> Any:
    """An insert into `table` that takes `on_conflict_do_update` and `on_conflict_do_nothing`."""
    made = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return made.insert(table)
