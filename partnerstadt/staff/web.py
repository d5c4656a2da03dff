"""What every page needs: who may see it, its frame, its texts, the fields of its forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from partnerstadt.staff import times
from partnerstadt.staff.accounts import Session
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.roles import Role
from partnerstadt.staff.settings import LOOPBACK
from partnerstadt.staff.texts import texts

COOKIE = "staff"
LOG_IN, LOG_OUT, PASSWORD = "/anmelden", "/abmelden", "/passwort"

EVERYBODY = frozenset(Role)
CLERKS = frozenset({Role.EDITOR, Role.AGENT, Role.ADMINISTRATOR})
EDITORS = frozenset({Role.EDITOR, Role.ADMINISTRATOR})
AGENTS = frozenset({Role.AGENT, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

_templates = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
    )
)


@pass_context
def _moment(context: Context, time: dt.datetime) -> str:
    return times.moment(time, context["zone"])


@pass_context
def _day(context: Context, time: dt.datetime) -> str:
    return times.day(time, context["zone"])


@pass_context
def _clock(context: Context, time: dt.datetime) -> str:
    return times.clock(time, context["zone"])


_templates.env.filters |= {"moment": _moment, "day": _day, "clock": _clock}


@dataclass(frozen=True)
class Page:
    """One address and who may use it; without roles, everybody who can reach the desk.

    Attributes:
        path: the address.
        method: GET or POST.
        answer: what makes the answer.
        roles: who may.
        area: its name in the navigation, if it stands there.
        polled: whether a page of ours asks for it by itself; that keeps no session alive.
    """

    path: str
    method: str
    answer: Callable[[Request], Awaitable[Response]]
    roles: frozenset[Role] | None
    area: str = ""
    polled: bool = False


@dataclass(frozen=True)
class Group:
    """Areas that stand together in the navigation."""

    name: str
    areas: list[dict[str, str]]


def desk_of(request: Request) -> Desk:
    """The desk that answers a request."""
    desk: Desk = request.app.state.desk
    return desk


def session_of(request: Request) -> Session:
    """Who asks; only for pages that somebody must be logged in for."""
    session: Session = request.state.session
    return session


def guarded(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Lets in who may: the address first, then the session, the role, and whether the form is one of ours."""

    async def answer(request: Request) -> Response:
        desk = desk_of(request)
        if host_of(request) not in desk.settings.hosts:
            return message(request, 400, "wrong_host")
        if request.url.scheme != "https" and host_of(request) not in LOOPBACK:
            return message(request, 403, "unencrypted")
        token = request.cookies.get(cookie_of(request))
        session = await run_in_threadpool(desk.accounts.session, token, not page.polled) if token else None
        request.state.session = session
        if page.roles is not None:
            if session is None:
                return to_login(request)
            if session.role not in page.roles:
                return message(request, 403, "refused")
            if session.must_change and page.path not in (PASSWORD, LOG_OUT):
                return _leads_to(request, PASSWORD)
        if request.method == "POST":
            form = await request.form()
            known = session is None or form.get("csrf") == session.csrf
            if not from_here(request) or (page.roles is not None and not known):
                return message(request, 403, "expired")
        return await page.answer(request)

    return answer


def host_of(request: Request) -> str | None:
    """The host that the browser thinks it talks to."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


def cookie_of(request: Request) -> str:
    """The name of the session's cookie; with the prefix a browser takes it from no other host, and encrypted only."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def from_here(request: Request) -> bool:
    """Whether a form was sent by one of our own pages; who is no browser says nothing about it."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def to_login(request: Request) -> Response:
    """Where somebody goes who is not logged in."""
    return _leads_to(request, LOG_IN)


def _leads_to(request: Request, path: str) -> Response:
    """To another page, also where htmx asks, which would swap that page in otherwise."""
    if swaps(request):
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def swaps(request: Request) -> bool:
    """Whether htmx wants a part of a page."""
    return request.headers.get("hx-request") == "true"


def render(request: Request, template: str, heading: str, status: int = 200, **values: Any) -> Response:
    """A page, or a part of one, out of a template; values stand beside what every page knows."""
    session: Session | None = getattr(request.state, "session", None)
    # Who has to choose a password first may use nothing before.
    menu = menu_of(request.app.state.pages, session) if session and not session.must_change else []
    fixed: dict[str, Any] = {
        "t": texts(),
        "session": session,
        "menu": menu,
        "areas": {area["key"] for group in menu for area in group.areas},
        "path": request.scope["path"],
        "heading": heading,
    }
    fixed["zone"] = desk_of(request).settings.zone
    values = {
        "told": "",
        "error": "",
        "onward": "",
        "faults": (),
        "findings": (),
        "swapped": swaps(request),
        **fixed,
        **values,
    }
    return _templates.TemplateResponse(request, template, values, status_code=status)


def menu_of(pages: Iterable[Page], session: Session) -> list[Group]:
    """What somebody may use, in groups; an area says in its texts to which one it belongs."""
    words = texts()
    groups = {key: Group(name, []) for key, name in words["groups"].items()}
    for page in pages:
        if page.area and page.roles and session.role in page.roles:
            area = words[page.area]
            entry = {"key": page.area, "path": page.path, "name": area["nav"], "about": area.get("about", "")}
            groups[area.get("group", "inquiries")].areas.append(entry)
    return [group for group in groups.values() if group.areas]


def message(request: Request, status: int, key: str) -> Response:
    """A page that says one sentence."""
    return render(request, "message.html", texts()[key], status)


def told_of(request: Request, told: Mapping[str, str]) -> str:
    """What is told after a form was done: the address names one of these texts."""
    return told.get(request.query_params.get("done", ""), "")


def field(form: FormData, name: str) -> str:
    """A field of a form; empty if it was not sent or is a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
