"""Preparing a real installation: schema, key, units, the first administrator; no demonstration."""

import os
import re
import sys
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import migrate
from db import models as m
from domain.errors import Refused
from domain.people import Role
from domain.scope import SYSTEM
from services import keys, passwords, trace
from services.folder import own
from services.store import write
from services.units import write_units
from settings import load, settings

PROVINCE = 320000
LOGIN = re.compile(r"[a-z][a-z0-9_.-]{2,39}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What setup has done. `password` is the one-time password, shown this once or empty."""

    key_made: bool
    units_added: int
    login: str
    password: str


def prepare(login: str, name: str, now: datetime) -> Prepared:
    """Bring an installation up; whatever stands already is left as it is.

    Raises `Refused` in a demonstration, for a login that is none, and when the key of a
    database that holds data is missing: a new key could not open what the old one sealed.
    """
    if not LOGIN.fullmatch(login):
        raise Refused(
            f"账号“{login}”不合要求：3 至 40 个字符，小写字母开头，只含小写字母、数字和 _ . -"
        )
    here = settings()
    if here.demo:
        raise Refused("这是演示环境，请用 python -m services setup 并不要设置 XF_DEMO=1")
    own(here.data_dir)
    migrate.upgrade(here.database_url)
    made = _key()
    with write(SYSTEM) as session:
        added = write_units(session)
        password = _administrator(session, login, name, now)
        if made or added or password:
            data = {"units": added, "key": made, "administrator": login if password else ""}
            trace.record(session, "setup", now, data=data)
        trace.checkpoint(session, now)
    return Prepared(made, added, login, password)


def _key() -> bool:
    """Whether the key had to be made; its mode is 600."""
    path = settings().key_file
    if path.exists():
        if path.stat().st_mode & 0o077:
            raise Refused(f"密钥文件 {path} 可被他人读取，请执行 chmod 600 {path}")
        keys.keys()  # refuses a file that holds no key
        return False
    with write(SYSTEM) as session:
        sealed = session.scalar(select(func.count()).select_from(m.Event.__table__))
    if sealed:
        raise Refused(f"数据库中已有数据，但找不到密钥文件 {path}；请从备份恢复密钥文件，不能另建")
    keys.create(path)
    return True


def _administrator(session: Session, login: str, name: str, now: datetime) -> str:
    """The one-time password of a first administrator; empty when there is one already."""
    people, roles = m.Person.__table__, m.PersonRole.__table__
    query = select(people.c.id).join(roles, roles.c.person_id == people.c.id)
    standing = query.where(roles.c.role == Role.ADMIN.value, people.c.disabled_at.is_(None))
    if session.execute(standing.limit(1)).first():
        return ""
    if session.execute(select(people.c.id).where(people.c.login == login)).first():
        raise Refused(f"账号“{login}”已有人使用，请用 --login 另取一个")
    password = passwords.one_time()
    person = m.Person(
        login=login, name=name, unit_code=PROVINCE, password_hash=passwords.hashed(password),
        password_set_at=now, must_change=True, created_at=now,
        roles=[m.PersonRole(role=Role.ADMIN.value)],
    )  # fmt: skip
    session.add(person)
    session.flush()
    return password


def for_installation() -> None:
    """Settle that this process prepares an installation and no demonstration."""
    if os.environ.get("XF_DEMO", "").strip().lower() in ("1", "yes", "true", "on"):
        raise Refused("环境变量 XF_DEMO 要求演示环境，与安装准备相矛盾；请先去掉它")
    load(demo=False)
    os.environ["XF_DEMO"] = "0"
    settings.cache_clear()


def main() -> int:
    """`python -m services.setup` is `python -m services setup`."""
    from services.__main__ import main as door

    return door(["setup", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
