"""Rasa and the action server answer only those who show the token, but for the question whether they live."""

from __future__ import annotations

import hmac
import os
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Any

TOKEN = "PARTNERSTADT_CHANNEL_TOKEN"
TOKEN_HEADER = "X-Partnerstadt-Token"
BEARER = "Bearer "
# The supervisor sets it with a token that it made up itself: whoever works on this machine may ask without one.
OPEN = "PARTNERSTADT_CHANNEL_OPEN"


def shown(headers: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a request shows the token, in a header of ours or as Prometheus sends it; never without a token."""
    token = environment.get(TOKEN) or ""
    given = headers.get(TOKEN_HEADER) or headers.get("Authorization", "").removeprefix(BEARER)
    return bool(token) and hmac.compare_digest(token.encode(), given.encode())


def may_enter(headers: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a request is answered: it shows the token, or none is asked for."""
    asked = environment.get(TOKEN) and environment.get(OPEN) != "1"
    return not asked or shown(headers, environment)


def protect(app: Any, open_to_all: Collection[str]) -> None:
    """Let a Sanic application refuse what may not enter.

    Args:
        app: one that does not run yet.
        open_to_all: paths that tell nothing but whether it works.
    """
    from sanic import response

    @app.middleware("request")
    async def enter(request: Any) -> Any:
        if request.path in open_to_all or may_enter(request.headers):
            return None
        return response.json({"error": "This needs the token."}, status=401)


def check_interface(interface: str, environment: Mapping[str, str] = os.environ) -> None:
    """End the program, rather than listen where others can reach it, when there is no token to be shown."""
    closed = environment.get(TOKEN) and environment.get(OPEN) != "1"
    if not closed and not _is_inside(interface):
        raise SystemExit(f"partnerstadt: nothing of Rasa listens on {interface} without a {TOKEN}.")


def _is_inside(interface: str) -> bool:
    try:
        return ip_address(interface).is_loopback
    except ValueError:
        return interface == "localhost"
