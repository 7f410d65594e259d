"""Full-text search by pairs of characters, the same on both databases.

A text becomes its overlapping pairs ("恶臭扰民" → 恶臭 臭扰 扰民); a word of n characters is the
phrase of its n-1 pairs, so a two-character word is one term. One character is a prefix.
"""

import re
from collections.abc import Sequence
from operator import add as joined
from typing import Any

from sqlalchemy import ColumnElement, Select, column, table, text
from sqlalchemy.orm import Session

RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")

_ADD = {
    "sqlite": "INSERT INTO case_words (rowid, words) VALUES (?, ?)",
    "postgresql": "INSERT INTO case_words VALUES (%s, to_tsvector('simple', %s))",
}

_SQLITE = table("case_words", column("rowid"))
_POSTGRESQL = table("case_words", column("case_id"))


def pairs(words: str) -> str:
    """The pairs of a text, blank-separated; runs of letters and of characters stay apart."""
    out: list[str] = []
    for run in RUN.findall(words.lower()):
        out.extend(map(joined, run, run[1:]) if len(run) > 1 else run)
    return " ".join(out)


def add(session: Session, rows: Sequence[tuple[int, str]]) -> None:
    """Index texts, already in pairs, under their case ids, within the caller's transaction."""
    if rows:
        connection = session.connection()
        connection.exec_driver_sql(_ADD[connection.dialect.name], list(rows))


def query(session: Session, asked: str) -> str | None:
    """The search expression of what a person typed, or None when nothing can be searched."""
    words = [found for found in (RUN.findall(asked.lower())) if found]
    if not words:
        return None
    if session.get_bind().dialect.name == "sqlite":
        return " AND ".join(_sqlite_phrase(word) for word in words)
    return " & ".join(_postgresql_phrase(word) for word in words)


def _sqlite_phrase(word: str) -> str:
    return f'"{word}"*' if len(word) == 1 else f'"{pairs(word)}"'


def _postgresql_phrase(word: str) -> str:
    return f"{word}:*" if len(word) == 1 else "(" + " <-> ".join(pairs(word).split()) + ")"


def matching(session: Session, expression: str) -> ColumnElement[bool]:
    """A condition on `cases.id`: the case's text matches the expression."""
    if session.get_bind().dialect.name == "sqlite":
        return text(
            "cases.id IN (SELECT rowid FROM case_words WHERE case_words MATCH :words)"
        ).bindparams(words=expression)  # type: ignore[return-value]
    return text(
        "cases.id IN (SELECT case_id FROM case_words WHERE words @@ to_tsquery('simple', :words))"
    ).bindparams(words=expression)  # type: ignore[return-value]


def newest(session: Session, query: Select[Any], case: Any, expression: str) -> Select[Any]:
    """The query over the cases that match, newest first; the index of words drives it."""
    if session.get_bind().dialect.name == "sqlite":
        index, hit, match = _SQLITE, _SQLITE.c.rowid, text("case_words MATCH :words")
    else:
        index, hit = _POSTGRESQL, _POSTGRESQL.c.case_id
        match = text("words @@ to_tsquery('simple', :words)")
    found = query.select_from(index).join(case, case.id == hit)
    return found.where(match.bindparams(words=expression)).order_by(hit.desc())
