"""A database of a few people in a temporary folder, pages under AppTest, and a real server."""

import csv
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import bcrypt
import httpx
import pytest
from streamlit.testing.v1 import AppTest

from db import models as m
from db.migrate import upgrade
from domain.people import Role, level_of
from domain.scope import SYSTEM
from services import clock, keys, sessions, store
from settings import settings

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "Right-Pass-2026"
# Cheap on purpose: what is tested is who gets in, not how slow the hash is.
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
# login → name, unit, roles
PEOPLE: dict[str, tuple[str, int, tuple[Role, ...]]] = {
    "nj_clerk": ("宁小登", 320100, (Role.CLERK,)),
    "sz_handler": ("苏小承", 320500, (Role.HANDLER,)),
    "province": ("省小督", 320000, (Role.SUPERVISOR, Role.ASSESSOR)),
    "leader": ("省小领", 320000, (Role.LEADER,)),
    "auditor": ("省小纪", 320000, (Role.AUDITOR,)),
    "admin": ("省小管", 320000, (Role.ADMIN,)),
    "nobody": ("无角色", 320000, ()),
}


@contextmanager
def surroundings(folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """The environment of an installation in `folder`, with the settings read anew."""
    wanted = {
        "XF_DATA_DIR": str(folder),
        "XF_DEMO": "0",
        "DATABASE_URL": f"sqlite:///{folder / 'test.sqlite3'}",
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(name, value)
        settings.cache_clear()
        sessions.forget()
        try:
            yield wanted
        finally:
            settings.cache_clear()
            sessions.forget()


def furnish() -> None:
    """Schema, key, units and people of the installation the settings name."""
    folder = settings().data_dir
    folder.mkdir(parents=True, exist_ok=True)
    if not settings().key_file.exists():
        keys.create(settings().key_file)
    upgrade(settings().database_url)
    with store.write(SYSTEM) as session:
        session.add_all(_units())
        session.flush()
        session.add_all(_people(clock.now()))


def _units() -> list[m.Unit]:
    with (ROOT / "assets" / "divisions.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["code"])
    return [
        m.Unit(
            code=int(row["code"]), name=f"{row['name']}生态环境局", division=row["name"],
            short_name=row["short_name"], level=str(level_of(int(row["code"]))),
            parent_code=_parent(int(row["code"])), pinyin="x", initials="x",
            lon=Decimal(row["lon"]), lat=Decimal(row["lat"]),
            population_wan=None,
        )
        for row in sorted(rows, key=lambda row: (-_zeros(row["code"]), row["code"]))
    ]  # fmt: skip


def _zeros(code: str) -> int:
    return len(code) - len(code.rstrip("0"))


def _parent(code: int) -> int | None:
    if code % 10000 == 0:
        return None
    return code // 10000 * 10000 if code % 100 == 0 else code // 100 * 100


def _people(now: datetime) -> list[m.Person]:
    return [
        m.Person(
            login=login, name=name, unit_code=unit, password_hash=HASH, password_set_at=now,
            must_change=False, created_at=now, demo=False,
            roles=[m.PersonRole(role=str(role)) for role in roles],
        )
        for login, (name, unit, roles) in PEOPLE.items()
    ]  # fmt: skip


def let_in(login: str, ip: str = "127.0.0.1") -> str:
    """A session for a person without the form; returns its token."""
    from sqlalchemy import select

    with store.write(SYSTEM) as session:
        person = session.scalars(select(m.Person).where(m.Person.login == login)).one()
        return sessions.open_session(session, person, ip, "test", clock.now())


def as_person(app: AppTest, login: str | None) -> AppTest:
    """The app as this person sees it; None is a stranger."""
    if login is None:
        app.user = {"uid": None, "sid": None}
        return app
    sid = sessions.digest(let_in(login))
    found = sessions.standing(sid, clock.now())
    assert found is not None
    app.user = {"uid": str(found.viewer.person_id), "sid": sid}
    return app


def open_as(page: str, login: str | None, timeout: float = 30) -> AppTest:
    """Run `pages/<page>.py` alone as this person."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=timeout)
    return as_person(app, login).run()


@dataclass(frozen=True)
class Server:
    """A running server and its installation."""

    url: str
    port: int
    folder: Path
    log: Path
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """A browser without cookies yet; closed with the test."""
        made = httpx.Client(base_url=self.url, timeout=30, headers={"origin": self.url})
        self.clients.append(made)
        return made

    def close(self) -> None:
        """Close every browser opened so far."""
        while self.clients:
            self.clients.pop().close()

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Client:
        """A browser that signed in through the form."""
        client = self.client()
        answer = client.post("/login", data={"login": login, "password": password})
        assert answer.status_code == 303, answer.text
        return client


def free_port() -> int:
    """A free port of the loopback interface."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(folder: Path, ahead: Path | None = None, **more: str) -> Iterator[Server]:
    """`streamlit run app.py` over a furnished installation, stopped at the end.

    `ahead` is a file with the seconds by which the server's clock is ahead, read at every look.
    """
    with surroundings(folder, **more) as wanted:
        if not (folder / "test.sqlite3").exists():
            furnish()
        port, log = free_port(), folder / "server.log"
        command = [
            sys.executable, "-m", *(["tests.later", str(ahead)] if ahead else ["streamlit"]),
            "run", str(ROOT / "app.py"),
            "--server.port", str(port), "--server.address", "127.0.0.1",
        ]  # fmt: skip
        with log.open("ab") as out:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **wanted, "PORT": str(port)},
                stdout=out, stderr=out,
            )  # fmt: skip
        try:
            found = Server(f"http://127.0.0.1:{port}", port, folder, log)
            _wait_for(found, process)
            yield found
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(server: Server, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(server.log.read_text())
        try:
            if httpx.get(f"{server.url}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(server.log.read_text())


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Path]:
    """An installation of its own for one test."""
    with surroundings(tmp_path):
        furnish()
        yield tmp_path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for the tests of a file."""
    with serving(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def server(running: Server, own_environment: None) -> Iterator[Server]:
    """The file's server, with this process looking at the same installation."""
    with surroundings(running.folder):
        yield running
    running.close()
