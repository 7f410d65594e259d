"""The statements of a registration, built once: what is known already, and the rows written.

The ones on the connection stand outside the scope on purpose: a source number is unique in the
province, and that it is taken says no more than the refusal of the table itself would.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import models as m
from db.inserts import Lean, insert_plain, insert_rows

SUBMISSIONS = m.Submission.__table__.c
_EACH = select(func.json_each(bindparam("given")).table_valued("value").c.value)
AT_ONCE = 5000  # values asked for in one statement


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
    return _taken(session, SUBMISSIONS.source_no, numbers, SUBMISSIONS.subchannel == subchannel)


def keys_taken(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of the keys that something was registered under."""
    return _taken(session, SUBMISSIONS.idempotency_key, keys)


def codes_taken(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of the query codes that a petitioner has."""
    return _taken(session, SUBMISSIONS.query_code, codes)


def _taken(
    session: Session, column: Any, values: Iterable[str], *where: ColumnElement[bool]
) -> set[str]:
    """Those of the values that the column has, many at once as one parameter."""
    connection = session.connection()
    given = bindparam("given", type_=ARRAY(Text()) if _server(connection) else Text())
    listed = column == any_(given) if _server(connection) else column.in_(_EACH)
    query, taken = select(column).where(listed, *where), set[str]()
    for part in _parts(values):
        asked = part if _server(connection) else json.dumps(part, ensure_ascii=False)
        taken.update(connection.scalars(query, {"given": asked}))
    return taken


def _server(connection: Connection) -> bool:
    return connection.dialect.name != "sqlite"


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
def _taking(count: int) -> Any:
    """The statement for so many series, as text: a multi-row insert is compiled at each call."""
    rows = ", ".join(f"(:series_{n}, :last_{n})" for n in range(count))
    after = "DO UPDATE SET last = numbers.last + excluded.last RETURNING series, last"
    return text(" ".join(("INSERT INTO numbers (series, last) VALUES", rows,
                          "ON CONFLICT (series)", after)))  # fmt: skip


def last_numbers(session: Session, wanted: Mapping[str, int]) -> dict[str, int]:
    """Reserve so many numbers of each series, in one order for all; the last of each."""
    connection = session.connection()
    given: dict[str, Any] = {}
    for n, series in enumerate(sorted(wanted)):
        given |= {f"series_{n}": series, f"last_{n}": wanted[series]}
    found = connection.execute(_taking(len(wanted)), given)
    return {series: int(last) for series, last in found}


_IDS = text(
    "SELECT nextval(pg_get_serial_sequence('cases', 'id')),"
    " nextval(pg_get_serial_sequence('submissions', 'id')) FROM generate_series(1, :count)"
)


def take_ids(session: Session, count: int) -> list[tuple[int, int]]:
    """Ids for so many cases and their submissions; no clerk waits for another's."""
    connection = session.connection()
    if _server(connection):
        return [(case, own) for case, own in connection.execute(_IDS, {"count": count})]
    last = last_numbers(session, {"cases.id": count, "submissions.id": count})
    first = (last[name] - count + 1 for name in ("cases.id", "submissions.id"))
    return list(zip(*(range(at, at + count) for at in first), strict=True))


def write_plain(session: Session, tables: Mapping[str, Lean]) -> None:
    """Insert rows of plain values by table in the mapping's order."""
    connection = session.connection()
    for name, rows in tables.items():
        insert_plain(connection, m.Base.metadata.tables[name], *rows)


def in_use(error: IntegrityError) -> str:
    """The column whose value somebody has already, or nothing: another rule was broken."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    said = constraint or str(error.orig)
    found = (name for name in ("source_no", "idempotency_key", "query_code") if name in said)
    unique = constraint is not None or said.startswith("UNIQUE")
    return next(found, "") if unique else ""
