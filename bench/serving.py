"""A real server on a free port of this machine, and people signed in to it over HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.bed import Bed, surroundings
from services.demo import PASSWORD
from settings import ROOT


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    base: str
    pid: int

    def sign_in(self, login: str) -> str:
        """The cookie of a person who signed in through the form."""
        answer = httpx.post(
            f"{self.base}/login", data={"login": login, "password": PASSWORD},
            headers={"origin": self.base}, timeout=60,
        )  # fmt: skip
        if answer.status_code != 303:
            raise RuntimeError(f"{login}: {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Memory it holds."""
        status = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
        return int(status[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def serving(bed: Bed, script: str = "app.py", health: str = "/healthz") -> Iterator[Server]:
    """`streamlit run` over a database, stopped at the end."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    log = bed.home / "server.log"
    command = [
        sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port),
        "--server.address", "127.0.0.1",
    ]  # fmt: skip
    wanted = {**os.environ, **surroundings(bed.home, bed.url), "PORT": str(port)}
    wanted["PYTHONPATH"] = str(ROOT)
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=wanted, stdout=out, stderr=out)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base + health, process, log)
        yield Server(base, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(log.read_text(encoding="utf-8"))
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"no server at {address}: {log.read_text(encoding='utf-8')}")
