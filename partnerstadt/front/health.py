"""For machines that watch the front desk."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnerstadt.front.api import desk_of
from partnerstadt.front.errors import Wrong
from partnerstadt.front.security import address, is_of


async def healthz(_: Request) -> Response:
    """Whether the process lives."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def readyz(request: Request) -> Response:
    """Whether questions can be answered: database and Rasa work."""
    desk = desk_of(request)
    try:
        database = await desk.store.do(desk.store.answers)
    except SQLAlchemyError:
        database = False
    parts = {"database": database, "rasa": await desk.bot.ready()}
    status = 200 if all(parts.values()) else 503
    # A pause is meant: nobody has to be woken for it.
    return JSONResponse(parts | {"paused": desk.notices.pause is not None}, status, {"Cache-Control": "no-store"})


async def metrics(request: Request) -> Response:
    """Numbers for Prometheus, for listed addresses only."""
    desk = desk_of(request)
    if not is_of(address(request.scope), desk.settings.metrics_from):
        raise Wrong(403, "forbidden")
    return Response(desk.metrics.page(), media_type=CONTENT_TYPE_LATEST)


routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
