"""Rasa's REST channel, made safe: same address and same replies, but it trusts nobody and logs no text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import QueueOutputChannel, RestInput
from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore
from rasa.utils.endpoints import bool_arg
from sanic import Blueprint, response
from sanic.request import Request

import partnerstadt.rasa_ext.environment  # noqa: F401  (applies the changes to Rasa)
from partnerstadt.incoming import clean, without_command
from partnerstadt.rasa_ext import swap
from partnerstadt.rasa_ext.guard import shown

MAX_BODY = 256 * 1024
MAX_TEXT = 20_000
MAX_SENDER = 255
HEALTH_SECONDS = 2.0
NEEDS_TOKEN = "This needs the token of the supervisor."
APOLOGY = "utter_apology"
DEVELOPER_COMMANDS = "PARTNERSTADT_COMMANDS"
DETAIL_HEADER = "X-Partnerstadt-Detail"
REMEMBERED = 2_000  # replies kept for a message that is sent again, and conversations known to be deleted

logger = logging.getLogger(__name__)
OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class Refused(ValueError):
    """The request cannot be a message; the text says why and may be shown to the client."""


class Message(NamedTuple):
    """One message of a client; with an id it may be sent again without being asked again."""

    text: str
    sender: str
    id: str | None = None


class Collector(CollectingOutputChannel):
    """Collects a reply, each message with the key of the response that made it, and what the action says about it.

    `about["said"]` are the messages as the action ordered them: one entry each, however many parts Rasa makes of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[str, Any] = {}

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Take one message of the bot."""
        self.about.update(message.pop("about", None) or {})
        before = len(self.messages)
        await super().send_response(recipient_id, message)
        text = "\n\n".join(part["text"] for part in self.messages[before:] if part.get("text"))
        self.about.setdefault("said", []).append({"response": message.get("utter_action"), "text": text})
        if message.get("utter_action"):
            for part in self.messages[before:]:
                part["response"] = message["utter_action"]


class Memory:
    """Replies to messages with an id, and which conversations are deleted; the oldest are forgotten first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._replies: OrderedDict[tuple[str, str], asyncio.Future[list[dict[str, Any]]]] = OrderedDict()
        self._deleted: OrderedDict[str, None] = OrderedDict()

    def reply(self, message: Message) -> asyncio.Future[list[dict[str, Any]]] | None:
        """The reply to a message that has been here before; it may still be in the making."""
        return self._replies.get((message.sender, message.id)) if message.id else None

    def keep(self, message: Message, reply: asyncio.Future[list[dict[str, Any]]]) -> None:
        """Remember a reply."""
        if message.id:
            self._replies[message.sender, message.id] = reply
            if len(self._replies) > self._size:
                self._replies.popitem(last=False)

    def drop(self, message: Message) -> None:
        """Forget the reply to a message, so that it can be asked again."""
        if message.id:
            self._replies.pop((message.sender, message.id), None)

    def delete(self, sender: str) -> None:
        """Forget a conversation but for the fact that it is over."""
        for key in [key for key in self._replies if key[0] == sender]:
            del self._replies[key]
        self._deleted[sender] = None
        if len(self._deleted) > self._size:
            self._deleted.popitem(last=False)

    def is_deleted(self, sender: str) -> bool:
        """Whether a conversation was deleted."""
        return sender in self._deleted


