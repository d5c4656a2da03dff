"""Rasa's own channels, as credentials.yml shows them in comments."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import yaml
from fbmessenger import MessengerClient
from rasa.core.channels import BUILTIN_CHANNELS
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.channels.facebook import MessengerBot
from rasa.core.channels.mattermost import MattermostBot
from rasa.core.channels.rocketchat import RocketChatBot
from rasa.core.channels.slack import SlackBot
from rasa.core.channels.twilio import TwilioOutput
from rasa.core.channels.webexteams import WebexTeamsBot
from sanic import Sanic
from webexteamssdk import WebexTeamsAPI

from partnerstadt.settings import HOST
from tests.support import PROJECT

FILE = (PROJECT / "credentials.yml").read_text(encoding="utf-8")
EXAMPLES: dict[str, dict[str, str]] = yaml.safe_load(
    "\n".join(line[2:] for line in FILE.splitlines() if re.match(r"#  ? ?[\w-]+: ?\"|# [a-z]+:$", line))
)


# What each of them says to a message that it takes.
ANSWER = {"status": "success", "data": {"authToken": "t", "userId": "u"}, "ok": True, "id": "m", "sid": "SM"}


class Chat:
    """A server that takes everything and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []
        chat = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                chat.taken.append((self.path, json.loads(body) if body.startswith("{") else body))
                answer = json.dumps(ANSWER).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
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
    """A server in place of all of them."""
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


def redirected(name: str, chat: Chat) -> OutputChannel:
    """A channel that writes to our server; most can only be told so through the library that it uses."""
    if name == "slack":
        slack = SlackBot("t")
        slack.client.base_url = f"{chat.url}/"
        return slack
    if name == "facebook":
        client = MessengerClient("t")
        client.graph_url = chat.url
        return MessengerBot(client)
    if name == "webexteams":
        webex = WebexTeamsBot("t", None)
        webex.api = WebexTeamsAPI("t", base_url=chat.url)
        return webex
    twilio = TwilioOutput("AC", "t", "+49")
    twilio.api.base_url = chat.url
    return twilio


def text_in(body: Any) -> str:
    """The text of a message, wherever each of them has it."""
    if isinstance(body, str):
        return parse_qs(body)["Body"][0]
    return str(body.get("message", body).get("text", ""))


@pytest.mark.parametrize(("name", "buttons"), [("slack", 5), ("facebook", 3), ("webexteams", 0), ("twilio", 0)])
def test_others_get_what_the_comment_says(chat: Chat, name: str, buttons: int) -> None:
    """Text cut at empty lines with its markup; so many buttons, or each choice as a message of its own; no map."""
    bot = redirected(name, chat)
    asyncio.run(bot.send_text_message("x", "Seit **1969**.\n\nQuelle: Seite."))
    assert [text_in(body) for _, body in chat.taken] == ["Seit **1969**.", "Quelle: Seite."]
    for number in (buttons or 2, buttons + 1):
        chat.taken.clear()
        choices = [{"title": f"Wahl {n}", "payload": f"wahl {n}"} for n in range(number)]
        asyncio.run(redirected(name, chat).send_text_with_buttons("x", "Welche?", choices))
        shown = len(re.findall('"(payload|value)": "wahl', json.dumps(chat.taken)))
        assert shown == (number if number <= buttons else 0)
        assert len(chat.taken) == (1 if buttons else 1 + number)
    chat.taken.clear()
    with suppress(TypeError):  # at once, or the server refuses a message without text
        asyncio.run(redirected(name, chat).send_custom_json("x", {"picture": "map"}))
    assert not any(text_in(body) for _, body in chat.taken)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("mattermost", {"text": "@bot seit wann?", "trigger_word": "@bot", "user_id": "u", "channel_id": "c"}),
        ("rocketchat", {"text": "seit wann?", "user_name": "kim", "channel_id": "c"}),
    ],
)
def test_question_comes_in_and_is_answered(chat: Chat, name: str, told: dict[str, str]) -> None:
    """As their servers tell it, without proof of who tells it: the comment warns of that."""
    addresses = {"url": chat.url, "server_url": chat.url}
    settings = {key: addresses.get(key, value) for key, value in EXAMPLES[name].items()}
    asked: list[str] = []

    async def answer(message: UserMessage) -> None:
        asked.append(message.text)
        await message.output_channel.send_text_message(message.sender_id, "Seit 1969.")

    Sanic.test_mode = True
    app = Sanic(f"channel_{name}", configure_logging=False)
    app.blueprint(BUILTIN_CHANNELS[name].from_credentials(settings).blueprint(answer), url_prefix="/webhooks")

    async def tell() -> int:
        with socket.socket() as listening:
            listening.bind((HOST, 0))
            server = await app.create_server(sock=listening, return_asyncio_server=True)
            await server.startup()
            await server.start_serving()
            async with httpx.AsyncClient(trust_env=False) as web:
                port = listening.getsockname()[1]
                reply = await web.post(f"http://{HOST}:{port}/webhooks/webhook", json=told)
            server.close()
            return reply.status_code

    assert asyncio.run(tell()) == 200 and asked == ["seit wann?"]
    assert "Seit 1969." in json.dumps(chat.taken[-1])


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
