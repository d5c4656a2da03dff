"""Looking up what the records say."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.staff.lookup import look_up
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, Page, desk_of, render, swaps


async def find(request: Request) -> Response:
    """Records by words; while somebody types, htmx asks for the list alone."""
    desk = desk_of(request)
    query = request.query_params.get("query", "")[:200]
    entries = look_up(query, await run_in_threadpool(desk.records.get))
    words = texts()["lookup"]
    key = {0: "found_none", 1: "found_one"}.get(len(entries), "found")
    told = str(words[key]).format(count=len(entries)) if query.strip() else ""
    template = "_lookup.html" if swaps(request) else "lookup.html"
    return render(request, template, words["nav"], query=query, entries=entries, told=told)


PAGES = (Page("/nachschlagen", "GET", find, CLERKS, "lookup"),)
