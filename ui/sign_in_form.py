"""The routes of signing in, signing out and changing the password: plain HTML forms of our own."""

from collections.abc import Mapping
from functools import cache, partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from domain.errors import Invalid, Refused
from services import clock, own_password, people, sessions, sign_in
from services.demo.people import PASSWORD
from services.sessions import Standing
from settings import settings
from ui import posted, requests, templates
from ui.posted import Busy, Doors
from ui.requests import address_of, cookie_name, next_page

AT_ONCE = 2
MOST_WAITING = 20  # checks of a password that may wait for the two at work
BUSY = "同时登录的人较多，请等几秒再试"


@cache
def _doors() -> Doors:
    return Doors(AT_ONCE, MOST_WAITING)


async def login(request: Request) -> Response:
    """Show the form, or check it: 401 for a wrong password, 429 for too many misses."""
    wanted = next_page(request.query_params.get("next", "/"))
    if request.method != "POST":
        if request.state.standing is not None:
            return RedirectResponse(wanted, 303)
        return HTMLResponse(await run_in_threadpool(login_page, wanted))
    form = await posted.form(request)
    if form is None:
        return HTMLResponse(templates.message("不能登录", posted.ODD), 400)
    try:
        return await _doors().run(partial(_sign_in, request, form))
    except Busy:
        wanted, name = next_page(form.get("next", "/")), form.get("login", "")[:80]
        page = await run_in_threadpool(login_page, wanted, BUSY, name)
        return HTMLResponse(page, 429, {"retry-after": "5"})


def _sign_in(request: Request, form: Mapping[str, str]) -> Response:
    wanted, name = next_page(form.get("next", "/")), form.get("login", "")[:80]
    agent, now = request.headers.get("user-agent", ""), clock.now()
    try:
        token = sign_in.sign_in(name, form.get("password", ""), _from(request), agent, now)
    except sign_in.TooSoon as error:
        page = login_page(wanted, str(error), name)
        return HTMLResponse(page, 429, {"retry-after": str(error.seconds)})
    except Refused as error:
        return HTMLResponse(login_page(wanted, str(error), name), 401)
    former: Standing | None = request.state.standing
    if former is not None:
        sessions.sign_out(former.viewer, now)
    return _with_cookie(RedirectResponse(wanted, 303), token)


def _from(request: Request) -> str:
    """The address for the session; a demonstration answers to names of this machine only."""
    return address_of(request.scope) if requests.local_name(request.scope) else "名称非本机"


def login_page(wanted: str, error: str = "", name: str = "") -> str:
    """The sign-in page as HTML."""
    demo = people.demo_people()
    return templates.login(wanted, error, name, demo, PASSWORD if demo else "")


async def logout(request: Request) -> Response:
    """Ask on GET; end the session on POST."""
    standing: Standing | None = request.state.standing
    if request.method != "POST":
        return HTMLResponse(templates.logout(standing.viewer.name if standing else ""))
    if standing is not None:
        await run_in_threadpool(sessions.sign_out, standing.viewer, clock.now())
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        cookie_name(), path="/", secure=settings().secure, httponly=True, samesite="lax"
    )
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


async def password(request: Request) -> Response:
    """Show the form, or change the password and go on with a new session."""
    standing: Standing = request.state.standing
    if request.method != "POST":
        return HTMLResponse(templates.password(settings().password, standing.must_change, {}))
    form = await posted.form(request)
    if form is None:
        return HTMLResponse(templates.message("不能修改", posted.ODD), 400)
    try:
        return await _doors().run(partial(_change, request, standing, form))
    except Busy:
        told = {"old": BUSY}
        page = templates.password(settings().password, standing.must_change, told)
        return HTMLResponse(page, 429, {"retry-after": "5"})


def _change(request: Request, standing: Standing, form: Mapping[str, str]) -> Response:
    agent = request.headers.get("user-agent", "")
    old, new, again = (form.get(name, "") for name in ("old", "new", "again"))
    try:
        token = own_password.change_password(
            standing.viewer, old, new, again, agent, clock.now()
        )  # fmt: skip
    except Invalid as error:
        page = templates.password(settings().password, standing.must_change, error.problems)
        return HTMLResponse(page, 422)
    return _with_cookie(RedirectResponse("/", 303), token)


def _with_cookie(answer: Response, token: str) -> Response:
    answer.set_cookie(
        cookie_name(), token, path="/", httponly=True, samesite="lax", secure=settings().secure,
        max_age=int(settings().session_absolute.total_seconds()),
    )  # fmt: skip
    return answer


routes = [
    Route("/login", login, methods=["GET", "POST"]),
    Route("/logout", logout, methods=["GET", "POST"]),
    Route("/password", password, methods=["GET", "POST"]),
]
