"""Traces say what was done and how it ended, and nothing else; the whole way is in tests/e2e/test_machines.py."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST, Problem
from partnerstadt.telemetry import traces
from tests.telemetry.collector import Collector, collecting

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that is sent what this process does."""
    with collecting() as started:
        monkeypatch.setenv(ENDPOINT, started.url)
        traces.begin("front")
        yield started
        traces.end()


def test_without_a_collector_nothing_is_imported_or_told() -> None:
    """Off is free: no module of OpenTelemetry, the same empty step every time."""
    code = (
        "import sys, partnerstadt.front.app, partnerstadt.telemetry.traces as traces\n"
        "traces.begin('front', {})\n"
        "assert traces.span('a') is traces.step('b') and traces.carried() == {}\n"
        "with traces.span('a', traces.Kind.SERVER, {}) as span: span.tell(intent='x', status=500)\n"
        "traces.leave(), traces.end()\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_standard_variables_decide() -> None:
    """And say at once what is not spoken here."""
    assert not traces.is_wanted({}) and traces.is_wanted({ENDPOINT: "http://collector:4318"})
    assert traces.is_wanted({"OTEL_TRACES_EXPORTER": "otlp"})
    for off in ({"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}):
        assert not traces.is_wanted({ENDPOINT: "http://collector:4318"} | off)
    for wrong in ({"OTEL_TRACES_EXPORTER": "zipkin"}, {ENDPOINT: "x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}):
        with pytest.raises(Problem, match="must be"):
            traces.is_wanted(wrong)


def test_other_process_goes_on_with_a_trace(collector: Collector) -> None:
    """By the header traceparent of the W3C; without one, and for a client, a new trace begins."""
    with traces.span("message", traces.Kind.SERVER, within={}) as span:
        span.tell(intent="ask_since", outcome="answered")
        header = traces.carried()
    with traces.span("turn", traces.Kind.SERVER, within=header) as span, traces.step("parse"):
        span.tell(model="0123", status=200)
    with traces.step("database"):
        pass
    traces.end()
    spans = {span.name: span for span in collector.spans}
    assert list(header) == ["traceparent"] and spans.keys() == {"message", "turn", "parse"}
    assert spans["turn"].parent == spans["message"].id and spans["parse"].parent == spans["turn"].id
    assert len({span.trace for span in spans.values()}) == 1 and not spans["message"].parent
    assert {span.service for span in spans.values()} == {"partnerstadt-front"}
    assert spans["message"].attributes == {"partnerstadt.intent": "ask_since", "partnerstadt.outcome": "answered"}
    assert spans["turn"].attributes == {"partnerstadt.model": "0123", "http.response.status_code": 200}


def test_task_that_leaves_has_a_trace_of_its_own(collector: Collector) -> None:
    """What it was begun in goes on without it."""

    async def work() -> None:
        traces.leave()
        with traces.step("database"), traces.span("delivery", within={}):
            pass

    async def message() -> None:
        with traces.span("message", within={}):
            await asyncio.create_task(work())
            with traces.step("database"):
                pass

    asyncio.run(message())
    traces.end()
    names = {span.id: span.name for span in collector.spans}
    told = sorted((span.name, names.get(span.parent, "")) for span in collector.spans)
    assert told == [("database", "message"), ("delivery", ""), ("message", "")]


def test_error_is_told_without_its_text(collector: Collector) -> None:
    """Its text may quote what somebody wrote; neither it nor a traceback leaves."""
    with pytest.raises(ValueError), traces.span("turn"):
        raise ValueError("ganz geheim")
    with traces.span("ask") as span:
        span.tell(status=503)
    traces.end()
    assert [(span.status, span.events) for span in collector.spans] == [("2 ValueError", 0), ("2 ", 0)]
    assert b"geheim" not in collector.raw


def test_collector_that_is_away_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One line, no traceback, and no waiting."""
    caplog.set_level(logging.WARNING)
    monkeypatch.setenv(ENDPOINT, f"http://{HOST}:{free_ports(1)[0]}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    traces.begin("front")
    for _ in range(2):
        with traces.span("message"):
            pass
        traces._tracing and traces._tracing.flush()
    traces.end()
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == ["The collector of traces does not answer (ConnectionError)."]
