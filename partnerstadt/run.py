"""Starts Rasa, the action server, both desks and the gateways under one supervisor, keeps them alive, stops them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnerstadt import active, seal
from partnerstadt.front.settings import FILE as FRONT_FILE
from partnerstadt.front.settings import FrontSettings
from partnerstadt.gateways import settings as gateways
from partnerstadt.model import child_environment, ensure_model
from partnerstadt.rasa_ext.guard import OPEN, TOKEN_HEADER
from partnerstadt.settings import HOST, LEAST_TOKEN, Problem, Settings
from partnerstadt.staff.settings import FILE as STAFF_FILE
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.telemetry import traces
from partnerstadt.telemetry.logs import line

if TYPE_CHECKING:
    from partnerstadt.records.models import Records

ROOT = Path(__file__).parents[1]
# Ctrl-C, a polite kill, and the terminal that was closed.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
START_SECONDS = 180.0
# What can be started alone: Rasa with its actions, and the two desks.
PARTS = BOT, FRONT, STAFF = ("bot", "front", "staff")
STOP_SECONDS = 10.0
RESTARTS = 5  # within RESTART_WINDOW; more than that is no accident any more
RESTART_WINDOW = 600.0
PAUSE_MOST = 300.0
# What is started this way ends when the supervisor is killed (on Linux); else it would keep its port from the next one.
_TIED = ("setpriv", "--pdeathsig", "TERM", "--") if shutil.which("setpriv") else ()


def run(settings: Settings, parts: Sequence[str] = PARTS) -> int:
    """Check, train if needed, start, serve until stopped.

    Args:
        settings: where things are and where they listen.
        parts: what is started here; the rest runs on other machines.
    """
    started = time.monotonic()
    example = example_question(check_records(settings.records))
    FrontSettings.read(settings.project / FRONT_FILE)
    StaffSettings.read(settings.project / STAFF_FILE)
    traces.is_wanted()  # else the parts would say what is wrong, each for itself
    check_ports(settings, parts)
    # They talk to the front desk and run beside it.
    messengers = ready_gateways(settings) if FRONT in parts else ()
    for number in STOP_SIGNALS:  # before the servers run, that is while training
        signal.signal(number, signal.default_int_handler)
    try:
        model = chosen_model(settings) if BOT in parts else Path()
        asyncio.run(_serve(settings, model, messengers, started, example, parts))
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass
    print(line("Stopped."), flush=True)
    return 0


def chosen_model(settings: Settings) -> Path:
    """The model that was activated, else the one of the present data, trained if it does not exist yet."""
    chosen = active.read(settings.state, settings.project)
    if chosen is None:
        return ensure_model(settings)
    model = settings.project / "models" / chosen.model
    seal.check(model)
    return model


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
    for problem in dict.fromkeys(wrong.values()):
        names = [name for name in wrong if wrong[name] == problem]
        one, all_ = f"the gateway {names[0]} is not started", f"the gateways {', '.join(names)} are not started"
        print(f"partnerstadt: {one if len(names) == 1 else all_}: {problem}", file=sys.stderr, flush=True)
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


def check_ports(settings: Settings, parts: Sequence[str] = PARTS) -> None:
    """Raise a Problem for a port that is taken."""
    ports = {
        "PARTNERSTADT_RASA_PORT": settings.rasa_port,
        "PARTNERSTADT_FRONT_PORT": settings.front_port,
        "PARTNERSTADT_STAFF_PORT": settings.staff_port,
    }
    if settings.actions_url:
        ports["PARTNERSTADT_ACTIONS_PORT"] = settings.actions_port
    ports |= {f"PARTNERSTADT_RASA_PORT + {n}": port for n, port in enumerate(settings.rasa_ports) if n}
    if len(set(ports.values())) < len(ports):
        raise Problem(f"{', '.join(ports)} must differ.")
    of_parts = {"PARTNERSTADT_FRONT_PORT": FRONT, "PARTNERSTADT_STAFF_PORT": STAFF}
    for name, port in ports.items():
        if of_parts.get(name, BOT) not in parts:
            continue
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
    part: str = BOT
    restarts: list[float] = field(default_factory=list)

    async def start(self, settings: Settings, environment: dict[str, str]) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches it only through us; it ends when we do."""
        self.process = await asyncio.create_subprocess_exec(
            *_TIED,
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


async def _serve(
    settings: Settings, model: Path, messengers: tuple[str, ...], started: float, example: str, parts: Sequence[str]
) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    opened = {} if settings.token else {OPEN: "1"}
    settings = replace(settings, token=settings.token or secrets.token_urlsafe(LEAST_TOKEN))
    environment = {"LOG_LEVEL": "WARNING"} | child_environment(settings) | opened
    children = [child for child in _children(settings, model) if child.part in parts]
    children += [gateway_child(name) for name in messengers]
    try:
        await _all(child.start(settings, environment) for child in children)
        print(line(f"Starting the {_listed([child.name for child in children])} ..."), flush=True)
        await _all(child.until_it_answers() for child in children)
        _announce(settings, messengers, time.monotonic() - started, example, parts)
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
    """Rasa, and the action server if there is to be one."""
    python = [sys.executable, "-m"]
    rasa = [*python, "rasa", "run", "--model", str(model), "--interface", settings.rasa_host, "--port"]
    children = [
        # All are alike; the front desk sends each conversation to one of them.
        Child(f"Rasa server{f' {number}' if number > 1 else ''}", [*rasa, str(port)], _answers(settings, port))
        for number, port in enumerate(settings.rasa_ports, 1)
    ]
    if settings.actions_url:
        health = settings.actions_url.replace("/webhook", "/health")
        # `rasa run actions` starts the same server, but first loads all of Rasa.
        command = [*python, "rasa_sdk", "--quiet", "--actions", "actions", "--port", str(settings.actions_port)]
        children.insert(0, Child("action server", command, lambda: _request(health) is not None))
    return children


def _answers(settings: Settings, port: int) -> Callable[[], bool]:
    return lambda: bool(ask_rasa(settings.local_rasa(port), "?", token=settings.token))


def _children(settings: Settings, model: Path) -> list[Child]:
    python = [sys.executable, "-m"]
    return [
        *bot_children(settings, model),
        Child(
            "front desk",
            [*python, "partnerstadt.front"],
            lambda: _request(settings.front_url + "readyz") is not None,
            part=FRONT,
        ),
        Child(
            "staff desk",
            [*python, "partnerstadt.staff"],
            lambda: _request(settings.staff_url + "anmelden") is not None,
            part=STAFF,
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
        print(line(f"The {child.name} ended with code {code}; starting it again in {pause:.0f} s."), flush=True)
        await asyncio.sleep(pause)
        await child.start(settings, environment)
        try:
            await child.until_it_answers()
        except Problem as problem:
            print(f"partnerstadt: {problem}", file=sys.stderr, flush=True)
            await child.stop()
        else:
            print(line(f"The {child.name} answers again."), flush=True)


def ask_rasa(url: str, text: str, sender: str | None = None, token: str | None = None) -> list[dict[str, str]]:
    """Send one message through Rasa's REST channel; no reply means an empty list."""
    body = json.dumps({"sender": sender or f"start-{uuid.uuid4().hex}", "message": text}).encode()
    reply = _request(url, body, token)
    return json.loads(reply) if reply else []


def _request(url: str, body: bytes | None = None, token: str | None = None) -> bytes | None:
    headers = {"Content-Type": "application/json", TOKEN_HEADER: token or ""}
    request = urllib.request.Request(url, data=body, headers=headers)
    # No proxy of the machine may come between us and our own loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return bytes(response.read())
    except (OSError, ValueError):
        return None


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _announce(
    settings: Settings, messengers: tuple[str, ...], seconds: float, example: str, parts: Sequence[str]
) -> None:
    if set(parts) != set(PARTS):
        print(line(f"\nReady after {seconds:.0f} s: {_listed(parts)}"), flush=True)
        return
    body = shlex.quote(json.dumps({"sender": "me", "message": example}))
    actions = f"\n  action server   {settings.actions_url}" if settings.actions_url else ""
    command = shlex.quote(os.path.relpath(Path(sys.executable).with_name("partnerstadt")))
    print(
        f"""
Ready after {seconds:.0f} s, records from {settings.records}
  chat            {settings.front_url}
  Rasa (REST)     {settings.rasa_url}{actions}
  staff desk      {settings.staff_url}
  messengers      {", ".join(messengers) or "none is switched on; docs/messenger.md says how"}
Try:
  curl -s {settings.rasa_url} -H 'Content-Type: application/json' -d {body}
The first account of the staff desk:
  {command} staff add-account NAME --role administrator
Ctrl-C stops everything.""",
        flush=True,
    )
