"""Sign-in: a session row for a right password.

An unknown name, a wrong password and a closed account get the same words after the same work.
Misses slow the name and address they come from, and many of them the address whatever the name;
five in a row lock the account against new sign-ins (等保). A session that stands is not ended by
misses from elsewhere: nobody may throw another person out of work by guessing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Refused
from domain.people import Viewer
from domain.scope import SYSTEM
from services import passwords, store, trace
from services.sessions import end_all, locked, open_session
from settings import is_loopback, settings

WRONG = "账号或密码不正确。连续输错 {} 次，账号将锁定 {} 分钟"
DEMO_ONLY_HERE = "演示账号只能在运行本系统的这台计算机上使用"
FIRST_WAIT = timedelta(seconds=30)
FROM_ONE_ADDRESS = 50  # misses over all names within the lock's time; an office shares one address
AT_A_TIME = 10  # further misses that double the rest of an address


class TooSoon(Refused):
    """Too many misses from this name and address; `wait` says how long to rest."""

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()))
        rest = f"{-(-seconds // 60)} 分钟" if seconds > 60 else f"{seconds} 秒"
        super().__init__(f"输错次数过多，请在 {rest}后再试；忘记密码请联系系统管理员重置")
        self.seconds = seconds


def sign_in(login: str, password: str, ip: str, agent: str, now: datetime) -> str:
    """The token of a new session; raises Refused or TooSoon with what to tell the person."""
    login = login.strip()
    with store.read(SYSTEM) as session:
        person = _by_login(session, login)
        lock = locked(person, now) if person else _as_if_locked(session, login, now)
        wait = max(_wait(session, login, ip, now), _wait_of(session, ip, now), lock)
        known = _known(person) if person else None
    if wait > timedelta(0):
        _note_refusal(login, ip, now)
        raise TooSoon(wait)
    return _let_in(_checked(known, login, password, ip, now), login, ip, agent, now)


@dataclass(frozen=True, slots=True)
class _Known:  # read while the session was open
    id: int
    password_hash: str
    closed: bool
    demo: bool


def _known(person: m.Person) -> _Known:
    closed = person.disabled_at is not None
    return _Known(person.id, person.password_hash, closed, person.demo)


def _checked(known: _Known | None, login: str, password: str, ip: str, now: datetime) -> int:
    """The person the password is right for; everybody else is refused in the same words."""
    right = passwords.matches(password, known.password_hash if known else passwords.dummy())
    if known is None or not right or known.closed:
        count_miss(login, ip, now)
        raise Refused(_wrong())
    if known.demo and not (settings().demo and is_loopback(ip)):
        raise Refused(DEMO_ONLY_HERE)
    return known.id


def _let_in(person_id: int, login: str, ip: str, agent: str, now: datetime) -> str:
    with store.write(SYSTEM) as session:
        person = session.get_one(m.Person, person_id, with_for_update=True)
        # A lock or a closing that came while the password was being checked still counts.
        if person.disabled_at is not None or locked(person, now) > timedelta(0):
            raise Refused(_wrong())
        if person.failures or person.locked_until:
            person.failures, person.locked_until = 0, None
        clear_misses(session, login, ip)
        token = open_session(session, person, ip, agent, now)
        _event(session, "sign_in", now, person, ip)
    return token


def clear_misses(session: Session, login: str, ip: str | None = None) -> None:
    """Forget the misses of a name, from one address or from all."""
    gone = delete(m.SignInAttempt).where(m.SignInAttempt.login == _name_key(login))
    session.execute(gone.where(m.SignInAttempt.ip == ip[:40]) if ip is not None else gone)


def count_miss(login: str, ip: str, now: datetime, *, inside: bool = False) -> None:
    """Write down a wrong password; the fifth in a row locks the account.

    `inside` is a miss by somebody signed in as this person: its lock ends their sessions too.
    """
    policy = settings().password
    with store.write(SYSTEM) as session:
        session.add(m.SignInAttempt(login=_name_key(login), ip=ip[:40], at=now))
        person = _by_login(session, login, hold=True)
        if person is None:
            # People type passwords into the name field: never the whole of an unknown name.
            trace.record(session, "sign_in_failed", now, chain=0, ip=ip, data=_unknown(login))
        else:
            _event(session, "sign_in_failed", now, person, ip)
            person.failures += 1
            if person.failures >= policy.failures:
                _lock(session, person, ip, now, inside)


def _unknown(login: str) -> dict[str, str]:
    return {"login": login[:2]}


def _note_refusal(login: str, ip: str, now: datetime) -> None:
    """Write down a sign-in refused unseen; at most once for a name, an address and a minute."""
    minute, event = now.replace(second=0, microsecond=0), m.Event
    with store.read(SYSTEM) as session:
        person = _by_login(session, login)
        facts = {"person": person.id, "login": person.login} if person else _unknown(login)
        told = select(event.id).where(
            event.kind == "sign_in_refused", event.at >= minute, event.ip == ip,
            event.data == trace.canonical(facts),
        )  # fmt: skip
        if session.scalar(told.limit(1)) is not None:
            return
    chain = person.unit_code if person else trace.SYSTEM_CHAIN
    with store.write(SYSTEM) as session:
        trace.record(session, "sign_in_refused", now, chain=chain, ip=ip, data=facts)


def _wrong() -> str:
    policy = settings().password
    return WRONG.format(policy.failures, int(policy.lock.total_seconds() // 60))


def _lock(session: Session, person: m.Person, ip: str, now: datetime, inside: bool) -> None:
    person.failures, person.locked_until = 0, now + settings().password.lock
    ended = end_all(session, person.id, now, "locked") if inside else 0
    _event(session, "lock", now, person, ip, {"sessions_ended": ended})


def _by_login(session: Session, login: str, hold: bool = False) -> m.Person | None:
    query = select(m.Person).where(m.Person.login == login)
    return session.scalars(query.with_for_update() if hold else query).one_or_none()


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


def _wait_of(session: Session, ip: str, now: datetime) -> timedelta:
    """How long an address must rest after very many misses, whatever the names were."""
    attempt, lock = m.SignInAttempt, settings().password.lock
    count, last = session.execute(
        select(func.count(), func.max(attempt.at)).where(
            attempt.ip == ip[:40], attempt.at > now - lock
        )
    ).one()
    if count < FROM_ONE_ADDRESS:
        return timedelta(0)
    rest = FIRST_WAIT * 2 ** ((count - FROM_ONE_ADDRESS) // AT_A_TIME)
    return max(last + min(rest, lock) - now, timedelta(0))


def _as_if_locked(session: Session, login: str, now: datetime) -> timedelta:
    """The lock an unknown name would have, so that a lock does not tell which names exist."""
    policy, attempt = settings().password, m.SignInAttempt
    recent = session.scalars(
        select(attempt.at)
        .where(attempt.login == _name_key(login), attempt.at > now - policy.lock)
        .order_by(attempt.at)
    ).all()
    if len(recent) < policy.failures:
        return timedelta(0)
    return recent[policy.failures - 1] + policy.lock - now


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
    facts = {"person": person.id, "login": person.login, **(data or {})}
    # Only a right password says that it was this person; a miss may be anybody's.
    who = Viewer(person.id, person.name, person.unit_code, "", frozenset())
    viewer = who if kind == "sign_in" else None
    trace.record(
        session, kind, now, viewer=viewer, chain=person.unit_code, ip=ip, data=facts
    )  # fmt: skip
