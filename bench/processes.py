"""Child processes: training that is timed, and servers that are always stopped again."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.results import Training
from partnerstadt.quality.measure import new_sender
from partnerstadt.rasa_ext.environment import WITHOUT_TENSORFLOW
from partnerstadt.settings import HOST, Problem, Settings

TRAIN_SECONDS = 3 * 3600.0
START_SECONDS = 300.0
STOP_SECONDS = 10.0
REPLY_SECONDS = 30.0


@dataclass(frozen=True)
class Bench:
    """Where a run takes place.

    Attributes:
        settings: project, records and the ports of this run.
        folder: where logs and what can be used again are kept.
    """

    settings: Settings
    folder: Path

    def environment(self, tensorflow: bool) -> dict[str, str]:
        """Environment of a child process."""
        environment = os.environ | self.settings.environment
        environment |= {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
        environment.pop(WITHOUT_TENSORFLOW, None)
        return environment if tensorflow else environment | {WITHOUT_TENSORFLOW: "1"}


def run_timed(bench: Bench, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Training:
    """Run a Python module to its end; a Problem if it fails or takes too long."""
    log = bench.folder / f"{name}.log"
    started = time.monotonic()
    with log.open("wb") as out:
        process = _start(arguments, bench.settings.project, environment, out)
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
def server(bench: Bench, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Server]:
    """Start a server; stop it and what it started at the end, whatever happens."""
    log = bench.folder / f"{name}.log"
    started = time.monotonic()
    with log.open("wb") as out:
        process = _start(arguments, bench.settings.project, {**environment, "LOG_LEVEL": "WARNING"}, out)
        try:
            yield Server(name, process, started, log)
        finally:
            _stop(process)


def _start(
    arguments: Sequence[str], project: Path, environment: Mapping[str, str], out: Any
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=project,
        env=dict(environment),
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


def actions_server(bench: Bench) -> contextlib.AbstractContextManager[Server]:
    """The action server; it is the same for all models."""
    port = str(bench.settings.actions_port)
    arguments = ["rasa_sdk", "--quiet", "--actions", "actions", "--port", port]
    return server(bench, "action server", arguments, bench.environment(tensorflow=False))


def rasa_server(bench: Bench, name: str, model: Path, tensorflow: bool) -> contextlib.AbstractContextManager[Server]:
    """Rasa with a model."""
    port = str(bench.settings.rasa_port)
    arguments = ["rasa", "run", "--model", str(model), "--interface", HOST, "--port", port]
    return server(bench, f"Rasa server ({name})", arguments, bench.environment(tensorflow))


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
