"""People and their roles, as an administrator changes them; every change is an event.

What a person may do changes at once: a change of roles, unit or password ends their sessions.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models as m
from domain.errors import Invalid, NotAllowed, NotFound
from domain.people import EXCLUSIVE, Role, Viewer, last_below
from domain.scope import SYSTEM
from services import passwords, sessions, sign_in, store, trace
from services.own_password import set_password
from settings import settings

NO_RIGHT = "只有系统管理员可以管理人员账号"
NOT_HERE = "没有这个人员，或不在您的管理范围内"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What an administrator fills in for a new account."""

    login: str
    name: str
    unit: int
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the list shows it."""

    id: int
    login: str
    name: str
    unit: int
    unit_name: str
    roles: frozenset[Role]
    must_change: bool
    locked_until: datetime | None
    disabled: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demonstration account for the sign-in page."""

    login: str
    name: str
    unit: int
    unit_name: str
    roles: tuple[str, ...]


def accounts(viewer: Viewer, now: datetime) -> list[Account]:
    """The accounts of the administrator's unit and those below it."""
    _admin(viewer)
    with store.read(SYSTEM) as session:
        signs = session.scalars(
            select(m.SignIn).where(
                m.SignIn.ended_at.is_(None), m.SignIn.seen_at > now - settings().session_idle
            )
        )
        open_now = [sign.person_id for sign in signs]
        rows = session.execute(
            select(m.Person, m.Unit.name)
            .join(m.Unit, m.Unit.code == m.Person.unit_code)
            .where(m.Person.unit_code.between(viewer.unit, last_below(viewer.unit)))
            .order_by(m.Person.unit_code, m.Person.id)
        )
        return [
            Account(
                person.id, person.login, person.name, person.unit_code, unit_name, roles_of(person),
                person.must_change, _future(person.locked_until, now),
                person.disabled_at is not None, open_now.count(person.id),
            )
            for person, unit_name in rows
        ]  # fmt: skip


def units(viewer: Viewer) -> dict[int, str]:
    """The administrator's unit and those below it, code to name."""
    _admin(viewer)
    with store.read(SYSTEM) as session:
        rows = session.execute(
            select(m.Unit.code, m.Unit.name)
            .where(m.Unit.code.between(viewer.unit, last_below(viewer.unit)))
            .order_by(m.Unit.code)
        )
        return {row.code: row.name for row in rows}


def roles_of(person: m.Person) -> frozenset[Role]:
    """The roles a person holds."""
    held = {row.role for row in person.roles}
    return frozenset(role for role in Role if role.value in held)


def demo_people() -> list[DemoPerson]:
    """The demonstration accounts, by unit; none outside a demonstration."""
    if not settings().demo:
        return []
    with store.read(SYSTEM) as session:
        rows = session.execute(
            select(m.Person, m.Unit.name)
            .join(m.Unit, m.Unit.code == m.Person.unit_code)
            .where(m.Person.demo, m.Person.disabled_at.is_(None))
            .order_by(m.Person.unit_code, m.Person.id)
        )
        return [
            DemoPerson(
                person.login, person.name, person.unit_code, unit,
                tuple(role.label for role in Role if role in roles_of(person)),
            )
            for person, unit in rows
        ]  # fmt: skip


# --- what an administrator does


def create(viewer: Viewer, wanted: NewPerson, now: datetime) -> str:
    """Add an account; returns its one-time password, to be changed at the first sign-in."""
    _admin(viewer)
    password = passwords.one_time()
    secret = passwords.hashed(password)
    with store.write(SYSTEM) as session:
        person = add(session, wanted, secret, now)
        if not _below(viewer, wanted.unit):
            raise NotAllowed("只能为本单位及下级单位建立账号")
        _note(session, "person_created", now, viewer, person, after=_snapshot(person))
    return password


def add(session: Session, wanted: NewPerson, password_hash: str, now: datetime) -> m.Person:
    """Add an account within the caller's transaction; raises Invalid for wrong fields."""
    problems = _problems(session, wanted)
    if problems:
        raise Invalid(problems)
    person = m.Person(
        login=wanted.login.strip(), name=wanted.name.strip(), unit_code=wanted.unit,
        password_hash=password_hash, password_set_at=now, must_change=True, created_at=now,
        locked_until=None, disabled_at=None,
        roles=[m.PersonRole(role=role.value) for role in sorted(wanted.roles)],
    )  # fmt: skip
    session.add(person)
    session.flush()
    return person


