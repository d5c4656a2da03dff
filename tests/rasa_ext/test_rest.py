"""The REST channel: Rasa's address and replies, but it trusts nobody."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ConversationPaused, Event, UserUttered
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from partnerstadt import deadlines
from partnerstadt.database import connect
from partnerstadt.names import IN_PROCESS
from partnerstadt.rasa_ext import rest
from partnerstadt.rasa_ext.guard import TOKEN, TOKEN_HEADER
from partnerstadt.rasa_ext.locks import ConversationLocks
from partnerstadt.rasa_ext.rest import (
    DETAIL_HEADER,
    MAX_BODY,
    MAX_TEXT,
    REMEMBERED,
    Memory,
    Message,
    Refused,
    RestChannel,
    read_message,
)
from partnerstadt.rasa_ext.tracker_store import NAME, ConversationStore
from tests.front.parts import contents

URL = "/webhooks/rest/webhook"
RIGHT = "0123456789abcdef0123456789abcdef"


def body(**content: Any) -> bytes:
    """A request as a client sends it."""
    return json.dumps(content).encode()


class Bot:
    """Stands for Rasa: records what arrives, and answers, stays silent or fails; with the real stores."""

    actions: EndpointConfig | None = None

    def __init__(self, do: Callable[[str], str | None]) -> None:
        self.do = do
        self.messages: list[UserMessage] = []
        self.folder = TemporaryDirectory()
        self.engine = connect(None, Path(self.folder.name), NAME)
        self.nowhere = connect(f"sqlite:///{self.folder.name}/no/such/folder", Path(self.folder.name), NAME)
        self.store: TrackerStore = ConversationStore(Domain.empty(), engine=self.engine)
        self.locks = ConversationLocks(engine=self.engine)

    def remember(self, sender: str, event: Event) -> None:
        """Have an event in a conversation."""
        tracker = self.store.init_tracker(sender)
        tracker.update(event)
        asyncio.run(self.store.save(tracker))

    def kept(self) -> list[str]:
        """The conversations that are kept."""
        return sorted(asyncio.run(self.store.keys()))

    async def handle(self, message: UserMessage) -> None:
        """Take one message as the agent does."""
        async with self.locks.lock(message.sender_id):
            await self.store.get_or_create_tracker(message.sender_id)
            self.messages.append(message)
            answer = self.do(message.text)
            if answer:
                await message.output_channel.send_text_message(message.sender_id, answer)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of a server that holds the channel and this bot."""
        Sanic.test_mode = True
        app = Sanic(f"rest_{id(self)}", configure_logging=False)
        register([RestChannel()], app, route="/webhooks/")
        app.ctx.agent = SimpleNamespace(
            is_ready=lambda: True,
            tracker_store=self.store,
            lock_store=self.locks,
            action_endpoint=self.actions,
            domain=SimpleNamespace(responses={"utter_apology": [{"text": "Sorry."}]}),
            handle_message=self.handle,
        )
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            server = await app.create_server(sock=listening, return_asyncio_server=True)
            await server.startup()
            await server.start_serving()
            await server.after_start()
            self.app = app
            try:
                address = f"http://127.0.0.1:{listening.getsockname()[1]}"
                async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
                    yield client
            finally:
                await server.before_stop()
                server.close()
                await server.wait_closed()

    def post(self, content: bytes, url: str = URL) -> httpx.Response:
        """Send one request and wait for its reply."""

        async def send() -> httpx.Response:
            async with self.client() as client:
                return await client.post(url, content=content)

        return asyncio.run(send())


def silent(_: str) -> None:
    """Say nothing."""


def broken(text: str) -> None:
    """Fail with the user's words in the message."""
    raise ValueError(text)


def test_reply_has_rasas_form() -> None:
    """Clients written for Rasa's channel keep working."""
    bot = Bot(str.upper)
    reply = bot.post(body(sender="a", message="hallo"))
    assert reply.status_code == 200 and reply.json() == [{"recipient_id": "a", "text": "HALLO"}]
    assert RestChannel.name() == "rest"


def test_client_cannot_set_channel_or_metadata() -> None:
    """Both steer answers and are stored without limit in stock Rasa."""
    bot = Bot(str.upper)
    bot.post(body(sender="a", message="hallo", input_channel="staff", metadata={"role": "admin"}))
    assert bot.messages[0].input_channel == "rest" and not bot.messages[0].metadata


