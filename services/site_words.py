"""What is written down of a case by those who work on it says nothing of who complained.

The words are the petitioners' own (name, phone, ID number, address) of every contact of a case;
they are compared here and shown to nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Invalid
from domain.masking import mask, occurrences, settled
from domain.table import BY_KEY
from services.fields import RECORDS, Kind
from services.identity_view import opened
from services.own_words import TELLING, tells, words_of

FREE = frozenset({Kind.TEXT, Kind.NOTE, Kind.ANSWERS, Kind.NOTES})
# Fields that are there to name somebody, who may be called as a petitioner is.
NAMING: Mapping[str, str] = {
    "officers": "who inspected a site signs for it by name",
    "leader": "an instruction, a charge, a reception is a leader's, by name and post",
}
LABELS: Mapping[str, str] = {
    key: record.label
    for key, record in RECORDS.items()
    if record.kind in FREE and key not in NAMING
}


def own_words(session: Session, case: Any, but: int | None = None) -> list[str]:
    """What the petitioners of a case are called, but for an address that is the matter's own.

    `but` leaves out the petitioner of one contact, and what others share with that one.
    """
    contacts = select(m.Submission.id).where(m.Submission.case_id == case.id)
    who = opened(session, session.scalars(contacts))
    known = set(words_of(who.pop(but), case.address)) if but in who else set()
    return [w for one in who.values() for w in words_of(one, case.address) if w not in known]


def hidden(text: str, words: Iterable[str]) -> str:
    """The text with these words masked wherever they stand, however they are spaced."""
    return mask(text, settled(text, occurrences(text, words)))


def typed(step: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What who took a step filled in; what its event carries on was looked at when it came."""
    if step not in BY_KEY:  # what happens to the other case of a step
        return data
    own = {name.rstrip("?") for name in BY_KEY[step].records}
    return {key: value for key, value in data.items() if key in own}


def require(
    session: Session, cases: Sequence[Any], data: Mapping[str, Any],
    labels: Mapping[str, str] = LABELS,
) -> None:  # fmt: skip
    """Refuse texts that name a petitioner of these cases.

    `data` maps a field to a text, or to texts by demand; `labels` are the fields that are looked
    at, as readers know them. Raises `Invalid` with what to mend by field.
    """
    said = {key: _texts(data[key]) for key in labels if data.get(key)}
    own = [word for case in cases for word in own_words(session, case)] if said else []
    matter = [case.subject_name for case in cases]
    named = [key for key, texts in said.items() if any(tells(t, own, matter) for t in texts)]
    if named:
        raise Invalid({key: TELLING.format(labels[key]) for key in named})


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value.values()] if isinstance(value, Mapping) else [str(value)]
