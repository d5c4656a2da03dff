"""A collector of traces on this machine: takes what OpenTelemetry sends over HTTP, in its own protobuf."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from partnerstadt.settings import HOST
from tests.front.parts import until

KINDS = {1: "INTERNAL", 2: "SERVER", 3: "CLIENT"}


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    service: str
    name: str
    kind: str
    trace: bytes
    id: bytes
    parent: bytes
    attributes: dict[str, Any]
    status: str
    events: int


@dataclass
class Collector:
    """What has arrived."""

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    raw: bytes = b""

    def clear(self) -> None:
        """Forget it."""
        self.spans, self.raw = [], b""

    def take(self, body: bytes) -> None:
        """What was sent at once; what is no such message raises."""
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = {entry.key: entry.value.string_value for entry in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [_seen(about["service.name"], span) for span in scope.spans]

    def until(self, what: Callable[[list[Seen]], object]) -> list[Seen]:
        """The spans, as soon as something holds for them."""
        until(lambda: what(list(self.spans)), 20)
        return list(self.spans)


def _seen(service: str, span: Any) -> Seen:
    values = {entry.key: getattr(entry.value, entry.value.WhichOneof("value")) for entry in span.attributes}
    ids = span.trace_id, span.span_id, span.parent_span_id
    status = f"{span.status.code} {span.status.message}"
    return Seen(service, span.name, KINDS[span.kind], *ids, values, status, len(span.events) + len(span.links))


def way(spans: list[Seen], last: Seen) -> list[Seen]:
    """A span, and those around it up to the outermost."""
    by_id = {span.id: span for span in spans}
    found = [last]
    while found[-1].parent:
        found.append(by_id[found[-1].parent])
    return found


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector, until the end of the block."""
    collector = Collector()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            collector.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://{HOST}:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
