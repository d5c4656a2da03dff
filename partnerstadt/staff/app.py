"""The web application of the staff desk: every page says who may see it, and nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from partnerstadt.front.metrics import Metrics
from partnerstadt.front.security import Body, Limits, SecurityHeaders, security_headers
from partnerstadt.front.texts import load_texts
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.pages import login, lookup, mail, statistics, trail
from partnerstadt.staff.web import Page, guarded, message

STATIC = Path(__file__).parent / "static"
MOST_BYTES, MOST_SECONDS = 128 * 1024, 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Browsers send no origin with a form where the policy of referrers is stricter.
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}

# In the order of the navigation.
PAGES: tuple[Page, ...] = (*login.PAGES, *mail.PAGES, *lookup.PAGES, *statistics.PAGES, *trail.PAGES)


class Headers(SecurityHeaders):
    """The front desk's headers, stricter where no chat is embedded; htmx needs no Trusted Types."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, ())
        self._headers = security_headers(()) | HEADERS


def create_app(desk: Desk) -> Starlette:
    """The application of a staff desk."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await desk.bot.close()
        await run_in_threadpool(desk.store.close)

    limits = Middleware(
        Limits, addresses=desk.requests, body=Body(MOST_BYTES, MOST_SECONDS), texts=load_texts(), metrics=Metrics()
    )
    routes = [Route(page.path, guarded(page), methods=[page.method], name=page.answer.__name__) for page in PAGES]
    app = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC), name="static")],
        lifespan=lifespan,
        middleware=[Middleware(Headers), limits],
        exception_handlers={HTTPException: _http, Exception: _broken},
    )
    app.state.desk, app.state.pages = desk, PAGES
    return app


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = message(request, error.status_code, "not_found" if error.status_code == 404 else "failed")
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, _: Exception) -> Response:
    response = message(request, 500, "failed")
    response.headers.update(security_headers(()) | HEADERS)  # Starlette answers an error outside of all middleware
    return response
