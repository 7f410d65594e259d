"""Our own small routes: the frame's style and script, who I am, and one-use files."""

from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from domain.errors import Refused
from services import clock, downloads
from services.sessions import Standing
from ui import templates

STATIC = Path(__file__).resolve().parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".png": "image/png"}
ASSETS = ("frame.css", "work.css", "frame.js", "sign_in.css", "sign_in.js", "query.css",
          "field.css", "field.js", "field_outbox.js", "field_parts.js", "field_store.js",
          "favicon.png")  # fmt: skip


def asset(request: Request) -> Response:
    """One of the few files the frame and the sign-in page are made of."""
    name = request.path_params.get("name", "favicon.png")
    if name not in ASSETS:
        return PlainTextResponse("没有这个文件", 404)
    path = STATIC / name
    data = path.read_bytes()
    return Response(data, media_type=KINDS[path.suffix], headers={"cache-control": "no-cache"})


def whoami(request: Request) -> Response:
    """Answered for a live session only; the gate answers 401 for others."""
    return JSONResponse({"signed_in": True})


def file(request: Request) -> Response:
    """A kept file, once, for the session it was made for; anything else is 404."""
    standing: Standing = request.state.standing
    try:
        taken = downloads.take(request.path_params["token"], standing.viewer, clock.now())
    except Refused as error:
        return HTMLResponse(templates.message("文件不可用", str(error)), 404)
    headers = {"content-disposition": disposition(taken.name, inline=taken.inline)}
    return Response(taken.data, media_type=taken.mime, headers=headers)


def disposition(name: str, *, inline: bool) -> str:
    """The Content-Disposition of a name in any language (RFC 6266)."""
    kind = "inline" if inline else "attachment"
    suffix = Path(name).suffix
    plain = f"file{suffix}" if suffix.isascii() and suffix[1:].isalnum() else "file"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


routes = [
    Route("/assets/{name}", asset),
    Route("/favicon.png", asset),
    Route("/whoami", whoami),
    Route("/files/{token}", file, methods=["GET"]),
]
