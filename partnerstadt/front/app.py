"""The web application of the front desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from partnerstadt.database import RETRY_SECONDS, is_away
from partnerstadt.front import api, gateway, health, mail_routes, open_data_routes, pages
from partnerstadt.front.desk import Desk
from partnerstadt.front.errors import Wrong
from partnerstadt.front.security import Body, Counting, Limits, SecurityHeaders, security_headers

STATIC = Path(__file__).parent / "static"
CODES = {404: "not_found", 405: "method"}


def create_app(desk: Desk) -> Starlette:
    """The application of a front desk."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await desk.notices.refresh()
        await desk.delivery.resume()
        parts = (desk.retention, desk.notices, desk.watch, desk.hub, desk.delivery, desk.bot)
        running = [asyncio.create_task(part.run()) for part in parts]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            await desk.delivery.close()
            await desk.bot.close()
            await run_in_threadpool(desk.store.close)

    settings = desk.settings
    app = Starlette(
        routes=[
            *api.routes,
            *mail_routes.routes,
            *pages.routes,
            *health.routes,
            *open_data_routes.routes(desk.records, lambda: desk.clock().date()),
            Mount("/widget", StaticFiles(directory=STATIC), name="widget"),
        ],
        lifespan=lifespan,
        middleware=[
            Middleware(Counting, metrics=desk.metrics),
            Middleware(SecurityHeaders, origins=settings.origins),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.origins,
                allow_methods=["GET", "POST", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
                expose_headers=["Retry-After"],
                max_age=3600,
            ),
            Middleware(
                Limits,
                addresses=desk.addresses,
                body=Body(settings.body_bytes, settings.body_seconds),
                texts=desk.texts,
                metrics=desk.metrics,
                trusted=lambda shown: gateway.is_token(shown, desk.gateway_secret),
            ),
        ],
        exception_handlers={Wrong: _wrong, HTTPException: _http, SQLAlchemyError: _database, Exception: _broken},
    )
    app.state.desk = desk
    return app


async def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, Wrong)
    if request.url.path.startswith((pages.CHAT, pages.NOTE)):
        return pages.error_page(request, error)
    return error.response(api.desk_of(request).texts)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = await _wrong(request, Wrong(error.status_code, CODES.get(error.status_code, "invalid")))
    response.headers.update(error.headers or {})
    return response


async def _database(request: Request, error: Exception) -> Response:
    """Ask to come back while the database is away; `notices` logs it every two seconds, not each request."""
    if isinstance(error, SQLAlchemyError) and is_away(error):
        return await _wrong(request, Wrong(503, "unavailable", RETRY_SECONDS))
    raise error


async def _broken(request: Request, _: Exception) -> Response:
    response = await _wrong(request, Wrong(500, "failed"))
    # Starlette answers an error outside of all middleware.
    response.headers.update(security_headers(api.desk_of(request).settings.origins))
    return response
