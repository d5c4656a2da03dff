"""People with a Matrix client, for tests: runs in the gateway's environment and obeys lines of JSON.

A line is {"call": ID, "do": NAME, "with": {...}}; the reply is {"call": ID, "result": ...}. What people hear is told as
{"heard": {...}}. Nothing here is tested.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from nio import AsyncClient, AsyncClientConfig, MegolmEvent, RoomMessage, RoomPreset
from nio.crypto import decrypt_attachment

logging.getLogger("nio").setLevel(logging.CRITICAL)
PEOPLE: dict[str, Somebody] = {}
BACKGROUND: set[asyncio.Task[Any]] = set()


def say(line: dict[str, Any]) -> None:
    """Tell the test something."""
    print(json.dumps(line), flush=True)


class Somebody:
    """A person with a client that follows what happens."""

    def __init__(self, name: str, url: str, user: str, folder: str, encrypted: bool) -> None:
        self.name = name
        config = AsyncClientConfig(encryption_enabled=encrypted, request_timeout=20)
        self.client = AsyncClient(url, user, store_path=folder if encrypted else "", config=config)
        self.client.add_event_callback(self.heard, RoomMessage)
        self.client.add_event_callback(self.undecryptable, MegolmEvent)

    async def heard(self, room: Any, event: Any) -> None:
        """Tell what others say."""
        if event.sender != self.client.user_id:
            content = event.source["content"]
            told = {"person": self.name, "room": room.room_id, "id": event.event_id, "sender": event.sender}
            told |= {"content": content, "decrypted": bool(event.decrypted)}
            say({"heard": told | {"picture": await self.seen(content) if content["msgtype"] == "m.image" else ""}})

    async def seen(self, content: dict[str, Any]) -> str:
        """The SHA-256 of a picture."""
        file = content.get("file")
        body = good(await self.client.download(file["url"] if file else content["url"])).body
        if file:
            body = decrypt_attachment(body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return sha256(body).hexdigest()

    async def undecryptable(self, room: Any, event: Any) -> None:
        """Tell that something cannot be read."""
        if event.sender != self.client.user_id:
            say({"heard": {"person": self.name, "room": room.room_id, "id": event.event_id, "content": None}})

    async def follow(self) -> None:
        """Follow what happens, whatever becomes of the homeserver."""
        while True:
            try:
                await self.client.sync_forever(10_000, full_state=True, loop_sleep_time=10)
            except Exception:
                await asyncio.sleep(0.2)


def good(reply: Any) -> Any:
    """A reply that is no error."""
    assert "Error" not in type(reply).__name__, reply
    return reply


async def enter(name: str, url: str, user: str, password: str, folder: str, encrypted: bool) -> str:
    """Log somebody in."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    somebody = PEOPLE[name] = Somebody(name, url, user, folder, encrypted)
    good(await somebody.client.login(password))
    good(await somebody.client.sync(0, full_state=True))
    BACKGROUND.add(asyncio.ensure_future(somebody.follow()))
    return str(somebody.client.user_id)


async def begin(name: str, others: list[str], encrypted: bool) -> str:
    """Begin a chat with others and wait until the first has come."""
    client = PEOPLE[name].client
    start = [{"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
    preset = RoomPreset.trusted_private_chat
    made = await client.room_create(
        is_direct=len(others) == 1, invite=others, preset=preset, initial_state=start if encrypted else []
    )
    return str(good(made).room_id)


async def members(name: str, room: str) -> list[str]:
    """Who has joined a room."""
    return [member.user_id for member in good(await PEOPLE[name].client.joined_members(room)).members]


async def send(name: str, room: str, content: dict[str, Any], type: str = "m.room.message") -> str:
    """Send an event."""
    client = PEOPLE[name].client
    # Those who are invited get no key from this client, so they are waited for.
    while room not in client.rooms or sum(not user.invited for user in client.rooms[room].users.values()) < 2:
        await asyncio.sleep(0.02)
    if client.olm and client.should_query_keys:
        await client.keys_query()
    return str(good(await client.room_send(room, type, content, ignore_unverified_devices=True)).event_id)


async def redact(name: str, room: str, event: str) -> None:
    """Take an event back."""
    good(await PEOPLE[name].client.room_redact(room, event))


async def invite(name: str, room: str, user: str) -> None:
    """Ask somebody into a room."""
    good(await PEOPLE[name].client.room_invite(room, user))


async def leave(name: str, room: str) -> None:
    """Leave a room."""
    good(await PEOPLE[name].client.room_leave(room))


DO = {work.__name__: work for work in (enter, begin, members, send, redact, invite, leave)}


async def obey(order: dict[str, Any]) -> None:
    """Do what a line says."""
    try:
        say({"call": order["call"], "result": await DO[order["do"]](**order["with"])})
    except Exception as error:
        say({"call": order["call"], "error": repr(error)})


async def main() -> None:
    """Obey until there are no more lines."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        task = asyncio.ensure_future(obey(json.loads(line)))
        BACKGROUND.add(task)
        task.add_done_callback(BACKGROUND.discard)


asyncio.run(main())
