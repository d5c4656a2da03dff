"""Looking up what the records say, ready answers and what was asked before."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.staff.desk import Desk
from partnerstadt.staff.lookup import Entry, look_up
from partnerstadt.staff.past import answered
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import CLERKS, Page, desk_of, render, swaps


async def find(request: Request) -> Response:
    """What is found by words; while somebody types, htmx asks for the list alone."""
    query = request.query_params.get("query", "")[:200]
    entries = await run_in_threadpool(_found, desk_of(request), query)
    words = texts()["lookup"]
    key = {0: "found_none", 1: "found_one"}.get(len(entries), "found")
    told = str(words[key]).format(count=len(entries)) if query.strip() else ""
    template = "_lookup.html" if swaps(request) else "lookup.html"
    return render(request, template, words["nav"], query=query, entries=entries, told=told)


def _found(desk: Desk, query: str) -> list[Entry]:
    if not query.strip():
        return []
    return look_up(query, desk.records.get(), desk.clock().date(), answered(desk.engine))


PAGES = (Page("/nachschlagen", "GET", find, CLERKS, "lookup"),)
