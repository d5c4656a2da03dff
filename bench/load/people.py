"""What locust runs: people who ask one question after the other, without a pause.

Locust lives in an environment of its own (.venv/tools), so nothing of ours is imported but bench/visitor.py.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import gevent
from locust import User, constant, events, task
from locust.exception import StopUser

from bench.visitor import PATIENCE, Sender, Unanswered, Visitor

ANSWERED = "answered"
PAUSE = 0.5  # seconds, after a failure


@events.init_command_line_parser.add_listener
def _arguments(parser: Any) -> None:
    parser.add_argument("--talks", help="file of conversations")
    parser.add_argument("--ports", help="where to ask, with commas; conversations take turns")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds to wait for an answer")
    # Locust's own --run-time also counts the time that it takes to begin.
    parser.add_argument("--seconds", type=float, default=0, help="ask so long, counted from the first question")
    parser.add_argument("--messages", type=int, default=0, help="ask so many questions")


@events.init.add_listener
def _shared(environment: Any, **_: Any) -> None:
    options = environment.parsed_options
    content = json.loads(Path(options.talks).read_text(encoding="utf-8"))
    environment.apology = content["apology"]
    environment.talks = itertools.cycle(content["talks"])
    environment.ports = itertools.cycle(map(int, options.ports.split(",")))
    environment.enough = Enough(options.seconds, options.messages)


class Enough:
    """Says when nobody asks any more; all then wait for their answers.

    Args:
        seconds: from the first question on; 0 for no limit.
        messages: in all; 0 for no limit.
    """

    def __init__(self, seconds: float, messages: int) -> None:
        self._seconds, self._messages = seconds, messages
        self._begun: float | None = None
        self._asked = 0
        self.over = False

    def __call__(self) -> bool:
        """Whether the next question is one too many; if not, it counts as asked."""
        now = time.monotonic()
        self._begun = now if self._begun is None else self._begun
        late = bool(self._seconds) and now - self._begun >= self._seconds
        self.over = self.over or late or (bool(self._messages) and self._asked >= self._messages)
        self._asked += not self.over
        return self.over


class Person(User):
    """Has one conversation after the other; each question is one task, so that locust can stop between two."""

    abstract = True
    wait_time = constant(0)

    def on_start(self) -> None:
        """Nothing is said yet."""
        self._visit: Any = None
        self._left: list[str] = []

    def on_stop(self) -> None:
        """Hang up."""
        if self._visit is not None:
            self._visit.close()

    def begin(self, port: int, patience: float) -> Any:
        """A new conversation."""
        raise NotImplementedError

    @task
    def ask(self) -> None:
        """The next question of the conversation, or the first of a new one."""
        options = self.environment.parsed_options
        was_over = self.environment.enough.over
        if self.environment.enough():
            if not was_over:
                gevent.spawn(self.environment.runner.quit)
            raise StopUser
        taken, outcome = 0.0, ANSWERED
        begun = time.perf_counter()
        try:
            if not self._left:
                self.on_stop()
                self._visit = None
                self._left = list(next(self.environment.talks))[::-1]
                self._visit = self.begin(next(self.environment.ports), options.patience)
            taken = self._visit.ask(self._left.pop())
        except Unanswered as reason:
            outcome = str(reason)
        except (OSError, http.client.HTTPException, ValueError) as error:
            outcome = type(error).__name__
        if outcome != ANSWERED:
            self._left = []  # what comes next in it would make no sense
            taken = 1000 * (time.perf_counter() - begun)
        self.environment.events.request.fire(
            request_type="ask",
            name=outcome,
            response_time=taken,
            response_length=0,
            exception=None if outcome == ANSWERED else Unanswered(outcome),
            context={},
        )
        if outcome != ANSWERED:
            gevent.sleep(PAUSE)


class Citizen(Person):
    """Talks to the front desk and waits for the event that holds the answer."""

    def begin(self, port: int, patience: float) -> Visitor:
        """A session, and a stream of events."""
        return Visitor(port, patience)


class Client(Person):
    """Talks to Rasa's REST channel."""

    def begin(self, port: int, patience: float) -> Sender:
        """A sender that Rasa has not heard of."""
        return Sender(port, patience, self.environment.apology)
