"""Sign-in: a session row for a right password, and the person behind a session, re-read.

Only the hash of a token is kept. An unknown name, a wrong password and a closed account get the
same words after the same work. Misses slow the name and address they come from; five in a row
lock the account (等保: 连续失败锁定).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Refused
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from services import passwords, store, trace
from settings import Settings, is_loopback, settings

WRONG = "账号或密码不正确。连续输错 {} 次，账号将锁定 {} 分钟"
DEMO_ONLY_HERE = "演示账号只能在运行本系统的这台计算机上使用"
TOUCH = timedelta(seconds=30)
FRESH = timedelta(seconds=1)
FIRST_WAIT = timedelta(seconds=30)


class TooSoon(Refused):
    """Too many misses from this name and address; `wait` says how long to rest."""

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()))
        rest = f"{-(-seconds // 60)} 分钟" if seconds > 60 else f"{seconds} 秒"
        super().__init__(f"输错次数过多，请在 {rest}后再试；忘记密码请联系系统管理员重置")
        self.seconds = seconds


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


def digest(token: str) -> str:
    """The hash under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def forget() -> None:
    """Drop the answers of the last second after a change to people or sessions."""
    _fresh.clear()


# --- signing in


def sign_in(login: str, password: str, ip: str, agent: str, now: datetime) -> str:
    """The token of a new session; raises Refused or TooSoon with what to tell the person."""
    login = login.strip()
    with store.read(SYSTEM) as session:
        person = _by_login(session, login)
        wait = max(_wait(session, login, ip, now), _locked(person, now))
    if wait > timedelta(0):
        raise TooSoon(wait)
    right = passwords.matches(password, person.password_hash if person else passwords.dummy())
    if person is None or not right or person.disabled_at is not None:
        raise _missed(login, ip, now)
    if person.demo and not (settings().demo and is_loopback(ip)):
        raise Refused(DEMO_ONLY_HERE)
    return _let_in(person.id, login, ip, agent, now)


def _let_in(person_id: int, login: str, ip: str, agent: str, now: datetime) -> str:
    with store.write(SYSTEM) as session:
        person = session.get_one(m.Person, person_id)
        # A lock or a closing that came while the password was being checked still counts.
        if person.disabled_at is not None or _locked(person, now) > timedelta(0):
            raise Refused(_wrong())
        if person.failures or person.locked_until:
            person.failures, person.locked_until = 0, None
        session.execute(
            delete(m.SignInAttempt).where(
                m.SignInAttempt.login == _name_key(login), m.SignInAttempt.ip == ip
            )
        )
        token = open_session(session, person, ip, agent, now)
        _event(session, "sign_in", now, person, ip)
    return token


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


def _missed(login: str, ip: str, now: datetime) -> Refused:
    policy = settings().password
    with store.write(SYSTEM) as session:
        session.add(m.SignInAttempt(login=_name_key(login), ip=ip[:40], at=now))
        person = _by_login(session, login)
        if person is None:
            # People type passwords into the name field: never the whole of an unknown name.
            trace.record(session, "sign_in_failed", now, chain=0, ip=ip, data={"login": login[:2]})
        else:
            _event(session, "sign_in_failed", now, person, ip)
            person.failures += 1
            if person.failures >= policy.failures:
                _lock(session, person, ip, now)
    return Refused(_wrong())


def _wrong() -> str:
    policy = settings().password
    return WRONG.format(policy.failures, int(policy.lock.total_seconds() // 60))


def _lock(session: Session, person: m.Person, ip: str, now: datetime) -> None:
    person.failures, person.locked_until = 0, now + settings().password.lock
    ended = end_all(session, person.id, now, "locked")
    _event(session, "lock", now, person, ip, {"sessions_ended": ended})


def _by_login(session: Session, login: str) -> m.Person | None:
    return session.scalars(select(m.Person).where(m.Person.login == login)).one_or_none()


def _locked(person: m.Person | None, now: datetime) -> timedelta:
    until = person.locked_until if person else None
    return max(until - now, timedelta(0)) if until else timedelta(0)


def _wait(session: Session, login: str, ip: str, now: datetime) -> timedelta:
    """How long this name from this address must rest, after its misses of the last day."""
    attempt = m.SignInAttempt
    count, last = session.execute(
        select(func.count(), func.max(attempt.at)).where(
            attempt.login == _name_key(login),
            attempt.ip == ip[:40],
            attempt.at > now - timedelta(days=1),
        )
    ).one()
    return max(last + pause(count) - now, timedelta(0)) if last else timedelta(0)


def pause(misses: int) -> timedelta:
    """The rest after so many misses: none, then the lock, then ever longer ones up to the lock."""
    policy = settings().password
    over = misses - policy.failures
    if over < 0:
        return timedelta(0)
    return policy.lock if over == 0 else min(FIRST_WAIT * 2**over, policy.lock)


def _name_key(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()[:40]


def _event(
    session: Session, kind: str, now: datetime, person: m.Person, ip: str,
    data: dict[str, int] | None = None,
) -> None:  # fmt: skip
    trace.record(
        session, kind, now, chain=person.unit_code, ip=ip,
        data={"person": person.id, "login": person.login, **(data or {})},
    )  # fmt: skip


# --- the person behind a session


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
    if not _alive(sign, now) or person.disabled_at or _locked(person, now):
        return None
    if person.demo and not (settings().demo and is_loopback(sign.ip)):
        return None
    roles = frozenset(role for role in Role if role.value in {held.role for held in person.roles})
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
    with store.read(SYSTEM) as session:
        seen = session.scalar(select(m.SignIn.seen_at).where(m.SignIn.token_hash == sid))
    if seen is None or now - seen < TOUCH:
        return
    with store.write(SYSTEM) as session:
        session.execute(
            update(m.SignIn)
            .where(m.SignIn.token_hash == sid, m.SignIn.ended_at.is_(None))
            .values(seen_at=now)
        )


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
