"""The bot as its users run it: `partnerstadt run` as a child process on free ports."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from partnerstadt.model import child_environment
from partnerstadt.rasa_ext.guard import OPEN
from partnerstadt.run import START_SECONDS, STOP_SECONDS, bot_children
from partnerstadt.settings import HOST, Problem, Settings

Result = TypeVar("Result")

READY = "Ready after"
# Who measures or tests asks more often than a person may.
WITHOUT_LIMITS = {f"PARTNERSTADT_FRONT_{kind}_AT_ONCE": "1000000" for kind in ("REQUESTS", "SESSIONS", "MESSAGES")}


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def running(settings: Settings, log: Path) -> Iterator[Settings]:
    """Start all servers on free ports with a model that exists and a state of their own; stop them at the end.

    Yields:
        The settings with the ports that were taken.
    """
    rasa_port, actions_port, front_port, staff_port = free_ports(4)
    state = log.with_suffix(".state")
    settings = replace(
        settings,
        rasa_port=rasa_port,
        actions_port=actions_port,
        front_port=front_port,
        staff_port=staff_port,
        state=state,
    )
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "partnerstadt", "run"],
            cwd=settings.project,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches it through us
        )
    try:
        _until_ready(process, log)
        yield settings
    finally:
        _stop(process)


def with_bot(settings: Settings, model: Path, work: Callable[[str], Result]) -> Result:
    """Do something with Rasa and its actions alone, on free ports, and what it gives back.

    Args:
        settings: where the records are; the state folder must be one of its own.
        model: the model that answers.
        work: gets the address that takes messages.
    """
    rasa_port, actions_port = free_ports(2)
    # Nor do conversations that only measure belong into the database of the city.
    settings = replace(settings, rasa_port=rasa_port, actions_port=actions_port, bots=1, other_rasas=(), database=None)

    async def measured() -> Result:
        environment = child_environment(settings) | {"LOG_LEVEL": "WARNING", OPEN: "1"}
        children = bot_children(settings, model)
        try:
            await asyncio.gather(*(child.start(settings, environment) for child in children))
            await asyncio.gather(*(child.until_it_answers() for child in children))
            return await asyncio.to_thread(work, settings.rasa_url)
        finally:
            await asyncio.gather(*(child.stop() for child in children))

    return asyncio.run(measured())


def _environment(settings: Settings) -> dict[str, str]:
    # Variables of this process that say otherwise, such as the address of another action server, must not win.
    # A token of this process would close what is measured.
    environment = child_environment(replace(settings, token=None)) | {"LOG_LEVEL": "WARNING"} | WITHOUT_LIMITS
    return environment | {"PARTNERSTADT_PROJECT": str(settings.project)}


def _until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS + 10
    while READY not in log.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            printed = log.read_text(encoding="utf-8").strip()[-2000:] or os.fspath(log)
            raise Problem(f"the bot did not start:\n{printed}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            # The supervisor itself kills servers that ignore it.
            process.wait(timeout=2 * STOP_SECONDS + 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
