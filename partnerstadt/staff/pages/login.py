"""Logging in and out, and the first page."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.security import address
from partnerstadt.staff import changes
from partnerstadt.staff.accounts import Unfit
from partnerstadt.staff.oidc import BACK, Refused, Unreachable
from partnerstadt.staff.pages.records import editor_of
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import (
    CLERKS,
    EVERYBODY,
    LOG_IN,
    LOG_OUT,
    Page,
    cookie_of,
    desk_of,
    field,
    message,
    render,
    session_of,
)
from partnerstadt.staff.yaml_files import Broken

logger = logging.getLogger(__name__)


async def login_form(request: Request) -> Response:
    """Where somebody logs in."""
    return _login(request)


async def log_in(request: Request) -> Response:
    """Try a name and a password; slowly, for each name and each address."""
    desk = desk_of(request)
    if not desk.settings.passwords:
        return _login(request, 403, texts()["oidc"]["no_passwords"])
    form = await request.form()
    name = field(form, "name").strip().lower()[:64]
    wait = max(await desk.attempts.take(name), await desk.attempts_of_address.take(address(request.scope)))
    if wait:
        return _login(request, 429, texts()["too_often"])
    token = await run_in_threadpool(desk.accounts.log_in, name, field(form, "password"))
    if token is None:
        return _login(request, 403, texts()["wrong"])
    return await begin(request, RedirectResponse("/", 303), token)


def _login(request: Request, status: int = 200, error: str = "") -> Response:
    desk = desk_of(request)
    offered = {"passwords": desk.settings.passwords, "provider": desk.provider is not None}
    return render(request, "login.html", texts()["log_in"], status, error=error, **offered)


async def ask_provider(request: Request) -> Response:
    """To the provider of OpenID Connect, if there is one."""
    desk = desk_of(request)
    if desk.provider is None:
        return message(request, 404, "not_found")
    if await desk.attempts_of_address.take(address(request.scope)):
        return _login(request, 429, texts()["too_often"])
    try:
        return await desk.provider.ask(request)
    except Unreachable as error:
        logger.warning("The provider of OpenID Connect cannot be used (%s).", error)
        return _login(request, 502, texts()["oidc"]["unreachable"])


async def back_from_provider(request: Request) -> Response:
    """Let in whom the provider knows and gives a role."""
    desk, words = desk_of(request), texts()["oidc"]
    if desk.provider is None:
        return message(request, 404, "not_found")
    try:
        person = await desk.provider.person(request)
        if person.role is None:
            await run_in_threadpool(desk.accounts.refuse, person.subject)
            return _login(request, 403, words["no_role"])
        token = await run_in_threadpool(desk.accounts.enter, person.subject, person.name, person.role)
    except Unreachable as error:
        logger.warning("The provider of OpenID Connect cannot be used (%s).", error)
        return _login(request, 502, words["unreachable"])
    except Refused as error:
        logger.warning("An answer of the provider of OpenID Connect was refused (%s).", error)
        return _login(request, 403, words["refused"])
    except Unfit as unfit:
        return _login(request, 403, words[f"unfit_{unfit.key}"])
    if token is None:
        return _login(request, 403, words["locked"])
    # Not a redirect: the strict cookie would not be sent along on a way that began at another site.
    return await begin(request, _onward(request, "/"), token)


def _onward(request: Request, url: str) -> Response:
    return render(request, "onward.html", texts()["oidc"]["onward"], onward=url)


async def begin(request: Request, response: Response, token: str) -> Response:
    """Give the browser a new session; one that it had before ends, whoever began it."""
    if request.state.session:
        await run_in_threadpool(desk_of(request).accounts.log_out, request.state.session)
    secure = request.url.scheme == "https"
    response.set_cookie(cookie_of(request), token, httponly=True, samesite="strict", secure=secure)
    return response


async def log_out(request: Request) -> Response:
    """End the session; its token is worth nothing from now on."""
    desk = desk_of(request)
    session = session_of(request)
    await run_in_threadpool(desk.accounts.log_out, session)
    await run_in_threadpool(desk.live.leave, session.account)
    farewell = await desk.provider.farewell() if session.external and desk.provider else None
    request.state.session = None
    # Forms may only be answered from here, so the way to the provider is a page of its own.
    response = _onward(request, farewell) if farewell else RedirectResponse(LOG_IN, 303)
    response.delete_cookie(cookie_of(request), secure=request.url.scheme == "https")
    return response


async def home(request: Request) -> Response:
    """The first page, with what is to be done."""
    try:
        clerk = session_of(request).role in CLERKS
        tasks = await run_in_threadpool(editor_of(request).tasks) if clerk else None
    except (Broken, changes.Unfit):
        tasks = None  # the pages of the records say so
    return render(request, "home.html", texts()["welcome"], tasks=tasks)


PAGES = (
    Page("/anmelden/dienst", "GET", ask_provider, None),
    Page(BACK, "GET", back_from_provider, None),
    Page(LOG_IN, "GET", login_form, None),
    Page(LOG_IN, "POST", log_in, None),
    Page(LOG_OUT, "POST", log_out, EVERYBODY),
    Page("/", "GET", home, EVERYBODY),
)
