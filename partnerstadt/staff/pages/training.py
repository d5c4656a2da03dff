"""Training suggestions: confirm sentences, fetch the patch, train a candidate, activate it or go back."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.staff import examples
from partnerstadt.staff.examples import Example
from partnerstadt.staff.pages.inbox import page_of, pages
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from partnerstadt.staff.training import PAGE, RUNNING, Refused
from partnerstadt.staff.web import ADMINISTRATORS, EDITORS, Page, desk_of, field, render, session_of, swaps


async def show_training(request: Request) -> Response:
    """All of it on one page; while a candidate is trained, htmx asks for that part alone."""
    key = request.query_params.get("getan", "")
    return await _shown(request, told=texts()["training"]["told"].get(key, ""))


async def show_runs(request: Request) -> Response:
    """How far a candidate is."""
    if not swaps(request):
        return RedirectResponse("/training", 303)
    return render(request, "_runs.html", texts()["training"]["nav"], **await _runs(request))


async def settle(request: Request) -> Response:
    """Confirm a sentence, as the clerk has written it, or do not use it."""
    desk, form, words = desk_of(request), await request.form(), texts()["training"]
    conversation, number, by = field(form, "conversation"), field(form, "number"), session_of(request).account
    if not (number.isascii() and number.isdigit()):
        raise HTTPException(400)
    text, intent = " ".join(field(form, "text").split()), field(form, "intent")
    try:
        if field(form, "do") == "leave_out":
            await run_in_threadpool(desk.training.leave_out, conversation, int(number), by)
            return RedirectResponse("/training?getan=left_out", 303)
        if field(form, "checked") != "yes":
            raise Refused("unchecked")
        await run_in_threadpool(desk.training.confirm, conversation, int(number), Example(intent, text), by)
    except Refused as refused:
        edited = {(conversation, int(number)): (text, intent)}
        return await _shown(request, 422, error=words["refused"][str(refused)], edited=edited)
    return RedirectResponse("/training?getan=confirmed", 303)


async def remove(request: Request) -> Response:
    """Take a confirmed sentence back."""
    id = field(await request.form(), "id")
    if not (id.isascii() and id.isdigit()):
        raise HTTPException(400)
    await run_in_threadpool(desk_of(request).training.remove, int(id), session_of(request).account)
    return RedirectResponse("/training?getan=removed", 303)


async def patch(request: Request) -> Response:
    """The new sentences as a file for `git apply`."""
    text = await run_in_threadpool(desk_of(request).training.patch)
    headers = {"Content-Disposition": 'attachment; filename="nlu.patch"'}
    return Response(text, media_type="text/x-diff; charset=utf-8", headers=headers)


async def start(request: Request) -> Response:
    """Train a candidate."""
    return await _done(request, "started", desk_of(request).training.start)


async def activate(request: Request) -> Response:
    """Have the bot answer with a candidate."""
    id = field(await request.form(), "id")
    if not (id.isascii() and id.isdigit()):
        raise HTTPException(400)
    return await _done(request, "activated", desk_of(request).training.activate, int(id))


async def roll_back(request: Request) -> Response:
    """Have the bot answer with the model before."""
    return await _done(request, "rolled_back", desk_of(request).training.roll_back)


async def _done(request: Request, told: str, work: Any, *arguments: Any) -> Response:
    try:
        await run_in_threadpool(partial(work, *arguments, session_of(request).account))
    except Refused as refused:
        return await _shown(request, 409, error=texts()["training"]["refused"][str(refused)])
    return RedirectResponse(f"/training?getan={told}", 303)


async def _shown(request: Request, status: int = 200, **values: Any) -> Response:
    training = desk_of(request).training
    page = page_of(request)
    found, total = await run_in_threadpool(training.suggestions, page)
    if page > 1 and not found:
        found, total = await run_in_threadpool(training.suggestions, page := 1)
    records = await run_in_threadpool(desk_of(request).records.get)
    confirmed = await run_in_threadpool(training.confirmed)
    more = {
        "suggestions": [(s, examples.proposed(s.text, records)) for s in found],
        "total": total,
        "intents": await run_in_threadpool(training.intents),
        "confirmed": confirmed,
        "new": len({examples.key(c.example.text) for c in confirmed if c.state == "new"}),
        "longest": examples.LONGEST,
        "edited": {},
        **pages("/training?", page, total, PAGE),
        **await _runs(request),
    }
    return render(request, "training.html", texts()["training"]["nav"], status, **{**more, **values})


async def _runs(request: Request) -> dict[str, Any]:
    training = desk_of(request).training
    await run_in_threadpool(training.tidy)
    runs = await run_in_threadpool(training.runs)
    return {
        "runs": [(run, await run_in_threadpool(training.hindrance, run)) for run in runs],
        "running": any(run.state == RUNNING for run in runs),
        "active": await run_in_threadpool(training.active),
        "before": await run_in_threadpool(training.before),
        "may_activate": session_of(request).role is Role.ADMINISTRATOR,
    }


PAGES = (
    Page("/training", "GET", show_training, EDITORS, "training"),
    Page("/training", "POST", settle, EDITORS),
    Page("/training/lauf", "GET", show_runs, EDITORS),
    Page("/training/entfernen", "POST", remove, EDITORS),
    Page("/training/patch", "GET", patch, EDITORS),
    Page("/training/start", "POST", start, EDITORS),
    Page("/training/aktivieren", "POST", activate, ADMINISTRATORS),
    Page("/training/zurueck", "POST", roll_back, ADMINISTRATORS),
)
