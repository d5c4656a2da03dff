"""The gateway to Matrix, with end-to-end encryption.

The homeserver drops a message that is sent again under the same key, so nothing is said twice; what was read is noted
after it has been handed over, so nothing is missed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientError
from nio import (
    AsyncClient,
    AsyncClientConfig,
    DiscoveryInfoResponse,
    ErrorResponse,
    InviteMemberEvent,
    LocalProtocolError,
    LoginResponse,
    MegolmEvent,
    MessageDirection,
    RoomInfo,
    RoomMessagesResponse,
    SyncResponse,
    UploadResponse,
    WhoamiResponse,
)
from nio.exceptions import EncryptionError
from nio.store import SqliteStore

from partnerstadt.gateways.contract import (
    Form,
    Gateway,
    Gone,
    Incoming,
    Kind,
    Later,
    Outgoing,
    Picture,
    Reception,
    Refused,
    Unreachable,
    Unsendable,
    Unshowable,
)
from partnerstadt.gateways.cross_signing import sign_device
from partnerstadt.gateways.matrix_events import (
    address_of,
    content_of,
    may_invite,
    picture_of,
    read,
    room_of,
    size,
    thread_of,
)
from partnerstadt.gateways.settings import MatrixSettings

log = logging.getLogger(__name__)
# What matrix-nio would log holds names of people.
logging.getLogger("nio").setLevel(logging.CRITICAL)

DEVICE_NAME = "Partnerstadt"
SYNC_MILLISECONDS = 30_000
TYPING_MILLISECONDS = 30_000
REQUEST_SECONDS = 60
NOTED = 500  # events of threads, and thumbs, of which something is known
OF_OTHERS = frozenset({Kind.EDITED, Kind.DELETED, Kind.RATED})
WAITING_FOR_KEY_MILLISECONDS = 1_000
EVENTS = 50  # of a room in one answer; what is older is fetched page by page
PAGE = 100
FILTER = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {
        "timeline": {"limit": EVENTS},
        "ephemeral": {"types": []},
        "account_data": {"types": []},
    },
}
LONGEST = 24_000  # of 65,536 bytes that an event may have; encryption takes a third more
NO_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
NO_ACCOUNT = frozenset({"M_FORBIDDEN", "M_USER_DEACTIVATED", "M_INVALID_USERNAME", "M_UNKNOWN_USER"})
NO_UPLOAD = frozenset({"M_FORBIDDEN", "M_TOO_LARGE", "M_UNRECOGNIZED", "M_NOT_FOUND"})
NO_CONNECTION = (ClientError, OSError, asyncio.TimeoutError)
CONFIG = AsyncClientConfig(
    store=SqliteStore, max_limit_exceeded=0, max_timeouts=0, request_timeout=REQUEST_SECONDS, encryption_enabled=True
)


@dataclass(frozen=True)
class Device:
    """The device that the bot is at its homeserver, across restarts."""

    user_id: str
    device_id: str
    access_token: str


def make(settings: MatrixSettings, folder: Path) -> Matrix:
    """The gateway of some settings."""
    settings.check()
    assert settings.user is not None
    return Matrix(settings, settings.user, folder)


class Matrix(Gateway):
    """One account of a homeserver.

    Args:
        settings: who may invite the account, and how it logs in.
        user: the account.
        folder: for the device, the keys and what is known of other people's devices.
    """

    form = Form(longest=LONGEST, length=size)
    repeats_safely = True

    def __init__(self, settings: MatrixSettings, user: str, folder: Path) -> None:
        self._settings, self._user, self._folder = settings, user, folder
        self._file = folder / "device.json"
        self._client: AsyncClient | None = None
        self._sending: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    # --- the connection ---

    async def run(self, reception: Reception) -> None:
        """Log in and follow what happens, until cancelled."""
        client: AsyncClient | None = None
        try:
            client = await self._logged_in()
            await _Following(client, reception, self._settings, self._folder).go(lambda: self._ready(client, reception))
        except NO_CONNECTION:
            raise Unreachable("no connection") from None
        finally:
            self._client = None
            if client is not None:
                await client.close()

    def _ready(self, client: AsyncClient, reception: Reception) -> None:
        """The rooms are known now: messages can be sent."""
        self._client = client
        reception.connected()

    async def _logged_in(self) -> AsyncClient:
        kept = self._device()
        client = AsyncClient(await self._homeserver(), self._user, store_path=str(self._folder), config=CONFIG)
        try:
            if kept is not None:
                client.restore_login(**asdict(kept))
                reply = await client.whoami()
                if isinstance(reply, WhoamiResponse):
                    return client
                if reply.status_code not in NO_TOKEN:
                    raise Unreachable(str(reply.status_code))
                client.access_token = ""
            reply = await client.login(self._settings.secret("password"), device_name=DEVICE_NAME)
            if not isinstance(reply, LoginResponse):
                if reply.status_code in NO_ACCOUNT:
                    raise Refused("the homeserver does not accept user and password.")
                raise Unreachable(str(reply.status_code))
            self._keep_device(Device(reply.user_id, reply.device_id, reply.access_token))
            if kept is None and self._settings.display_name:
                await client.set_displayname(self._settings.display_name)
        except BaseException:
            await client.close()
            raise
        return client

    async def _homeserver(self) -> str:
        """Its address out of the settings, else what the domain of the account says."""
        if self._settings.homeserver:
            return self._settings.homeserver.rstrip("/")
        domain = "https://" + self._user.partition(":")[2]
        asking = AsyncClient(domain, config=CONFIG)
        try:
            found = await asking.discovery_info()
        finally:
            await asking.close()
        return found.homeserver_url.rstrip("/") if isinstance(found, DiscoveryInfoResponse) else domain

    def _device(self) -> Device | None:
        try:
            return Device(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _keep_device(self, device: Device) -> None:
        part = self._file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(asdict(device), out)
        part.replace(self._file)

    # --- sending ---

    async def send(self, address: str, message: Outgoing, leaving: Callable[[], None]) -> str | None:
        """Send a message, encrypted where the room is."""
        client, room = self._client, room_of(address)
        if client is None:
            raise Unreachable("not connected")
        try:
            async with self._sending[room]:
                if room not in client.rooms:
                    raise Gone
                if client.rooms[room].encrypted:
                    await self._share_key(client, room)
                content = content_of(address, message)
                if message.picture is not None:
                    where = await self._upload(client, message.picture, client.rooms[room].encrypted)
                    content = picture_of(address, message, message.picture, where)
                leaving()
                reply = await client.room_send(
                    room, "m.room.message", content, message.key, ignore_unverified_devices=True
                )
        except (*NO_CONNECTION, LocalProtocolError):
            raise Unreachable("no connection") from None
        if isinstance(reply, ErrorResponse):
            if reply.status_code == "M_LIMIT_EXCEEDED":
                raise Later((reply.retry_after_ms or 5000) / 1000)
            if reply.status_code in ("M_FORBIDDEN", "M_NOT_FOUND"):
                raise Gone
            if reply.status_code in ("M_TOO_LARGE", "M_BAD_JSON"):
                raise Unsendable
            raise Unreachable(str(reply.status_code))
        return str(reply.event_id)

    async def _upload(self, client: AsyncClient, picture: Picture, encrypted: bool) -> dict[str, Any]:
        """Put a picture onto the homeserver; where it lies, and how it is decrypted."""
        reply, key = await asyncio.wait_for(
            client.upload(
                lambda *_: BytesIO(picture.png), "image/png", picture.file, encrypted, filesize=len(picture.png)
            ),
            REQUEST_SECONDS,
        )
        if isinstance(reply, UploadResponse):
            return {"file": {"url": reply.content_uri, **key}} if key else {"url": reply.content_uri}
        if reply.status_code == "M_LIMIT_EXCEEDED":
            raise Later((reply.retry_after_ms or 5000) / 1000)
        if reply.status_code in NO_UPLOAD:
            raise Unshowable
        raise Unreachable(str(reply.status_code))

    async def _share_key(self, client: AsyncClient, room: str) -> None:
        """Give all devices in a room the key of what comes next; matrix-nio goes on when that fails."""
        assert client.olm is not None
        if not client.rooms[room].members_synced:
            _check(await client.joined_members(room))
        if client.should_query_keys:
            _check(await client.keys_query())
        if not client.olm.should_share_group_session(room):
            return
        missing = client.get_missing_sessions(room)
        if missing:
            _check(await client.keys_claim(missing))
        reply = await client.share_group_session(room, ignore_unverified_devices=True)
        _check(reply)
        able = {
            (user, device.id)
            for user in client.rooms[room].users
            for device in client.device_store.active_user_devices(user)
            if device.id != client.device_id and client.olm.session_store.get(device.curve25519)
        }
        if able - reply.users_shared_with:
            client.invalidate_outbound_session(room)
            raise Unreachable("a key could not be shared")

    async def typing(self, address: str, on: bool) -> None:
        """Show that an answer is being written."""
        if self._client is not None and room_of(address) in self._client.rooms:
            await self._client.room_typing(room_of(address), on, TYPING_MILLISECONDS)


class _Following:
    """One connection, from the first answer of the homeserver until it breaks."""

    def __init__(self, client: AsyncClient, reception: Reception, settings: MatrixSettings, folder: Path) -> None:
        self._client, self._reception, self._settings, self._folder = client, reception, settings, folder
        self._own = client.user_id
        self._invited: set[str] = set()
        self._joins_after = 0.0

    async def go(self, ready: Callable[[], None]) -> None:
        """Follow what happens, and say when all is known that was there before."""
        reception = self._reception
        since = reception.recall("next_batch")
        # Rooms and their members are known to no database, so they are asked for anew.
        response = await self._sync(0, since, full=True)
        await self._sign()
        while True:
            for incoming in await self._said(response, since):
                reception.receive(incoming)
            await self._answer_invitations(response)
            await self._leave_what_is_over(response)
            reception.remember("next_batch", response.next_batch)
            since = response.next_batch
            ready()
            response = await self._sync(self._patience(), since)

    async def _sync(self, milliseconds: int, since: str | None, full: bool = False) -> SyncResponse:
        client = self._client
        response = await client.sync(milliseconds, FILTER, since, full or None)
        _check(response)
        # Before anything is answered: who has a new device is to read the answer there.
        if client.should_upload_keys:
            _check(await client.keys_upload())
        if client.should_query_keys:
            _check(await client.keys_query())
        if client.should_claim_keys:
            _check(await client.keys_claim(client.get_users_for_key_claiming()))
        await client.send_to_device_messages()
        return response

    def _patience(self) -> int:
        """So many milliseconds the homeserver may wait for something to happen."""
        if self._undecrypted():
            return WAITING_FOR_KEY_MILLISECONDS
        if self._invited:
            return max(min(SYNC_MILLISECONDS, int((self._joins_after - time.monotonic()) * 1000)), 1)
        return SYNC_MILLISECONDS

    async def _sign(self) -> None:
        client = self._client

        async def ask(method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            headers = {"Authorization": f"Bearer {client.access_token}", "Content-Type": "application/json"}
            reply = await client.send(method, path, json.dumps(body), headers)
            content = await client.parse_body(reply)
            return reply.status, content

        password = self._settings.secret("password")
        if not await sign_device(ask, self._folder, client.user_id, client.device_id, password):
            log.warning(
                "Matrix: the bot's device is not signed, because its account has keys that are kept elsewhere; "
                "some programs will warn of it. docs/messenger.md says what to do."
            )

    # --- what is said ---

    async def _said(self, response: SyncResponse, since: str | None) -> list[Incoming]:
        """What there is to answer; nothing of what was said before the bot had its account here."""
        waiting = self._undecrypted()
        found = list(self._decrypted_late(waiting))
        for room, info in response.rooms.join.items():
            if since is None:
                continue
            earlier = await self._missed(room, info, since)
            for event in [*earlier, *info.timeline.events]:
                if not isinstance(event, MegolmEvent):
                    found += self._read(event.source, room)
                elif event.sender != self._own:
                    waiting.append([room, event.source, time.time()])
        self._reception.remember("undecrypted", json.dumps(waiting))
        return found

    def _read(self, source: dict[str, Any], room: str) -> list[Incoming]:
        """What an event says, if there is something to do."""
        thread = thread_of(source)
        if thread is not None:
            self._note("threads", source["event_id"], thread)
        incoming = read(source, room, self._own)
        if incoming is None:
            return []
        if incoming.kind is Kind.RATED:
            self._note("thumbs", incoming.version, incoming.id)
        elif incoming.kind is Kind.DELETED and (rated := self._noted("thumbs").get(incoming.id)):
            # A thumb that is taken back takes back what it said.
            incoming = replace(incoming, id=rated, kind=Kind.RATED)
        # What is done to a message does not tell by itself in which thread that message stands.
        of = self._noted("threads").get(incoming.id) if incoming.kind in OF_OTHERS else None
        return [replace(incoming, address=address_of(room, of)) if of else incoming]

    def _noted(self, name: str) -> dict[str, str]:
        return dict(json.loads(self._reception.recall(name) or "{}"))

    def _note(self, name: str, id: str, value: str) -> None:
        """Note something of an event, and forget it of the oldest one."""
        noted = self._noted(name) | {id: value}
        self._reception.remember(name, json.dumps(dict(list(noted.items())[-NOTED:])))

    async def _missed(self, room: str, info: RoomInfo, since: str) -> list[Any]:
        """What was said in a room while we were away for so long that the homeserver does not tell it by itself."""
        joined = any(event.source.get("state_key") == self._own for event in info.timeline.events)
        start, found = info.timeline.prev_batch, list[Any]()
        while info.timeline.limited and not joined and start:
            page = await self._client.room_messages(room, start, since, MessageDirection.back, PAGE)
            _check(page)
            assert isinstance(page, RoomMessagesResponse)
            found += page.chunk
            start = page.end if page.chunk else None
        return found[::-1]

    def _undecrypted(self) -> list[Any]:
        return list(json.loads(self._reception.recall("undecrypted") or "[]"))

    def _decrypted_late(self, waiting: list[Any]) -> Iterator[Incoming]:
        """Messages whose key came after them, taken out of those that wait; or, after a while, that it did not come."""
        for entry in list(waiting):
            room, source, since = entry
            event = MegolmEvent.from_dict(dict(source))
            event.room_id = room
            try:
                found = self._read(self._client.decrypt_event(event).source, room)
            except EncryptionError:
                if time.time() - since < self._settings.key_seconds:
                    continue
                found = [Incoming(source["event_id"], room, Kind.UNREADABLE)]
            waiting.remove(entry)
            yield from found

    # --- rooms ---

    async def _answer_invitations(self, response: SyncResponse) -> None:
        for room, info in response.rooms.invite.items():
            inviting = [e for e in info.invite_state if isinstance(e, InviteMemberEvent) and e.state_key == self._own]
            if inviting and may_invite(inviting[-1].sender, self._settings.invited_by, self._own):
                self._invited.add(room)
            else:
                log.info("Matrix: an invitation was declined.")
                await self._client.room_leave(room)
        for room in list(self._invited):
            if time.monotonic() < self._joins_after:
                return
            reply = await self._client.join(room)
            if isinstance(reply, ErrorResponse):
                if reply.status_code == "M_LIMIT_EXCEEDED":
                    self._joins_after = time.monotonic() + (reply.retry_after_ms or 5000) / 1000
                    return
                log.warning("Matrix: an invitation could not be followed (%s).", reply.status_code)
                await self._client.room_leave(room)
            self._invited.discard(room)

    async def _leave_what_is_over(self, response: SyncResponse) -> None:
        """Leave rooms in which nobody is left, or more than one: what one asks is nobody else's concern."""
        over = set(response.rooms.leave)
        for room in response.rooms.join:
            if len(self._client.rooms[room].users) != 2:
                await self._client.room_leave(room)
                over.add(room)
        for room in over:
            self._client.rooms.pop(room, None)
            await self._client.room_forget(room)
            self._reception.receive(Incoming(f"left {response.next_batch}", room, Kind.LEFT))


def _check(response: object) -> None:
    """Raise what an error of the homeserver means."""
    if isinstance(response, ErrorResponse):
        raise Unreachable(str(response.status_code))
