"""People with XMPP, for the tests; runs in the environment of the gateway (people.py)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from typing import Any

from aiohttp import ClientSession
from slixmpp import ClientXMPP

OPTIONS = json.loads(sys.argv[1])


class Client(ClientXMPP):
    """Somebody."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}@{OPTIONS['domain']}", OPTIONS["password"])
        self.name = name
        self.said: dict[str, str] = {}
        self.enable_direct_tls = False
        self.ca_certs = OPTIONS["certificate"]
        for plugin in ("xep_0030", "xep_0066", "xep_0085", "xep_0199", "xep_0308", "xep_0424", "xep_0444"):
            self.register_plugin(plugin)
        self.here = asyncio.Event()
        self.rests = False
        self.listening = asyncio.Lock()
        self.add_event_handler("session_start", self._started)
        self.add_event_handler("message", self._heard)
        self.add_event_handler("disconnected", self._again)
        self.connect("127.0.0.1", OPTIONS["port"])

    async def _started(self, _: object) -> None:
        self.send_presence()
        self.here.set()

    def _again(self, _: object) -> None:
        self.here.clear()
        if self.rests:
            return
        asyncio.get_running_loop().call_later(0.1, lambda: self.connect("127.0.0.1", OPTIONS["port"]))

    async def _heard(self, stanza: Any) -> None:
        async with self.listening:  # one after the other, also where a picture is looked at
            await self._hear(stanza)

    async def _hear(self, stanza: Any) -> None:
        if stanza["type"] == "chat" and stanza["body"]:
            text = stanza["body"]
            links = re.findall(r"https?://[^\s)]+", text)
            told = {"heard": self.name, "id": stanza["id"], "text": text, "links": links}
            if stanza["oob"]["url"]:
                told |= {"text": stanza["oob"]["desc"], "picture": await seen(stanza["oob"]["url"])}
            tell(told)

    def write(self, text: str, id: str | None = None, url: str | None = None) -> str:
        """Send a message to the bot."""
        stanza = self.make_message(mto=OPTIONS["bot"], mbody=text, mtype="chat")
        if id:
            stanza["id"] = id
        if url:
            stanza["oob"]["url"] = url
        stanza.send()
        self.said[stanza["id"]] = text
        return str(stanza["id"])

    async def do(self, task: dict[str, Any]) -> Any:
        """What somebody is told to do."""
        what = task["do"]
        if what == "rest":
            self.rests = True
            self.disconnect(wait=0)
            return None
        await self.here.wait()
        if what == "say":
            return self.write(task["text"])
        if what == "again":
            return self.write(self.said[task["id"]], task["id"])
        if what == "attach":
            return self.write("https://example.org/bild.jpg", url="https://example.org/bild.jpg")
        if what == "edit":
            self["xep_0308"].build_correction(task["id"], OPTIONS["bot"], mbody=task["text"]).send()
        elif what == "delete":
            self["xep_0424"].send_retraction(OPTIONS["bot"], task["id"])
        elif what == "rate":
            signs = {"up": ["👍"], "down": ["👎"]}.get(task["value"], [])
            stanza = self.make_message(mto=OPTIONS["bot"], mtype="chat")
            self["xep_0444"].set_reactions(stanza, task["id"], signs)
            stanza.send()
        elif what == "encrypt":
            stanza = self.make_message(mto=OPTIONS["bot"], mbody="verschlüsselt", mtype="chat")
            stanza.appendxml(_element("eu.siacs.conversations.axolotl", "encrypted"))
            stanza.send()
        elif what == "groupchat":
            self.send_message(OPTIONS["bot"], task["text"], mtype="headline")
        return None


async def seen(url: str) -> str:
    """The SHA-256 of what lies at an address."""
    async with ClientSession() as session, session.get(url) as response:
        return hashlib.sha256(await response.read()).hexdigest()


def _element(namespace: str, name: str) -> Any:
    from xml.etree import ElementTree

    return ElementTree.Element(f"{{{namespace}}}{name}")


def tell(what: dict[str, Any]) -> None:
    """Tell the tests."""
    print(json.dumps(what), flush=True)


async def main() -> None:
    """Do what the lines say, each at once."""
    people: dict[str, Client] = {}
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()

    async def one(task: dict[str, Any]) -> None:
        result = await people[task["name"]].do(task)
        tell({"number": task["number"], "result": result})

    while line := await reader.readline():
        task = json.loads(line)
        if task["name"] not in people:
            people[task["name"]] = Client(task["name"])
        tasks.add(asyncio.create_task(one(task)))


asyncio.run(main())
