"""Whether a stored paper is the one that was issued: by its bytes, else by the trace.

The bytes depend on the fonts of the installation too. Where these have changed since, the trace
says whether the record is still the same.
"""

import hashlib
import json

from sqlalchemy import select

from db import models as m
from domain.errors import Refused
from domain.scope import SYSTEM
from services.store import read

RECORD = "record"  # under this key an event of issue keeps the digest of the record


def digest(text: str | bytes) -> str:
    """The sha256 of a record or of a file."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def require(kind: str, record: str, sha256: str, data: bytes) -> None:
    """Refuse a paper whose record gives other bytes than were issued and is not the one traced.

    `kind` is the kind of event that told of the issue.
    """
    if digest(data) != sha256 and digest(record) not in _traced(kind, sha256):
        raise Refused("文书存档与当时出具的文件不符，请联系系统管理员核查留痕")


def _traced(kind: str, sha256: str) -> set[str]:
    with read(SYSTEM) as session:
        told = select(m.Event.data).where(m.Event.kind == kind, m.Event.data.contains(sha256))
        facts = [json.loads(data) for data in session.scalars(told)]
    return {str(fact.get(RECORD)) for fact in facts if fact.get("sha256") == sha256}
