"""The statements of a registration, built once: what is known already, and the rows written.

The ones on the connection stand outside the scope on purpose: a source number is unique in the
province, and that it is taken says no more than the refusal of the table itself would.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db import models as m
from db.inserts import insert_rows

SUBMISSIONS = m.Submission.__table__.c
AT_ONCE = 500  # source numbers asked for in one statement, below every database's limit


class Known(NamedTuple):
    """What an earlier registration gave back."""

    case_id: int
    no: str
    query_code: str


_BY_KEY = select(SUBMISSIONS.case_id, SUBMISSIONS.no, SUBMISSIONS.query_code).where(
    SUBMISSIONS.idempotency_key == bindparam("key"),
    SUBMISSIONS.registered_by == bindparam("person"),
)
_BY_SOURCE = select(SUBMISSIONS.id).where(
    SUBMISSIONS.subchannel == bindparam("subchannel"),
    SUBMISSIONS.source_no == bindparam("source_no"),
)
_SOURCES = select(SUBMISSIONS.source_no).where(
    SUBMISSIONS.subchannel == bindparam("subchannel"),
    SUBMISSIONS.source_no.in_(bindparam("numbers", expanding=True)),
)
_KEYS = select(SUBMISSIONS.idempotency_key).where(
    SUBMISSIONS.idempotency_key.in_(bindparam("keys", expanding=True))
)


def by_key(session: Session, key: str, person: int) -> Known | None:
    """What this person registered under this key, if anything."""
    found = session.connection().execute(_BY_KEY, {"key": key, "person": person}).one_or_none()
    return Known(*found) if found else None


def source_taken(session: Session, subchannel: str, source_no: str) -> bool:
    """Whether any unit registered this source number in this sub-channel."""
    wanted = {"subchannel": subchannel, "source_no": source_no}
    return session.connection().execute(_BY_SOURCE, wanted).first() is not None


def sources_taken(session: Session, subchannel: str, numbers: Iterable[str]) -> set[str]:
    """Those of the source numbers that the sub-channel has already."""
    taken: set[str] = set()
    for part in _parts(numbers):
        wanted = {"subchannel": subchannel, "numbers": part}
        taken.update(session.connection().scalars(_SOURCES, wanted))
    return taken


def keys_taken(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys that something was registered under."""
    taken: set[str] = set()
    for part in _parts(keys):
        taken.update(session.connection().scalars(_KEYS, {"keys": part}))
    return taken


def source_seen(session: Session, subchannel: str, source_no: str) -> str | None:
    """The number of the submission that has this source number, where the viewer may see it."""
    submission = m.Submission
    found = select(submission.no).where(
        submission.subchannel == subchannel, submission.source_no == source_no
    )
    return session.scalars(found).one_or_none()


def sources_seen(session: Session, subchannel: str, numbers: Iterable[str]) -> set[str]:
    """Those of the source numbers of the sub-channel that the viewer may see."""
    seen: set[str] = set()
    for part in _parts(numbers):
        found = select(m.Submission.source_no).where(
            m.Submission.subchannel == subchannel, m.Submission.source_no.in_(part)
        )
        seen.update(number for number in session.scalars(found) if number)
    return seen


def visible(session: Session, case_id: int) -> bool:
    """Whether the viewer may see a case."""
    return session.scalars(select(m.Case.id).where(m.Case.id == case_id)).first() is not None


def _parts(numbers: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(numbers)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def write_rows(session: Session, rows: Mapping[Any, Sequence[dict[str, Any]]]) -> None:
    """Insert rows by table in the mapping's order, one statement a table."""
    connection = session.connection()
    for table, values in rows.items():
        insert_rows(connection, table.__table__, values)


@cache
def _taking(kind: str, count: int) -> Any:
    rows: list[dict[str, Any]] = [
        {"series": bindparam(f"series_{n}"), "last": bindparam(f"last_{n}")} for n in range(count)
    ]
    made = {"sqlite": sqlite, "postgresql": postgresql}[kind].insert(m.Number).values(rows)
    return made.on_conflict_do_update(
        index_elements=["series"], set_={"last": m.Number.last + made.excluded.last}
    ).returning(m.Number.series, m.Number.last)


def last_numbers(session: Session, wanted: Mapping[str, int]) -> dict[str, int]:
    """Reserve so many numbers of each series, in one order for all; the last of each."""
    connection = session.connection()
    given: dict[str, Any] = {}
    for n, series in enumerate(sorted(wanted)):
        given |= {f"series_{n}": series, f"last_{n}": wanted[series]}
    found = connection.execute(_taking(connection.dialect.name, len(wanted)), given)
    return {series: int(last) for series, last in found}
