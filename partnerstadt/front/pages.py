"""Pages that work without JavaScript: the example of a city's page, and the chat as a plain form."""

from __future__ import annotations

import uuid
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from partnerstadt.answer.utterance import month
from partnerstadt.front import notes, service
from partnerstadt.front.api import desk_of
from partnerstadt.front.desk import Desk
from partnerstadt.front.errors import Wrong
from partnerstadt.front.handover import Wish
from partnerstadt.front.info import info
from partnerstadt.front.security import address
from partnerstadt.front.speech import read_button, read_client_id, read_question
from partnerstadt.front.store import BOT, CITIZEN, STAFF, WAITING, Conversation

COOKIE = "partnerstadt"
CHAT, NOTE = "/chat", f"/{service.FORM}"
WAIT_SECONDS = 5.0
NOTHING: dict[str, object] = {"events": [], "plain_language": False, "handover": BOT}
EMPTY = dict.fromkeys(("id", "text", "email", "phone"), "")

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


async def demo(request: Request) -> Response:
    """An example of a city's page with the chat."""
    desk = desk_of(request)
    records = desk.records.get()
    texts = desk.texts
    cities = [
        (city.name, city.country_label, texts.text("demo", "since", year=city.year) if city.year else "")
        for city in records.partner_cities
    ]
    keys = dict.fromkeys(city.source for city in records.partner_cities)
    sources = [
        texts.text("demo", "source", title=source.title, date=month(source.taken_over_on))
        for source in map(records.source, keys)
    ]
    values = {"t": texts.group("demo", city=desk.city), "cities": cities, "sources": sources}
    return _page(request, "demo.html", **values)


async def chat(request: Request) -> Response:
    """The chat as a plain form."""
    return await (post_chat if request.method == "POST" else show_chat)(request)


async def show_chat(request: Request) -> Response:
    """The conversation so far, and a form."""
    desk = desk_of(request)
    conversation = await _conversation(request)
    history = await service.history(desk, conversation) if conversation else NOTHING
    return _chat(request, history, deleted="deleted" in request.query_params)