@pytest.mark.parametrize("url", [URL, f"{URL}?stream=true"])
@pytest.mark.parametrize("do", [silent, broken])
def test_silent_or_failed_turn_gets_the_apology(
    url: str, do: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Its text comes from the domain; a stream ends as well; the log names no text."""
    caplog.set_level(logging.INFO)
    reply = Bot(do).post(body(sender="a", message="geheim"), url)
    assert reply.status_code == 200
    assert json.loads(reply.text.strip()) in (
        [{"recipient_id": "a", "text": "Sorry."}],
        {"recipient_id": "a", "text": "Sorry."},
    )
    assert "geheim" not in "".join(record.getMessage() for record in caplog.records)


def test_paused_conversation_stays_silent() -> None:
    """A human being has taken over."""
    bot = Bot(silent)
    bot.remember("a", ConversationPaused())
    assert bot.post(body(sender="a", message="hallo")).json() == []


def test_stream_sends_lines_of_json() -> None:
    """As Rasa's own stream, but with an end."""
    reply = Bot(str.upper).post(body(sender="a", message="hallo"), f"{URL}?stream=true")
    assert [json.loads(line) for line in reply.text.splitlines()] == [{"recipient_id": "a", "text": "HALLO"}]


def test_without_sender_everybody_has_a_conversation_of_their_own() -> None:
    """Stock Rasa lets all of them share one."""
    bot = Bot(str.upper)
    senders = {bot.post(body(message="hallo")).json()[0]["recipient_id"] for _ in range(2)}
    assert len(senders) == 2 and "default" not in senders


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"\xff",
        b'{"a":' * 2000 + b"1" + b"}" * 2000,
        body(sender="a"),
        body(sender="a", message=None),
        body(sender="a", message=5),
        body(sender="a", message=["x"]),
        body(sender="a", message=""),
        body(sender="a", message=" \n "),
        body(sender="a", message="x\0y"),
        body(sender="a", message="x" * (MAX_TEXT + 1)),
        body(sender="a\0", message="x"),
        body(sender="a" * 256, message="x"),
        body(sender={"a": 1}, message="x"),
        body(sender="a", message="x", metadata="y" * MAX_BODY),
    ],
    ids=range(17),
)
def test_what_is_no_message_gets_one_sentence(content: bytes) -> None:
    """Never a crash, never an echo."""
    bot = Bot(str.upper)
    reply = bot.post(content)
    assert reply.status_code == 400 and list(reply.json()) == ["error"]
    assert not bot.messages


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ("hallo\tdu\nda", "hallo\tdu\nda"),
        ("  hallo ", "hallo"),
        ("ha\x07llo\x1b[31m", "ha llo [31m"),
        ("\ud800 hallo", "hallo"),
        ("x" * 10_000, "x" * 10_000),
        ("\U0001f1f9\U0001f1f7" * 2_000, "\U0001f1f9\U0001f1f7" * 2_000),
        ("?", "?"),
        ("/restart", "restart"),
        (" / /restart", "restart"),
        ('/ask_since{"city":"Leeds"}', 'ask_since{"city":"Leeds"}'),
        ("/", "?"),
        ("1/2", "1/2"),
    ],
    ids=range(12),
)
def test_text_arrives_clean_and_is_never_an_order(sent: str, received: str) -> None:
    """A leading slash makes a command of a text in Rasa."""
    assert read_message(body(sender="a", message=sent)) == (received, "a", None)


def test_developers_may_switch_commands_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """For work on stories, on one's own machine."""
    monkeypatch.setenv("PARTNERSTADT_COMMANDS", "1")
    assert read_message(body(sender="a", message="/restart")).text == "/restart"


def test_refusal_never_quotes_the_message() -> None:
    """Errors end in logs."""
    with pytest.raises(Refused) as refusal:
        read_message(body(sender="a", message="geheim\0"))
    assert "geheim" not in str(refusal.value)


def test_client_that_hangs_up_does_not_end_the_turn() -> None:
    """Else the conversation would lose a turn whose action has run already."""
    finished = []

    class Slow(Bot):
        async def handle(self, message: UserMessage) -> None:
            await asyncio.sleep(0.2)
            finished.append(message.text)

    async def hang_up() -> None:
        async with Slow(silent).client() as client:
            task = asyncio.ensure_future(client.post(URL, content=body(sender="a", message="hallo")))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.sleep(0.3)

    asyncio.run(hang_up())
    assert finished == ["hallo"]


