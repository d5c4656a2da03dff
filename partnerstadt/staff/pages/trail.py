"""Who did what."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from partnerstadt.staff.csv_export import csv_response
from partnerstadt.staff.texts import texts
from partnerstadt.staff.times import moment, read_day
from partnerstadt.staff.trail import Filter, Step, accounts_in, count, steps
from partnerstadt.staff.web import ADMINISTRATORS, Page, desk_of, render

FIELDS = ("account", "action", "since", "until")
ON_A_PAGE = 50
MOST_PAGES = 1_000_000


async def show_trail(request: Request) -> Response:
    """Who did what, fifty steps at a time."""
    desk, words = desk_of(request), texts()["trail"]
    wanted, asked = _wanted(request), _asked(request)
    number = await run_in_threadpool(count, desk.engine, wanted)
    pages = max(1, -(-number // ON_A_PAGE))
    page = min(_page(request), pages)
    found = await run_in_threadpool(steps, desk.engine, wanted, ON_A_PAGE, (page - 1) * ON_A_PAGE)
    values: dict[str, Any] = {
        "rows": [(step, _subject(step)) for step in found],
        "accounts": await run_in_threadpool(accounts_in, desk.engine),
        "asked": asked,
        "query": urlencode(asked),
        "page": page,
        "pages": pages,
        "kept": str(words["kept"]).format(days=round(desk.settings.trail_days)),
        "told": str(words["found_one" if number == 1 else "found"]).format(count=number),
    }
    return render(request, "trail.html", words["nav"], **values)


async def export_trail(request: Request) -> Response:
    """The same steps, all of them, as a file."""
    desk, words, names = desk_of(request), texts()["trail"], texts()["steps"]
    found = await run_in_threadpool(steps, desk.engine, _wanted(request))
    header = [words[key] for key in ("time", "account", "action", "subject")]
    rows = [
        (moment(step.time, desk.settings.zone), step.account, names.get(step.action, step.action), _subject(step))
        for step in found
    ]
    return csv_response("protokoll.csv", header, rows)


def _asked(request: Request) -> dict[str, str]:
    return {key: request.query_params.get(key, "").replace("\0", "")[:64] for key in FIELDS}


def _wanted(request: Request) -> Filter:
    asked, zone = _asked(request), desk_of(request).settings.zone
    last = read_day(asked["until"], zone)
    until = last + dt.timedelta(days=1) if last else None
    return Filter(asked["account"], asked["action"], read_day(asked["since"], zone), until)


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < len(str(MOST_PAGES)) else 1


def _subject(step: Step) -> str:
    # An account with its new role.
    name, between, role = step.subject.rpartition(": ")
    return f"{name}{between}{texts()['roles'].get(role, role)}"


PAGES = (
    Page("/protokoll", "GET", show_trail, ADMINISTRATORS, "trail"),
    Page("/protokoll.csv", "GET", export_trail, ADMINISTRATORS),
)
