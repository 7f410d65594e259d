"""A person's own password: changed against the old one, and what a new one must be."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Invalid
from domain.people import Viewer
from domain.scope import SYSTEM
from services import passwords, sessions, sign_in, store, trace
from settings import settings

ENDED = "登录已失效，密码没有修改；请重新登录"
LOCKED = "账号因多次输错密码已锁定，暂不能修改密码；请稍后再试，或联系系统管理员"
CHANGED = "密码刚刚已被修改，这次没有修改；请用新密码重新登录"


def change_password(
    viewer: Viewer, old: str, new: str, again: str, agent: str, now: datetime
) -> str:
    """Change one's own password; ends every session and returns the token of a new one.

    Raises Invalid with `old`, `new` or `again`. A wrong old password counts as a miss.
    """
    with store.read(SYSTEM) as session:
        person = session.get_one(m.Person, viewer.person_id)
        _still(session, person, viewer, now)
        login, current = person.login, person.password_hash
        former = list(
            session.scalars(
                select(m.OldPassword.password_hash)
                .where(m.OldPassword.person_id == person.id)
                .order_by(m.OldPassword.set_at.desc(), m.OldPassword.id.desc())
                .limit(max(settings().password.history - 1, 0))
            )
        )
    if not passwords.matches(old, current):
        sign_in.count_miss(login, viewer.ip, now, inside=True)
        raise Invalid({"old": "原密码不正确"})
    _check_new(login, [current, *former], new, again)
    secret = passwords.hashed(new)
    with store.write(SYSTEM) as session:
        person = session.get_one(m.Person, viewer.person_id, with_for_update=True)
        # Hashing takes long enough for all of this to have changed meanwhile.
        _still(session, person, viewer, now)
        if person.password_hash != current:
            raise Invalid({"old": CHANGED})
        set_password(session, person, secret, now)
        person.must_change, person.failures = False, 0
        sessions.end_all(session, person.id, now, "password_changed")
        trace.record(session, "password_changed", now, viewer=viewer)
        return sessions.open_session(session, person, viewer.ip, agent, now)


def _still(session: Session, person: m.Person, viewer: Viewer, now: datetime) -> None:
    """Refuse unless the account is open and not locked, and the viewer's session stands."""
    sign = session.get(m.SignIn, viewer.session)
    if sign is None or sign.ended_at is not None or person.disabled_at is not None:
        raise Invalid({"old": ENDED})
    if sessions.locked(person, now) > timedelta(0):
        raise Invalid({"old": LOCKED})


def _check_new(login: str, recent: list[str], new: str, again: str) -> None:
    policy = settings().password
    lacking = passwords.faults(new, login, policy)
    if lacking:
        raise Invalid({"new": "新密码须" + "，".join(lacking)})
    if new != again:
        raise Invalid({"again": "两次输入的新密码不一致"})
    if any(passwords.matches(new, one) for one in recent[: policy.history]):
        raise Invalid({"new": f"新密码不能与最近 {policy.history} 次用过的密码相同"})


def set_password(session: Session, person: m.Person, secret: str, now: datetime) -> None:
    """Give a person a new password hash within the caller's transaction; the old one is kept."""
    session.add(
        m.OldPassword(
            person_id=person.id, password_hash=person.password_hash, set_at=person.password_set_at
        )
    )  # fmt: skip
    person.password_hash, person.password_set_at = secret, now
