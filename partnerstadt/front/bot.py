"""Talks to Rasa and turns what it says into one reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from partnerstadt.front.store import Button, Question, Reply

CONNECT_SECONDS = 2.0
FORGET_SECONDS = 10.0  # a turn that is under way ends first
# Headers of our REST channel (partnerstadt/rasa_ext/rest.py), which cannot be imported without Rasa.
TOKEN_HEADER = "X-Partnerstadt-Token"
DETAIL_HEADER = "X-Partnerstadt-Detail"
SOURCE = "utter_source"
FAILED = "failed"


class Unavailable(Exception):
    """Rasa does not answer now; later it will."""


class Refused(Exception):
    """Rasa will never answer this."""


def http_client(seconds: float, parallel: int) -> httpx.AsyncClient:
    """Connections to Rasa that stay open."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=parallel + 4, max_keepalive_connections=parallel + 4),
        trust_env=False,  # no proxy of the machine may come between us and our own loopback address
    )


class Bot:
    """Rasa behind its REST channel.

    Args:
        http: the client to use.
        url: where the channel takes messages.
        actions_url: where Rasa calls actions.
        token: allows to delete conversations.
    """

    def __init__(self, http: httpx.AsyncClient, url: str, actions_url: str, token: str = "") -> None:
        self._http = http
        self._url = url
        self._health = url.removesuffix("webhook")
        self._actions_health = actions_url.removesuffix("webhook") + "health"
        self._token = token

    async def ask(self, question: Question) -> Reply:
        """Ask once. The number of a question keeps Rasa from answering it twice when it is sent again."""
        body = {"sender": question.conversation, "message": question.text, "id": str(question.number)}
        try:
            response = await self._http.post(self._url, json=body, headers={DETAIL_HEADER: "1"})
            if 400 <= response.status_code < 500:
                raise Refused(f"status {response.status_code}")
            if response.status_code != 200:
                raise Unavailable(f"status {response.status_code}")
            return compose(response.json())
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(type(error).__name__) from None

    async def forget(self, conversation: str) -> None:
        """Let Rasa forget a conversation."""
        url = f"{self._health}conversations/{quote(conversation)}"
        try:
            response = await self._http.delete(url, headers={TOKEN_HEADER: self._token}, timeout=FORGET_SECONDS)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from None
        if response.status_code not in (204, 404):
            raise Unavailable(f"status {response.status_code}")

    async def ready(self) -> bool:
        """Whether Rasa can answer."""
        return await self._fine(self._health)

    async def actions_ready(self) -> bool:
        """Whether the action server can answer."""
        return await self._fine(self._actions_health)

    async def _fine(self, url: str) -> bool:
        try:
            return (await self._http.get(url, timeout=CONNECT_SECONDS)).status_code == 200
        except httpx.HTTPError:
            return False


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
