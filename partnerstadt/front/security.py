"""What stands around every request: headers, limits of size, time and number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerstadt.front import gateway
from partnerstadt.front.errors import Wrong
from partnerstadt.front.limits import Limit
from partnerstadt.front.metrics import Metrics
from partnerstadt.front.texts import Texts

WIDGET = "/widget/"
# For machines that watch the desk; the rest of the world has no use for them.
UNLIMITED = ("/healthz", "/readyz", "/metrics")


def security_headers(origins: Sequence[str]) -> dict[str, str]:
    """Headers of every answer; pages of these origins may show ours in a frame."""
    ancestors = " ".join(["'self'", *origins])
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        # Stricter, and browsers would not say that a form of ours is one of ours.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class SecurityHeaders:
    """Puts the headers on every answer."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._headers = security_headers(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(WIDGET):
                    # A page of the city on another origin loads the script of the chat.
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        await self._app(scope, receive, send_with_headers)


@dataclass(frozen=True)
class Body:
    """How large a request may be, and how long it may take to arrive."""

    most: int
    seconds: float


class Limits:
    """Refuses requests that come too often, are too large or arrive too slowly.

    Args:
        app: what stands behind.
        addresses: how often an address may ask.
        body: how large a request may be.
        texts: what to say.
        metrics: counts.
        trusted: whether what is shown as the token of a gateway is one; all who write there share its address.
    """

    def __init__(
        self,
        app: ASGIApp,
        addresses: Limit,
        body: Body,
        texts: Texts,
        metrics: Metrics,
        trusted: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._app, self._addresses, self._body = app, addresses, body
        self._texts, self._metrics, self._trusted = texts, metrics, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        try:
            shown = Headers(scope=scope).get(gateway.HEADER)
            wait = 0.0 if shown and self._trusted(shown) else await self._addresses.take(address(scope))
            if wait:
                raise Wrong(429, "rate_limited", wait)
            body = await self._whole(scope, receive)
        except Wrong as wrong:
            self._metrics.limited.labels(wrong.code).inc()
            await wrong.response(self._texts)(scope, receive, send)
            return
        if body is None:  # gone before it had said all
            return
        whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def receive_whole() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message if message is not None else await receive()

        await self._app(scope, receive_whole, send)

    async def _whole(self, scope: Scope, receive: Receive) -> bytes | None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > self._body.most:
            raise Wrong(413, "too_large")
        try:
            return await asyncio.wait_for(self._read(receive), self._body.seconds)
        except asyncio.TimeoutError:
            raise Wrong(408, "too_slow") from None

    async def _read(self, receive: Receive) -> bytes | None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += bytes(message.get("body", b""))
            if len(body) > self._body.most:
                raise Wrong(413, "too_large")
            if not message.get("more_body"):
                return body


class Counting:
    """Counts requests by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("endpoint"), "__name__", "none")
                self._metrics.requests.labels(route, str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, send_counted)


def address(scope: Scope) -> str:
    """The address a request comes from; uvicorn has put the one a trusted proxy names here."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_of(client: str, listed: Sequence[str]) -> bool:
    """Whether an address is one of those listed, or of a network that is."""
    try:
        found = ip_address(client)
    except ValueError:
        return False
    return any(found in ip_network(entry) for entry in listed)
