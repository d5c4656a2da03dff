"""Starts Rasa, the action server, both desks and the gateways under one supervisor, keeps them alive, stops them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnerstadt import active
from partnerstadt.front.settings import FILE as FRONT_FILE
from partnerstadt.front.settings import FrontSettings
from partnerstadt.gateways import settings as gateways
from partnerstadt.model import child_environment, ensure_model
from partnerstadt.settings import HOST, Problem, Settings
from partnerstadt.staff.settings import FILE as STAFF_FILE
from partnerstadt.staff.settings import StaffSettings

if TYPE_CHECKING:
    from partnerstadt.records.models import Records

ROOT = Path(__file__).parents[1]
# Ctrl-C, a polite kill, and the terminal that was closed.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
START_SECONDS = 180.0
STOP_SECONDS = 10.0
RESTARTS = 5  # within RESTART_WINDOW; more than that is no accident any more
RESTART_WINDOW = 600.0
PAUSE_MOST = 300.0


def run(settings: Settings) -> int:
    """Check, train if needed, start, serve until stopped."""
    started = time.monotonic()
    example = example_question(check_records(settings.records))
    FrontSettings.read(settings.project / FRONT_FILE)
    StaffSettings.read(settings.project / STAFF_FILE)
    check_ports(settings)
    messengers = ready_gateways(settings)
    for number in STOP_SIGNALS:  # before the servers run, that is while training
        signal.signal(number, signal.default_int_handler)
    try:
        model = chosen_model(settings)
        asyncio.run(_serve(settings, model, messengers, started, example))
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    print("Stopped.", flush=True)
    return 0


def chosen_model(settings: Settings) -> Path:
    """The model that was activated, else the one of the present data, trained if it does not exist yet."""
    chosen = active.read(settings.state, settings.project)
    return settings.project / "models" / chosen.model if chosen else ensure_model(settings)


def ready_gateways(settings: Settings) -> tuple[str, ...]:
    """The gateways that are switched on and can be started; what is wrong with the others is printed."""
    switched = gateways.switched(settings.project)
    ready, wrong = [], dict(switched.wrong)
    for name in switched.on:
        made = subprocess.run([ROOT / "scripts" / "gateway.sh", name], stdin=subprocess.DEVNULL, check=False)
        if made.returncode:
            wrong[name] = "what it needs could not be installed; see the output above."
        else:
            ready.append(name)
    for name, problem in wrong.items():
        print(f"partnerstadt: the gateway {name} is not started: {problem}", file=sys.stderr, flush=True)
    return tuple(ready)


def check_records(folder: Path) -> Records:
    """The records, or a Problem that lists all their errors."""
    from partnerstadt.records.load import RecordsError, load_records

    try:
        return load_records(folder, dt.date.today())
    except RecordsError as error:
        listed = "".join(f"\n  {finding}" for finding in error.findings)
        raise Problem(f"nothing was started, because the records in {folder} have errors:{listed}") from None


def example_question(records: Records) -> str:
    """A question that these records answer, to be tried out."""
    cities = records.partner_cities
    return f"Seit wann ist {cities[0].name} dabei?" if cities else "Welche Partnerstädte gibt es?"


def check_ports(settings: Settings) -> None:
    """Raise a Problem for a port that is taken."""
    ports = {
        "PARTNERSTADT_RASA_PORT": settings.rasa_port,
        "PARTNERSTADT_ACTIONS_PORT": settings.actions_port,
        "PARTNERSTADT_FRONT_PORT": settings.front_port,
        "PARTNERSTADT_STAFF_PORT": settings.staff_port,
    }
    if len(set(ports.values())) < len(ports):
        raise Problem(f"{', '.join(ports)} must differ.")
    for name, port in ports.items():
        with socket.socket() as probe:
            # As the servers do it, so that a port which is only cooling down counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                raise Problem(
                    f"port {port} on {HOST} is taken; stop the program that uses it or set {name} to a free port."
                ) from None


@dataclass
class Child:
    """One server process and how to see that it works; without one that is not vital, the others go on."""

    name: str
    command: Sequence[str]
    answers: Callable[[], bool]
    vital: bool = True
    process: asyncio.subprocess.Process | None = None
    restarts: list[float] = field(default_factory=list)

    async def start(self, settings: Settings, environment: dict[str, str]) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it only through us."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            cwd=settings.project,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    async def until_it_answers(self) -> None:
        """Wait for the first good answer; raise a Problem if there will be none."""
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while not await asyncio.to_thread(self.answers):
            if self.process.returncode is not None:
                raise Problem(
                    f"the {self.name} ended at its start with code {self.process.returncode}; see its output above."
                )
            if time.monotonic() > deadline:
                raise Problem(f"the {self.name} gave no answer within {START_SECONDS:.0f} seconds.")
            await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """End the process and what it started: politely, then not."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.process.wait(), patience)
                return


