"""The web application of the staff desk: every page says who may see it, and nobody else does."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import yaml
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp

from partnerstadt.front.limits import Buckets
from partnerstadt.front.metrics import Metrics
from partnerstadt.front.security import Body, Limits, SecurityHeaders, address, security_headers
from partnerstadt.front.texts import load_texts
from partnerstadt.front.times import Clock
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.accounts import Accounts, Role, Session
from partnerstadt.staff.asking import Asking, Unavailable
from partnerstadt.staff.lookup import look_up
from partnerstadt.staff.mail import MOST_CHARACTERS, Form, State, compose

HERE = Path(__file__).parent
COOKIE = "staff"
LOG_IN = "/anmelden"
MOST_BYTES, MOST_SECONDS = 128 * 1024, 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Browsers send no origin with a form where the policy of referrers is stricter.
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}

EVERYBODY = frozenset(Role)
CLERKS = frozenset({Role.EDITOR, Role.AGENT, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Desk:
    """All that a request needs."""

    accounts: Accounts
    records: RecordStore
    asking: Asking
    http: httpx.AsyncClient
    clock: Clock
    requests: Buckets
    attempts: Buckets
    attempts_of_address: Buckets


@dataclass(frozen=True)
class Page:
    """One address and who may use it; without roles, everybody who can reach the desk.

    Attributes:
        path: the address.
        method: GET or POST.
        answer: what makes the answer.
        roles: who may.
        area: its name in the navigation, if it stands there.
    """

    path: str
    method: str
    answer: Callable[[Request], Awaitable[Response]]
    roles: frozenset[Role] | None
    area: str = ""


class Headers(SecurityHeaders):
    """The front desk's headers, stricter where no chat is embedded; htmx needs no Trusted Types."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, ())
        self._headers = security_headers(()) | HEADERS


@lru_cache
def texts() -> dict[str, Any]:
    """All that the pages say."""
    return dict(yaml.safe_load((HERE / "texts.yml").read_text(encoding="utf-8")))


_templates = Jinja2Templates(directory=HERE / "templates")


