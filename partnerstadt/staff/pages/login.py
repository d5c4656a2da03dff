"""Logging in and out, and the first page."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.security import address
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import COOKIE, EVERYBODY, LOG_IN, Page, desk_of, field, render


async def login_form(request: Request) -> Response:
    """Where somebody logs in."""
    return render(request, "login.html", texts()["log_in"])


async def log_in(request: Request) -> Response:
    """Try a name and a password; slowly, for each name and each address."""
    desk = desk_of(request)
    form = await request.form()
    name = field(form, "name").strip().lower()[:64]
    wait = max(desk.attempts.take(name), desk.attempts_of_address.take(address(request.scope)))
    if wait:
        return render(request, "login.html", texts()["log_in"], 429, error=texts()["too_often"])
    token = await run_in_threadpool(desk.accounts.log_in, name, field(form, "password"))
    if token is None:
        return render(request, "login.html", texts()["log_in"], 403, error=texts()["wrong"])
    response = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
    return response


async def log_out(request: Request) -> Response:
    """End the session; its token is worth nothing from now on."""
    desk = desk_of(request)
    await run_in_threadpool(desk.accounts.log_out, request.state.session)
    await run_in_threadpool(desk.live.leave, request.state.session.account)
    response = RedirectResponse(LOG_IN, 303)
    response.delete_cookie(COOKIE)
    return response


async def home(request: Request) -> Response:
    """The first page."""
    return render(request, "home.html", texts()["welcome"])


PAGES = (
    Page(LOG_IN, "GET", login_form, None),
    Page(LOG_IN, "POST", log_in, None),
    Page("/abmelden", "POST", log_out, EVERYBODY),
    Page("/", "GET", home, EVERYBODY),
)
