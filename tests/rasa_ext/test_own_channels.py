"""Rasa's own channels, as credentials.yml shows them in comments."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.core.channels.mattermost import MattermostBot
from rasa.core.channels.rocketchat import RocketChatBot

from partnerstadt.settings import HOST
from tests.support import PROJECT

FILE = (PROJECT / "credentials.yml").read_text(encoding="utf-8")
EXAMPLES: dict[str, dict[str, str]] = yaml.safe_load(
    "\n".join(line[2:] for line in FILE.splitlines() if re.match(r"#  ? ?[\w-]+: ?\"|# [a-z]+:$", line))
)


class Chat:
    """A server that takes everything and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []
        chat = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                chat.taken.append((self.path, json.loads(body) if body.startswith("{") else body))
                answer = json.dumps({"status": "success", "data": {"authToken": "t", "userId": "u"}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    """A server in place of Mattermost and Rocket.Chat."""
    monkeypatch.setenv("NO_PROXY", HOST)
    server = Chat()
    yield server
    server.server.shutdown()
    server.server.server_close()


def test_examples_are_all_those_that_are_promised() -> None:
    """And the only channel that is switched on is ours."""
    assert set(EXAMPLES) == {"slack", "facebook", "mattermost", "rocketchat", "webexteams", "twilio"}
    assert list(yaml.safe_load(FILE)) == ["partnerstadt.rasa_ext.rest.RestChannel"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_rasa_takes_the_example(name: str) -> None:
    """With all its keys, by the name that it stands under."""
    channel = BUILTIN_CHANNELS[name].from_credentials(EXAMPLES[name])
    kept = {str(value) for value in vars(channel).values()}
    assert set(EXAMPLES[name].values()) <= kept


def test_mattermost_gets_text_and_buttons(chat: Chat) -> None:
    """Cut at empty lines, as the comment says."""
    bot = MattermostBot(chat.url, "t", "room", "https://bot.example.org")
    asyncio.run(bot.send_text_message("x", "Seit **1969**.\n\nQuelle: Seite."))
    asyncio.run(bot.send_text_with_buttons("x", "Welche?", [{"title": "Die erste", "payload": "erste"}]))
    texts = [body["message"] for _, body in chat.taken]
    assert texts == ["Seit **1969**.", "Quelle: Seite.", "Welche?"]
    assert chat.taken[-1][1]["props"]["attachments"][0]["actions"][0]["name"] == "Die erste"


def test_rocket_chat_gets_text_and_fails_at_maps(chat: Chat) -> None:
    """As the comment says; when this changes, it has to."""
    bot = RocketChatBot("bot", "p", chat.url)
    asyncio.run(bot.send_text_message("room", "Seit 1969.\n\nQuelle: Seite."))
    assert [path for path, _ in chat.taken][-2:] == ["/api/v1/chat.postMessage"] * 2
    with pytest.raises(KeyError):
        asyncio.run(bot.send_custom_json("room", {"picture": "map"}))
