"""The API of the chat. openapi.yml describes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from partnerstadt.database import RETRY_SECONDS, is_away
from partnerstadt.front import gateway, service
from partnerstadt.front.desk import Desk
from partnerstadt.front.errors import Wrong
from partnerstadt.front.hub import NEWS
from partnerstadt.front.info import info, openapi
from partnerstadt.front.security import address
from partnerstadt.front.speech import COMMENT, read_button, read_client_id, read_question, read_text
from partnerstadt.front.store import Conversation, Event

PRIVATE = {"Cache-Control": "no-store"}
NUMBER_MOST = 2**31 - 1
WAIT_MOST = 300


def desk_of(request: Request) -> Desk:
    """The front desk that a request has come to."""
    desk: Desk = request.app.state.desk
    return desk


async def get_info(request: Request) -> Response:
    """What a chat shows before the first message."""
    return JSONResponse(info(desk_of(request)), headers={"Cache-Control": "no-cache"})


async def get_openapi(request: Request) -> Response:
    """The description of this API."""
    return JSONResponse(openapi(), headers={"Cache-Control": "max-age=3600"})


async def session(request: Request) -> Response:
    """Begin a conversation, or delete it."""
    return await (post_session if request.method == "POST" else delete_session)(request)


async def post_session(request: Request) -> Response:
    """Begin a conversation; one of our gateways may go on with one that it has begun."""
    desk = desk_of(request)
    content = await content_of(request)
    if is_gateway(desk, request):
        opened = await service.enter(desk, *_named(content))
    else:
        opened = await service.begin(desk, address(request.scope))
    expires = opened.expires.isoformat(timespec="seconds").replace("+00:00", "Z")
    return JSONResponse({"token": desk.tokens.make(opened.id), "expires": expires}, 201, PRIVATE)


def is_gateway(desk: Desk, request: Request) -> bool:
    """Whether one of our gateways asks; whoever only says so is refused."""
    shown = request.headers.get(gateway.HEADER)
    if shown is not None and not gateway.is_token(shown, desk.gateway_secret):
        raise Wrong(401, "unauthorized")
    return shown is not None


def _named(content: dict[str, Any]) -> tuple[str, str]:
    """The channel and the conversation that a gateway names."""
    channel, conversation = content.get("channel"), content.get("conversation")
    if not isinstance(channel, str) or not gateway.CHANNEL.fullmatch(channel) or channel == service.CHANNEL:
        raise Wrong(422, "invalid")
    if not isinstance(conversation, str) or not gateway.CONVERSATION.fullmatch(conversation):
        raise Wrong(422, "invalid")
    return channel, conversation


async def delete_session(request: Request) -> Response:
    """Delete a conversation; one of our gateways may also delete one that is over."""
    desk = desk_of(request)
    if is_gateway(desk, request):
        _, id = _named(await content_of(request))
    else:
        id = (await conversation_of(request)).id
    await service.delete(desk, id)
    return Response(status_code=204)


async def post_message(request: Request) -> Response:
    """Take a message or a button."""
    desk = desk_of(request)
    id = service.id_of(desk, token_of(request))
    content = await content_of(request)
    client_id = read_client_id(content.get("id"))
    if ("text" in content) == ("button" in content):
        raise Wrong(422, "invalid")
    if "button" in content:
        said = await service.pressed(desk, id, read_button(content["button"]))
    else:
        said = read_question(content["text"], desk.settings.characters)
    # The address that a gateway calls us by is none that citizens could use.
    base = desk.settings.public_url if is_gateway(desk, request) else str(request.base_url)
    event, new = await service.say(desk, id, said, client_id, base)
    return JSONResponse({"message": event}, 202 if new else 200, PRIVATE)


async def get_history(request: Request) -> Response:
    """All that was said."""
    desk = desk_of(request)
    return JSONResponse(await service.history(desk, await conversation_of(request)), headers=PRIVATE)


async def get_events(request: Request) -> Response:
    """What happens: as a stream, or for clients that ask for JSON one answer at a time."""
    desk = desk_of(request)
    conversation = await conversation_of(request)
    # A stream that is resumed has the number of its beginning in the address, and the newer one in the header.
    after = max(number(request.query_params.get("after", "0")), number(request.headers.get("last-event-id") or "0"))
    if "application/json" in request.headers.get("accept", ""):
        wait = request.query_params.get("wait")
        seconds = (
            desk.settings.poll_seconds if wait is None else min(number(wait, WAIT_MOST), desk.settings.poll_seconds)
        )
        found, more = await service.news(desk, conversation, after, seconds)
        last = max([after, *(event["id"] for event in found if "id" in event)])
        return JSONResponse({"events": found, "last": last, "more": more}, headers=PRIVATE)
    settings = desk.settings
    if desk.hub.followers(conversation.id) >= settings.streams_per_session or desk.hub.followers() >= settings.streams:
        desk.metrics.limited.labels("streams").inc()
        raise Wrong(429, "too_many_streams")
    return EventSourceResponse(
        _stream(desk, conversation, after),
        ping=settings.heartbeat_seconds,
        send_timeout=settings.body_seconds,
        sep="\n",
        headers=PRIVATE,
    )


async def _stream(desk: Desk, conversation: Conversation, after: int) -> AsyncIterator[ServerSentEvent]:
    desk.metrics.streams.inc()
    try:
        with desk.hub.follow(conversation.id) as signals:
            # Tells a client that nothing on the way holds the stream back.
            yield ServerSentEvent(comment="open")
            if desk.delivery.works(conversation.id):
                yield _sent({"type": "typing", "from": "bot", "on": True})
            signal = NEWS
            while (left := (conversation.expires - desk.clock()).total_seconds()) > 0:
                if "id" not in signal and signal is not NEWS:
                    yield _sent(signal)
                elif signal.get("id") == after + 1:  # the one that is due: no need to look it up
                    after += 1
                    yield _sent(signal)
                elif signal.get("id", after + 1) > after:
                    try:
                        found = await desk.store.do(desk.store.events, conversation.id, after)
                    except SQLAlchemyError as error:
                        if not is_away(error):
                            raise
                        await asyncio.sleep(RETRY_SECONDS)  # the window stays open and misses nothing
                        continue
                    for event in found:
                        after = event["id"]
                        yield _sent(event)
                if signal.get("type") == "deleted":
                    return
                try:
                    signal = await asyncio.wait_for(signals.get(), left)
                except asyncio.TimeoutError:
                    return
    finally:
        desk.metrics.streams.dec()


def _sent(event: Event) -> ServerSentEvent:
    id = str(event["id"]) if "id" in event else None
    return ServerSentEvent(json.dumps(event, ensure_ascii=False), event=event["type"], id=id)


async def post_feedback(request: Request) -> Response:
    """Take what a citizen thinks of an answer."""
    desk = desk_of(request)
    conversation = await conversation_of(request)
    content = await content_of(request)
    message, value, comment = content.get("message"), content.get("value"), content.get("comment")
    # In JSON, 2 and 2.0 are the same number; true is none.
    if isinstance(message, bool) or not isinstance(message, int | float) or not 0 <= message <= NUMBER_MOST:
        raise Wrong(422, "invalid")
    if message != int(message) or value not in ("up", "down", None):
        raise Wrong(422, "invalid")
    empty = comment is None or (isinstance(comment, str) and not comment.strip())
    text = None if empty else read_text(comment, COMMENT)
    if not await desk.store.do(desk.store.rate, conversation.id, int(message), value, text, desk.clock()):
        raise Wrong(404, "unknown_message")
    return Response(status_code=204)


def token_of(request: Request) -> str:
    """The token that a request shows."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Wrong(401, "unauthorized")
    return token.strip()


async def conversation_of(request: Request) -> Conversation:
    """The conversation that the token of a request opens."""
    return await service.conversation_of(desk_of(request), token_of(request))


async def content_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request."""
    # A form of another page could send any other type without asking first.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Wrong(415, "invalid")
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Wrong(422, "invalid") from None
    if not isinstance(content, dict):
        raise Wrong(422, "invalid")
    return content


def number(text: str, most: int = NUMBER_MOST) -> int:
    """A whole number of a query."""
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= most):
        raise Wrong(422, "invalid")
    return int(text)


routes = [
    Route("/api/info", get_info),
    Route("/api/openapi.json", get_openapi),
    Route("/api/session", session, methods=["POST", "DELETE"]),
    Route("/api/message", post_message, methods=["POST"]),
    Route("/api/history", get_history),
    Route("/api/events", get_events),
    Route("/api/feedback", post_feedback, methods=["POST"]),
]
