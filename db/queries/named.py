"""What the events of a case say of another one: told to who may see that one too.

A case that was related to this one may have become an accusation since, and is sealed; its number
and what was said of it would give it away.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m

Told = tuple[str, Mapping[str, Any]]  # the kind of an event and its data

# What was decided of two cases changes neither: it is as if it had not been.
RELATING = {
    "link_repeat": "other", "link_related": "other", "link_separate": "other", "unlink": "other",
    "confirm_repeat": "earlier",
}  # fmt: skip
# What happened to a case stands, and says no more than that.
TURNS = {
    "merge": "other", "merged": "other", "separate": "other", "separated": "other", "reopen": "to",
}  # fmt: skip
NAMING = RELATING | TURNS
WORDS = frozenset({"other_no", "into_no", "to_no", "reason"})


def other_of(kind: str, data: Mapping[str, Any]) -> int | None:
    """The id of the other case that an event is about."""
    return int(data[NAMING[kind]]) if kind in NAMING else None


def unseen(session: Session, told: Iterable[Told]) -> frozenset[int]:
    """The cases these events are about that the session's scope does not show."""
    named = {other for kind, data in told if (other := other_of(kind, data)) is not None}
    if not named:
        return frozenset()
    return frozenset(
        named.difference(session.scalars(select(m.Case.id).where(m.Case.id.in_(named))))
    )


def unnamed(data: Mapping[str, Any]) -> dict[str, Any]:
    """An event's data without what says which the other case is."""
    return {key: value for key, value in data.items() if key not in WORDS}
