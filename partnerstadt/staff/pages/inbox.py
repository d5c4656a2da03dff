"""The inbox: what the bot could not answer, group by group."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from partnerstadt.front.masking import mask
from partnerstadt.staff.inbox import FOR_AN_ANSWER, PAGE, SENTENCES, Group, Inbox, State
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import EDITORS, Page, desk_of, field, render, session_of

# Where an answer is written once for all who ask alike.
NEW_ANSWER = "/antworten/neu"
LONGEST_NAME = 200


async def show_inbox(request: Request) -> Response:
    """Groups of one state, rising first."""
    words = texts()["inbox"]
    state = _state(request.query_params.get("stand"), State.OPEN)
    page = page_of(request)
    found, total = await run_in_threadpool(desk_of(request).inbox.groups, state, page)
    values: dict[str, Any] = {"groups": found, "state": state, "states": list(State), "total": total}
    values |= pages(f"/eingang?stand={state.value}&", page, total, PAGE)
    return render(request, "inbox.html", words["nav"], **values)


async def show_group(request: Request) -> Response:
    """One group: its sentences, and what to do with it."""
    inbox, group = desk_of(request).inbox, await _group(request)
    key = request.query_params.get("getan", "")
    return await _shown(request, inbox, group, told=texts()["inbox"]["told"].get(key, ""))


async def decide(request: Request) -> Response:
    """Answered, assigned, off the subject, dismissed, or open again."""
    desk, group, form = desk_of(request), await _group(request), await request.form()
    words = texts()["inbox"]
    state, intent = _state(field(form, "state")), field(form, "intent") or None
    if state is State.ASSIGNED and intent not in await run_in_threadpool(desk.training.intents):
        return await _shown(request, desk.inbox, group, 422, error=words["which"])
    seen, by = _state(field(form, "seen")), session_of(request).account
    chosen = intent if state is State.ASSIGNED else None
    if not await run_in_threadpool(desk.inbox.decide, group.id, seen, state, by, chosen):
        return await _shown(request, desk.inbox, await _group(request), 409, error=words["decided_already"])
    return RedirectResponse(f"/eingang/{group.id}?getan={state.value}", 303)


async def call(request: Request) -> Response:
    """Keep a name of a group beyond the texts it was made of."""
    desk, group, form = desk_of(request), await _group(request), await request.form()
    words = texts()["inbox"]
    name = " ".join(field(form, "name").split())[:LONGEST_NAME]
    if name and field(form, "checked") != "yes":
        return await _shown(request, desk.inbox, group, 422, error=words["unchecked"])
    if mask(name) != name:
        return await _shown(request, desk.inbox, group, 422, error=words["personal"])
    await run_in_threadpool(desk.inbox.call, group.id, name, session_of(request).account)
    return RedirectResponse(f"/eingang/{group.id}?getan=named", 303)


async def show_conversation(request: Request) -> Response:
    """What was said in a conversation, as far as it is still kept."""
    group = await _group(request)
    id = request.path_params["conversation"]
    said = await run_in_threadpool(desk_of(request).inbox.conversation, group.id, id)
    if not said:
        raise HTTPException(404)
    return render(request, "conversation.html", texts()["inbox"]["conversation"], said=said, group=group)


async def _shown(request: Request, inbox: Inbox, group: Group, status: int = 200, **values: str) -> Response:
    words = texts()["inbox"]
    page = page_of(request)
    sentences = await run_in_threadpool(inbox.sentences, group.id, page)
    first = sentences if page == 1 else await run_in_threadpool(inbox.sentences, group.id)
    asked = [("frage", text) for text in dict.fromkeys(s.text for s in first)][:FOR_AN_ANSWER]
    can_write = any(page.path == NEW_ANSWER for page in request.app.state.pages)
    more = {
        "group": group,
        "sentences": sentences,
        "intents": await run_in_threadpool(desk_of(request).training.intents),
        "write": f"{NEW_ANSWER}?{urlencode(asked)}" if asked and can_write else "",
        "longest": LONGEST_NAME,
        **pages(f"/eingang/{group.id}?", page, group.count, SENTENCES, len(sentences)),
    }
    return render(request, "group.html", group.name or words["nameless"].format(id=group.id), status, **more, **values)


async def _group(request: Request) -> Group:
    number = request.path_params["group"]
    known = number.isascii() and number.isdigit() and len(number) < 10
    group = await run_in_threadpool(desk_of(request).inbox.group, int(number)) if known else None
    if group is None:
        raise HTTPException(404)
    return group


def _state(value: str | None, otherwise: State | None = None) -> State:
    try:
        return State(value)
    except ValueError:
        if otherwise is None:
            raise HTTPException(400) from None
        return otherwise


def page_of(request: Request) -> int:
    """The number of the page that is asked for."""
    value = request.query_params.get("seite", "")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def pages(address: str, page: int, total: int, size: int, shown: int | None = None) -> dict[str, str | int]:
    """Links to the page before and the next one, for `_pages.html`."""
    last = max(1, -(-total // size))
    more = page < last if shown is None else shown == size
    return {
        "page": page,
        "last_page": last,
        "previous_page": f"{address}seite={page - 1}" if page > 1 else "",
        "next_page": f"{address}seite={page + 1}" if more else "",
    }


PAGES = (
    Page("/eingang", "GET", show_inbox, EDITORS, "inbox"),
    Page("/eingang/{group}", "GET", show_group, EDITORS),
    Page("/eingang/{group}", "POST", decide, EDITORS),
    Page("/eingang/{group}/name", "POST", call, EDITORS),
    Page("/eingang/{group}/{conversation}", "GET", show_conversation, EDITORS),
)
