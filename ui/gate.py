"""The gate before everything: no path answers without a session but sign-in and health."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from services import clock, sessions
from services.sessions import Standing
from settings import settings
from ui import requests, shell, templates
from ui.navigation import PLANNED
from ui.socket import guarded

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PAGE_PATHS = frozenset({"/", *(f"/{spec.key}" for spec in PLANNED)})
# What the sign-in page itself is made of.
OPEN = frozenset(
    {
        "/login", "/healthz", "/assets/sign_in.css", "/assets/sign_in.js", "/assets/favicon.png",
        "/favicon.png",
        "/app/static/NotoSansSC-Regular.subset.woff2", "/app/static/NotoSansSC-Bold.subset.woff2",
    }
)  # fmt: skip
# What a petitioner asks with a query code, where the installation answers the public.
PUBLIC = frozenset({"/query", "/query/rate", "/assets/query.css"})
# The phone page: a person opens it, the rest is its script's (docs/decisions/0008).
FIELD_PAGE = "/field/visit"
FIELD = frozenset({
    FIELD_PAGE, "/field/worker.js", "/field/visits", "/field/photos", "/field/steps",
})  # fmt: skip
OWN = frozenset({"/logout", "/password", "/whoami"}) | FIELD
INNER = (
    "/assets/", "/files/", "/static/", "/media/", "/component/", "/app/static/",
    "/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/upload_file/",
    "/_stcore/bidi-components/",
)  # fmt: skip
WHILE_CHANGING = frozenset({"/password", "/logout", "/whoami"})
KEPT = ("/static/", "/app/static/", "/assets/", "/component/", "/_stcore/bidi-components/")
SIGN_IN_FIRST = "请先登录。"
CHANGE_FIRST = "请先修改密码。"
FOREIGN = "请求不是从本系统的页面发出的，已拒绝。请回到本系统重新操作。"
NO_SUCH = "没有这个页面。请检查网址，或从左侧菜单进入。"


class Gate:
    """ASGI middleware: who is it, may this path answer them, and the headers of every answer."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let a request through, answer it here, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        sid = sessions.digest(token) if (token := requests.token_of(scope)) else ""
        standing = await standing_of(sid)
        scope = _with_identity(scope, standing)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, standing)
            return
        send = _dressed(scope, send)
        answer = decide(scope, standing)
        let_in = answer is None or _page(scope)
        if standing and let_in and by_hand(scope):
            await run_in_threadpool(sessions.touch, sid, clock.now())
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _socket(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send,
        standing: Standing | None,
    ) -> None:  # fmt: skip
        fits = scope["path"] == "/_stcore/stream" and requests.socket_allowed(scope)
        if standing is None or standing.must_change or not fits:
            await send({"type": "websocket.close", "code": 1008})  # 403 before it opens
            return
        sid = standing.viewer.session

        async def alive() -> bool:
            found = await standing_of(sid)
            return found is not None and not found.must_change

        async def active() -> None:
            await run_in_threadpool(sessions.touch, sid, clock.now())

        await guarded(self.app, scope, receive, send, alive, active)


async def standing_of(sid: str) -> Standing | None:
    """The session behind a hash, from the last second's answers or from the database."""
    if not sid:
        return None
    now = clock.now()
    seen = sessions.fresh(sid, now)
    if seen is not None:
        return seen.standing
    return await run_in_threadpool(sessions.standing, sid, now)


def by_hand(scope: MutableMapping[str, Any]) -> bool:
    """Whether a person caused this request: a form sent, or a page opened in the browser.

    A browser that tells says so for a page it opens by itself (Sec-Fetch-User is missing then).
    """
    if scope["method"] not in requests.SAFE:
        return True
    told = requests.header(scope, b"sec-fetch-mode")
    hand = requests.header(scope, b"sec-fetch-user") == "?1" or not told
    opened = _page(scope) or scope["path"] == FIELD_PAGE
    return opened and hand and not requests.header(scope, b"sec-purpose")


def _page(scope: MutableMapping[str, Any]) -> bool:
    reading = scope["method"] in ("GET", "HEAD")
    return reading and (scope["path"].rstrip("/") or "/") in PAGE_PATHS


def decide(scope: MutableMapping[str, Any], standing: Standing | None) -> Response | None:
    """The gate's own answer to a request; None lets it through."""
    path, reading = scope["path"], scope["method"] in ("GET", "HEAD")
    page = _page(scope)
    phone = path == FIELD_PAGE and reading
    if not requests.change_allowed(scope):
        return PlainTextResponse(FOREIGN, 403)
    if path in OPEN or (path in PUBLIC and settings().public_query):
        return None
    if standing is None:
        person = reading and "text/html" in requests.header(scope, b"accept")
        away = page or phone or (person and not path.startswith((*INNER, "/_stcore")))
        return _away(_login(scope)) if away else PlainTextResponse(SIGN_IN_FIRST, 401)
    if standing.must_change and path not in WHILE_CHANGING and not path.startswith("/assets/"):
        return _away("/password") if page or phone else PlainTextResponse(CHANGE_FIRST, 403)
    if page:
        return HTMLResponse(shell.index())
    if path in OWN or path.startswith(INNER):
        return None
    return HTMLResponse(templates.message("没有这个页面", NO_SUCH), 404)


def _away(where: str) -> Response:
    return RedirectResponse(where, 303)


def _login(scope: MutableMapping[str, Any]) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}"


def _with_identity(
    scope: MutableMapping[str, Any], standing: Standing | None
) -> MutableMapping[str, Any]:
    """The request with our identity headers, and none of anybody else's making."""
    headers = [
        (key, value)
        for key, value in scope["headers"]
        if not key.lower().replace(b"_", b"-").startswith(b"x-app-")
    ]
    if standing is not None:
        headers.append((b"x-app-uid", str(standing.viewer.person_id).encode()))
        headers.append((b"x-app-sid", standing.viewer.session.encode()))
    return {**scope, "headers": headers, "state": {**scope.get("state", {}), "standing": standing}}


def _dressed(scope: MutableMapping[str, Any], send: Send) -> Send:
    """Send that adds the security headers to every answer."""
    extra = _security(scope["path"])
    named = {key for key, _ in extra} | {b"access-control-allow-origin"}

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = [pair for pair in message.get("headers", []) if pair[0].lower() not in named]
            message = {**message, "headers": own + extra}
        await send(message)

    return dressed


def _security(path: str) -> list[tuple[bytes, bytes]]:
    found = {
        b"content-security-policy": shell.policy().encode(),
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"same-origin",
        b"permissions-policy": b"camera=(), microphone=(), payment=(), usb=(), geolocation="
        + (b"(self)" if path == FIELD_PAGE else b"()"),
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
    }
    if not path.startswith(KEPT):
        found[b"cache-control"] = b"no-store"
    if settings().secure:
        found[b"strict-transport-security"] = b"max-age=31536000"
    return list(found.items())