async def post_chat(request: Request) -> Response:
    """Take a question, a button or the wish to delete all, and show the conversation again."""
    desk = desk_of(request)
    if not same_origin(request):
        raise Wrong(403, "forbidden")
    form = await request.form(max_files=0, max_fields=10)
    request.state.typed = {name: str(form.get(name, "")) for name in ("id", "text")}
    conversation = await _conversation(request)
    if "delete" in form:
        if conversation:
            await service.delete(desk, conversation.id)
        gone: Response = RedirectResponse(f"{CHAT}?deleted", 303)
        gone.delete_cookie(COOKIE, path=CHAT)
        return gone
    client_id = read_client_id(form.get("id"))
    if "button" in form:
        button = read_button(form["button"])
        if button == Wish.NOTE:
            return RedirectResponse(NOTE, 303)
        if conversation is None and button not in service.FIXED_BUTTONS:
            raise Wrong(404, "unknown_button")
        conversation = conversation or await service.begin(desk, address(request.scope))
        said = await service.pressed(desk, conversation.id, button)
    else:
        said = read_question(form.get("text"), desk.settings.characters)
        conversation = conversation or await service.begin(desk, address(request.scope))
    event, _ = await service.say(desk, conversation.id, said, client_id, str(request.base_url))
    if event["to"] != STAFF:
        await _until_answered(desk, conversation, event["id"])
    response = RedirectResponse(f"{CHAT}#end", 303)
    response.set_cookie(
        COOKIE,
        desk.tokens.make(conversation.id),
        path=CHAT,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def error_page(request: Request, wrong: Wrong) -> Response:
    """The chat with a sentence about what was wrong, and what was typed: nobody has to write it again."""
    desk = desk_of(request)
    text, typed = wrong.text(desk.texts), getattr(request.state, "typed", EMPTY)
    if request.url.path == NOTE:
        response = _note(request, typed, text)
    else:
        response = _chat(request, NOTHING, error=text, typed=typed)
    response.status_code = wrong.status
    if wrong.retry_after is not None:
        response.headers["Retry-After"] = str(wrong.retry_after)
    return response


async def note(request: Request) -> Response:
    """A form to leave a note for the staff; it belongs to no conversation."""
    if request.method != "POST":
        return _note(request, sent="gesendet" in request.query_params)
    desk = desk_of(request)
    if not same_origin(request):
        raise Wrong(403, "forbidden")
    form = await request.form(max_files=0, max_fields=10)
    request.state.typed = fields = {name: str(form.get(name, "")) for name in EMPTY}
    try:
        left = notes.read_note(**fields, now=desk.clock())
        wait = await desk.notes.take(address(request.scope))
        if wait:
            desk.metrics.limited.labels("notes").inc()
            raise Wrong(429, "rate_limited", wait)
    except Wrong as wrong:
        response = _note(request, fields, wrong.text(desk.texts))
        response.status_code = wrong.status
        return response
    await desk.store.do(desk.store.within, notes.leave, left)
    return RedirectResponse(f"{NOTE}?gesendet", 303)


def same_origin(request: Request) -> bool:
    """Whether a form comes from a page of ours, as far as the browser tells."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _conversation(request: Request) -> Conversation | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    try:
        return await service.conversation_of(desk_of(request), token)
    except Wrong:
        return None


async def _until_answered(desk: Desk, conversation: Conversation, question: int) -> None:
    after, answered = question, False
    deadline = desk.clock().timestamp() + WAIT_SECONDS
    while not answered and (left := deadline - desk.clock().timestamp()) > 0:
        found, _ = await service.news(desk, conversation, after, left)
        for event in found:
            after = event.get("id", after)
            answered = answered or event.get("answers") == question


def _chat(
    request: Request,
    history: dict[str, object],
    error: str = "",
    deleted: bool = False,
    typed: dict[str, str] = EMPTY,
) -> Response:
    desk = desk_of(request)
    events = history["events"]
    assert isinstance(events, list)
    answered = {event.get("answers") for event in events if event["type"] == "message"}
    # A status says the same in better words.
    told = {event["answers"] for event in events if event["type"] == "status"}
    own = [event["id"] for event in events if event.get("from") == CITIZEN and event["to"] != STAFF]
    waiting = [id for id in own if id not in answered | told]
    values = {
        "t": desk.texts.group("chat") | {"staff": desk.handover.person},
        "events": events,
        "handover": history["handover"] if history["handover"] in (WAITING, STAFF) else "",
        "waiting": waiting,
        "unanswered": bool(waiting or told),
        "plain": bool(history["plain_language"]),
        "plain_titles": {key: desk.texts.text(key, "title") for key in service.PLAIN_BUTTONS},
        "id": _id(typed["id"].removesuffix("-t")),
        "text": typed["text"],
        "error": error,
        "deleted": deleted,
    }
    return _page(request, "chat.html", **values)


def _note(request: Request, note: dict[str, str] = EMPTY, error: str = "", sent: bool = False) -> Response:
    desk = desk_of(request)
    days = desk.texts.number("days", round(desk.settings.note_days))
    values = {
        "t": desk.texts.group("note", days=days),
        "id": _id(note["id"]),
        "note": note,
        "longest": notes.LONGEST,
        "error": error,
        "sent": sent,
    }
    return _page(request, "note.html", **values)


def _id(shown: str) -> str:
    """The id of a form: the same when it is shown again, so that what was kept after all is not kept twice."""
    return shown if notes.ID.fullmatch(shown) else uuid.uuid4().hex


def _page(request: Request, template: str, **values: object) -> Response:
    page = _environment.get_template(template).render(info=info(desk_of(request)), **values)
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


routes = [
    Route("/", demo),
    Route(CHAT, chat, methods=["GET", "POST"]),
    Route(NOTE, note, methods=["GET", "POST"]),
]
