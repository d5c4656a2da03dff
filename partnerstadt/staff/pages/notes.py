"""Notes that citizens have left: the list, one of them, done."""

from __future__ import annotations

import datetime as dt

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.retention import leave_no_trace
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import AGENTS, Page, desk_of, render, session_of

LIST = "/nachrichten"


async def show_notes(request: Request) -> Response:
    """All notes, without what they say: who opens one leaves a step in the trail."""
    desk, words = desk_of(request), texts()["notes"]
    told = words["is_done"] if "erledigt" in request.query_params else ""
    left = await run_in_threadpool(desk.notes.left)
    return render(request, "notes.html", words["nav"], notes=left, told=told)


async def show_note(request: Request) -> Response:
    """A note."""
    desk, words = desk_of(request), texts()["notes"]
    note = await run_in_threadpool(desk.notes.open, request.path_params["id"], session_of(request).account)
    if note is None:
        return render(request, "message.html", words["is_gone"], 404)
    last = note.time + dt.timedelta(days=desk.note_days)
    return render(request, "note.html", words["one"], note=note, last=last)


async def done(request: Request) -> Response:
    """Delete a note."""
    desk = desk_of(request)
    if not await run_in_threadpool(desk.notes.done, request.path_params["id"], session_of(request).account):
        return render(request, "message.html", texts()["notes"]["is_gone"], 404)
    await leave_no_trace(desk.store)
    return RedirectResponse(f"{LIST}?erledigt", 303)


PAGES = (
    Page(LIST, "GET", show_notes, AGENTS, "notes"),
    Page(f"{LIST}/{{id}}", "GET", show_note, AGENTS),
    Page(f"{LIST}/{{id}}/erledigt", "POST", done, AGENTS),
)
