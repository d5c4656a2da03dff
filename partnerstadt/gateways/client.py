"""Talks to the front desk as the chat in a browser does, and shows that it is one of our own gateways."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from partnerstadt.front import gateway
from partnerstadt.gateways.contract import Button

SECONDS = 20.0
WAIT = 25  # of one poll


class Down(Exception):
    """The front desk does not answer now."""


class Over(Exception):
    """The conversation is over or deleted."""


class Busy(Exception):
    """Too much at once; after so many seconds it works again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class Rejected(Exception):
    """This will never be taken. The text tells people why."""


@dataclass(frozen=True)
class Entered:
    """A conversation that is open: its token, and when it is over."""

    token: str
    expires: dt.datetime


@dataclass(frozen=True)
class Event:
    """Something that happened in a conversation.

    Attributes:
        id: its number; none for what is not kept.
        type: message, status, typing or deleted.
        sender: citizen, bot, staff or system.
        text: in our markup.
        source: where it comes from, as lines.
        buttons: what may be said next.
        picture: map or timeline.
        answers: the number of the question.
        on: of typing, whether it begins.
    """

    id: int | None
    type: str
    sender: str = ""
    text: str = ""
    source: str | None = None
    buttons: tuple[Button, ...] = ()
    picture: str | None = None
    answers: int | None = None
    on: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Event:
        """An event as the front desk sends it."""
        return cls(
            id=raw.get("id"),
            type=raw["type"],
            sender=raw.get("from", ""),
            text=raw.get("text", ""),
            source=raw.get("source"),
            buttons=tuple(Button(button["id"], button["title"]) for button in raw.get("buttons", ())),
            picture=raw.get("picture"),
            answers=raw.get("answers"),
            on=raw.get("on", False),
        )


@dataclass(frozen=True)
class News:
    """What has happened, the number of the last event, and whether more may come by itself."""

    events: Sequence[Event]
    last: int
    more: bool


@dataclass(frozen=True)
class City:
    """A row of what a picture shows."""

    name: str
    country: str
    since: int | None


@dataclass(frozen=True)
class Welcome:
    """What is said at the beginning: sentences, a notice, an announcement, questions to begin with, links."""

    greeting: tuple[str, ...]
    notice: str
    announcement: str | None
    suggestions: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


class FrontDesk:
    """The front desk on this machine.

    Args:
        url: where it listens.
        secret: what it knows its gateways by.
        channel: what conversations are counted under.
    """

    def __init__(self, url: str, secret: str, channel: str) -> None:
        self._url, self._secret, self._channel = url.rstrip("/"), secret, channel
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()

    async def welcome(self) -> Welcome:
        """What a chat shows before the first message."""
        raw = await self._call("GET", "/api/info")
        return Welcome(
            greeting=tuple(raw["greeting"]),
            notice=raw["notice"],
            announcement=(raw["announcement"] or {}).get("text"),
            suggestions=tuple(raw["suggestions"]),
            links=tuple((link["title"], link["url"]) for link in raw["links"].values()),
        )

    async def cities(self) -> list[City]:
        """The cities that are on a picture, in the order of their beginning."""
        raw = await self._call("GET", "/api/pictures.json")
        return [City(city["name"], city["country"], city["since"]) for city in raw["cities"]]

    async def picture(self, name: str) -> bytes | None:
        """A picture as PNG; None if there is none."""
        try:
            raw = await self._call("GET", f"/api/{name}.png")
        except (Rejected, Busy, Down):
            return None
        return raw if isinstance(raw, bytes) else None

    async def enter(self, conversation: str) -> Entered:
        """Open a conversation under a name of ours, or go on with it."""
        raw = await self._call("POST", "/api/session", {"channel": self._channel, "conversation": conversation})
        return Entered(raw["token"], dt.datetime.fromisoformat(raw["expires"].replace("Z", "+00:00")))

    async def say(self, token: str, client_id: str, text: str = "", button: str = "") -> int:
        """Say something or press a button; the number of its event. The same id again is said once."""
        said = {"button": button} if button else {"text": text}
        raw = await self._call("POST", "/api/message", {**said, "id": client_id}, token)
        return int(raw["message"]["id"])

    async def news(self, token: str, after: int) -> News:
        """What has happened since an event; waits for it."""
        raw = await self._call("GET", f"/api/events?after={after}&wait={WAIT}", token=token)
        return News([Event.read(event) for event in raw["events"]], raw["last"], raw["more"])

    async def rate(self, token: str, event: int, value: str | None) -> None:
        """Say what an answer is worth."""
        await self._call("POST", "/api/feedback", {"message": event, "value": value}, token)

    async def delete(self, conversation: str) -> None:
        """Delete a conversation and everything in it, also if it is over."""
        await self._call("DELETE", "/api/session", {"channel": self._channel, "conversation": conversation})

    async def put_mail(self, mail: Mapping[str, str]) -> None:
        """Put a mail before the staff; the same again is kept once."""
        await self._call("PUT", "/api/mails", mail)

    async def mail_replies(self) -> list[Mapping[str, str]]:
        """Answers of the staff that have not left yet: id, message_id, sender and subject of the mail, reply."""
        raw = await self._call("GET", "/api/mails/replies")
        return list(raw["replies"])

    async def mail_reply_sent(self, id: str) -> None:
        """An answer of the staff has left."""
        await self._call("DELETE", f"/api/mails/replies/{id}")

    async def _call(self, method: str, path: str, body: object = None, token: str | None = None) -> Any:
        if self._session is None:
            # No proxy of the machine may come between us and our own loopback address.
            self._session = ClientSession(
                connector=TCPConnector(limit=0),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(total=SECONDS + WAIT),
            )
        headers = {gateway.HEADER: gateway.token(self._secret), "Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            async with self._session.request(
                method, self._url + path, json=body, headers=headers, allow_redirects=False
            ) as response:
                if response.status == 204:
                    return None
                if response.content_type == "image/png":
                    return await response.read()
                answer = await response.json()
                if response.status < 300:
                    return answer
                error = answer["error"]
        except (ClientError, asyncio.TimeoutError, ValueError, LookupError, TypeError, OSError) as failed:
            raise Down(type(failed).__name__) from None
        if response.status == 401 and token is None:
            raise Down("it does not know this gateway; both need the same state folder")
        if response.status in (401, 410):
            raise Over
        if response.status in (408, 429):
            raise Busy(float(error.get("retry_after", 1)))
        if 400 <= response.status < 500:
            raise Rejected(error["text"])
        raise Down(f"status {response.status}")
