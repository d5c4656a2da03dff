"""Conversations with citizens: who waits, taking over, answering, handing back."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.handover import Done
from partnerstadt.incoming import clean
from partnerstadt.staff.live import SHOWN
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import AGENTS, Page, desk_of, field, render, session_of

LIST = "/gespraeche"
LONGEST = 2000
UNCHANGED = 204  # htmx leaves the page as it is


async def show_calls(request: Request) -> Response:
    """Who waits, who is taken care of, and whether the clerk is there."""
    return await _calls(request)


async def calls_news(request: Request) -> Response:
    """The list again, if it has changed."""
    values = await _listed(request, scripts=True)
    if values["mark"] == request.query_params.get("mark"):
        return Response(status_code=UNCHANGED)
    return render(request, "_live.html", texts()["live"]["nav"], **values)


async def call_count(request: Request) -> Response:
    """How many wait, for the head of every page, if that has changed."""
    desk = desk_of(request)
    await run_in_threadpool(desk.live.is_here, session_of(request).account, True)
    count = await run_in_threadpool(desk.live.waiting)
    if str(count) == request.query_params.get("known"):
        return Response(status_code=UNCHANGED)
    return render(request, "_count.html", "", count=count)


async def set_available(request: Request) -> Response:
    """Be there for citizens, or no longer."""
    form = await request.form()
    desk = desk_of(request)
    await run_in_threadpool(desk.live.set_available, session_of(request).account, field(form, "available") == "1")
    return RedirectResponse(LIST, 303)


async def take(request: Request) -> Response:
    """Take a conversation over; one clerk does, another is told."""
    id, account = request.path_params["id"], session_of(request).account
    if await run_in_threadpool(desk_of(request).live.take, id, account):
        return RedirectResponse(f"{LIST}/{id}", 303)
    return await _calls(request, error=texts()["live"]["too_late"], status=409)


async def show_call(request: Request) -> Response:
    """A conversation."""
    return await _call(request)


async def call_news(request: Request) -> Response:
    """What was said since, if anything was."""
    after = request.query_params.get("after", "")
    values = await _viewed(request, int(after) if after.isdecimal() and len(after) < 10 else 0)
    if values["view"].state == request.query_params.get("state") and not values["view"].said:
        return Response(status_code=UNCHANGED)
    return render(request, "_call_news.html", "", **values)


async def reply(request: Request) -> Response:
    """Answer the citizen."""
    form = await request.form()
    text, key = clean(field(form, "text").replace("\r\n", "\n")).strip(), field(form, "key")[:64]
    words = texts()["live"]
    if not text or len(text) > LONGEST or not key:
        return await _call(request, text, words["unfit"] if text else words["empty"], 422)
    id, account = request.path_params["id"], session_of(request).account
    done = await run_in_threadpool(desk_of(request).live.reply, id, account, text, key)
    if done is not Done.YES:
        return await _call(request, text, words[done.value], 409)
    return RedirectResponse(f"{LIST}/{id}#end", 303)


async def hand_back(request: Request) -> Response:
    """Let the bot go on."""
    return await _end(request, closed=False)


async def close(request: Request) -> Response:
    """Say that all is said."""
    return await _end(request, closed=True)


async def _end(request: Request, closed: bool) -> Response:
    form = await request.form()
    live = desk_of(request).live
    seen = field(form, "seen")
    step = live.close if closed else live.hand_back
    id, account = request.path_params["id"], session_of(request).account
    done = await run_in_threadpool(step, id, account, int(seen) if seen.isdecimal() and len(seen) < 10 else 0)
    if done is not Done.YES:
        return await _call(request, error=texts()["live"][done.value], status=409)
    return RedirectResponse(f"{LIST}?{'beendet' if closed else 'zurueck'}", 303)


async def _calls(request: Request, error: str = "", status: int = 200) -> Response:
    words = texts()["live"]
    told = next((words["told"][key] for key in ("zurueck", "beendet") if key in request.query_params), "")
    values = await _listed(request, scripts=False)
    return render(request, "live.html", words["nav"], status, error=error, told=told, **values)


async def _listed(request: Request, scripts: bool) -> dict[str, Any]:
    live, account = desk_of(request).live, session_of(request).account
    await run_in_threadpool(live.is_here, account, scripts)
    calls = await run_in_threadpool(live.calls)
    available, reach = await run_in_threadpool(live.available, account), await run_in_threadpool(live.reach)
    mark = hashlib.sha256(repr((calls, available, reach)).encode()).hexdigest()[:16]
    return {"calls": calls, "available": available, "reach": reach.value, "mark": mark}


async def _call(request: Request, text: str = "", error: str = "", status: int = 200) -> Response:
    values = await _viewed(request) | {"text": text, "error": error, "key": uuid.uuid4().hex, "longest": LONGEST}
    heading = texts()["live"]["one"].format(short=values["short"])
    return render(
        request, "call.html", heading, 404 if values["view"].state == "gone" and not error else status, **values
    )


async def _viewed(request: Request, after: int = 0) -> dict[str, Any]:
    live, id, account = desk_of(request).live, request.path_params["id"], session_of(request).account
    await run_in_threadpool(live.is_here, account, after > 0)
    return {
        "id": id,
        "short": id[:SHOWN],
        "view": await run_in_threadpool(live.view, id, account, after),
    }


PAGES = (
    Page(LIST, "GET", show_calls, AGENTS, "live"),
    Page(f"{LIST}/da", "POST", set_available, AGENTS),
    Page(f"{LIST}/liste", "GET", calls_news, AGENTS, polled=True),
    Page(f"{LIST}/anzahl", "GET", call_count, AGENTS, polled=True),
    Page(f"{LIST}/{{id}}", "GET", show_call, AGENTS),
    Page(f"{LIST}/{{id}}/neues", "GET", call_news, AGENTS, polled=True),
    Page(f"{LIST}/{{id}}/uebernehmen", "POST", take, AGENTS),
    Page(f"{LIST}/{{id}}/antwort", "POST", reply, AGENTS),
    Page(f"{LIST}/{{id}}/zurueck", "POST", hand_back, AGENTS),
    Page(f"{LIST}/{{id}}/beenden", "POST", close, AGENTS),
)
