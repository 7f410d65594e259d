"""What a person has typed and not yet registered: kept on the server, sealed, theirs alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select

from db import models as m
from db.upsert import upsert
from domain.errors import Invalid
from domain.people import Viewer
from domain.scope import scope_of
from services import store
from services.identity import seal_bytes, unseal_bytes

LONGEST = 200_000  # bytes of one draft


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was last kept."""

    data: Mapping[str, Any] = field(repr=False)
    changed_at: datetime


def keep(viewer: Viewer, kind: str, data: Mapping[str, Any], now: datetime) -> None:
    """Keep a draft in the place of the one before; `data` is in JSON terms."""
    text = json.dumps(data, ensure_ascii=False).encode()
    if len(text) > LONGEST:
        raise Invalid({"content": "填写的内容过长，草稿无法保存；请缩短"})
    row = {
        "person_id": viewer.person_id, "kind": kind, "changed_at": now,
        "sealed": seal_bytes(text, _bound(viewer, kind)),
    }  # fmt: skip
    with store.write(scope_of(viewer)) as session:
        changes = {"sealed": row["sealed"], "changed_at": now}
        statement = upsert(session, m.Draft).values(row)
        session.execute(
            statement.on_conflict_do_update(index_elements=["person_id", "kind"], set_=changes)
        )


def kept(viewer: Viewer, kind: str) -> Draft | None:
    """The person's draft of that kind; None when there is none or its key is gone."""
    query = select(m.Draft).where(m.Draft.person_id == viewer.person_id, m.Draft.kind == kind)
    with store.read(scope_of(viewer)) as session:
        found = session.scalars(query).one_or_none()
    if found is None:
        return None
    try:
        text = unseal_bytes(found.sealed, _bound(viewer, kind))
    except InvalidTag:
        return None
    return Draft(json.loads(text), found.changed_at)


def drop(viewer: Viewer, kind: str) -> None:
    """Forget the person's draft of that kind."""
    with store.write(scope_of(viewer)) as session:
        mine = m.Draft.person_id == viewer.person_id, m.Draft.kind == kind
        session.execute(delete(m.Draft).where(*mine))


def _bound(viewer: Viewer, kind: str) -> str:
    return f"draft:{kind}:{viewer.person_id}"
