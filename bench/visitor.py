"""A browser without a screen: Streamlit's own messages over its web socket, loopback only."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Origin, Subprotocol

DONE = frozenset({ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY})
PATIENCE = 60.0  # seconds until a run is given up


class Failed(Exception):
    """A run showed an error, or none came."""


class Visitor:
    """One open page: goes to pages, reruns them, and refreshes fragments that ask for it."""

    def __init__(self, base: str, cookie: str = "") -> None:
        found = urlsplit(base)
        if found.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("this client visits this machine only")
        self.base, self.cookie = base, cookie
        self.page, self.query = "", ""
        self.pages: dict[str, str] = {}  # address of a page → its hash
        self.widgets: dict[str, str] = {}  # label of a button → its id
        self.fragments: dict[str, float] = {}  # fragment that refreshes itself → every so often
        self.messages = self.bytes = 0
        self.socket: Any = None

    async def __aenter__(self) -> Self:
        """Open the socket."""
        self.socket = await websockets.connect(
            self.base.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers={"Cookie": self.cookie} if self.cookie else {},
            origin=Origin(self.base), subprotocols=[Subprotocol("streamlit")], max_size=None,
            ping_interval=None,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close it."""
        await self.socket.close()

    async def go(self, page: str, query: Mapping[str, str] | None = None) -> float:
        """Open a page by its address; the seconds it took."""
        self.query, self.fragments = urlencode(query or {}), {}
        back = self._rerun()
        self.page = self.pages.get(page, "")
        if self.page:
            back.rerun_script.page_script_hash = self.page
        else:
            back.rerun_script.page_name = page
        return await self._run(back)

    async def rerun(self) -> float:
        """Run the page once more as it stands."""
        return await self._run(self._rerun())

    async def refresh(self, fragment: str) -> float:
        """Run a fragment whose time has come, as a browser does by itself."""
        back = self._rerun()
        back.rerun_script.fragment_id = fragment
        back.rerun_script.is_auto_rerun = True
        return await self._run(back)

    def _rerun(self) -> BackMsg:
        back = BackMsg()
        back.rerun_script.query_string = self.query
        back.rerun_script.page_script_hash = self.page
        back.rerun_script.context_info.url = self.base
        back.rerun_script.context_info.timezone = "Asia/Shanghai"
        return back

    async def _run(self, back: BackMsg) -> float:
        began = time.perf_counter()
        await self.socket.send(back.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                data = await self.socket.recv()
                self.messages, self.bytes = self.messages + 1, self.bytes + len(data)
                message = ForwardMsg.FromString(data)
                if self._takes(message):
                    return time.perf_counter() - began

    def _takes(self, message: ForwardMsg) -> bool:
        """Note what a message says; True when the run is over."""
        kind = message.WhichOneof("type")
        match kind:
            case "new_session":
                self.page = message.new_session.page_script_hash
            case "navigation":
                self.pages = {
                    page.url_pathname: page.page_script_hash
                    for page in message.navigation.app_pages
                }
                self.page = message.navigation.page_script_hash
            case "auto_rerun":
                self.fragments[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "delta":
                self._see(message)
            case "page_not_found":
                raise Failed("page not found")
            case "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise Failed("the script does not compile")
                return message.script_finished in DONE
        return False

    def _see(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            raise Failed(element.exception.message or element.exception.type)
        if element.WhichOneof("type") == "button":
            self.widgets[element.button.label] = element.button.id
