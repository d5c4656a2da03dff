"""The web server of the front desk."""

from __future__ import annotations

import uvicorn

from partnerstadt.front.app import create_app
from partnerstadt.front.desk import Desk

STOP_SECONDS = 3


def server(desk: Desk, port: int) -> uvicorn.Server:
    """A server that is ready to run."""
    settings = desk.settings
    return uvicorn.Server(
        uvicorn.Config(
            create_app(desk),
            host=settings.host,
            port=port,
            ws="none",  # Rasa keeps an old websockets that uvicorn cannot load
            log_config=None,
            access_log=False,  # its lines hold addresses
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            limit_concurrency=settings.connections,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
