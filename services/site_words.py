"""What goes to a site and comes back from it says nothing of who complained.

The words are the petitioners' own (name, phone, ID number, address) of every contact of a case;
they are compared here and shown to nobody.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.masking import mask, occurrences, settled
from services.identity import Identity
from services.identity_view import opened

TELLING = "这里有信访人的姓名、电话、证件号或住址，请删去后再提交；现场记录不得写入信访人身份"
# Who wrote a site record stands in it by name, and may be called as anybody is.
WRITERS = frozenset({"officers"})


def own_words(session: Session, case: Any, but: int | None = None) -> list[str]:
    """What the petitioners of a case are called, but for an address that is the matter's own.

    `but` leaves out the petitioner of one contact, and what others share with that one.
    """
    contacts = select(m.Submission.id).where(m.Submission.case_id == case.id)
    who = opened(session, session.scalars(contacts))
    known = set(_words(who.pop(but), case)) if but in who else set()
    return [word for one in who.values() for word in _words(one, case) if word not in known]


def _words(who: Identity, case: Any) -> list[str]:
    home = "" if who.address in case.address else who.address
    return [part for part in (who.name, who.phone, who.id_no, home) if part]


def hidden(text: str, words: Iterable[str]) -> str:
    """The text with these words masked wherever they stand, however they are spaced."""
    return mask(text, settled(text, occurrences(text, words)))


def telling(data: Mapping[str, Any], words: Iterable[str]) -> dict[str, str]:
    """The fields of a site record that name a petitioner, each with what to mend."""
    own = list(words)
    return {
        key: TELLING
        for key, value in data.items()
        if key not in WRITERS and any(occurrences(text, own) for text in _texts(value))
    }


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(one) for one in value.values()]
    return [value] if isinstance(value, str) else []
