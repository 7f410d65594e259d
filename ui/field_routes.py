"""The phone page's own routes: its shell, today's visits as data, photos and steps coming in.

What comes in may come again (docs/decisions/0008): a photo by its key and a step by its token are
the same however often they are sent. A refusal is JSON with a sentence; the gate's own answers,
which say nothing about what was sent, are plain text.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from domain.errors import Crowded, Invalid, NotAllowed, NotFound, Refused, Stale
from domain.people import Role, Viewer
from domain.table import BY_KEY
from services import clock, photos, visits
from services.fields import Kind
from services.records import fields_of
from services.visits import Visit
from settings import settings
from ui import reads
from ui.web_routes import STATIC

LARGEST = 200_000  # bytes of a record
OTHER = "这条记录是另一位人员在本机填写的，请由本人登录后上传"
ODD = "提交的内容不完整，请刷新页面后重试"
STATUS: tuple[tuple[type[Refused], int], ...] = (
    (Invalid, 422), (Stale, 409), (NotFound, 404), (NotAllowed, 403),
    (Crowded, 503),  # the phone tries again, as after no answer
    (Refused, 400),
)  # fmt: skip
FORM = BY_KEY["investigate"]


class _TooLarge(Exception):
    """More was sent than is taken."""


def shell(_request: Request) -> Response:
    """The page without any data: a phone keeps it and opens it without a connection."""
    return FileResponse(STATIC / "field.html", media_type="text/html")


def worker(_request: Request) -> Response:
    """The script that keeps the shell; from here it reaches /field/ and nothing else."""
    return FileResponse(STATIC / "field_worker.js", media_type="text/javascript")


def today(request: Request) -> Response:
    """Who this is, the visits of the unit, and the form of an investigation."""
    viewer, now = _viewer(request), clock.now()
    try:
        found = visits.of_unit(viewer, now.date())
    except Refused as error:
        return _refused(error)
    me = {"id": viewer.person_id, "name": viewer.name, "unit": viewer.unit_name,
          "handler": viewer.has(Role.HANDLER)}  # fmt: skip
    return JSONResponse(
        {"me": me, "at": f"{now:%m-%d %H:%M}", "most": settings().max_upload_bytes,
         "form": _form(), "visits": [_shown(one) for one in found]}
    )  # fmt: skip


def _form() -> list[dict[str, Any]]:
    return [
        {"key": r.key, "label": r.label, "kind": r.kind.name.lower(), "help": r.help,
         "limit": r.limit, "needed": needed}
        for r, needed in fields_of(FORM)
    ]  # fmt: skip


def _shown(one: Visit) -> dict[str, Any]:
    point = (
        [float(one.lon), float(one.lat)] if one.lon is not None and one.lat is not None else None
    )
    return {
        "id": one.id, "on": one.on.isoformat(), "note": one.note,
        "done": f"{one.done_at:%H:%M}" if one.done_at else "", "case": one.case_id, "no": one.no,
        "title": one.title, "subject": one.subject, "place": reads.place(one.place),
        "address": one.address, "point": point, "status": one.status.label,
        "version": one.version, "steps": one.steps, "photos": one.photos,
        "demands": [{"ordinal": ordinal, "text": text} for ordinal, text in one.demands],
    }  # fmt: skip


async def photo(request: Request) -> Response:
    """Keep a photo: the bytes are the body, what is told of it is in the address."""
    return await _taken(request, settings().max_upload_bytes, _photo)


def _photo(viewer: Viewer, told: Mapping[str, str], body: bytes) -> dict[str, Any]:
    made = photos.keep(
        viewer, _whole(told, "case"), body, told.get("key", ""), clock.now(),
        taken_at=_moment(told.get("taken", "")), lon=_degrees(told, "lon"),
        lat=_degrees(told, "lat"),
    )  # fmt: skip
    return {"photo": made}


async def step(request: Request) -> Response:
    """Sign a case or record an investigation: JSON of its values, the rest in the address."""
    return await _taken(request, LARGEST, _step)


def _step(viewer: Viewer, told: Mapping[str, str], body: bytes) -> dict[str, Any]:
    token = told.get("key", "")
    if not photos.KEY.fullmatch(token):
        raise Refused(ODD)
    version = visits.act(
        viewer, _whole(told, "case"), told.get("step", ""), _values(body), clock.now(),
        version=_whole(told, "version"), token=token,
    )  # fmt: skip
    return {"version": version}


def _values(body: bytes) -> dict[str, Any]:
    """The typed values by field: texts, and ordinal → text where each demand has its own."""
    try:
        given = json.loads(body or b"{}", object_hook=_writable)
    except (ValueError, RecursionError) as error:
        raise Refused(ODD) from error
    if not isinstance(given, dict):
        raise Refused(ODD)
    out: dict[str, Any] = {}
    for record, _ in fields_of(FORM):
        value = given.get(record.key)
        fits = isinstance(value, dict if record.kind is Kind.NOTES else str)
        if value is not None and not fits:
            raise Refused(ODD)
        out[record.key] = value
    return out


def _writable(given: dict[str, Any]) -> dict[str, Any]:
    """Texts as every database takes them: no half of a sign that was cut in two, no zero sign."""
    return {
        key: value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
        if isinstance(value, str)
        else value
        for key, value in given.items()
    }


Taking = Callable[[Viewer, Mapping[str, str], bytes], dict[str, Any]]


async def _taken(request: Request, most: int, take: Taking) -> Response:
    viewer, told = _viewer(request), request.query_params
    if told.get("person") != str(viewer.person_id):
        return PlainTextResponse(OTHER, 403)
    try:
        body = await _body(request, most)
        return JSONResponse(await run_in_threadpool(take, viewer, told, body))
    except _TooLarge:
        return JSONResponse({"error": f"内容超过 {most // 1024:,} KB，请缩小后再上传"}, 413)
    except Refused as error:
        return _refused(error)


async def _body(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)


def _viewer(request: Request) -> Viewer:
    viewer: Viewer = request.state.standing.viewer
    return viewer


def _refused(error: Refused) -> Response:
    code = next(code for kind, code in STATUS if isinstance(error, kind))
    problems = error.problems if isinstance(error, Invalid) else {}
    return JSONResponse({"error": str(error), "problems": problems}, code)


def _whole(told: Mapping[str, str], name: str) -> int:
    text = told.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(ODD)
    return int(text)


def _moment(text: str) -> datetime | None:
    """When a device says it was, from milliseconds since 1970; None where it says nothing."""
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        return None
    return datetime.fromtimestamp(int(text) // 1000, clock.ZONE).replace(tzinfo=None)


def _degrees(told: Mapping[str, str], name: str) -> Decimal | None:
    text = told.get(name, "")
    try:
        found = Decimal(text) if text else None
    except InvalidOperation as error:
        raise Refused(ODD) from error
    if found is None:
        return None
    if not found.is_finite() or abs(found) >= 1000:
        raise Refused(ODD)
    return found.quantize(Decimal("0.00001"))


routes = [
    Route("/field/visit", shell, methods=["GET"]),
    Route("/field/worker.js", worker, methods=["GET"]),
    Route("/field/visits", today, methods=["GET"]),
    Route("/field/photos", photo, methods=["POST"]),
    Route("/field/steps", step, methods=["POST"]),
]
