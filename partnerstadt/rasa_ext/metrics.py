"""Numbers of the bot for Prometheus; none of them is about a person."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


class Metrics:
    """All numbers of one bot."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        name = "partnerstadt_bot"
        self._answers = Counter(f"{name}_requests", "Messages by status", ["status"], registry=registry)
        self._seconds = Histogram(f"{name}_seconds", "From a message to its reply", buckets=SECONDS, registry=registry)
        self._running = Gauge(f"{name}_running", "Messages that are being answered", registry=registry)
        self._forgot = Gauge(f"{name}_retention_timestamp_seconds", "When old conversations went", registry=registry)
        self._model = Gauge(f"{name}_model", "The model in use", ["model"], registry=registry)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Measure the time of one message."""
        begun = time.perf_counter()
        with self._running.track_inprogress():
            yield
        self._seconds.observe(time.perf_counter() - begun)

    def answered(self, status: int) -> None:
        """Count one reply."""
        self._answers.labels(str(status)).inc()

    def forgot(self) -> None:
        """Old conversations were deleted just now."""
        self._forgot.set_to_current_time()

    def page(self, model: str | None) -> bytes:
        """All numbers as Prometheus reads them."""
        self._model.clear()
        if model:
            self._model.labels(model).set(1)
        return generate_latest(self._registry)
