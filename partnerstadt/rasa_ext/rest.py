"""Rasa's REST channel, made safe: same address and same replies, but it trusts nobody and logs no text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import ClientError, ClientSession, ClientTimeout
from prometheus_client import CONTENT_TYPE_LATEST
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import QueueOutputChannel, RestInput
from rasa.utils.endpoints import bool_arg
from sanic import Blueprint, response
from sanic.request import Request

import partnerstadt.rasa_ext.environment  # noqa: F401  (applies the changes to Rasa)
from partnerstadt import deadlines
from partnerstadt.incoming import clean, without_command
from partnerstadt.names import IN_PROCESS
from partnerstadt.rasa_ext import retention, swap
from partnerstadt.rasa_ext.guard import shown
from partnerstadt.rasa_ext.local_actions import local_actions
from partnerstadt.rasa_ext.metrics import Metrics
from partnerstadt.rasa_ext.tracker_store import ConversationStore, Deleted, Unavailable
from partnerstadt.telemetry import traces

MAX_BODY = 256 * 1024
MAX_TEXT = 20_000
MAX_SENDER = 255
HEALTH_SECONDS = 2.0
NEEDS_TOKEN = "This needs the token of the supervisor."
APOLOGY = "utter_apology"
DEVELOPER_COMMANDS = "PARTNERSTADT_COMMANDS"
DETAIL_HEADER = "X-Partnerstadt-Detail"
REMEMBERED = 2_000  # replies kept for a message that is sent again
AGAIN, GONE = "The bot cannot answer now; send the message again.", "This conversation was deleted."

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
    """Replies to messages with an id, the oldest are forgotten first.

    It joins those who ask for the same reply at the same time; the tracker store knows a reply after a restart too.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._replies: OrderedDict[tuple[str, str], asyncio.Future[list[dict[str, Any]]]] = OrderedDict()

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
        """Forget a conversation."""
        for key in [key for key in self._replies if key[0] == sender]:
            del self._replies[key]


class RestChannel(RestInput):
    """REST channel under Rasa's own name and address."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Routes of the channel."""
        routes = Blueprint("partnerstadt_rest")
        memory, metrics = Memory(), Metrics()

        @routes.listener("after_server_start")
        async def begin(app: Any, _: Any) -> None:
            agent: Any = app.ctx.agent
            store = agent.tracker_store
            if not isinstance(store, ConversationStore):
                raise TypeError("endpoints.yml must name our ConversationStore as tracker_store.")
            app.ctx.following = swap.start(app)
            app.ctx.forgetting = asyncio.ensure_future(retention.run(store, retention.age(), metrics.forgot))
            if agent.action_endpoint is not None and agent.action_endpoint.url == IN_PROCESS:
                # Else the first citizen would wait for it; and what is wrong with an action shows at once.
                await asyncio.to_thread(local_actions)

        @routes.listener("before_server_stop")
        async def end(app: Any, _: Any) -> None:
            for task in (app.ctx.following, app.ctx.forgetting):
                if task is not None:
                    task.cancel()

        @routes.get("/")
        async def health(request: Request) -> Any:
            agent = getattr(request.app.ctx, "agent", None)
            ready = agent is not None and agent.is_ready()
            works = agent is not None and ready and await agent.tracker_store.works()
            status = "ok" if works else "without database" if ready else "starting"
            body = {"status": status, "model": getattr(agent, "model_name", None)}
            return response.json(body, status=200 if works else 503)

        @routes.get("/actions/health")
        async def actions_health(_: Request) -> Any:
            works = await _actions_work(os.environ.get("PARTNERSTADT_ACTIONS_URL", ""))
            return response.json({"status": "ok" if works else "gone"}, status=200 if works else 503)

        @routes.get("/metrics")
        async def numbers(request: Request) -> Any:
            page = metrics.page(getattr(getattr(request.app.ctx, "agent", None), "model_name", None))
            return response.raw(page, content_type=CONTENT_TYPE_LATEST)

        @routes.post("/webhook")
        async def receive(request: Request) -> Any:
            with metrics.answering(), traces.span("turn", traces.Kind.SERVER, within=request.headers) as span:
                reply = await answer(request, span)
                status = reply.status if reply is not None else 200
                model = getattr(getattr(request.app.ctx, "agent", None), "model_name", None)
                span.tell(model=model and model.removesuffix(".tar.gz"), status=status)
            metrics.answered(status)
            return reply

        async def answer(request: Request, span: traces.Span) -> Any:
            try:
                message = read_message(request.body)
            except Refused as refused:
                return response.json({"error": str(refused)}, status=400)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "The bot is still starting."}, status=503)
            if bool_arg(request, "stream", default=False):
                stream = _streamed(on_new_message, agent, message)
                return response.stream(stream, content_type="text/event-stream")
            reply = memory.reply(message)
            if reply is None:
                reply = asyncio.ensure_future(_reply(on_new_message, agent, message, memory))
                reply.add_done_callback(lambda done: done.exception())  # also if nobody waits for it any more
                memory.keep(message, reply)
            done, _ = await asyncio.wait([reply], timeout=deadlines.RASA)
            if not done:
                # The turn goes on; whoever sends the message again gets its reply.
                return response.json({"error": AGAIN}, status=503)
            try:
                parts = await reply
            except Unavailable as error:
                logger.warning("A message must be sent again (%s).", error)
                return response.json({"error": AGAIN}, status=503)
            except Deleted:
                return response.json({"error": GONE}, status=410)
            about = parts[-1].get("about", {}) if parts else {}
            span.tell(intent=about.get("intent"), outcome=about.get("outcome"))
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
            try:
                # A turn that is under way saves the conversation at its end: not before that is there all to delete.
                async with agent.lock_store.lock(sender):
                    found = await agent.tracker_store.delete(sender)
            except Unavailable:
                return response.json({"error": AGAIN}, status=503)
            return response.empty(204 if found else 404)

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
    try:
        await _turn(on_new_message, user)
        if output.messages:
            return [*output.messages, {"about": output.about}]
        apology = await _apology(agent, message.sender)
    except (Unavailable, Deleted):
        memory.drop(message)
        raise
    if not apology:
        return []
    memory.drop(message)
    return [*apology, {"about": {"outcome": "failed"}}]


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


async def _turn(on_new_message: OnNewMessage, message: UserMessage) -> None:
    """Let Rasa answer. A client that hangs up does not end the turn, or the conversation would lose it."""
    task = asyncio.ensure_future(on_new_message(message))
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        await asyncio.shield(task)
    except (Unavailable, Deleted):
        raise
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
        turn = asyncio.ensure_future(_turn(on_new_message, user))
        turn.add_done_callback(lambda _: queue.put_nowait(None))
        silent = True
        while (part := await queue.get()) is not None:
            silent = False
            await reply.write(json.dumps(part) + "\n")
        try:
            await turn
            parts = await _apology(agent, message.sender) if silent else []
        except (Unavailable, Deleted) as error:
            parts = [{"error": GONE if isinstance(error, Deleted) else AGAIN}]
        for part in parts:
            await reply.write(json.dumps(part) + "\n")

    return stream
