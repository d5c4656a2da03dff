"""Child processes: training that is timed, and servers that are always stopped again."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.results import Machine, Training
from partnerstadt.quality.measure import new_sender
from partnerstadt.quality.servers import free_ports
from partnerstadt.rasa_ext.environment import DEFAULTS, WITHOUT_TENSORFLOW
from partnerstadt.settings import HOST, Problem, Settings

TRAIN_SECONDS = 3 * 3600.0
START_SECONDS = 900.0  # on a busy machine, TensorFlow alone takes minutes
STOP_SECONDS = 30.0  # the supervisor of a whole bot gives its servers 10 to end, and 10 to be killed
REPLY_SECONDS = 30.0
STOCK = Path(__file__).with_name("stock")
# endpoints.yml of the stock side asks for it.
STOCK_ACTIONS_URL = "STOCK_ACTIONS_URL"


@dataclass(frozen=True)
class Python:
    """How a child process runs.

    Attributes:
        environment: its environment.
        options: options of the interpreter.
    """

    environment: Mapping[str, str]
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bench:
    """Where a run takes place.

    Attributes:
        settings: project, records and the ports of this run.
        folder: where logs and what can be used again are kept.
        quick: whether the run is a short one, which changes no page.
    """

    settings: Settings
    folder: Path
    quick: bool = False

    def ours(self, tensorflow: bool = False) -> Python:
        """Our bot, with what we change in Rasa."""
        environment = os.environ | self.settings.environment | _READABLE
        environment.pop(WITHOUT_TENSORFLOW, None)
        environment.pop(_UNCOMPILED, None)
        return Python(environment if tensorflow else environment | {WITHOUT_TENSORFLOW: "1"})

    def stock(self) -> Python:
        """Rasa as its manual has it, without a line of ours.

        `-S` leaves out the `.pth` file that brings our changes and defaults, and with it the folder of the packages,
        which is therefore named. What is set here keeps it quiet and on this machine; actions need the records.
        """
        ours = ("PARTNERSTADT_", *DEFAULTS, _UNCOMPILED)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        environment |= {"RASA_TELEMETRY_ENABLED": "false", "SANIC_HOST": HOST, **_READABLE}
        environment |= {"PARTNERSTADT_RECORDS": str(self.settings.records)}
        environment |= {STOCK_ACTIONS_URL: f"http://{HOST}:{self.settings.actions_port}/webhook"}
        return Python(environment | {"PYTHONPATH": sysconfig.get_path("purelib")}, ("-S",))


def prepare(quick: bool) -> Bench:
    """A run on free ports, with a state of its own, whatever the environment says about the city's."""
    settings = Settings.from_environment()
    folder = settings.project / "bench" / "results" / ("quick" if quick else "")
    folder.mkdir(parents=True, exist_ok=True)
    rasa_port, actions_port = free_ports(2)
    own = Settings(
        settings.project, settings.records, rasa_port=rasa_port, actions_port=actions_port, state=folder / "state"
    )
    return Bench(own, folder, quick)