def test_turn_that_takes_too_long_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told to ask again, and gets the reply to the first attempt."""
    bot = Bot(str.upper)

    async def ask() -> tuple[int, Any]:
        content = body(sender="a", message="hallo", id="1")
        async with bot.client() as client:
            async with bot.locks.lock("a"):  # the turn cannot end
                monkeypatch.setattr(deadlines, "RASA", 0.05)
                first = await client.post(URL, content=content)
                monkeypatch.undo()
            return first.status_code, (await client.post(URL, content=content)).json()

    status, reply = asyncio.run(ask())
    assert status == 503 and reply[0]["text"] == "HALLO" and len(bot.messages) == 1


def test_bot_without_model_says_so() -> None:
    """Not yet ready is no empty answer."""
    bot = Bot(silent)

    async def send() -> httpx.Response:
        async with bot.client() as client:
            bot.app.ctx.agent = None
            return await client.post(URL, content=body(sender="a", message="hallo"))

    assert asyncio.run(send()).status_code == 503


class Talking(Bot):
    """Says what an action says: a response with its key, and what is known about it."""

    async def handle(self, message: UserMessage) -> None:
        """Take one message as the agent does."""
        self.messages.append(message)
        await asyncio.sleep(0.05)
        said = {"text": f"{message.text}!\n\nNoch etwas.", "utter_action": "utter_x", "about": {"intent": "y"}}
        await message.output_channel.send_response(message.sender_id, said)


DETAILED = {DETAIL_HEADER: "1"}


def test_reply_names_its_response_and_only_the_desk_learns_more() -> None:
    """What is known about it is the last part, for those who ask."""

    async def ask() -> tuple[Any, Any]:
        async with Talking(silent).client() as client:
            content = body(sender="a", message="hallo")
            detailed = await client.post(URL, content=content, headers=DETAILED)
            return detailed.json(), (await client.post(URL, content=content)).json()

    detailed, plain = asyncio.run(ask())
    assert [part.get("response") for part in plain] == ["utter_x", "utter_x"]
    said = [{"response": "utter_x", "text": "hallo!\n\nNoch etwas."}]
    assert detailed == [*plain, {"about": {"intent": "y", "said": said}}]


def test_message_that_is_sent_again_is_not_asked_again() -> None:
    """At the same time, later, or after the client has hung up; another id or sender is another message."""
    bot = Talking(silent)

    async def ask() -> list[Any]:
        async with bot.client() as client:

            async def send(sender: str, id: str) -> Any:
                return (await client.post(URL, content=body(sender=sender, message="hallo", id=id))).json()

            gone = asyncio.ensure_future(send("a", "0"))
            await asyncio.sleep(0.02)
            gone.cancel()
            first = await asyncio.gather(send("a", "0"), send("a", "1"), send("a", "1"))
            return [*first, await send("a", "1"), await send("a", "2"), await send("b", "1")]

    replies = asyncio.run(ask())
    assert replies[1] == replies[2] == replies[3] and all(replies)
    asked = [(message.sender_id, message.message_id) for message in bot.messages]
    assert sorted(asked) == [("a", "0"), ("a", "1"), ("a", "2"), ("b", "1")]


def test_failed_turn_can_be_asked_again() -> None:
    """The desk learns that it failed, and the next attempt is a real one."""
    fail = [True, False]
    bot = Bot(lambda text: broken(text) if fail.pop(0) else text.upper())  # type: ignore[func-returns-value]

    async def ask() -> list[Any]:
        async with bot.client() as client:
            content = body(sender="a", message="hallo", id="1")
            return [(await client.post(URL, content=content, headers=DETAILED)).json() for _ in range(2)]

    first, second = asyncio.run(ask())
    assert first[-1] == {"about": {"outcome": "failed"}} and second[0]["text"] == "HALLO"


@pytest.mark.parametrize("id", [5, "", "x" * 256, ["x"]])
def test_odd_id_is_refused(id: object) -> None:
    """Instead of being ignored."""
    with pytest.raises(Refused, match="id"):
        read_message(body(sender="a", message="x", id=id))


def test_memory_is_bounded() -> None:
    """The oldest replies go first, and a deleted conversation leaves none."""
    memory = Memory(3)

    async def fill() -> None:
        reply: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()
        for number in range(5):
            memory.keep(Message("x", "a", str(number)), reply)

    asyncio.run(fill())
    assert [memory.reply(Message("x", "a", str(number))) is None for number in range(5)] == [True] * 2 + [False] * 3
    memory.delete("a")
    assert memory.reply(Message("x", "a", "4")) is None
    assert REMEMBERED >= 1000


def deletion(bot: Bot, *tokens: str) -> list[int]:
    """Statuses of requests to delete the conversation a, then of a message in it."""

    async def send() -> list[int]:
        async with bot.client() as client:
            url = "/webhooks/rest/conversations/a"
            statuses = [(await client.delete(url, headers={TOKEN_HEADER: t})).status_code for t in tokens]
            return [*statuses, (await client.post(URL, content=body(sender="a", message="hallo"))).status_code]

    return asyncio.run(send())


def test_conversation_is_deleted_with_the_token_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is over for good, and others stay."""
    bot = Bot(str.upper)
    for sender in ("a", "b"):
        bot.remember(sender, UserUttered("geheim"))
    monkeypatch.setenv(TOKEN, RIGHT)
    assert deletion(bot, "wrong", "") == [403, 403, 200] and bot.kept() == ["a", "b"]
    assert deletion(bot, RIGHT, RIGHT) == [204, 404, 410]
    assert bot.kept() == ["b"] and b"geheim" in contents(Path(bot.folder.name))


