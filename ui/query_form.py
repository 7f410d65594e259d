"""The routes of the public page: a petitioner asks with a query code, and rates. No sign-in.

Opening the page looks nothing up: a scanned code only fills the field, so that what fetches links
beforehand counts for nothing. A look is a form sent from here. Every answer to one leaves at the
next full beat after it came, so that its time does not tell which codes there are.

The referrer policy stays the gate's `same-origin`, which tells other sites nothing; under
`no-referrer` browsers name no origin with a form, and the gate refuses it.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from domain.errors import Invalid, NotFound, Refused
from services import clock, public_query
from services.public_query import NotRated, TooMany
from ui import posted, query_view
from ui.posted import Busy, Doors
from ui.requests import address_of

AT_ONCE, MOST_WAITING = 2, 20
BEAT = 0.4  # seconds; a look takes a twentieth of it
HEADERS = {"x-robots-tag": "noindex, nofollow, noarchive"}
BUSY = "现在查询的人较多，请稍候再点一次“查询”"
AGAIN = "页面打开太久了，请再点一次“查询”"
THANKS = "评价已收到，谢谢您"


@cache
def _doors() -> Doors:
    return Doors(AT_ONCE, MOST_WAITING)


async def ask(request: Request) -> Response:
    """The form, or the answer to it: 404 not found, 422 no code, 429 too many, 503 busy."""
    if request.method != "POST":
        code = request.query_params.get("code", "")
        return await run_in_threadpool(_form, code)
    return await _evenly(request, _look)


async def rate(request: Request) -> Response:
    """Take a rating and show the case with it."""
    return await _evenly(request, _rate)


async def _evenly(
    request: Request, work: Callable[[Request, Mapping[str, str]], Response]
) -> Response:
    began = anyio.current_time()
    form = await posted.form(request) or {}
    try:
        answer = await _doors().run(partial(_answer, request, form, work))
    except Busy:
        answer = await run_in_threadpool(_form, form.get("code", ""), BUSY, 503, 5)
    await anyio.sleep(rest(anyio.current_time() - began))
    return answer


def rest(took: float) -> float:
    """How long an answer that took so many seconds waits for the next full beat."""
    return BEAT - took % BEAT


def _answer(
    request: Request,
    form: Mapping[str, str],
    work: Callable[[Request, Mapping[str, str]], Response],
) -> Response:
    code = form.get("code", "")
    try:
        return work(request, {**form, "code": public_query.clean(code)})
    except Invalid as error:
        return _form(code, str(error), 422)
    except NotFound as error:
        return _form(code, str(error), 404)
    except TooMany as error:
        return _form(code, str(error), 429, error.seconds)
    except Refused:  # the database gave way to others
        return _form(code, BUSY, 503, 5)


def _look(request: Request, form: Mapping[str, str]) -> Response:
    code, now = form["code"], clock.now()
    if not public_query.fits(form.get("token", ""), "", now):
        return _form(code, AGAIN, 400)
    found = public_query.look(code, address_of(request.scope), now)
    if found is None:
        raise NotFound(public_query.UNKNOWN)
    token = public_query.token(code, now)
    return HTMLResponse(query_view.case_page(found, code, token), headers=HEADERS)


def _rate(request: Request, form: Mapping[str, str]) -> Response:
    code, now, told, good, status = form["code"], clock.now(), THANKS, True, 200
    if not public_query.fits(form.get("token", ""), code, now):
        return _form(code, AGAIN, 400)
    score = form.get("score", "")
    number = int(score) if score in ("1", "2", "3") else 0
    try:
        seen = public_query.rate(
            code, form.get("stage", ""), number, address_of(request.scope), now
        )
    except NotRated as error:
        seen, told, good, status = error.seen, str(error), False, 422
    token = public_query.token(code, now)
    return HTMLResponse(query_view.case_page(seen, code, token, told, good), status, HEADERS)


def _form(code: str, error: str = "", status: int = 200, wait: int = 0) -> Response:
    later = {"retry-after": str(wait)} if wait else {}
    page = query_view.form_page(code[:20], error, public_query.token("", clock.now()))
    return HTMLResponse(page, status, HEADERS | later)


routes = [
    Route("/query", ask, methods=["GET", "POST"]),
    Route("/query/rate", rate, methods=["POST"]),
]
