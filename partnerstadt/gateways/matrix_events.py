"""Matrix as data: what an event says, who may invite the bot, what a message of the bot looks like. No library needed.

A room is one conversation, and so is each thread in it: the address is the room, or the room and the thread's root.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from partnerstadt.gateways.contract import Incoming, Kind, Outgoing, Picture
from partnerstadt.gateways.render import html, plain

Event = Mapping[str, Any]

TEXTS = frozenset({"m.text", "m.emote"})
# Of other bots, which would go on for ever; of clients that want to verify a device.
NOT_FOR_US = frozenset({"m.notice", "m.key.verification.request"})
# A greeting goes before what was said while the bot was still on its way into the room.
FIRST = dt.datetime.fromtimestamp(0, dt.timezone.utc)
THUMBS = {"👍": "up", "👎": "down"}
# Thumbs may have a colour of skin, or the sign that asks for a picture of them.
VARIANTS = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
# Clients of old repeat what is answered before the answer.
QUOTED = re.compile(r"\A(> .*\n)+\n?")


def read(event: Event, room: str, own: str) -> Incoming | None:
    """What somebody has done, out of a decrypted event of a room's timeline; None if it is nothing to answer.

    Args:
        event: as the server gives it.
        room: where it happened.
        own: the user id of the bot.
    """
    content = event.get("content")
    id, sender, type = event.get("event_id"), event.get("sender"), event.get("type")
    if not (isinstance(id, str) and isinstance(content, Mapping)):
        return None
    time = _time(event)
    if type == "m.room.member" and event.get("state_key") == own and content.get("membership") == "join":
        # A change of the bot's name or picture is a join too.
        before = _mapping(_mapping(event.get("unsigned")).get("prev_content")).get("membership")
        return Incoming(id, room, Kind.GREETED, time=FIRST) if before != "join" else None
    if sender == own:
        return None
    relation = _mapping(content.get("m.relates_to"))
    if type == "m.room.redaction":
        gone = event.get("redacts") or content.get("redacts")
        return Incoming(str(gone), room, Kind.DELETED, time=time) if gone else None
    if type == "m.reaction" and relation.get("rel_type") == "m.annotation":
        value = THUMBS.get(VARIANTS.sub("", str(relation.get("key"))))
        return Incoming(str(relation.get("event_id")), room, Kind.RATED, value, time, version=id) if value else None
    if type != "m.room.message" or content.get("msgtype") in NOT_FOR_US:
        return None
    if relation.get("rel_type") == "m.replace":
        new = _mapping(content.get("m.new_content"))
        return Incoming(str(relation.get("event_id")), room, Kind.EDITED, _text(new, relation), time, version=id)
    address = address_of(room, thread_of(event))
    if content.get("msgtype") not in TEXTS:
        return Incoming(id, address, Kind.ATTACHMENT, time=time)
    return Incoming(id, address, Kind.TEXT, _text(content, relation), time)


def thread_of(event: Event) -> str | None:
    """The root of the thread that an event belongs to."""
    relation = _mapping(_mapping(event.get("content")).get("m.relates_to"))
    return str(relation.get("event_id")) if relation.get("rel_type") == "m.thread" else None


def address_of(room: str, thread: str | None) -> str:
    """The address of a conversation."""
    return f"{room} {thread}" if thread else room


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(content: Mapping[str, Any], relation: Mapping[str, Any]) -> str:
    text = str(content.get("body") or "")
    return QUOTED.sub("", text) if "m.in_reply_to" in relation else text


def _time(event: Event) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(float(event["origin_server_ts"]) / 1000, dt.timezone.utc)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return dt.datetime.now(dt.timezone.utc)


def room_of(address: str) -> str:
    """The room of an address."""
    return address.partition(" ")[0]


def content_of(address: str, message: Outgoing) -> dict[str, Any]:
    """A message as Matrix wants it; what a machine says is a notice, which no other machine answers."""
    content: dict[str, Any] = {
        "msgtype": "m.text" if message.sender == "staff" else "m.notice",
        "body": plain(message.text),
        "format": "org.matrix.custom.html",
        "formatted_body": html(message.text),
    }
    return content | _relation(address, message)


def picture_of(address: str, message: Outgoing, picture: Picture, where: Mapping[str, Any]) -> dict[str, Any]:
    """A picture as Matrix wants it.

    Args:
        address: where it goes.
        message: what it belongs to.
        picture: the picture.
        where: `url` where it lies on the homeserver, or `file` where it lies encrypted, with its key.
    """
    width, height = picture.size
    content: dict[str, Any] = {
        "msgtype": "m.image",
        "body": picture.words,
        "filename": picture.file,
        "info": {"mimetype": "image/png", "size": len(picture.png), "w": width, "h": height},
        **where,
    }
    return content | _relation(address, message)


def _relation(address: str, message: Outgoing) -> dict[str, Any]:
    """What says in which thread a message stands."""
    thread = address.partition(" ")[2]
    if not thread:
        return {}
    return {
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": thread,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": message.answers or thread},
        }
    }


def size(text: str) -> int:
    """The bytes that a text takes in a message."""
    return len(plain(text).encode()) + len(html(text).encode())


def may_invite(user: str, allowed: Iterable[str], own: str) -> bool:
    """Whether the bot follows an invitation.

    Args:
        user: who invites.
        allowed: servers (example.org, *.example.org) or users (@somebody:example.org) that may; none means those of the
            bot's own server.
        own: the user id of the bot.
    """
    server = user.partition(":")[2].lower()
    patterns = list(allowed) or [own.partition(":")[2]]
    return any(fnmatchcase(user.lower() if p.startswith("@") else server, p.lower()) for p in patterns)
