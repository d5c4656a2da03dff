"""XMPP (Jabber): one account of the city on any server, with slixmpp."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from aiohttp import ClientError
from slixmpp import ClientXMPP, Message
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0363.http_upload import FileUploadError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from partnerstadt.gateways import contract
from partnerstadt.gateways.contract import Form, Incoming, Kind, Outgoing, Picture, Refused, Unreachable, Unshowable
from partnerstadt.gateways.render import plain
from partnerstadt.gateways.settings import XmppSettings
from partnerstadt.settings import Problem

ANSWER_SECONDS = 30.0
# Servers take much longer ones; on a telephone this is a page.
LONGEST = 3000
DIRECT_TLS_PORT = 5223
OMEMO = ("{eu.siacs.conversations.axolotl}encrypted", "{urn:xmpp:omemo:2}encrypted")
FILE = "{jabber:x:oob}x"
ENCRYPTED_FILE = "aesgcm://"
VALUES = {"👍": "up", "👎": "down"}
# From then on the server's archive is read again after a pause; what was read before is known by its id.
SEEN, OVERLAP = "seen", dt.timedelta(minutes=5)
PLUGINS = (
    "xep_0030",  # what a client can do
    "xep_0066",  # where a picture lies
    "xep_0085",  # somebody is typing
    "xep_0198",  # the server says what it has taken
    "xep_0199",  # whether the server is still there
    "xep_0203",  # when something was said that comes late
    "xep_0308",  # changed messages
    "xep_0313",  # the archive of the server
    "xep_0359",  # lasting ids
    "xep_0363",  # pictures are put onto the server
    "xep_0424",  # messages that are taken back
    "xep_0444",  # signs of what one thinks of a message
)
CONFIG = {
    # We ask for confirmation ourselves, after each message; what a broken connection leaves open, the archive knows.
    "xep_0198": {"window": 1_000_000, "allow_resume": False},
    "xep_0199": {"keepalive": True, "interval": 60, "timeout": 30},
}


def make(settings: XmppSettings, folder: Path) -> Gateway:
    """The gateway of some settings."""
    return Gateway(settings)


class Gateway(contract.Gateway):
    """One account.

    Args:
        settings: its section of gateways.yml.
    """

    form = Form(longest=LONGEST)

    def __init__(self, settings: XmppSettings) -> None:
        self._settings = settings
        self._client: ClientXMPP | None = None
        self._leaving: dict[str, Callable[[], None]] = {}
        self._taken: dict[str, asyncio.Future[None]] = {}
        self._acknowledgements = 0

    async def run(self, reception: contract.Reception) -> None:
        """Be connected until something ends it."""
        try:
            password = self._settings.secret("password")
        except Problem as problem:
            raise Refused(str(problem)) from None
        session = Session(self._settings, password, reception)
        session.client.add_filter("out_sync", self._leaves)
        session.client.add_event_handler("stanza_acked", self._acknowledged)
        session.client.add_event_handler("message_error", self._bounced)
        self._client = session.client
        try:
            await session.run()
        finally:
            self._client = None
            for taken in self._taken.values():
                if not taken.done():
                    taken.set_exception(Unreachable("the connection broke"))
            session.client.cancel_connection_attempt()
            session.client.disconnect(wait=1.0, ignore_send_queue=True)

    def _leaves(self, stanza: Any) -> Any:
        """The last thing before a stanza is written."""
        if isinstance(stanza, Message) and (leaving := self._leaving.pop(stanza["id"], None)):
            leaving()
        return stanza

    def _bounced(self, stanza: Message) -> None:
        """A server has too much to do just now; it says so before it says that it has the message."""
        taken = self._taken.get(stanza["id"])
        if stanza["error"]["type"] == "wait" and taken is not None and not taken.done():
            taken.set_exception(Unreachable(f"the server is busy: {stanza['error']['condition']}"))

    def _acknowledged(self, stanza: Any) -> None:
        self._acknowledgements += 1
        taken = self._taken.get(stanza["id"])
        if taken is not None and not taken.done():
            taken.set_result(None)

    async def send(self, address: str, message: Outgoing, leaving: Callable[[], None]) -> str | None:
        """Send one message and wait until the server says that it has it."""
        client = self._client
        if client is None or not client.sessionstarted:
            raise Unreachable("not connected")
        stanza = client.make_message(mto=address, mbody=plain(message.text), mtype="chat")
        if message.picture is not None:
            # Programs show what lies at an address if there is nothing else in the text.
            stanza["body"] = stanza["oob"]["url"] = await self._upload(client, message.picture)
            stanza["oob"]["desc"] = message.picture.words
        stanza["id"] = message.key
        stanza["chat_state"] = "active"
        self._leaving[message.key] = leaving
        self._taken[message.key] = taken = asyncio.get_running_loop().create_future()
        try:
            stanza.send()
            management = client["xep_0198"]
            if management.enabled_out:
                client.send(str(management.stanza.RequestAck(client)))
                await self._confirmed(client, taken)
        finally:
            self._leaving.pop(message.key, None)
            self._taken.pop(message.key, None)
        return message.key

    async def _confirmed(self, client: ClientXMPP, taken: asyncio.Future[None]) -> None:
        """Wait for the server; one that is slow, or holds us back, confirms other messages meanwhile."""
        before = -1
        while not taken.done() and before != self._acknowledgements:
            before = self._acknowledgements
            await asyncio.wait([taken], timeout=ANSWER_SECONDS)
        if not taken.done():
            client.abort()
            raise Unreachable("no confirmation")
        taken.result()

    async def _upload(self, client: ClientXMPP, picture: Picture) -> str:
        """Put a picture onto the server, where it takes some; its address."""
        try:
            url = await client["xep_0363"].upload_file(
                Path(picture.file),
                len(picture.png),
                "image/png",
                input_file=BytesIO(picture.png),
                timeout=ANSWER_SECONDS,
            )
        except (FileUploadError, IqError, IqTimeout, ClientError, asyncio.TimeoutError, OSError):
            raise Unshowable from None
        return str(url)

    async def typing(self, address: str, on: bool) -> None:
        """Show it; the answer itself ends it."""
        if on and self._client is not None:
            stanza = self._client.make_message(mto=address, mtype="chat")
            stanza["chat_state"] = "composing"
            stanza.send()


class Session:
    """One connection, from its beginning to its end.

    Args:
        settings: the account and its server.
        password: of the account.
        reception: gets what comes in.
    """

    def __init__(self, settings: XmppSettings, password: str, reception: contract.Reception) -> None:
        self._settings, self._reception = settings, reception
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._failure = "no server"
        self.client = client = ClientXMPP(f"{settings.jid}/partnerstadt", password, CONFIG)
        for plugin in PLUGINS:
            client.register_plugin(plugin, CONFIG.get(plugin))
        client.enable_plaintext = not settings.tls
        # Where the domain says which server it has, it also says how; else the port does.
        direct = settings.port == DIRECT_TLS_PORT
        client.enable_starttls = settings.tls and not (settings.host and direct)
        client.enable_direct_tls = settings.tls and (direct or not settings.host)
        client["feature_mechanisms"].unencrypted_scram = not settings.tls
        client.register_handler(Callback("All messages", MatchXPath("{jabber:client}message"), self._message))
        client.add_event_handler("session_start", self._started)
        client.add_event_handler("failed_all_auth", lambda _: self._end(Refused("its password is not accepted.")))
        client.add_event_handler(
            "ssl_invalid_chain", lambda _: self._end(Refused("the server's certificate is wrong."))
        )
        client.add_event_handler("connection_failed", self._failed)
        client.add_event_handler("reconnect_delay", lambda _: self._end(Unreachable(self._failure)))
        client.add_event_handler("disconnected", lambda _: self._end(Unreachable("the connection has ended")))

    async def run(self) -> None:
        """Connect, and wait for the end."""
        host = self._settings.host
        self.client.connect(*((host, self._settings.port) if host else ()))
        await self._ended

    def _failed(self, error: object) -> None:
        """One of the servers of the domain cannot be reached; there may be others."""
        self._failure = type(error).__name__ if isinstance(error, Exception) else "its domain names no server"

    def _end(self, error: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)

    async def _started(self, _: object) -> None:
        try:
            self.client.send_presence()
            await self.client.get_roster()
            await self._catch_up()
        except (IqError, IqTimeout):
            self._end(Unreachable("no answer at the beginning"))
        else:
            self._reception.connected()

    async def _catch_up(self) -> None:
        """Read in the server's archive what came while we were away; one that has none keeps messages itself."""
        seen = self._reception.recall(SEEN)
        now = dt.datetime.now(dt.timezone.utc)
        if seen is not None:
            start = dt.datetime.fromisoformat(seen) - OVERLAP
            try:
                async for found in self.client["xep_0313"].iterate(start=start, rsm={"max": 100}):
                    forwarded = found["mam_result"]["forwarded"]
                    self._take(forwarded["stanza"], forwarded["delay"]["stamp"])
            except IqError as error:
                if error.condition not in ("feature-not-implemented", "service-unavailable", "item-not-found"):
                    raise
        self._reception.remember(SEEN, now.isoformat())

    def _message(self, stanza: Message) -> None:
        # Results of the archive are messages too; they are read where they were asked for.
        if stanza.xml.find("{urn:xmpp:mam:2}result") is None:
            self._take(stanza, stanza["delay"]["stamp"])

    def _take(self, stanza: Message, late: dt.datetime | None) -> None:
        address = stanza["from"].bare
        if not address or address == self.client.boundjid.bare:
            return
        if incoming := read(stanza, address, late or dt.datetime.now(dt.timezone.utc)):
            self._reception.receive(incoming)
            if late is None:
                self._reception.remember(SEEN, incoming.time.isoformat())


