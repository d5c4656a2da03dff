"""Somebody who talks to the bot: through the front desk, or to Rasa's REST channel alone.

Nothing of ours is imported: the load tool, which lives in an environment of its own, uses it too.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any

HOST = "127.0.0.1"
PATIENCE = 60.0  # seconds
JSON = {"Content-Type": "application/json"}


class Unanswered(Exception):
    """No answer came, or none that helps; the text says why in a few words."""


class Visitor:
    """A new conversation at the front desk, with an open stream of events as in the browser.

    Args:
        port: of the front desk.
        patience: seconds to wait for an answer.
    """

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._post = http.client.HTTPConnection(HOST, port, timeout=patience)
        self._stream = http.client.HTTPConnection(HOST, port, timeout=patience)
        token = self._send("/api/session", {}, (201,))["token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._stream.request("GET", "/api/events", headers=self._headers | {"Accept": "text/event-stream"})
        self._events = self._stream.getresponse()
        if self._events.status != 200:
            raise Unanswered(f"status {self._events.status}")

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._post.close()

    def ask(self, text: str) -> float:
        """Milliseconds from a question to its answer on the stream."""
        begun = time.perf_counter()
        said = {"text": text, "id": uuid.uuid4().hex}
        number = self._send("/api/message", said, (202, 200), self._headers)["message"]["id"]
        for line in self._events:
            if time.perf_counter() - begun > self._patience:
                raise Unanswered("too late")
            event = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            if event.get("answers") == number and event["type"] == "message":
                if event["from"] != "bot":  # says that it cannot answer
                    raise Unanswered("apology")
                return 1000 * (time.perf_counter() - begun)
        raise Unanswered("end of stream")

    def _send(self, path: str, content: object, good: tuple[int, ...], headers: dict[str, str] | None = None) -> Any:
        body = json.dumps(content).encode()
        try:
            response = self._posted(path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # A connection that rested too long was closed by the other side. Browsers do the same, and messages bear
            # an id, so that none is asked twice.
            self._post.close()
            response = self._posted(path, body, headers)
        reply = response.read()
        if response.status not in good:
            raise Unanswered(f"status {response.status}")
        return json.loads(reply)

    def _posted(self, path: str, body: bytes, headers: dict[str, str] | None) -> http.client.HTTPResponse:
        self._post.request("POST", path, body, JSON | (headers or {}))
        return self._post.getresponse()


class Sender:
    """A new conversation with Rasa's REST channel.

    Args:
        port: of Rasa.
        patience: seconds to wait for an answer.
        apology: what our channel says instead of an answer.
    """

    def __init__(self, port: int, patience: float = PATIENCE, apology: str = "") -> None:
        self._rasa = http.client.HTTPConnection(HOST, port, timeout=patience)
        self._sender = uuid.uuid4().hex
        self._apology = apology

    def close(self) -> None:
        """Hang up."""
        self._rasa.close()

    def ask(self, text: str) -> float:
        """Milliseconds from a question to its answer."""
        begun = time.perf_counter()
        body = json.dumps({"sender": self._sender, "message": text}).encode()
        self._rasa.request("POST", "/webhooks/rest/webhook", body, JSON)
        response = self._rasa.getresponse()
        reply = response.read()
        if response.status != 200:
            raise Unanswered(f"status {response.status}")
        messages = json.loads(reply)
        if not messages:
            raise Unanswered("empty reply")
        if self._apology and messages[0].get("text") == self._apology:
            raise Unanswered("apology")
        return 1000 * (time.perf_counter() - begun)
