"""What no route caught: an incident in the log, a sentence with its number, and nothing more.

It ends here: the server would write the stack again, with the values of a statement in it.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ui import log, templates
from ui.errors import SORRY

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class Failures:
    """ASGI middleware around everything else."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Run the rest; an error becomes an answer where none has begun."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  the edge
            await _end(scope, receive, send, error, begun)


async def _end(
    scope: MutableMapping[str, Any], receive: Receive, send: Send, error: Exception, begun: bool
) -> None:
    if scope["type"] == "websocket":
        log.incident(error, path=scope["path"])
        with suppress(RuntimeError, OSError):  # the browser may have gone first
            await send({"type": "websocket.close", "code": 1011})
        return
    answer = broken(Request(scope), error)
    if not begun:
        await answer(scope, receive, send)


def broken(request: Request, error: Exception) -> Response:
    """What a person sees when a route failed: a sentence and the incident's number."""
    number = log.incident(error, path=request.url.path)
    return HTMLResponse(templates.message("系统出错", SORRY.format(number)), 500)