# With it, every start would compile thousands of modules anew.
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
_READABLE = {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"}


def run_timed(bench: Bench, name: str, arguments: Sequence[str], python: Python) -> Training:
    """Run a Python module to its end; a Problem if it fails or takes too long."""
    log = bench.folder / f"{name}.log"
    started = time.monotonic()
    with log.open("wb") as out:
        process = _start(arguments, bench.settings.project, python, out)
        try:
            code, usage = _wait(process, started + TRAIN_SECONDS)
        finally:
            _stop(process)
    if code != 0:
        raise Problem(f"{name} ended with code {code}; its output is in {log}")
    return Training(
        seconds=time.monotonic() - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
        load=os.getloadavg()[2],
        date=dt.date.today().isoformat(),
    )


def _wait(process: subprocess.Popen[bytes], deadline: float) -> tuple[int, Any]:
    """Like Popen.wait, but tells what the process has used."""
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        time.sleep(0.1)
    raise Problem(f"a training took longer than {TRAIN_SECONDS / 60:.0f} minutes and was stopped.")


class Server:
    """A running server process."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], started: float, log: Path) -> None:
        self.name = name
        self.started = started
        self._process = process
        self._log = log

    def wait_until(self, answers: Any) -> float:
        """Wait for the first good answer and return the seconds since the start."""
        while not answers():
            if self._process.poll() is not None:
                raise Problem(f"the {self.name} ended at its start; its output is in {self._log}")
            if time.monotonic() - self.started > START_SECONDS:
                raise Problem(f"the {self.name} gave no answer within {START_SECONDS:.0f} seconds.")
            time.sleep(0.1)
        return time.monotonic() - self.started

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def memory_mb(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    @property
    def cpu_seconds(self) -> float:
        """CPU used since the start."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii", errors="replace")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(bench: Bench, name: str, arguments: Sequence[str], python: Python) -> Iterator[Server]:
    """Start a server; stop it and what it started at the end, whatever happens."""
    log = bench.folder / f"{name}.log"
    started = time.monotonic()
    with log.open("wb") as out:
        quiet = Python({**python.environment, "LOG_LEVEL": "WARNING"}, python.options)
        process = _start(arguments, bench.settings.project, quiet, out)
        try:
            yield Server(name, process, started, log)
        finally:
            _stop(process)


def _start(arguments: Sequence[str], project: Path, python: Python, out: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *python.options, "-m", *arguments],
        cwd=project,
        env=dict(python.environment),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process we started, with its group: politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


def stock_actions(bench: Bench) -> contextlib.AbstractContextManager[Server]:
    """The action server of the stock side; ours runs its actions in Rasa's process."""
    arguments = ["rasa", "run", "actions", "--actions", "actions", "--port", str(bench.settings.actions_port)]
    return server(bench, "stock action server", arguments, bench.stock())


def rasa_server(
    bench: Bench, name: str, model: Path, stock: bool, tensorflow: bool = False
) -> contextlib.AbstractContextManager[Server]:
    """Rasa with a model: as it comes, which needs an action server beside it, or with what we change in it."""
    arguments = ["rasa", "run", "--model", str(model), "--interface", HOST, "--port", str(bench.settings.rasa_port)]
    if stock:
        for file in ("endpoints", "credentials"):
            arguments += [f"--{file}", str(STOCK / f"{file}.yml")]
    python = bench.stock() if stock else bench.ours(tensorflow)
    return server(bench, f"Rasa server ({name})", arguments, python)


def row_of_ports(count: int) -> int:
    """The first of so many free ports that follow each other: several bots listen on such."""
    for _ in range(100):
        first = free_ports(1)[0]
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError, OverflowError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind((HOST, port))
            return first
    raise Problem(f"there are no {count} free ports that follow each other.")


def machine(load_before: float) -> Machine:
    """The kind of this machine, and how busy others kept it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gb=round(memory / 2**30),
        architecture=platform.machine(),
        python=platform.python_version(),
        load_before=load_before,
        load_after=os.getloadavg()[1],
    )


class Client:
    """Asks over one connection that stays open, as a front desk does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection(HOST, port, timeout=REPLY_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def post(self, path: str, content: object) -> Any:
        """Send JSON and return the reply's; None if there is no good reply."""
        body = json.dumps(content).encode()
        for _ in range(2):  # the server may have closed the connection meanwhile
            try:
                self._connection.request("POST", path, body, {"Content-Type": "application/json"})
                response = self._connection.getresponse()
                reply = response.read()
                return json.loads(reply) if response.status == 200 else None
            except (OSError, http.client.HTTPException, ValueError):
                self._connection.close()
        return None

    def get(self, path: str) -> bool:
        """Whether an address answers."""
        try:
            self._connection.request("GET", path)
            return self._connection.getresponse().read() is not None
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False

    def ask(self, text: str) -> Any:
        """Begin a conversation with Rasa through its REST channel; the messages of the reply."""
        return self.post("/webhooks/rest/webhook", {"sender": new_sender(), "message": text})
