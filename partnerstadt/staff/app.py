"""The web application of the staff desk: every page says who may see it, and nobody else does."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from partnerstadt.database import RETRY_SECONDS, is_away
from partnerstadt.front.metrics import Metrics
from partnerstadt.front.security import Body, Limits, SecurityHeaders, security_headers
from partnerstadt.front.texts import load_texts
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.pages import (
    accounts,
    answers,
    inbox,
    live,
    login,
    lookup,
    mail,
    notes,
    records,
    statistics,
    switch,
    trail,
    training,
)
from partnerstadt.staff.trail import forget
from partnerstadt.staff.web import Page, guarded, message

logger = logging.getLogger(__name__)
CLEAN_SECONDS = 3600
LOGIN_SECONDS = 600
STATIC = Path(__file__).parent / "static"
MOST_BYTES, MOST_SECONDS = 128 * 1024, 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Browsers send no origin with a form where the policy of referrers is stricter.
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}

# In the order of the navigation.
PAGES: tuple[Page, ...] = (
    *login.PAGES,
    *mail.PAGES,
    *lookup.PAGES,
    *live.PAGES,
    *notes.PAGES,
    *inbox.PAGES,
    *records.PAGES,
    *answers.PAGES,
    *training.PAGES,
    *statistics.PAGES,
    *switch.PAGES,
    *accounts.PAGES,
    *trail.PAGES,
)


class Headers(SecurityHeaders):
    """The front desk's headers, stricter where no chat is embedded; htmx needs no Trusted Types."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, ())
        self._headers = security_headers(()) | HEADERS


def create_app(desk: Desk) -> Starlette:
    """The application of a staff desk."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_shorten_trail(desk)), asyncio.create_task(desk.inbox.run())]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await desk.bot.close()
        await run_in_threadpool(desk.store.close)

    limits = Middleware(
        Limits, addresses=desk.requests, body=Body(MOST_BYTES, MOST_SECONDS), texts=load_texts(), metrics=Metrics()
    )
    routes = [Route(page.path, guarded(page), methods=[page.method], name=page.answer.__name__) for page in PAGES]
    app = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC), name="static")],
        lifespan=lifespan,
        middleware=[Middleware(Headers), limits, *_on_the_way(desk)],
        exception_handlers={HTTPException: _http, SQLAlchemyError: _database, Exception: _broken},
    )
    app.state.desk, app.state.pages = desk, PAGES
    return app


def _on_the_way(desk: Desk) -> list[Middleware]:
    """What a browser keeps while it is at the provider, in a signed cookie; nothing without one."""
    if desk.provider is None:
        return []
    safe = str(desk.settings.url).startswith("https:")
    return [
        Middleware(
            SessionMiddleware,
            secret_key=secrets.token_urlsafe(),
            session_cookie="__Host-login" if safe else "login",
            max_age=LOGIN_SECONDS,
            same_site="lax",
            https_only=safe,
        )
    ]


async def _shorten_trail(desk: Desk) -> None:
    """Delete, now and then, what stands in the trail for too long."""
    while True:
        try:
            before = desk.clock() - dt.timedelta(days=desk.settings.trail_days)
            await run_in_threadpool(forget, desk.engine, before)
        except SQLAlchemyError as error:
            logger.warning("The trail could not be shortened (%s); it is tried again.", type(error).__name__)
        await asyncio.sleep(CLEAN_SECONDS)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = message(request, error.status_code, "not_found" if error.status_code == 404 else "failed")
    response.headers.update(error.headers or {})
    return response


async def _database(request: Request, error: Exception) -> Response:
    """Say that the database is away. htmx leaves a page as it is, with what was typed, and asks again."""
    if isinstance(error, SQLAlchemyError) and is_away(error):
        response = message(request, 503, "unavailable")
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    raise error


async def _broken(request: Request, _: Exception) -> Response:
    response = message(request, 500, "failed")
    response.headers.update(security_headers(()) | HEADERS)  # Starlette answers an error outside of all middleware
    return response
