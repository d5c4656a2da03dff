"""Numbers for Prometheus; none of them is about a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from partnerstadt.front.jobs import JOBS

SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8, 15, 60, 300)


class Metrics:
    """All numbers of one front desk."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        name = "partnerstadt_front"
        self.requests = Counter(
            f"{name}_requests", "Requests by route and status", ["route", "status"], registry=registry
        )
        self.outcomes = Counter(
            f"{name}_answers", "Answers by what became of the question", ["outcome"], registry=registry
        )
        self.seconds = Histogram(
            f"{name}_answer_seconds", "From a question to its answer", buckets=SECONDS, registry=registry
        )
        self.delayed = Counter(f"{name}_delayed", "Questions that took longer than promised", registry=registry)
        self.retries = Counter(f"{name}_retries", "Questions asked again", registry=registry)
        self.limited = Counter(f"{name}_limited", "Requests over a limit", ["limit"], registry=registry)
        self.workers = Gauge(
            f"{name}_conversations_waiting", "Conversations that wait for an answer", registry=registry
        )
        self.streams = Gauge(f"{name}_streams", "Open streams of events", registry=registry)
        self._done = Gauge(
            f"{name}_done_timestamp_seconds", "When work was last done; 0 for never", ["work"], registry=registry
        )
        for work in JOBS:
            self._done.labels(work)

    def answered(self, outcome: object, seconds: float) -> None:
        """Count an answer."""
        self.outcomes.labels(str(outcome or "unknown")).inc()
        self.seconds.observe(seconds)

    def done(self, times: Mapping[str, dt.datetime]) -> None:
        """Show when work was last done."""
        for work, time in times.items():
            self._done.labels(work).set(time.timestamp())

    def page(self) -> bytes:
        """All numbers as Prometheus reads them."""
        return generate_latest(self._registry)
