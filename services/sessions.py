"""Sessions of signed-in people: rows in the database, ended at once, the person re-read each time.

Only the hash of a token is kept.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from services import store, trace
from settings import Settings, is_loopback, settings

TOUCH = timedelta(seconds=30)
FRESH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A session as it stands now: whose it is, and whether the password must change first."""

    viewer: Viewer
    must_change: bool
    demo: bool = False


class Seen(NamedTuple):
    """An answer about a session and when it was true."""

    at: datetime
    standing: Standing | None


# Answers not older than a second, so that a rerun asks the database once.
_fresh: dict[str, Seen] = {}
# When this process last noted a session's activity, so that most messages cost no query.
_touched: dict[str, datetime] = {}


def digest(token: str) -> str:
    """The hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def forget() -> None:
    """Drop the answers of the last second after a change to people or sessions."""
    _fresh.clear()


def open_session(session: Session, person: m.Person, ip: str, agent: str, now: datetime) -> str:
    """Add a session row for a person within the caller's transaction; returns the new token."""
    token = secrets.token_urlsafe(32)
    session.add(
        m.SignIn(
            token_hash=digest(token), person_id=person.id, created_at=now, seen_at=now,
            ip=ip[:40], agent=agent[:200], ended_at=None, ended_why=None,
        )
    )  # fmt: skip
    session.flush()
    return token


def locked(person: m.Person | None, now: datetime) -> timedelta:
    """How long an account is still locked."""
    until = person.locked_until if person else None
    return max(until - now, timedelta(0)) if until else timedelta(0)


def fresh(sid: str, now: datetime) -> Seen | None:
    """The answer of the last second about a session, if there is one."""
    seen = _fresh.get(sid)
    return seen if seen and timedelta(0) <= now - seen.at <= FRESH else None


def standing(sid: str, now: datetime) -> Standing | None:
    """The session with this hash as it stands: None when ended, expired, closed or unknown."""
    seen = fresh(sid, now)
    if seen is not None:
        return seen.standing
    if len(_fresh) > 5000:
        _fresh.clear()
    with store.read(SYSTEM) as session:
        found = _standing(session, sid, now)
    _fresh[sid] = Seen(now, found)
    return found


def _standing(session: Session, sid: str, now: datetime) -> Standing | None:
    row = session.execute(
        select(m.SignIn, m.Person, m.Unit.name)
        .join(m.Person, m.Person.id == m.SignIn.person_id)
        .join(m.Unit, m.Unit.code == m.Person.unit_code)
        .where(m.SignIn.token_hash == sid)
    ).one_or_none()
    if row is None:
        return None
    sign, person, unit_name = row
    # A lock by misses keeps new sign-ins out; it may be the work of anybody, and ends no session.
    if not _alive(sign, now) or person.disabled_at:
        return None
    if person.demo and not (settings().demo and is_loopback(sign.ip)):
        return None
    held = {row.role for row in person.roles}
    roles = frozenset(role for role in Role if role.value in held)
    viewer = Viewer(person.id, person.name, person.unit_code, unit_name, roles, sid, sign.ip)
    return Standing(viewer, must_change(person, now, settings()), person.demo)


def _alive(sign: m.SignIn, now: datetime) -> bool:
    limits = settings()
    return (
        sign.ended_at is None
        and now - sign.seen_at < limits.session_idle
        and now - sign.created_at < limits.session_absolute
    )


def must_change(person: m.Person, now: datetime, limits: Settings) -> bool:
    """Whether the password was handed over by somebody else, or is too old."""
    days = limits.password.days
    aged = days > 0 and now - person.password_set_at > timedelta(days=days)
    return person.must_change or (aged and not person.demo)


def resolve(token: str, now: datetime) -> Viewer | None:
    """The person behind a token, or None."""
    found = standing(digest(token), now) if token else None
    return found.viewer if found else None


def viewer_of(uid: str, sid: str, now: datetime) -> Viewer | None:
    """The person a page works for, re-read; None for a stranger or a password to change."""
    found = standing(sid, now) if sid else None
    if found is None or found.must_change or str(found.viewer.person_id) != uid:
        return None
    return found.viewer


def touch(sid: str, now: datetime) -> None:
    """Note that the person is at work; written at most every half minute."""
    if timedelta(0) <= now - _touched.get(sid, datetime.min) < TOUCH:
        return
    if len(_touched) > 5000:
        _touched.clear()
    with store.read(SYSTEM) as session:
        seen = session.scalar(select(m.SignIn.seen_at).where(m.SignIn.token_hash == sid))
    if seen is None:
        return
    _touched[sid] = seen
    if now - seen < TOUCH:
        return
    with store.write(SYSTEM) as session:
        session.execute(
            update(m.SignIn)
            .where(m.SignIn.token_hash == sid, m.SignIn.ended_at.is_(None))
            .values(seen_at=now)
        )
    _touched[sid] = now


# --- ending sessions


def sign_out(viewer: Viewer, now: datetime) -> None:
    """End the viewer's own session at once."""
    with store.write(SYSTEM) as session:
        sign = session.get(m.SignIn, viewer.session)
        if sign is not None and sign.ended_at is None:
            sign.ended_at, sign.ended_why = now, "signed_out"
            trace.record(session, "sign_out", now, viewer=viewer)
    forget()


def end_all(
    session: Session, person_id: int, now: datetime, why: str, keep: str | None = None
) -> int:
    """End every open session of a person but `keep`; returns how many ended."""
    result = session.execute(
        update(m.SignIn)
        .where(
            m.SignIn.person_id == person_id,
            m.SignIn.ended_at.is_(None),
            m.SignIn.token_hash != (keep or ""),
        )
        .values(ended_at=now, ended_why=why)
    )
    forget()
    return int(getattr(result, "rowcount", 0))
