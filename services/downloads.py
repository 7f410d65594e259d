"""Files handed to one sign-in session: one use, short life, audited when taken."""

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from db import models as m
from domain.errors import NotFound
from domain.people import Viewer
from domain.scope import SYSTEM
from services import clock, store, trace
from settings import settings

LIFE = timedelta(minutes=10)
GONE = "文件不存在、已下载过或已过期，请回到原页面重新生成"


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on its way to the person it was made for."""

    name: str
    mime: str
    data: bytes
    inline: bool


def keep(
    viewer: Viewer, name: str, mime: str, data: bytes, what: str, now: datetime,
    *, inline: bool = False, case_id: int | None = None,
) -> str:  # fmt: skip
    """Store bytes for the viewer's own session; returns the token of its one-use address.

    `what` is the sentence the trace keeps: what was exported, over which rows; no identities.
    """
    sweep(now)
    token = secrets.token_urlsafe(32)
    path = _folder() / _digest(token)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    with store.write(SYSTEM) as session:
        session.add(
            m.Download(
                token_hash=_digest(token), sign_in=viewer.session, person_id=viewer.person_id,
                name=name[:200], mime=mime, spool=path.name, what=what, inline=inline,
                case_id=case_id, created_at=now, used_at=None,
            )
        )  # fmt: skip
    return token


def take(token: str, viewer: Viewer, now: datetime) -> Taken:
    """The file behind a token, once, for the session it was made for; else NotFound."""
    with store.write(SYSTEM) as session:
        row = session.execute(
            update(m.Download)
            .where(
                m.Download.token_hash == _digest(token),
                m.Download.sign_in == viewer.session,
                m.Download.person_id == viewer.person_id,
                m.Download.used_at.is_(None),
                m.Download.created_at > now - LIFE,
            )
            .values(used_at=now)
            .returning(m.Download.name, m.Download.mime, m.Download.spool, m.Download.inline,
                       m.Download.what, m.Download.case_id)
        ).one_or_none()  # fmt: skip
        if row is None:
            raise NotFound(GONE)
        path = _folder() / row.spool
        if not path.is_file():
            raise NotFound(GONE)
        data = path.read_bytes()
        seen = {"what": row.what, "name": row.name, "bytes": len(data)}
        trace.record(session, "download", now, viewer=viewer, case_id=row.case_id,
                     data=seen)  # fmt: skip
    path.unlink(missing_ok=True)
    return Taken(row.name, row.mime, data, row.inline)


def sweep(now: datetime) -> None:
    """Remove files nobody fetched and their rows."""
    with store.read(SYSTEM) as session:
        old = list(
            session.scalars(select(m.Download.spool).where(m.Download.created_at <= now - LIFE))
        )
    if not old:
        return
    for name in old:
        (_folder() / name).unlink(missing_ok=True)
    with store.write(SYSTEM) as session:
        session.execute(delete(m.Download).where(m.Download.spool.in_(old)))


def sweep_folder(now: datetime) -> None:
    """Remove files older than their life by their own time, also those no row knows of."""
    for path in _folder().iterdir():
        with suppress(FileNotFoundError):  # taken at this moment
            written = datetime.fromtimestamp(path.stat().st_mtime, clock.ZONE).replace(tzinfo=None)
            if now - written > LIFE:
                path.unlink()


def _folder() -> Path:
    folder = settings().data_dir / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
