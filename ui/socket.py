"""A web socket that lives no longer than its session."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

EVERY = 2.0  # seconds between looks at a silent socket
SIGNED_OUT = 4401


async def guarded(
    app: App, scope: MutableMapping[str, Any], receive: Receive, send: Send,
    alive: Callable[[], Awaitable[bool]], active: Callable[[], Awaitable[None]],
) -> None:  # fmt: skip
    """Run `app` over a socket that is cut when `alive` says no: at every message and on silence.

    `active` is called for messages a person caused: not for a page that refreshes by itself, and
    not for the first run of a socket, which a browser left alone asks for after every break.
    """
    cut, begun = asyncio.Event(), False

    async def watch() -> None:
        while await alive():
            await asyncio.sleep(EVERY)
        cut.set()

    async def hear() -> Message:
        nonlocal begun
        message = await _first(receive, cut)
        if message["type"] == "websocket.receive":
            if cut.is_set() or not await alive():
                cut.set()
                return {"type": "websocket.disconnect", "code": SIGNED_OUT}
            if by_person(message):
                if begun:
                    await active()
                begun = True
        return message

    async def say(message: Message) -> None:
        if not cut.is_set():
            await send(message)

    async def close() -> None:
        await cut.wait()
        with suppress(RuntimeError, OSError):  # the browser may have gone first
            await send({"type": "websocket.close", "code": SIGNED_OUT})

    watchers = [asyncio.create_task(watch()), asyncio.create_task(close())]
    try:
        await app(scope, hear, say)
        if cut.is_set():
            await watchers[1]
    finally:
        for task in watchers:
            task.cancel()


async def _first(receive: Receive, cut: asyncio.Event) -> Message:
    """The next message, or a disconnection as soon as the socket is cut."""
    getting = asyncio.ensure_future(receive())
    cutting = asyncio.ensure_future(cut.wait())
    try:
        await asyncio.wait({getting, cutting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        cutting.cancel()
    if getting.done():
        return getting.result()
    getting.cancel()
    return {"type": "websocket.disconnect", "code": SIGNED_OUT}


def by_person(message: Message) -> bool:
    """Whether a message came from a person's hand; a page's own refreshing is not activity."""
    data = message.get("bytes")
    if not data:
        return True
    if len(data) > 65536:
        return True
    back = BackMsg()
    back.ParseFromString(data)
    kind = back.WhichOneof("type")
    return kind == "rerun_script" and not back.rerun_script.is_auto_rerun