async def _serve(settings: Settings, model: Path, messengers: tuple[str, ...], started: float, example: str) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    # With it the front desk, and nobody else, may delete conversations in Rasa.
    token = {"PARTNERSTADT_CHANNEL_TOKEN": secrets.token_urlsafe(32)}
    environment = {"LOG_LEVEL": "WARNING"} | child_environment(settings) | token
    children = [*_children(settings, model), *(gateway_child(name) for name in messengers)]
    try:
        await _all(child.start(settings, environment) for child in children)
        print("Starting Rasa, the action server, the front desk and the staff desk ...", flush=True)
        await _all(child.until_it_answers() for child in children)
        _announce(settings, messengers, time.monotonic() - started, example)
        await _all(_keep_alive(child, settings, environment) for child in children)
    finally:
        for number in STOP_SIGNALS:  # a second Ctrl-C must not leave a server behind
            asyncio.get_running_loop().add_signal_handler(number, lambda: None)
        await asyncio.gather(*(child.stop() for child in children))


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all at once; when one fails, give the others up."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def bot_children(settings: Settings, model: Path) -> list[Child]:
    """The action server and Rasa."""
    python = [sys.executable, "-m"]
    # `rasa run actions` starts the same server, but first loads all of Rasa.
    actions = [*python, "rasa_sdk", "--quiet", "--actions", "actions", "--port", str(settings.actions_port)]
    rasa = [*python, "rasa", "run", "--model", str(model), "--interface", HOST, "--port", str(settings.rasa_port)]
    return [
        Child(
            "action server", actions, lambda: _request(settings.actions_url.replace("/webhook", "/health")) is not None
        ),
        Child("Rasa server", rasa, lambda: bool(ask_rasa(settings.rasa_url, "?"))),
    ]


def _children(settings: Settings, model: Path) -> list[Child]:
    python = [sys.executable, "-m"]
    return [
        *bot_children(settings, model),
        Child(
            "front desk", [*python, "partnerstadt.front"], lambda: _request(settings.front_url + "readyz") is not None
        ),
        Child(
            "staff desk", [*python, "partnerstadt.staff"], lambda: _request(settings.staff_url + "anmelden") is not None
        ),
    ]


def gateway_child(name: str) -> Child:
    """A gateway in its own environment. It says itself whether it is connected, and goes on trying if not."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    return Child(f"gateway {name}", [str(python), "-m", "partnerstadt.gateways", name], lambda: True, vital=False)


async def _keep_alive(child: Child, settings: Settings, environment: dict[str, str]) -> None:
    while child.process is not None:
        code = await child.process.wait()
        now = time.monotonic()
        child.restarts = [moment for moment in child.restarts if moment > now - RESTART_WINDOW] + [now]
        if len(child.restarts) > RESTARTS and child.vital:
            raise Problem(f"the {child.name} ended {len(child.restarts)} times in {RESTART_WINDOW / 60:.0f} minutes.")
        pause = min(2.0 ** (len(child.restarts) - 1), PAUSE_MOST)
        print(f"The {child.name} ended with code {code}; starting it again in {pause:.0f} s.", flush=True)
        await asyncio.sleep(pause)
        await child.start(settings, environment)
        try:
            await child.until_it_answers()
        except Problem as problem:
            print(f"partnerstadt: {problem}", file=sys.stderr, flush=True)
            await child.stop()
        else:
            print(f"The {child.name} answers again.", flush=True)


def ask_rasa(url: str, text: str, sender: str | None = None) -> list[dict[str, str]]:
    """Send one message through Rasa's REST channel; no reply means an empty list."""
    body = json.dumps({"sender": sender or f"start-{uuid.uuid4().hex}", "message": text}).encode()
    reply = _request(url, body)
    return json.loads(reply) if reply else []


def _request(url: str, body: bytes | None = None) -> bytes | None:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    # No proxy of the machine may come between us and our own loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return bytes(response.read())
    except (OSError, ValueError):
        return None


def _announce(settings: Settings, messengers: tuple[str, ...], seconds: float, example: str) -> None:
    body = shlex.quote(json.dumps({"sender": "me", "message": example}))
    command = shlex.quote(os.path.relpath(Path(sys.executable).with_name("partnerstadt")))
    print(
        f"""
Ready after {seconds:.0f} s, records from {settings.records}
  chat            {settings.front_url}
  Rasa (REST)     {settings.rasa_url}
  action server   {settings.actions_url}
  staff desk      {settings.staff_url}
  messengers      {", ".join(messengers) or "none is switched on; docs/messenger.md says how"}
Try:
  curl -s {settings.rasa_url} -H 'Content-Type: application/json' -d {body}
The first account of the staff desk:
  {command} staff add-account NAME --role administrator
Ctrl-C stops everything.""",
        flush=True,
    )
