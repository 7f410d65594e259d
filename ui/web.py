"""The web side of the application: what `app.py` hands to Streamlit's server."""

import asyncio
import gc
import importlib
import logging
import pkgutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.errors import BadRules, Refused
from services import clock, downloads, health, passwords
from settings import BadSettings, settings
from ui import field_routes, log, query_form, sign_in_form, web_routes
from ui.failures import Failures, broken
from ui.gate import Gate

COLLECT_EVERY = 60.0  # seconds
HEAVY = ("pandas", "altair", "streamlit.elements.vega_charts", "streamlit.elements.arrow")
QUIET = "streamlit.runtime.scriptrunner_utils.script_run_context"
WARM = ("services", "ui", "documents", "scoring")


def prepare() -> None:
    """Check what must be right before serving; a fault is one clear sentence and exit code 2."""
    try:
        log.set_up(settings().log_level)
        health.ready()
    except (BadSettings, BadRules, Refused) as error:
        _give_up(str(error))


def _give_up(words: str) -> None:
    sys.stderr.write(f"不能启动：{words}\n")
    raise SystemExit(2)


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Import what is heavy, freeze it out of garbage collection, and collect on a timer."""
    await asyncio.to_thread(_warm)
    await asyncio.to_thread(_sweep)
    _send_at_once()
    gc.collect()
    gc.freeze()
    collecting = asyncio.create_task(_collect())
    log.note("started", address=settings().address, port=settings().port, demo=settings().demo)
    try:
        yield
    finally:
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting


def _warm() -> None:
    for name in HEAVY:
        importlib.import_module(name)
    for room in WARM:
        package = importlib.import_module(room)
        for found in pkgutil.iter_modules(package.__path__, f"{room}."):
            if not found.ispkg and found.name not in ("ui.router", "services.__main__"):
                importlib.import_module(found.name)
    # The package that hashes passwords draws components, outside any page, when it is imported.
    logging.getLogger(QUIET).setLevel(logging.ERROR)
    passwords.dummy()


def _send_at_once() -> None:
    """Turn off Nagle's delay, which adds 40 ms to most reruns, for all connections to come.

    asyncio does it by itself only for sockets that name TCP, and Streamlit's does not.
    """
    for found in gc.get_objects():
        if type(found) is socket.socket and found.fileno() >= 0 and _listens(found):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _listens(found: socket.socket) -> bool:
    internet = found.family in (socket.AF_INET, socket.AF_INET6)
    return internet and bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


async def _collect() -> None:
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        gc.collect()
        await asyncio.to_thread(_sweep)


def _sweep() -> None:
    """Remove files nobody fetched; what fails is tried again at the next turn."""
    now = clock.now()
    try:
        downloads.sweep(now)
        downloads.sweep_folder(now)
    except Exception as error:  # noqa: BLE001  the timer must go on
        log.incident(error)


def healthz(_request: Request) -> Response:
    """Whether the database answers and stands at the newest migration."""
    found = health.look()
    status = "ok" if found.good else "bad"
    state = {"status": status, "database": found.database, "migrations": found.migrations}
    return JSONResponse(state, 200 if found.good else 503)


routes = [Route("/healthz", healthz), *sign_in_form.routes, *query_form.routes,
          *field_routes.routes, *web_routes.routes]  # fmt: skip
middleware = [Middleware(Failures), Middleware(Gate)]
exception_handlers = {Exception: broken}
