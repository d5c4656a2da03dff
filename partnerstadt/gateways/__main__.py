"""`python -m partnerstadt.gateways telegram`: one gateway as a process of its own, in its own environment."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib
import logging
import os
import signal
import sys

from partnerstadt.front import gateway as known
from partnerstadt.gateways.client import FrontDesk
from partnerstadt.gateways.runner import Patience, Runner
from partnerstadt.gateways.settings import kind
from partnerstadt.gateways.store import Store
from partnerstadt.secret_file import kept_secret
from partnerstadt.settings import Problem, Settings


def made(name: str, settings: Settings) -> Runner:
    """The gateway of a name, ready to run."""
    own = kind(name).of(settings.project)
    module = importlib.import_module(f"partnerstadt.gateways.{name}")
    secret = kept_secret(settings.state / known.SECRET)
    folder = settings.state / "gateways" / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return Runner(
        gateway=module.make(own, folder),
        channel=name,
        store=Store(folder / "messages.sqlite", secret),
        desk=FrontDesk(settings.front_url, secret, name),
        secret=secret,
        clock=lambda: dt.datetime.now(dt.timezone.utc),
        patience=Patience(retry=own.retry_seconds, retry_most=own.retry_seconds_most),
    )


async def run(name: str, settings: Settings) -> None:
    """Run a gateway until a signal ends it."""
    runner = made(name, settings)
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await runner.run()


def log(level: str) -> None:
    """Only what we ourselves say is printed: libraries also say what somebody wrote, and addresses that hold tokens."""
    logging.basicConfig(level=logging.CRITICAL + 1, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("partnerstadt").setLevel("DEBUG" if level.upper() == "DEBUG" else "INFO")


def main(arguments: list[str]) -> int:
    """Run the gateway that the first argument names; the exit code."""
    log(os.environ.get("LOG_LEVEL", ""))
    try:
        if len(arguments) != 1:
            raise Problem("name one gateway.")
        asyncio.run(run(arguments[0], Settings.from_environment()))
    except Problem as problem:
        print(f"partnerstadt: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