def create_app(desk: Desk) -> Starlette:
    """The application of a staff desk."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await desk.http.aclose()
        await run_in_threadpool(desk.accounts.close)

    limits = Middleware(
        Limits, addresses=desk.requests, body=Body(MOST_BYTES, MOST_SECONDS), texts=load_texts(), metrics=Metrics()
    )
    routes = [Route(page.path, _guarded(page), methods=[page.method], name=page.answer.__name__) for page in PAGES]
    app = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=HERE / "static"), name="static")],
        lifespan=lifespan,
        middleware=[Middleware(Headers), limits],
        exception_handlers={HTTPException: _http, Exception: _broken},
    )
    app.state.desk = desk
    return app


def _guarded(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Lets in who may: the session first, then the role, then whether the form is one of ours."""

    async def answer(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        token = request.cookies.get(COOKIE)
        session = await run_in_threadpool(desk.accounts.session, token) if token else None
        request.state.session = session
        if page.roles is not None:
            if session is None:
                return _to_login(request)
            if session.role not in page.roles:
                return _message(request, 403, "refused")
        if request.method == "POST":
            form = await request.form()
            known = session is None or form.get("csrf") == session.csrf
            if not _from_here(request) or (page.roles is not None and not known):
                return _message(request, 403, "expired")
        return await page.answer(request)

    return answer


def _from_here(request: Request) -> bool:
    """Whether a form was sent by one of our own pages; who is no browser says nothing about it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _to_login(request: Request) -> Response:
    if _swaps(request):
        return Response(status_code=401, headers={"HX-Redirect": LOG_IN})
    return RedirectResponse(LOG_IN, 303)


def _swaps(request: Request) -> bool:
    """Whether htmx wants a part of a page."""
    return request.headers.get("hx-request") == "true"


def _page(request: Request, template: str, heading: str, status: int = 200, **values: Any) -> Response:
    session: Session | None = getattr(request.state, "session", None)
    areas = [
        {"path": page.path, "name": page.area}
        for page in PAGES
        if page.area and session and page.roles and session.role in page.roles
    ]
    fixed = {"t": texts(), "session": session, "areas": areas, "path": request.url.path, "heading": heading}
    values = {"told": "", "error": "", "swapped": _swaps(request), **fixed, **values}
    return _templates.TemplateResponse(request, template, values, status_code=status)


def _message(request: Request, status: int, key: str) -> Response:
    return _page(request, "message.html", texts()[key], status)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = _message(request, error.status_code, "not_found" if error.status_code == 404 else "failed")
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, _: Exception) -> Response:
    response = _message(request, 500, "failed")
    response.headers.update(security_headers(()) | HEADERS)  # Starlette answers an error outside of all middleware
    return response


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


# --- pages -----------------------------------------------------------------------------------------------------------


async def login_form(request: Request) -> Response:
    """Where somebody logs in."""
    return _page(request, "login.html", texts()["log_in"])


async def log_in(request: Request) -> Response:
    """Try a name and a password; slowly, for each name and each address."""
    desk: Desk = request.app.state.desk
    form = await request.form()
    name = _field(form, "name").strip().lower()[:64]
    wait = max(desk.attempts.take(name), desk.attempts_of_address.take(address(request.scope)))
    if wait:
        return _page(request, "login.html", texts()["log_in"], 429, error=texts()["too_often"])
    token = await run_in_threadpool(desk.accounts.log_in, name, _field(form, "password"))
    if token is None:
        return _page(request, "login.html", texts()["log_in"], 403, error=texts()["wrong"])
    response = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
    return response


async def log_out(request: Request) -> Response:
    """End the session; its token is worth nothing from now on."""
    desk: Desk = request.app.state.desk
    await run_in_threadpool(desk.accounts.log_out, request.state.session)
    response = RedirectResponse(LOG_IN, 303)
    response.delete_cookie(COOKIE)
    return response


async def home(request: Request) -> Response:
    """The first page."""
    return _page(request, "home.html", texts()["welcome"])


async def mail_form(request: Request) -> Response:
    """Where a mail is put in."""
    return _page(request, "mail.html", texts()["nav"]["mail"], mail="", form=Form.MAIL.value, most=MOST_CHARACTERS)


async def answer_mail(request: Request) -> Response:
    """Drafts for a mail; as a whole page or, for htmx, as its part. Nothing of it is kept."""
    desk: Desk = request.app.state.desk
    sent = await request.form()
    mail, chosen = _field(sent, "mail").replace("\r\n", "\n"), _field(sent, "shape")
    form = Form(chosen) if chosen in set(Form) else Form.MAIL
    values = await _drafted(desk, mail, form)
    values |= {"mail": mail, "form": form.value, "most": MOST_CHARACTERS}
    return _page(request, "_mail.html" if _swaps(request) else "mail.html", texts()["nav"]["mail"], **values)


async def _drafted(desk: Desk, mail: str, form: Form) -> dict[str, Any]:
    words = texts()["mail"]
    if len(mail) > MOST_CHARACTERS:
        return {"error": words["too_long"], "told": words["too_long"]}
    records = await run_in_threadpool(desk.records.get)
    try:
        answered = await desk.asking.answer(mail, records)
    except Unavailable:
        return {"error": words["unavailable"], "told": words["unavailable"]}
    drafts = answered.drafts
    today: dt.date = desk.clock().date()
    reply = compose(answered.mail.salutation, drafts, form, records, today) if drafts else ""
    mailto = f"mailto:?subject={quote(words['subject'])}&body={quote(reply.replace(chr(10), chr(13) + chr(10)))}"
    return {"drafts": drafts, "reply": reply, "mailto": mailto, "told": _told(len(drafts), drafts)}


def _told(count: int, drafts: Any) -> str:
    words = texts()["mail"]
    left = sum(draft.state is State.OPEN for draft in drafts)
    if count == 0:
        return str(words["found_none"])
    if count == 1:
        return str(words["found_one_open" if left else "found_one"])
    return str(words["found"]).format(count=count, open=left)


async def find(request: Request) -> Response:
    """Records by words; while somebody types, htmx asks for the list alone."""
    desk: Desk = request.app.state.desk
    query = request.query_params.get("query", "")[:200]
    entries = look_up(query, await run_in_threadpool(desk.records.get))
    words = texts()["lookup"]
    key = {0: "found_none", 1: "found_one"}.get(len(entries), "found")
    told = str(words[key]).format(count=len(entries)) if query.strip() else ""
    template = "_lookup.html" if _swaps(request) else "lookup.html"
    return _page(request, template, texts()["nav"]["lookup"], query=query, entries=entries, told=told)


async def show_trail(request: Request) -> Response:
    """Who did what."""
    desk: Desk = request.app.state.desk
    return _page(request, "trail.html", texts()["nav"]["trail"], steps=await run_in_threadpool(desk.accounts.trail))


PAGES = (
    Page(LOG_IN, "GET", login_form, None),
    Page(LOG_IN, "POST", log_in, None),
    Page("/abmelden", "POST", log_out, EVERYBODY),
    Page("/", "GET", home, EVERYBODY),
    Page("/mail", "GET", mail_form, CLERKS, "mail"),
    Page("/mail", "POST", answer_mail, CLERKS),
    Page("/nachschlagen", "GET", find, CLERKS, "lookup"),
    Page("/protokoll", "GET", show_trail, ADMINISTRATORS, "trail"),
)