def test_without_a_token_nobody_may_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not with an empty one."""
    bot = Bot(str.upper)
    for sender in ("a", "b"):
        bot.remember(sender, UserUttered("geheim"))
    monkeypatch.delenv(TOKEN, raising=False)
    assert deletion(bot, "", RIGHT) == [403, 403, 200]


def test_deletion_waits_for_a_turn_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end would save the conversation again."""
    bot = Bot(str.upper)
    for sender in ("a", "b"):
        bot.remember(sender, UserUttered("geheim"))
    monkeypatch.setenv(TOKEN, RIGHT)

    async def delete() -> int:
        async with bot.client() as client:
            async with bot.locks.lock("a"):
                url = "/webhooks/rest/conversations/a"
                task = asyncio.ensure_future(client.delete(url, headers={TOKEN_HEADER: RIGHT}))
                await asyncio.sleep(0.1)
                assert not task.done() and await bot.store.exists("a")
            return (await task).status_code

    assert asyncio.run(delete()) == 204


def test_without_its_database_the_bot_asks_for_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message can be sent again; nobody is answered as if nothing had been said before, and nothing is doubled."""
    bot = Bot(str.upper)
    monkeypatch.setenv(TOKEN, RIGHT)

    async def ask() -> list[int]:
        async with bot.client() as client:
            content = body(sender="a", message="hallo", id="1")
            statuses = []
            for broken in (True, False):
                monkeypatch.setattr(bot.store, "_engine", bot.nowhere if broken else bot.engine)
                replies = [
                    await client.get("/webhooks/rest/"),
                    await client.post(URL, content=content),
                    await client.post(f"{URL}?stream=true", content=content),
                    await client.delete("/webhooks/rest/conversations/b", headers={TOKEN_HEADER: RIGHT}),
                ]
                statuses += [reply.status_code for reply in replies]
            return statuses

    assert asyncio.run(ask()) == [503, 503, 200, 503, 200, 200, 200, 404]
    assert len(bot.messages) == 2 and bot.messages[0].message_id == "1"


def test_another_tracker_store_keeps_the_bot_from_starting() -> None:
    """Rasa's own would lose conversations, and could not delete them."""
    bot = Bot(str.upper)
    bot.store = InMemoryTrackerStore(Domain.empty())

    async def start() -> None:
        async with bot.client():
            pass

    with pytest.raises(TypeError, match="ConversationStore"):
        asyncio.run(start())


def test_actions_are_loaded_before_anybody_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the first citizen would wait for it; a server for them loads them itself."""
    loaded: list[str] = []
    monkeypatch.setattr(rest, "local_actions", lambda: loaded.append("now"))
    for url in (IN_PROCESS, "http://127.0.0.1:5055/webhook"):
        bot = Bot(str.upper)
        bot.actions = EndpointConfig(url=url)
        assert bot.post(body(sender="a", message="hallo")).status_code == 200
    assert loaded == ["now"]
