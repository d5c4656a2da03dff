"""People who write to the bot with a Matrix client, and what they hear."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.gateways.parts import Heard, install, until
from tests.gateways.synapse import SERVER_NAME, Synapse
from tests.support import PROJECT

PYTHON = PROJECT / ".venv-matrix" / "bin" / "python"
SCRIPT = PROJECT / "tests" / "gateways" / "matrix_people.py"
PASSWORD = "a-long-enough-secret"
BOT = f"@partnerstadt:{SERVER_NAME}"
SECONDS = 60.0
# Accounts that take turns: each person of a test is a room of one of them.
ACCOUNTS = (("anna", True), ("ben", False), ("carla", True), ("deniz", False))
ROOMS = 12  # after so many, new conversations are threads in them
THUMBS = {"up": "👍🏽", "down": "👎"}


class People:
    """All the people of some tests, in one process of their own.

    Args:
        synapse: their homeserver, which runs.
        folder: for the keys of their devices.
    """

    def __init__(self, synapse: Synapse, folder: Path) -> None:
        self.synapse, self._folder = synapse, folder
        self._calls: dict[int, Future[Any]] = {}
        self._numbers = itertools.count()
        # What was heard, of each account in each room.
        self.heard: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([PYTHON, SCRIPT], stdin=pipe, stdout=pipe, text=True, env=environment)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "heard" in told:
                self.heard[told["heard"]["person"], told["heard"]["room"]].append(told["heard"])
            elif "error" in told:
                self._calls.pop(told["call"]).set_exception(AssertionError(told["error"]))
            else:
                self._calls.pop(told["call"]).set_result(told["result"])

    def do(self, what: str, **values: Any) -> Any:
        """Have somebody do something."""
        assert self._process.stdin is not None
        number, done = next(self._numbers), Future[Any]()
        self._calls[number] = done
        self._process.stdin.write(json.dumps({"call": number, "do": what, "with": values}) + "\n")
        self._process.stdin.flush()
        return done.result(SECONDS)

    def enter(self, name: str, encrypted: bool) -> str:
        """A new person with an account; its access token, of another device."""
        token = self.synapse.register(name, PASSWORD)
        folder = str(self._folder / name)
        self.do(
            "enter",
            name=name,
            url=self.synapse.url,
            user=f"@{name}:{SERVER_NAME}",
            password=PASSWORD,
            folder=folder,
            encrypted=encrypted,
        )
        return token

    def begin(self, name: str, encrypted: bool, others: tuple[str, ...] = (BOT,)) -> str:
        """Begin a chat with the bot."""
        return str(self.do("begin", name=name, others=list(others), encrypted=encrypted))

    def until_members(self, name: str, room: str, count: int = 2) -> None:
        """Wait until so many are in a room."""
        until(lambda: len(self.do("members", name=name, room=room)) == count, SECONDS)

    def stop(self) -> None:
        """All go home."""
        self._process.kill()
        self._process.wait()


class Somebody:
    """A person with a chat with the bot (tests.gateways.parts.Person)."""

    def __init__(self, people: People, name: str, room: str, in_thread: bool = False) -> None:
        self._people, self.name, self.room = people, name, room
        self._reactions: list[str] = []
        # A thread begins with something that the bot does not answer.
        self._thread = self.send({"msgtype": "m.notice", "body": "Ein neues Thema"}) if in_thread else None

    def send(self, content: dict[str, Any], type: str = "m.room.message") -> str:
        """Send an event; its id."""
        return str(self._people.do("send", name=self.name, room=self.room, content=content, type=type))

    def say(self, text: str) -> str:
        """Write something; its id."""
        return self.send({"msgtype": "m.text", "body": text} | self.related())

    def related(self) -> dict[str, Any]:
        """What says that something belongs to the thread."""
        thread = {"rel_type": "m.thread", "event_id": self._thread}
        return {"m.relates_to": thread} if self._thread else {}

    def raw(self) -> list[dict[str, Any]]:
        """The events of the bot."""
        said = self._people.heard[self.name, self.room]
        return [event for event in said if self._thread == root_of(event["content"])]

    def heard(self) -> list[Heard]:
        """All that the bot has written so far."""
        said = [(event["content"] or {"body": "(unreadable)"}, event.get("picture", "")) for event in self.raw()]
        return [Heard(c["body"], links=links(c.get("formatted_body", "")), picture=picture) for c, picture in said]

    def press(self, title: str) -> None:
        """There are no buttons."""
        raise NotImplementedError(title)

    def edit(self, id: str, text: str) -> None:
        """Change what was written."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": id}
        self.send({"msgtype": "m.text", "body": f"* {text}", "m.new_content": new, "m.relates_to": relation})

    def delete(self, id: str) -> None:
        """Take back what was written."""
        self._people.do("redact", name=self.name, room=self.room, event=id)

    def attach(self) -> None:
        """Send a picture."""
        self.send({"msgtype": "m.image", "body": "bild.png", "url": f"mxc://{SERVER_NAME}/bild"} | self.related())

    def rate(self, index: int, value: str) -> None:
        """Say what a message of the bot is worth."""
        if not value:
            self.delete(self._reactions[-1])
            return
        relation = {"rel_type": "m.annotation", "event_id": self.raw()[index]["id"], "key": THUMBS[value]}
        self._reactions.append(self.send({"m.relates_to": relation}, "m.reaction"))

    def again(self, id: str) -> None:
        """A homeserver does not bring the same twice."""
        raise NotImplementedError(id)

    def leave(self) -> None:
        """Leave the room."""
        self._people.do("leave", name=self.name, room=self.room)


