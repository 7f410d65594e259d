"""What SQLite knows of its tables when it plans; without it a year's score takes five times.

PostgreSQL looks after its statistics by itself.
"""

from sqlalchemy import Connection, text

from db.session import engine

STALE = 2  # times the cases that were there when the statistics were made
LEAST = 1000  # below this no plan is slow


def refresh(url: str) -> bool:
    """Make the statistics anew where the cases have grown well past them; whether it did."""
    made = engine(url)
    if made.dialect.name != "sqlite":
        return False
    with made.connect().execution_options(writes=True) as connection:
        rows = connection.scalar(text("SELECT coalesce(max(id), 0) FROM cases")) or 0
        if rows <= STALE * max(_known(connection), LEAST):
            return False
        connection.execute(text("ANALYZE"))
        connection.commit()
    return True


def _known(connection: Connection) -> int:
    """The cases that the statistics speak of; 0 without statistics."""
    there = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'"
    if not connection.scalar(text(there)):
        return 0
    query = "SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'cases'"
    return int(connection.scalar(text(query)) or 0)
