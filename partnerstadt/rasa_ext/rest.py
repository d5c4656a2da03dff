"""Rasa's REST channel, made safe: same address and same replies, but it trusts nobody and logs no text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import unicodedata
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import QueueOutputChannel, RestInput
from rasa.utils.endpoints import bool_arg
from sanic import Blueprint, response
from sanic.request import Request

import partnerstadt.rasa_ext.environment  # noqa: F401  (applies the changes to Rasa)

MAX_BODY = 256 * 1024
MAX_TEXT = 20_000
MAX_SENDER = 255
APOLOGY = "utter_apology"
DEVELOPER_COMMANDS = "PARTNERSTADT_COMMANDS"

logger = logging.getLogger(__name__)
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class Refused(ValueError):
    """The request cannot be a message; the text says why and may be shown to the client."""


class RestChannel(RestInput):
    """REST channel under Rasa's own name and address."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Routes of the channel."""
        routes = Blueprint("partnerstadt_rest")

        @routes.get("/")
        async def health(_: Request) -> Any:
            return response.json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> Any:
            try:
                text, sender = read_message(request.body)
            except Refused as refused:
                return response.json({"error": str(refused)}, status=400)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "The bot is still starting."}, status=503)
            if bool_arg(request, "stream", default=False):
                stream = _streamed(on_new_message, agent, text, sender)
                return response.stream(stream, content_type="text/event-stream")
            output = CollectingOutputChannel()
            await _turn(on_new_message, agent, UserMessage(text, output, sender, input_channel=self.name()))
            return response.json(output.messages or await _apology(agent, sender))

        return routes


def read_message(body: bytes) -> tuple[str, str]:
    """Return text and sender of a request; `input_channel` and `metadata` of the client are ignored."""
    if len(body) > MAX_BODY:
        raise Refused(f"The request is larger than {MAX_BODY} bytes.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("The request is no valid JSON.") from None
    if not isinstance(content, dict):
        raise Refused("The request must be a JSON object with 'sender' and 'message'.")
    # Without a sender of their own, all such clients would share one conversation.
    sender = content.get("sender") or uuid.uuid4().hex
    if not isinstance(sender, str) or len(sender) > MAX_SENDER or clean(sender) != sender:
        raise Refused(f"'sender' must be a string of up to {MAX_SENDER} characters without control characters.")
    text = content.get("message")
    if not isinstance(text, str) or "\0" in text:
        raise Refused("'message' must be a string without NUL characters.")
    if len(text) > MAX_TEXT:
        raise Refused(f"'message' is longer than {MAX_TEXT} characters.")
    text = clean(text).strip()
    if os.environ.get(DEVELOPER_COMMANDS) != "1":
        # To Rasa a text with a leading slash is an order like /restart, not something a person says.
        text = text.lstrip("/ \t\n") or text.replace("/", "?")
    if not text:
        raise Refused("'message' is empty.")
    return text, sender


def clean(text: str) -> str:
    """Replace control characters and broken Unicode, which no database or log can hold, by spaces."""
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" else character
        for character in text
    )


_running: set[asyncio.Future[Any]] = set()


async def _turn(on_new_message: OnNewMessage, agent: Any, message: UserMessage) -> None:
    """Let Rasa answer. A client that hangs up does not end the turn, or the conversation would lose it."""
    task = asyncio.ensure_future(on_new_message(message))
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        await asyncio.shield(task)
    except Exception:
        logger.exception("A turn failed.")


async def _apology(agent: Any, sender: str) -> list[dict[str, str]]:
    """What to say when nothing was said. A paused conversation is silent on purpose."""
    tracker = await agent.tracker_store.retrieve(sender)
    texts = [entry["text"] for entry in agent.domain.responses.get(APOLOGY, []) if entry.get("text")]
    if not texts or (tracker is not None and tracker.is_paused()):
        return []
    logger.warning("A turn gave no reply; the bot apologised.")
    return [{"recipient_id": sender, "text": texts[0]}]


def _streamed(on_new_message: OnNewMessage, agent: Any, text: str, sender: str) -> Callable[[Any], Awaitable[None]]:
    """Send each reply as a line of JSON as soon as it is there; Rasa's own stream never ends after an error."""

    async def stream(reply: Any) -> None:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        message = UserMessage(text, QueueOutputChannel(queue), sender, input_channel=RestChannel.name())
        turn = asyncio.ensure_future(_turn(on_new_message, agent, message))
        turn.add_done_callback(lambda _: queue.put_nowait(None))
        silent = True
        while (part := await queue.get()) is not None:
            silent = False
            await reply.write(json.dumps(part) + "\n")
        for part in await _apology(agent, sender) if silent else []:
            await reply.write(json.dumps(part) + "\n")

    return stream