class MatrixMessenger:
    """A homeserver, the bot's account and the people on it (tests.gateways.parts.Messenger).

    Args:
        synapse: runs.
        folder: for people's devices.
    """

    name = "matrix"
    buttons = False
    secret = PASSWORD

    def __init__(self, synapse: Synapse, folder: Path) -> None:
        self.synapse = synapse
        self.people = People(synapse, folder)
        synapse.register(BOT[1:].partition(":")[0], PASSWORD)
        self._admin = synapse.register("admin", PASSWORD, admin=True)
        self.tokens = {name: self.people.enter(name, encrypted) for name, encrypted in ACCOUNTS}
        self._turns = itertools.cycle(ACCOUNTS)
        self.persons: list[tuple[Somebody, bool]] = []
        self._rooms: list[tuple[str, bool, str]] = []

    def environment(self) -> dict[str, str]:
        """The settings of the gateway."""
        return {
            "PARTNERSTADT_MATRIX_USER": BOT,
            "PARTNERSTADT_MATRIX_PASSWORD": PASSWORD,
            "PARTNERSTADT_MATRIX_HOMESERVER": self.synapse.url,
            "PARTNERSTADT_MATRIX_DISPLAY_NAME": "Partnerstädte",
            "PARTNERSTADT_MATRIX_KEY_SECONDS": "1",
        }

    def wrong_environment(self) -> dict[str, str]:
        """The same with another password."""
        return self.environment() | {"PARTNERSTADT_MATRIX_PASSWORD": "wrong"}

    def person(self, name: str) -> Somebody:
        """Somebody new: a new room of one of the accounts, every other one encrypted, or a new thread in one."""
        if len(self._rooms) < ROOMS:
            return self.with_room()
        name, encrypted, room = next(self._again)
        return self._known(Somebody(self.people, name, room, in_thread=True), encrypted)

    def with_room(self) -> Somebody:
        """Somebody new with a new room."""
        name, encrypted = next(self._turns)
        room = self.people.begin(name, encrypted)
        if len(self._rooms) < ROOMS:
            self._rooms.append((name, encrypted, room))
            self._again = itertools.cycle(self._rooms)
        return self._known(Somebody(self.people, name, room), encrypted)

    def _known(self, somebody: Somebody, encrypted: bool) -> Somebody:
        self.persons.append((somebody, encrypted))
        return somebody

    def rooms_of_the_bot(self) -> list[str]:
        """The rooms that it is in."""
        found = self.synapse.call("GET", f"/_synapse/admin/v1/users/{BOT}/joined_rooms", self._admin)
        return list(found["joined_rooms"])

    def keys_of_the_bot(self) -> dict[str, Any]:
        """Its devices and what has signed them, as everybody can see."""
        path, asked = "/_matrix/client/v3/keys/query", {"device_keys": {BOT: []}}
        return self.synapse.call("POST", path, self.tokens["anna"], asked)

    def stop(self) -> None:
        """Stop the homeserver."""
        self.synapse.stop()

    def start(self) -> None:
        """Start it again."""
        self.synapse.start()

    def limit(self, seconds: int) -> None:
        """Let the bot send nothing for a while."""
        path = f"/_synapse/admin/v1/users/{BOT}/override_ratelimit"
        self.synapse.call("POST", path, self._admin, {"messages_per_second": 1, "burst_count": 0})
        threading.Timer(seconds, lambda: self.synapse.call("DELETE", path, self._admin, {})).start()

    def check(self) -> None:
        """All that the bot says can be read, is encrypted where the chat is, and looks like what it is."""
        for person, encrypted in self.persons:
            for event in person.raw():
                content = event["content"]
                assert content is not None, "somebody could not decrypt a message"
                assert event["decrypted"] is encrypted
                if content["msgtype"] == "m.image":
                    assert ("file" in content) is encrypted and content["info"]["mimetype"] == "image/png"
                    continue
                by_staff = "Mitarbeiter*in der Stadt:" in content["body"]
                assert content["msgtype"] == ("m.text" if by_staff else "m.notice")
                assert content["format"] == "org.matrix.custom.html"


def account(name: str) -> str:
    """The full name of somebody."""
    return f"@{name}:{SERVER_NAME}"


@contextmanager
def homeserver(folder: Path) -> Iterator[MatrixMessenger]:
    """A homeserver with people."""
    install("matrix")
    install("synapse")
    (folder / "synapse").mkdir()
    synapse = Synapse(folder / "synapse")
    try:
        synapse.start()
        messenger = MatrixMessenger(synapse, folder / "people")
        yield messenger
        messenger.people.stop()
    finally:
        synapse.stop()


def root_of(content: dict[str, Any] | None) -> str | None:
    """The root of the thread that something was said in."""
    relation = (content or {}).get("m.relates_to", {})
    return relation["event_id"] if relation.get("rel_type") == "m.thread" else None


def links(html: str) -> tuple[str, ...]:
    """The addresses that a text with markup leads to."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value or "" for name, value in attrs if name == "href")

    Reader().feed(html)
    return tuple(found)
