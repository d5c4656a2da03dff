"""What the tests of the front desk share: a desk that is served, a citizen, and a stand-in for Rasa."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from partnerstadt.front.desk import Desk, Place, open_desk
from partnerstadt.front.serve import server
from partnerstadt.front.settings import FrontSettings
from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST
from tests.support import MUSTERSTADT

TOKEN = "token of the supervisor"
START = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.timezone.utc)
# Quick enough for tests, in the same order as the real ones.
QUICK = {
    "delayed_seconds": 0.4,
    "retry_seconds": 0.1,
    "retry_seconds_most": 0.2,
    "rasa_seconds": 2,
    "messages_at_once": 100,
    "requests_at_once": 1000,
    "sessions_at_once": 100,
}


class Clock:
    """A clock that tests move."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(**by)


class Rasa:
    """A small server in place of Rasa, to be slow, broken or gone on purpose."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.asked: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.wait = 0.0
        self.status = 200
        self.actions_status = 200
        self.reply: Callable[[str], list[dict[str, Any]]] = lambda text: [
            {"text": f"Antwort auf {text}", "response": "utter_x"},
            {"about": {"outcome": "answered", "intent": "ask_since", "confidence": 0.9, "records": ["leeds"]}},
        ]
        self._server: http.server.ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it takes messages."""
        return f"http://{HOST}:{self.port}/webhooks/rest/webhook"

    @property
    def actions_url(self) -> str:
        """Where actions would be called."""
        return f"http://{HOST}:{self.port}/webhook"

    @property
    def texts(self) -> list[str]:
        """What it was asked."""
        return [body["message"] for body in self.asked]

    def start(self) -> None:
        """Begin to answer."""
        rasa = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                told = rasa.events if "/conversations/" in self.path else {}
                self.send(rasa.actions_status if self.path == "/health" else rasa.status, told)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body["detail"] = self.headers["X-Partnerstadt-Detail"]
                rasa.asked.append(body)
                time.sleep(rasa.wait)
                self.send(rasa.status, rasa.reply(body["message"]))

            def do_DELETE(self) -> None:
                allowed = self.headers["X-Partnerstadt-Token"].rstrip("-") == TOKEN
                if allowed and rasa.status == 200:
                    rasa.deleted.append(self.path.rpartition("/")[2])
                self.send(rasa.status if allowed and rasa.status != 200 else 204 if allowed else 403, None)

            def send(self, status: int, content: object) -> None:
                body = b"" if content is None else json.dumps(content).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the desk has gone

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

            def get_request(self) -> Any:
                connection = super().get_request()
                rasa._connections.append(connection[0])
                return connection

        self._connections: list[Any] = []
        self._server = Server((HOST, self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Be gone, with all connections."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server = None


class Served:
    """A front desk on a port."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk = desk
        self.url = f"http://{HOST}:{port}"
        self._server = server(desk, port)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        until(lambda: self._server.started)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve()

    def run(self, work: Any) -> Any:
        """Do asynchronous work of the desk beside its server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def client(self, **options: Any) -> httpx.Client:
        """A client of it."""
        # Nothing is encrypted here; reading certificates would take longer than most tests.
        return httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=20, **options)

    def stop(self) -> None:
        """End as on a polite signal."""
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def served(
    folder: Path,
    rasa: Rasa,
    clock: Clock | None = None,
    database: str | None = None,
    redis: str | None = None,
    **settings: Any,
) -> Iterator[Served]:
    """A front desk with its state in a folder, or in servers."""
    place = Place(MUSTERSTADT, folder, rasa.url, rasa.actions_url, database, redis, TOKEN)
    options = {"clock": clock} if clock else {}
    front = Served(open_desk(FrontSettings(**(QUICK | settings)), place, **options), free_ports(1)[0])
    try:
        yield front
    finally:
        front.stop()


class Citizen:
    """Somebody with a conversation."""

    def __init__(self, front: Served) -> None:
        self.http = front.client()
        begun = self.http.post("/api/session", json={})
        assert begun.status_code == 201, begun.text
        self.token: str = begun.json()["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def say(self, text: str, **more: str) -> httpx.Response:
        """Send a message."""
        return self.http.post("/api/message", json={"text": text} | more)

    def press(self, button: str) -> httpx.Response:
        """Press a button."""
        return self.http.post("/api/message", json={"button": button})

    def history(self) -> list[dict[str, Any]]:
        """All events that are kept."""
        return list(self.http.get("/api/history").json()["events"])

    def poll(self, after: int = 0, wait: int = 5) -> dict[str, Any]:
        """What happens next."""
        asked = {"after": after, "wait": wait}
        reply = self.http.get("/api/events", params=asked, headers={"Accept": "application/json"})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def answers(self) -> list[str]:
        """What the bot has said."""
        return [event["text"] for event in self.history() if event.get("from") == "bot"]

    def until_answered(self, count: int = 1) -> list[str]:
        """Wait for answers."""
        until(lambda: len(self.answers()) >= count)
        return self.answers()

    @contextmanager
    def stream(self, after: int | None = None, **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
        """The stream of events, as dicts with id, event and data."""
        query = {} if after is None else {"after": after}
        with self.http.stream("GET", "/api/events", params=query, headers=headers) as reply:
            assert reply.status_code == 200, reply.read()
            yield sse(reply.iter_lines())


def sse(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Events of a stream, without those that only keep it open."""
    event: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name in ("id", "event", "data"):
            event[name] = json.loads(value) if name == "data" else value
        elif not line and event:
            yield event
            event = {}


def until(what: Callable[[], object], seconds: float = 10) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def contents(folder: Path) -> bytes:
    """All bytes of all files of a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
