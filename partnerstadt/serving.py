"""What the two desks share as web processes: the server's settings, the log, one sentence for a problem."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette

from partnerstadt.rasa_ext import privacy
from partnerstadt.settings import Problem, Settings
from partnerstadt.telemetry import logs, traces

STOP_SECONDS = 3


def web_server(app: Starlette, host: str, port: int, proxies: tuple[str, ...], **more: Any) -> uvicorn.Server:
    """A server that is ready to run.

    Args:
        app: what it serves.
        host: the address to listen at.
        port: and the port.
        proxies: addresses of proxies whose word on the client's address is trusted.
        more: further settings of uvicorn.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            ws="none",  # Rasa keeps an old websockets that uvicorn cannot load
            log_config=None,
            access_log=False,  # its lines hold addresses and what was looked up
            server_header=False,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=STOP_SECONDS,
            **more,
        )
    )


def serve(made: Callable[[Settings], uvicorn.Server], part: str) -> int:
    """Serve until a signal ends it; the exit code.

    Args:
        made: makes the server from the settings; its `Problem` becomes one sentence.
        part: its name in the log.
    """
    level = os.environ.get("LOG_LEVEL", "WARNING").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    privacy.protect_logging()
    try:
        logs.structure(part)
        traces.begin(part)
        server = made(Settings.from_environment())
    except Problem as problem:
        print(f"partnerstadt: {problem}", file=sys.stderr)
        return 1
    server.run()
    return 0
