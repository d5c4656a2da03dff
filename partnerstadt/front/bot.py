"""Talks to Rasa and turns what it says into one reply."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

from aiohttp import ClientConnectionError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from partnerstadt.front.route import Route
from partnerstadt.front.store import Button, Question, Reply
from partnerstadt.telemetry import traces

CONNECT_SECONDS = 2.0
LOOK_SECONDS = 2.0  # between two looks at all processes
QUICK = ClientTimeout(total=CONNECT_SECONDS)
FORGET = ClientTimeout(total=10, sock_connect=CONNECT_SECONDS)  # a turn that is under way ends first
Result = TypeVar("Result")
logger = logging.getLogger(__name__)
# Headers of our REST channel (partnerstadt/rasa_ext/rest.py), which cannot be imported without Rasa.
TOKEN_HEADER = "X-Partnerstadt-Token"
DETAIL_HEADER = "X-Partnerstadt-Detail"
# By it a proxy sends a conversation to the same one of several bots.
CONVERSATION_HEADER = "X-Partnerstadt-Conversation"
SOURCE = "utter_source"
FAILED = "failed"


class Unavailable(Exception):
    """Rasa does not answer now; later it will."""


class Refused(Exception):
    """Rasa will never answer this."""


class Bot:
    """Rasa behind its REST channel, in one process or several that share their memory.

    Args:
        urls: where the channel of each takes messages.
        actions_url: where Rasa calls actions; None if it runs them itself.
        seconds: how long an answer may take.
        parallel: questions at the same time.
        token: is shown at every question.
    """

    def __init__(
        self, urls: str | Sequence[str], actions_url: str | None, seconds: float, parallel: int, token: str = ""
    ) -> None:
        self._route = Route([urls] if isinstance(urls, str) else urls)
        self._actions_health = actions_url and actions_url.removesuffix("webhook") + "health"
        self._timeout = ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        self._connections = parallel + 4
        self._token = token

    @cached_property
    def _http(self) -> ClientSession:
        """Connections that stay open; they belong to the event loop that asks first."""
        return ClientSession(
            connector=TCPConnector(limit=self._connections), cookie_jar=DummyCookieJar(), timeout=self._timeout
        )

    async def close(self) -> None:
        """Hang up."""
        await self._http.close()

    async def ask(self, question: Question) -> Reply:
        """Ask once. The number of a question keeps Rasa from answering it twice when it is sent again."""
        return await self._post(question.conversation, question.text, compose, id=str(question.number))

    async def about(self, conversation: str, text: str) -> dict[str, Any]:
        """What a text was understood as and what is said to each of its questions."""
        return await self._post(conversation, text, lambda parts: dict(parts[-1]["about"]))

    async def _post(self, conversation: str, text: str, read: Callable[[Sequence[Any]], Result], **more: str) -> Result:
        body = {"sender": conversation, "message": text, **more}
        url = self._route.of(conversation)
        with traces.span("ask", traces.Kind.CLIENT) as span:
            headers = self._headers(conversation) | {DETAIL_HEADER: "1"} | traces.carried()
            return await self._answered(url, body, headers, read, span)

    async def _answered(
        self,
        url: str,
        body: Mapping[str, str],
        headers: Mapping[str, str],
        read: Callable[[Sequence[Any]], Result],
        span: traces.Span,
    ) -> Result:
        try:
            async with self._http.post(url, json=body, headers=headers, allow_redirects=False) as response:
                span.tell(status=response.status)
                if response.status == 401:  # a token that is not theirs is no fault of the question
                    logger.error("Rasa does not know the token of the front desk.")
                    raise Unavailable("status 401")
                if 400 <= response.status < 500:
                    raise Refused(f"status {response.status}")
                if response.status != 200:
                    raise Unavailable(f"status {response.status}")
                return read(json.loads(await response.read()))
        except (ClientError, asyncio.TimeoutError, ValueError, LookupError, TypeError) as error:
            if isinstance(error, ClientConnectionError):
                self._route.note(url, works=False)  # the next attempt goes to another one
            raise Unavailable(type(error).__name__) from None

    def _headers(self, conversation: str) -> dict[str, str]:
        return {TOKEN_HEADER: self._token, CONVERSATION_HEADER: conversation}

    async def forget(self, conversation: str) -> None:
        """Let Rasa forget a conversation."""
        url = f"{_health(self._route.of(conversation))}conversations/{quote(conversation)}"
        try:
            async with self._http.delete(url, headers=self._headers(conversation), timeout=FORGET) as response:
                status = response.status
        except (ClientError, asyncio.TimeoutError) as error:
            raise Unavailable(type(error).__name__) from None
        if status not in (204, 404):
            raise Unavailable(f"status {status}")

    async def history(self, conversation: str) -> list[dict[str, Any]]:
        """What Rasa remembers of a conversation, as its events."""
        url = f"{_health(self._route.of(conversation))}conversations/{quote(conversation)}"
        try:
            async with self._http.get(url, headers=self._headers(conversation), timeout=FORGET) as response:
                if response.status != 200:
                    raise Unavailable(f"status {response.status}")
                return list(json.loads(await response.read()))
        except (ClientError, asyncio.TimeoutError, ValueError) as error:
            raise Unavailable(type(error).__name__) from None

    async def ready(self) -> bool:
        """Whether Rasa can answer, in one process at least."""
        return any(await asyncio.gather(*map(self._look, self._route.urls)))

    async def run(self) -> None:
        """See again and again which processes work, for as long as the front desk runs."""
        while len(self._route.urls) > 1:
            await self.ready()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, url: str) -> bool:
        works = await self._fine(_health(url))
        self._route.note(url, works)
        return works

    async def actions_ready(self) -> bool:
        """Whether whoever runs the actions can answer."""
        return await self._fine(self._actions_health) if self._actions_health else await self.ready()

    async def _fine(self, url: str) -> bool:
        try:
            async with self._http.get(url, timeout=QUICK) as response:
                return response.status == 200
        except (ClientError, asyncio.TimeoutError):
            return False


def _health(url: str) -> str:
    return url.removesuffix("webhook")


def compose(parts: Sequence[Any]) -> Reply:
    """One reply of all that Rasa said to one message.

    Raises:
        ValueError: if it has not the form of a reply.
    """
    texts: list[str] = []
    sources: list[str] = []
    buttons: list[Button] = []
    about: dict[str, Any] = {}
    picture = None
    for part in parts:
        if not isinstance(part, dict):
            raise ValueError("a part of a reply must be an object")
        about = part.get("about") or about
        if part.get("text"):
            (sources if str(part.get("response", "")).startswith(SOURCE) else texts).append(str(part["text"]))
        for button in part.get("buttons") or ():
            buttons.append(Button(str(button["title"]), str(button.get("payload") or button["title"])))
        custom = part.get("custom")
        picture = custom.get("picture", picture) if isinstance(custom, dict) else picture
    unique = tuple(dict.fromkeys(buttons))
    return Reply("\n\n".join(texts), source="\n".join(sources) or None, buttons=unique, picture=picture, about=about)