def set_roles(viewer: Viewer, person_id: int, roles: Collection[Role], now: datetime) -> None:
    """Give a person exactly these roles; ends their sessions."""
    problem = _role_problem(frozenset(roles))
    if problem:
        raise Invalid({"roles": problem})
    with store.write(SYSTEM) as session:
        person = _theirs(session, viewer, person_id)
        if person.id == viewer.person_id:
            raise NotAllowed("不能修改自己的角色，请由另一位系统管理员办理")
        before = _snapshot(person)
        person.roles = [
            next((old for old in person.roles if old.role == role), m.PersonRole(role=role.value))
            for role in sorted(roles)
        ]
        session.flush()
        sessions.end_all(session, person.id, now, "roles")
        _note(session, "person_roles", now, viewer, person, before, _snapshot(person))


def set_disabled(viewer: Viewer, person_id: int, disabled: bool, now: datetime) -> None:
    """Close or reopen an account; closing ends its sessions at once."""
    with store.write(SYSTEM) as session:
        person = _theirs(session, viewer, person_id)
        if person.id == viewer.person_id:
            raise NotAllowed("不能停用自己的账号，请由另一位系统管理员办理")
        if (person.disabled_at is not None) == disabled:
            return
        before = _snapshot(person)
        person.disabled_at = now if disabled else None
        if disabled:
            sessions.end_all(session, person.id, now, "disabled")
        kind = "person_disabled" if disabled else "person_enabled"
        _note(session, kind, now, viewer, person, before, _snapshot(person))


def reset_password(viewer: Viewer, person_id: int, now: datetime) -> str:
    """Give a person a one-time password; returns it, once. Ends their sessions."""
    _admin(viewer)
    password = passwords.one_time()
    secret = passwords.hashed(password)
    with store.write(SYSTEM) as session:
        person = _theirs(session, viewer, person_id)
        set_password(session, person, secret, now)
        person.must_change, person.failures, person.locked_until = True, 0, None
        sessions.end_all(session, person.id, now, "password_reset")
        _note(session, "password_reset", now, viewer, person)
    return password


def unlock(viewer: Viewer, person_id: int, now: datetime) -> None:
    """Lift the lock that misses brought."""
    with store.write(SYSTEM) as session:
        person = _theirs(session, viewer, person_id)
        person.failures, person.locked_until = 0, None
        sign_in.clear_misses(session, person.login)
        _note(session, "unlock", now, viewer, person)


def end_sessions(viewer: Viewer, person_id: int, now: datetime) -> int:
    """End every session of a person; returns how many there were."""
    with store.write(SYSTEM) as session:
        person = _theirs(session, viewer, person_id)
        ended = sessions.end_all(session, person.id, now, "ended_by_admin")
        _note(session, "sessions_ended", now, viewer, person, after={"sessions": ended})
    return ended


# --- who may, and what is written down


def _admin(viewer: Viewer) -> None:
    if not viewer.has(Role.ADMIN):
        raise NotAllowed(NO_RIGHT)


def _below(viewer: Viewer, unit: int) -> bool:
    return viewer.unit <= unit <= last_below(viewer.unit)


def _theirs(session: Session, viewer: Viewer, person_id: int) -> m.Person:
    _admin(viewer)
    person = session.get(m.Person, person_id, with_for_update=True)
    if person is None or not _below(viewer, person.unit_code):
        raise NotFound(NOT_HERE)
    return person


def _problems(session: Session, wanted: NewPerson) -> dict[str, str]:
    login = wanted.login.strip()
    found: dict[str, str] = {}
    if not (3 <= len(login) <= 40 and login.isascii() and login.replace("_", "a").isalnum()):
        found["login"] = "账号须为 3 至 40 个字母、数字或下划线"
    elif session.scalar(select(m.Person.id).where(m.Person.login == login)):
        found["login"] = f"账号 {login} 已有人使用，请换一个"
    if not 1 <= len(wanted.name.strip()) <= 40:
        found["name"] = "请填写姓名（不超过 40 字）"
    if session.get(m.Unit, wanted.unit) is None:
        found["unit"] = "请选择单位"
    problem = _role_problem(wanted.roles)
    return found | ({"roles": problem} if problem else {})


def _role_problem(roles: frozenset[Role]) -> str:
    if not roles:
        return "请至少选择一个角色"
    for pair in EXCLUSIVE:
        if pair <= roles:
            names = "与".join(sorted(role.label for role in pair))
            return f"{names}不能由同一人担任"
    return ""


def _snapshot(person: m.Person) -> dict[str, object]:
    return {"roles": sorted(roles_of(person)), "disabled": person.disabled_at is not None}


def _note(
    session: Session, kind: str, now: datetime, viewer: Viewer, person: m.Person,
    before: dict[str, object] | None = None, after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    facts: dict[str, object] = {"person": person.id, "login": person.login}
    facts |= {"before": before} if before else {}
    facts |= {"after": after} if after else {}
    trace.record(session, kind, now, viewer=viewer, data=facts)


def _future(when: datetime | None, now: datetime) -> datetime | None:
    return when if when and when > now else None
