"""What the front desk adds to Rasa's own answer: both asked in turn, in one run."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from bench.measure import latency, milliseconds
from bench.processes import Bench, Client
from bench.results import Front
from bench.visitor import Unanswered, Visitor
from partnerstadt.quality.servers import running
from partnerstadt.settings import Problem

WARM_UP = 10


def measure_front(bench: Bench, texts: Sequence[str], count: int) -> Front:
    """Start everything as `make run` does, and ask each question of Rasa and of the front desk."""
    rasa_times: list[float] = []
    front_times: list[float] = []
    with (
        running(bench.settings, bench.folder / "front.log") as settings,
        contextlib.closing(Client(settings.rasa_port)) as rasa,
    ):
        for number in range(-WARM_UP, count):
            text = texts[number % len(texts)]
            taken = milliseconds(lambda: rasa.ask(text))  # noqa: B023  (called at once)
            through = ask_front(settings.front_port, text)
            if number >= 0:
                rasa_times.append(taken)
                front_times.append(through)
    return Front(rasa=latency(rasa_times), front=latency(front_times))


def ask_front(port: int, text: str) -> float:
    """Milliseconds of the first answer of a new conversation."""
    try:
        with contextlib.closing(Visitor(port)) as visitor:
            return visitor.ask(text)
    except Unanswered as reason:
        raise Problem(f"the front desk gave no answer: {reason}.") from None
