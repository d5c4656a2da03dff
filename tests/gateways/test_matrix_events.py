"""Events of Matrix: what is answered, and by whom the bot is invited."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerstadt.gateways.contract import Incoming, Kind, Outgoing, Picture
from partnerstadt.gateways.matrix_events import content_of, may_invite, picture_of, read, room_of, size

ROOM, OWN, ANNA = "!raum:example.org", "@bot:example.org", "@anna:example.org"
AT = dt.datetime(2026, 11, 24, 12, tzinfo=dt.timezone.utc)


def said(content: object, type: str = "m.room.message", sender: str = ANNA, **more: Any) -> dict[str, Any]:
    """An event as a homeserver brings it."""
    time = AT.timestamp() * 1000
    return {"event_id": "$1", "type": type, "sender": sender, "origin_server_ts": time, "content": content, **more}


def words(text: str, **more: Any) -> dict[str, Any]:
    """What a client makes of words."""
    return {"msgtype": "m.text", "body": text, **more}


def related(kind: str, event: str = "$0", **more: Any) -> dict[str, Any]:
    """How a client says what an event belongs to."""
    return {"m.relates_to": {"rel_type": kind, "event_id": event, **more}}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (said(words("seit wann?")), Incoming("$1", ROOM, Kind.TEXT, "seit wann?", AT)),
        (said(words("fragt") | {"msgtype": "m.emote"}), Incoming("$1", ROOM, Kind.TEXT, "fragt", AT)),
        (
            said(words("> <@bot> Leeds\n> und mehr\n\nund Amiens?", **{"m.relates_to": {"m.in_reply_to": {}}})),
            Incoming("$1", ROOM, Kind.TEXT, "und Amiens?", AT),
        ),
        (said(words("> kein Zitat")), Incoming("$1", ROOM, Kind.TEXT, "> kein Zitat", AT)),
        (said(words("hier", **related("m.thread"))), Incoming("$1", f"{ROOM} $0", Kind.TEXT, "hier", AT)),
        (
            said(words("* neu", **{"m.new_content": words("neu")}, **related("m.replace"))),
            Incoming("$0", ROOM, Kind.EDITED, "neu", AT, version="$1"),
        ),
        (said({}, "m.room.redaction", redacts="$0"), Incoming("$0", ROOM, Kind.DELETED, "", AT)),
        (said({"redacts": "$0"}, "m.room.redaction"), Incoming("$0", ROOM, Kind.DELETED, "", AT)),
        (said({"msgtype": "m.audio", "body": "a.ogg"}), Incoming("$1", ROOM, Kind.ATTACHMENT, "", AT)),
        (
            said(related("m.annotation", key="👍🏽"), "m.reaction"),
            Incoming("$0", ROOM, Kind.RATED, "up", AT, version="$1"),
        ),
        (
            said(related("m.annotation", key="👎\ufe0f"), "m.reaction"),
            Incoming("$0", ROOM, Kind.RATED, "down", AT, version="$1"),
        ),
    ],
)
def test_what_people_do_is_understood(event: dict[str, Any], expected: Incoming) -> None:
    """Words, edits, thumbs and the rest, in rooms and threads."""
    assert read(event, ROOM, OWN) == expected


@pytest.mark.parametrize(
    "event",
    [
        said(words("ich selbst"), sender=OWN),
        said(words("ein anderer Bot") | {"msgtype": "m.notice"}),
        said({"msgtype": "m.key.verification.request", "body": ""}),
        said(related("m.annotation", key="🎉"), "m.reaction"),
        said({"name": "Raum"}, "m.room.name", state_key=""),
        said({"membership": "join"}, "m.room.member", state_key=ANNA),
        said("kein Inhalt"),
        {"type": "m.room.message"},
    ],
)
def test_what_is_no_question_is_left_alone(event: dict[str, Any]) -> None:
    """Above all what machines say: two bots would never stop."""
    assert read(event, ROOM, OWN) is None


def test_coming_into_a_room_greets_before_what_was_said_there() -> None:
    """A new name of the bot is no coming."""
    came = said({"membership": "join"}, "m.room.member", OWN, state_key=OWN)
    greeted = read(came, ROOM, OWN)
    assert greeted is not None and greeted.kind is Kind.GREETED and greeted.time < AT
    before = {"prev_content": {"membership": "join", "displayname": "alt"}}
    assert read(came | {"unsigned": before}, ROOM, OWN) is None


def test_times_that_are_none_do_no_harm() -> None:
    """Another server can write what it likes."""
    for time in ("gestern", None, 1e30):
        assert read(said(words("hallo")) | {"origin_server_ts": time}, ROOM, OWN) is not None


@pytest.mark.parametrize(
    ("user", "allowed", "may"),
    [
        (ANNA, [], True),
        ("@kim:anderswo.example", [], False),
        ("@kim:anderswo.example", ["*"], True),
        ("@kim:Anderswo.Example", ["anderswo.example"], True),
        ("@kim:amt.bund.example", ["*.bund.example"], True),
        ("@kim:bund.example.evil", ["*.bund.example"], False),
        ("@kim:anderswo.example", ["@kim:anderswo.example"], True),
        ("@kit:anderswo.example", ["@kim:anderswo.example"], False),
        (ANNA, ["anderswo.example"], False),
    ],
)
def test_invitations_are_followed_by_rule(user: str, allowed: list[str], may: bool) -> None:
    """Without a rule, those of the own server."""
    assert may_invite(user, allowed, OWN) is may


def test_machine_speaks_in_notices_and_people_do_not() -> None:
    """With the same words as text and as HTML, in the thread in which they were asked."""
    message = Outgoing("0" * 32, "**Leeds** & [mehr](https://example.org/?a&b)", answers="$7")
    content = content_of(ROOM, message)
    assert content["msgtype"] == "m.notice" and content["body"] == "Leeds & mehr (https://example.org/?a&b)"
    assert content["formatted_body"] == (
        '<p><strong>Leeds</strong> &amp; <a href="https://example.org/?a&amp;b">mehr</a></p>'
    )
    assert "m.relates_to" not in content
    in_thread = content_of(f"{ROOM} $0", message)["m.relates_to"]
    assert in_thread["event_id"] == "$0" and in_thread["m.in_reply_to"] == {"event_id": "$7"}
    assert content_of(ROOM, Outgoing("0" * 32, "Guten Tag", sender="staff"))["msgtype"] == "m.text"
    assert room_of(f"{ROOM} $0") == room_of(ROOM) == ROOM


@pytest.mark.parametrize("where", [{"url": "mxc://x/y"}, {"file": {"url": "mxc://x/y", "key": {}}}])
def test_picture_has_words_for_those_who_cannot_see_it(where: dict[str, Any]) -> None:
    """And its size, so that the chat need not jump; in the thread in which it was asked for."""
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (1200).to_bytes(4, "big") + (900).to_bytes(4, "big")
    picture = Picture(png, "karte.png", "Karte")
    content = picture_of(f"{ROOM} $0", Outgoing("0" * 32, "Karte", picture=picture), picture, where)
    assert content["msgtype"] == "m.image" and (content["body"], content["filename"]) == ("Karte", "karte.png")
    assert content["info"] == {"mimetype": "image/png", "size": len(png), "w": 1200, "h": 900}
    assert where.items() <= content.items() and content["m.relates_to"]["event_id"] == "$0"


def test_size_counts_bytes_of_both_forms() -> None:
    """An event has room for so many bytes."""
    assert size("ü") == len("ü".encode()) + len("<p>ü</p>".encode())