def read(stanza: Message, address: str, time: dt.datetime) -> Incoming | None:
    """What a message says, if it says something to us."""
    if stanza["type"] == "error":
        gone = stanza["error"]["type"] in ("cancel", "auth")
        return Incoming("error", address, Kind.LEFT) if gone else None
    if stanza["type"] not in ("chat", "normal"):
        return None
    id = stanza["id"] or stanza["stanza_id"]["id"]
    if not id:
        return None
    if old := stanza["retract"]["id"]:
        return Incoming(old, address, Kind.DELETED, time=time)
    if old := stanza["reactions"]["id"]:
        signs = [sign["value"] for sign in stanza["reactions"]]
        return Incoming(old, address, Kind.RATED, next((VALUES[s] for s in signs if s in VALUES), ""), time)
    if any(stanza.xml.find(sign) is not None for sign in OMEMO):
        return Incoming(id, address, Kind.UNREADABLE, time=time)
    text = stanza["body"].strip()
    if not text:
        return None
    if stanza.xml.find(FILE) is not None or text.startswith(ENCRYPTED_FILE):
        return Incoming(id, address, Kind.ATTACHMENT, time=time)
    if old := stanza["replace"]["id"]:
        return Incoming(old, address, Kind.EDITED, text, time, id)
    return Incoming(id, address, Kind.TEXT, text, time)