class RestChannel(RestInput):
    """REST channel under Rasa's own name and address."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Routes of the channel."""
        routes = Blueprint("partnerstadt_rest")
        memory = Memory()

        @routes.listener("after_server_start")
        async def follow_chosen_model(app: Any, _: Any) -> None:
            app.ctx.following = swap.start(app)

        @routes.listener("before_server_stop")
        async def stop_following(app: Any, _: Any) -> None:
            if app.ctx.following is not None:
                app.ctx.following.cancel()

        @routes.get("/")
        async def health(request: Request) -> Any:
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            body = {"status": "ok" if ready else "starting", "model": getattr(agent, "model_name", None)}
            return response.json(body, status=200 if ready else 503)

        @routes.get("/actions/health")
        async def actions_health(_: Request) -> Any:
            works = await _actions_work(os.environ.get("PARTNERSTADT_ACTIONS_URL", ""))
            return response.json({"status": "ok" if works else "gone"}, status=200 if works else 503)

        @routes.post("/webhook")
        async def receive(request: Request) -> Any:
            try:
                message = read_message(request.body)
            except Refused as refused:
                return response.json({"error": str(refused)}, status=400)
            if memory.is_deleted(message.sender):
                return response.json({"error": "This conversation was deleted."}, status=410)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "The bot is still starting."}, status=503)
            if bool_arg(request, "stream", default=False):
                stream = _streamed(on_new_message, agent, message)
                return response.stream(stream, content_type="text/event-stream")
            reply = memory.reply(message)
            if reply is None:
                reply = asyncio.ensure_future(_reply(on_new_message, agent, message, memory))
                memory.keep(message, reply)
            parts = await asyncio.shield(reply)
            detailed = request.headers.get(DETAIL_HEADER) == "1"
            return response.json(parts if detailed else [part for part in parts if "about" not in part])

        @routes.get("/conversations/<sender>")
        async def tell(request: Request, sender: str) -> Any:
            if not shown(request.headers):
                return response.json({"error": NEEDS_TOKEN}, status=403)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "The bot is still starting."}, status=503)
            tracker = await agent.tracker_store.retrieve_full_tracker(sender)
            return response.json([event.as_dict() for event in tracker.events] if tracker else [])

        @routes.delete("/conversations/<sender>")
        async def delete(request: Request, sender: str) -> Any:
            if not shown(request.headers):
                return response.json({"error": NEEDS_TOKEN}, status=403)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "The bot is still starting."}, status=503)
            memory.delete(sender)
            # A turn that is under way saves the conversation at its end: not before that is there all to delete.
            async with agent.lock_store.lock(sender):
                found = [await _remove(store, sender) for store in _stores(agent.tracker_store)]
            return response.empty(204 if any(found) else 404)

        return routes


async def _actions_work(url: str) -> bool:
    """Whether the action server can be called; the front desk may sit on a machine that cannot reach it."""
    try:
        timeout, address = ClientTimeout(total=HEALTH_SECONDS), url.removesuffix("webhook") + "health"
        async with ClientSession(timeout=timeout) as http, http.get(address) as reply:
            return reply.status == 200
    except (ClientError, asyncio.TimeoutError, ValueError):
        return False


async def _reply(on_new_message: OnNewMessage, agent: Any, message: Message, memory: Memory) -> list[dict[str, Any]]:
    """The messages of a turn and, last, what is known about it."""
    output = Collector()
    user = UserMessage(message.text, output, message.sender, input_channel=RestChannel.name(), message_id=message.id)
    await _turn(on_new_message, agent, user)
    if output.messages:
        return [*output.messages, {"about": output.about}]
    apology = await _apology(agent, message.sender)
    if not apology:
        return []
    memory.drop(message)
    return [*apology, {"about": {"outcome": "failed"}}]


def _stores(store: Any) -> Iterator[Any]:
    """The stores that hold conversations, out of the wrappers Rasa puts around them."""
    inner = getattr(store, "_tracker_store", None)
    if inner is None:
        yield store
        return
    yield from _stores(inner)
    fallback = getattr(store, "_fallback_tracker_store", None)
    if fallback is not None:
        yield fallback


async def _remove(store: Any, sender: str) -> bool:
    """Delete a conversation from a tracker store; Rasa has no way to do it. Returns whether there was one."""
    if isinstance(store, InMemoryTrackerStore):
        return store.store.pop(sender, None) is not None
    if isinstance(store, SQLTrackerStore):
        with store.session_scope() as session:
            rows = session.query(store.SQLEvent).filter_by(sender_id=sender).delete()
            session.commit()
        return bool(rows)
    raise NotImplementedError(f"conversations in a {type(store).__name__} cannot be deleted")


def read_message(body: bytes) -> Message:
    """Return the message of a request; `input_channel` and `metadata` of the client are ignored."""
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
        text = without_command(text)
    if not text:
        raise Refused("'message' is empty.")
    id = content.get("id")
    if id is not None and not (isinstance(id, str) and 0 < len(id) <= MAX_SENDER):
        raise Refused(f"'id' must be a string of up to {MAX_SENDER} characters.")
    return Message(text, sender, id)


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


def _streamed(on_new_message: OnNewMessage, agent: Any, message: Message) -> Callable[[Any], Awaitable[None]]:
    """Send each reply as a line of JSON as soon as it is there; Rasa's own stream never ends after an error."""

    async def stream(reply: Any) -> None:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        user = UserMessage(message.text, QueueOutputChannel(queue), message.sender, input_channel=RestChannel.name())
        turn = asyncio.ensure_future(_turn(on_new_message, agent, user))
        turn.add_done_callback(lambda _: queue.put_nowait(None))
        silent = True
        while (part := await queue.get()) is not None:
            silent = False
            await reply.write(json.dumps(part) + "\n")
        for part in await _apology(agent, message.sender) if silent else []:
            await reply.write(json.dumps(part) + "\n")

    return stream
