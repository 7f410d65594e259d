"""Masking a text of a case: what looks like somebody's, and the case's own petitioners.

The sealed identities are opened here to be looked for and are let out as stretches of the text
alone. Nobody is shown what they did not hold already, so no reason is asked and no event written;
`identity_view.view`, which shows an identity, does both. What is left is that a stretch no pattern
would mark says whom the case knows: this is for those who work with petitioners only.
"""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import NotAllowed, NotFound
from domain.masking import Span, find, occurrences
from domain.people import Viewer
from domain.scope import scope_of
from services import identity_view, store
from services.identity import Identity, house_of
from services.own_words import LEAST_HOUSE

PARTS = {"name": "姓名", "phone": "电话", "id_no": "证件号", "address": "住址"}


def masked_draft(viewer: Viewer, case_id: int, text: str) -> list[Span]:
    """The stretches of a text to mask before it leaves, for a person to confirm.

    Raises `NotAllowed` for who does not work with petitioners, `NotFound` for a case not visible.
    """
    if not identity_view.may_see(viewer):
        raise NotAllowed("您的角色不办理脱敏；请由承办人或审核人办理")
    with store.read(scope_of(viewer)) as session:
        if session.scalar(select(m.Case.id).where(m.Case.id == case_id)) is None:
            raise NotFound("没有这个事项，或它不在您的可见范围内")
        return spans_of(session, case_id, text)


def spans_of(session: Session, case_id: int, text: str) -> list[Span]:
    """The same within a session; the caller answers for who is behind it."""
    known = [word for one in _petitioners(session, case_id) for word in _words(one)]
    return find(text, known)


def still_named(session: Session, case_id: int, text: str) -> list[str]:
    """Which parts of an identity (姓名 …) a masked text still holds; empty when it may leave."""
    return [
        label
        for key, label in PARTS.items()
        if any(occurrences(text, [getattr(who, key)]) for who in _petitioners(session, case_id))
    ]


def _petitioners(session: Session, case_id: int) -> list[Identity]:
    contacts = session.scalars(select(m.Submission.id).where(m.Submission.case_id == case_id))
    return list(identity_view.opened(session, contacts).values())


def _words(who: Identity) -> Iterator[str]:
    yield from (value for key in PARTS if (value := getattr(who, key)))
    if len(house := house_of(who.address)) >= LEAST_HOUSE:
        yield house
