"""Traces for OpenTelemetry: which way a message takes through the parts of the bot, and how long each step takes.

Off, and nothing of it imported, unless the standard variables name a collector; the SDK reads the others itself. A span
says what was done and how it ended. It has no place for a text, a name, an address or the id of a conversation.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import Any

from partnerstadt.settings import Problem

NAME = "partnerstadt"
PROTOCOL = "http/protobuf"
FLUSH_MILLISECONDS = 2_000
DISABLED, EXPORTER, SERVICE = "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_SERVICE_NAME"
# Of two variables, the one that is about traces alone wins.
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

logger = logging.getLogger(__name__)


class Kind(Enum):
    """Which side of a request a span is, by OpenTelemetry's names."""

    INTERNAL = "INTERNAL"
    SERVER = "SERVER"
    CLIENT = "CLIENT"


class Span(AbstractContextManager["Span"]):
    """A step on the way; that of a bot without traces goes nowhere.

    Args:
        span: OpenTelemetry's, if there is one.
        error: the status of a step that has failed.
    """

    def __init__(self, span: Any = None, error: Any = None) -> None:
        self._span, self._error = span, error

    def tell(
        self,
        *,
        intent: object = None,
        action: object = None,
        outcome: object = None,
        model: object = None,
        status: int | None = None,
    ) -> None:
        """Say what is known of the step.

        Args:
            intent: what was understood.
            action: what Rasa does.
            outcome: what became of the question.
            model: the fingerprint of the model.
            status: of the HTTP answer.
        """
        if self._span is None:
            return
        for key, value in (("intent", intent), ("action", action), ("outcome", outcome), ("model", model)):
            if value is not None:
                self._span.set_attribute(f"{NAME}.{key}", str(value))
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
            if status >= 500:
                self._span.set_status(self._error)

    def __exit__(self, *_: object) -> None:
        """End the step."""


class _Tracing:
    """The traces of this process; whatever is imported here costs 0.3 s, and only whoever wants it."""

    def __init__(self, part: str, environment: Mapping[str, str]) -> None:
        from opentelemetry import context, trace
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = Resource.create()
        if not environment.get(SERVICE) and f"{SERVICE_NAME}=" not in environment.get("OTEL_RESOURCE_ATTRIBUTES", ""):
            resource = resource.merge(Resource({SERVICE_NAME: f"{NAME}-{part}"}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(_exporter()))
        self._tracer = self._provider.get_tracer(NAME)
        self._words = TraceContextTextMapPropagator()
        self._context, self._trace = context, trace

    def leave(self) -> None:
        self._context.attach(self._context.Context())

    def within(self) -> bool:
        return bool(self._trace.get_current_span().get_span_context().is_valid)

    def carried(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        self._words.inject(carrier)
        return carrier

    @contextmanager
    def span(self, name: str, kind: Kind, within: Mapping[str, str] | None) -> Iterator[Span]:
        error = self._trace.Status(self._trace.StatusCode.ERROR)
        begun = None if within is None else self._words.extract(within, self._context.Context())
        with self._tracer.start_as_current_span(
            name,
            begun,
            getattr(self._trace.SpanKind, kind.value),
            # The text of an error may quote what somebody wrote.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield Span(span, error)
            except Exception as failure:
                span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, type(failure).__name__))
                raise

    def flush(self) -> bool:
        return bool(self._provider.force_flush(FLUSH_MILLISECONDS))

    def close(self) -> None:
        if self.flush():  # else the end would wait for a collector that does not answer
            self._provider.shutdown()  # type: ignore[no-untyped-call]


def _exporter() -> Any:
    """Sends spans to the collector; one that does not answer is told of once, not with a traceback every time."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult
    from requests import RequestException

    class Exporter(OTLPSpanExporter):
        _works = True

        def export(self, spans: Any) -> Any:
            try:
                result = super().export(spans)
            except RequestException as error:
                if self._works:
                    logger.warning("The collector of traces does not answer (%s).", type(error).__name__)
                result = SpanExportResult.FAILURE
            self._works = result is SpanExportResult.SUCCESS
            return result

    return Exporter()


_NOTHING = Span()
_tracing: _Tracing | None = None


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether traces are to be sent; a Problem if in a way that is not spoken here."""
    if environment.get(DISABLED, "").lower() == "true":
        return False
    exporter = environment.get(EXPORTER) or ("otlp" if any(map(environment.get, ENDPOINTS)) else "none")
    if exporter not in ("otlp", "none"):
        raise Problem(f"{EXPORTER} must be otlp or none, not '{exporter}'.")
    protocol = next(filter(None, map(environment.get, PROTOCOLS)), PROTOCOL)
    if exporter == "otlp" and protocol != PROTOCOL:
        raise Problem(f"{PROTOCOLS[1]} must be {PROTOCOL}, not '{protocol}'.")
    return exporter == "otlp"


def begin(part: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send the traces of this process from now on, if they are wanted.

    Args:
        part: which part of the bot it is.
        environment: says so.

    Raises:
        Problem: if they are wanted in a way that is not spoken here.
    """
    global _tracing
    if _tracing is None and is_wanted(environment):
        _tracing = _Tracing(part, environment)
        atexit.register(_tracing.flush)


def end() -> None:
    """Send what is left, and no more."""
    global _tracing
    if _tracing is not None:
        atexit.unregister(_tracing.flush)
        _tracing.close()
        _tracing = None


def span(
    name: str, kind: Kind = Kind.INTERNAL, within: Mapping[str, str] | None = None
) -> AbstractContextManager[Span]:
    """A step, until the end of a with block.

    Args:
        name: what is done.
        kind: which side of a request it is.
        within: headers that say of which trace it is a part, a new one if they do not; without, of the present one.
    """
    return _NOTHING if _tracing is None else _tracing.span(name, kind, within)


def step(name: str, kind: Kind = Kind.INTERNAL) -> AbstractContextManager[Span]:
    """The same for what is done elsewhere too: only as a part of a trace."""
    return _NOTHING if _tracing is None or not _tracing.within() else _tracing.span(name, kind, None)


def carried() -> dict[str, str]:
    """Headers by which another part goes on with the present trace; none if there is none."""
    return {} if _tracing is None else _tracing.carried()


def leave() -> None:
    """What follows in this task is no part of the trace that it was begun in."""
    if _tracing is not None:
        _tracing.leave()
