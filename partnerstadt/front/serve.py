"""The web server of the front desk."""

from __future__ import annotations

import uvicorn

from partnerstadt.front.app import create_app
from partnerstadt.front.desk import Desk
from partnerstadt.serving import web_server


def server(desk: Desk, port: int) -> uvicorn.Server:
    """A server that is ready to run."""
    settings = desk.settings
    proxies = settings.trusted_proxies
    return web_server(create_app(desk), settings.host, port, proxies, limit_concurrency=settings.connections)
