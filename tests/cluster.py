"""A throw-away PostgreSQL for tests: `python tests/cluster.py start|stop DIR`, or from conftest."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def binaries() -> Path:
    """The folder of initdb and pg_ctl, newest version first, or a word on what to install."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if versions:
        return versions[-1]
    found = shutil.which("initdb")
    if found is None:
        raise SystemExit("未找到 PostgreSQL：请安装 postgresql 软件包，或设置 TEST_POSTGRES_URL。")
    return Path(found).resolve().parent


def _as_owner(*command: str | Path) -> None:
    """PostgreSQL refuses to run as root, so root steps down to the package's own user."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)], capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode:
        raise SystemExit(f"PostgreSQL 命令失败：{command}\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path) -> str:
    """Start a cluster of its own in an empty folder and return its SQLAlchemy address."""
    bin_, port, password = binaries(), _free_port(), secrets.token_hex(16)
    secret = home / "password"
    secret.write_text(password, encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        shutil.chown(secret, "postgres")
    _as_owner(
        bin_ / "initdb", "-D", home / "data", "-U", "tester", "-A", "scram-sha-256",
        "--pwfile", secret, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    listen = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home}"
    log = home / "log"
    _as_owner(
        bin_ / "pg_ctl", "-D", home / "data", "-l", log, "-w", "-o", f"{listen} {SPEED}", "start"
    )
    return f"postgresql+psycopg://tester:{password}@127.0.0.1:{port}/postgres"


def stop(home: Path) -> None:
    """Stop the cluster and remove its folder."""
    _as_owner(binaries() / "pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(home)


def new_home() -> Path:
    """An empty folder with a short path: a unix socket's name may not be long."""
    return Path(tempfile.mkdtemp(prefix="xf-pg-", dir="/tmp"))


if __name__ == "__main__":
    verb, folder = sys.argv[1], Path(sys.argv[2])
    if verb == "start":
        sys.stdout.write(start(folder))
    else:
        stop(folder)
