"""Who did what."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from partnerstadt.staff.web import ADMINISTRATORS, Page, desk_of, render


async def show_trail(request: Request) -> Response:
    """Who did what."""
    desk = desk_of(request)
    return render(request, "trail.html", texts()["trail"]["nav"], steps=await run_in_threadpool(steps, desk.engine))


PAGES = (Page("/protokoll", "GET", show_trail, ADMINISTRATORS, "trail"),)
