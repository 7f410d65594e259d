"""A small office for service tests: every unit, a few people, and shorthand for their steps."""

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from db import models as m
from db.migrate import upgrade
from db.session import close_all
from domain.people import Role, Viewer
from domain.scope import SYSTEM
from intake.model import Incoming, Petitioner
from services import keys
from services.registration import Registered, register
from services.steps import take_step
from services.store import read, write
from services.vocabulary import divisions
from settings import settings

NOW = datetime(2026, 11, 23, 10, 0)
# login: role, unit, id
STAFF = {
    "province_clerk": ("clerk", 320000),
    "province_supervisor": ("supervisor", 320000),
    "auditor": ("auditor", 320000),
    "admin": ("admin", 320000),
    "nj_clerk": ("clerk", 320100),
    "nj_reviewer": ("reviewer", 320100),
    "xw_clerk": ("clerk", 320102),
    "xw_handler": ("handler", 320102),
    "xw_reviewer": ("reviewer", 320102),
    "sz_clerk": ("clerk", 320500),
    "sz_handler": ("handler", 320500),
}


def viewer(login: str) -> Viewer:
    """The viewer of a person of the office."""
    role, unit = STAFF[login]
    number = list(STAFF).index(login) + 1
    return Viewer(number, login, unit, str(unit), frozenset({Role(role)}))


_prepared: dict[str, str] = {}  # kind of database → a prepared one to copy


def prepare() -> None:
    """Fill the empty database of the settings with the office; built once, then copied."""
    url = make_url(settings().database_url)
    keys.create(settings().key_file)
    settings().key_file.write_text("07" * 32)
    kind = url.get_backend_name()
    if kind not in _prepared:
        _build()
        close_all()
        _prepared[kind] = _kept(url)
    else:
        _copied(url, _prepared[kind])


def _kept(url: URL) -> str:
    assert url.database
    if url.get_backend_name() == "sqlite":
        kept = str(Path(tempfile.mkdtemp()) / "office.sqlite3")
        shutil.copy(url.database, kept)
        return kept
    _copied(url.set(database="office_kept"), url.database)
    return "office_kept"


def _copied(url: URL, source: str) -> None:
    assert url.database
    if url.get_backend_name() == "sqlite":
        shutil.copy(source, url.database)
        return
    door = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(door.render_as_string(False), autocommit=True) as connection:
        connection.execute(f"drop database if exists {url.database} with (force)")
        connection.execute(f"create database {url.database} template {source}")


def _build() -> None:
    upgrade(settings().database_url)
    with write(SYSTEM) as session:
        for row in divisions():
            code, level = int(row["code"]), row["level"]
            parent = {"province": None, "city": 320000, "county": code // 100 * 100}[level]
            session.add(
                m.Unit(
                    code=code, name=row["name"] + "生态环境局", division=row["name"], level=level,
                    short_name=row["short_name"], parent_code=parent, pinyin="", initials="",
                    lon=row["lon"], lat=row["lat"],
                )
            )  # fmt: skip
            session.flush()
        for login, (role, unit) in STAFF.items():
            session.add(
                m.Person(
                    id=viewer(login).person_id, login=login, name=login, unit_code=unit,
                    password_hash="", password_set_at=NOW, created_at=NOW,
                    roles=[m.PersonRole(role=role)],
                )
            )  # fmt: skip


PETITIONER = Petitioner("张三丰", "13812345678", "", "南京市玄武区梅园新村街道1号")
INCOMING = Incoming(
    received_at=datetime(2026, 11, 20, 9, 0), channel="phone", subchannel="bureau_phone",
    title="化工厂恶臭扰民", content="夜间恶臭，无法开窗", demands=("停止排放", "公开监测结果"),
    division=320102, address="梅园新村街道", longitude=118.84, latitude=32.06,
    subject="某化工有限公司",
    categories=("A01",), industry="chemicals", repeat=False, urgency="normal",
    petitioner=PETITIONER,
)  # fmt: skip


def enter(login: str = "nj_clerk", now: datetime = NOW, **changes: Any) -> Registered:
    """Register the usual incoming with changes."""
    return register(viewer(login), replace(INCOMING, **changes), now)


class Walk:
    """Takes steps on one case, a minute apart, each at the version the case has."""

    def __init__(self, case_id: int, now: datetime = NOW) -> None:
        self.case_id, self.now = case_id, now

    def step(self, login: str, key: str, **data: Any) -> "Walk":
        """One step by a person."""
        self.now += timedelta(minutes=1)
        take_step(viewer(login), self.case_id, key, data, self.now, version=self.version,
                  token=secrets.token_hex(8))  # fmt: skip
        return self

    @property
    def case(self) -> m.Case:
        """The case as stored."""
        with read(SYSTEM) as session:
            return session.get_one(m.Case, self.case_id)

    @property
    def version(self) -> int:
        """The version the case has now."""
        return self.case.version

    def stored(self, table: Any, make: Callable[[Any], Any]) -> list[Any]:
        """The rows of the case in a table, each as `make` gives it."""
        with read(SYSTEM) as session:
            rows = session.query(table).filter(table.case_id == self.case_id).order_by(table.id)
            return [make(row) for row in rows]

    def to_handling(self) -> "Walk":
        """From registration in 南京 to 办理中 in 玄武, accepted."""
        self.step("nj_clerk", "classify", route="procedure")
        self.step("nj_clerk", "assign", to=320102).step("xw_clerk", "sign")
        return self.step("xw_handler", "accept", simple=False)

    def to_approval(self, *findings: str) -> "Walk":
        """On to 待审核 with a finding for each demand."""
        found = {str(n): finding for n, finding in enumerate(findings, 1)}
        return self.step("xw_handler", "conclude", findings=found, measures=["order_correct"],
                         facts="现场检查属实")  # fmt: skip
