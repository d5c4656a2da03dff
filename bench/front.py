"""What the front desk adds to Rasa's own answer: both asked in turn, in one run."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.measure import latency, milliseconds
from bench.processes import Bench, Client
from bench.results import Front
from partnerstadt.quality.servers import running
from partnerstadt.settings import HOST, Problem

WARM_UP = 10
SECONDS = 30.0
JSON = {"Content-Type": "application/json"}


def measure_front(bench: Bench, texts: Sequence[str], count: int) -> Front:
    """Start everything as `make run` does, and ask each question of Rasa and of the front desk."""
    rasa_times: list[float] = []
    front_times: list[float] = []
    with running(bench.settings, bench.folder / "front.log") as settings:
        rasa = Client(settings.rasa_port)
        try:
            for number in range(-WARM_UP, count):
                text = texts[number % len(texts)]
                taken = milliseconds(lambda: rasa.ask(text))  # noqa: B023  (called at once)
                with conversation(settings.front_port) as visitor:
                    through = visitor.ask(text)
                if number >= 0:
                    rasa_times.append(taken)
                    front_times.append(through)
        finally:
            rasa.close()
    return Front(rasa=latency(rasa_times), front=latency(front_times))


class Visitor:
    """Somebody with a new conversation and an open stream of events."""

    def __init__(self, port: int) -> None:
        self._post = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
        self._stream = http.client.HTTPConnection(HOST, port, timeout=SECONDS)
        token = self._send("/api/session", {}, 201)["token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._stream.request("GET", "/api/events", headers=self._headers | {"Accept": "text/event-stream"})
        self._events = self._stream.getresponse()

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._post.close()

    def ask(self, text: str) -> float:
        """Milliseconds from a question to its answer on the stream."""
        begun = time.perf_counter()
        number = self._send("/api/message", {"text": text}, 202, self._headers)["message"]["id"]
        for line in self._events:
            if line.startswith(b"data: ") and json.loads(line[6:]).get("answers") == number:
                return 1000 * (time.perf_counter() - begun)
        raise Problem("the front desk closed the stream before it had answered.")

    def _send(
        self, path: str, content: object, status: int, headers: dict[str, str] | None = None
    ) -> dict[str, dict[str, str]]:
        self._post.request("POST", path, json.dumps(content).encode(), JSON | (headers or {}))
        response = self._post.getresponse()
        body = response.read()
        if response.status != status:
            raise Problem(f"the front desk answered {path} with status {response.status}.")
        return json.loads(body)


@contextmanager
def conversation(port: int) -> Iterator[Visitor]:
    """A new conversation."""
    visitor = Visitor(port)
    try:
        yield visitor
    finally:
        visitor.close()
