"""Machines with the real bot: the supervisor and what it starts, a project of their own, disks that fill up or stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import yaml

from partnerstadt.model import child_environment, ensure_model
from partnerstadt.quality.servers import READY, WITHOUT_LIMITS
from partnerstadt.settings import Settings
from tests.faults.people import City, cities
from tests.servers import tell, with_children, works
from tests.support import DORTMUND, MUSTERSTADT, PROJECT

START, STOP, FROZEN = 180.0, 30.0, 0.1
# Shorter pauses than those of a city hall, in the same order; and less at once, for a machine that tests a lot.
QUICK = {"PARTNERSTADT_FRONT_RETRY_SECONDS_MOST": "2", "PARTNERSTADT_FRONT_PARALLEL": "4"}


def until(what: Callable[[], object], seconds: float = START, why: Callable[[], str] = str) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"it did not happen: {why()}"
        time.sleep(0.05)


def project(folder: Path, actions: Mapping[str, Path] | None = None) -> Path:
    """The project with models and records of its own; the rest are links to ours.

    Args:
        folder: where it is made.
        actions: further modules that are put beside the actions.
    """
    folder.mkdir()
    model = ensure_model(Settings(PROJECT, DORTMUND))
    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml", "front.yml", "staff.yml"):
        (folder / name).symlink_to(PROJECT / name)
    for name in ("gateways.yml", "data", "partnerstadt", "requirements.lock"):
        (folder / name).symlink_to(PROJECT / name)
    for name, sources in {"actions": [*(PROJECT / "actions").glob("*.py")], "models": [model]}.items():
        (folder / name).mkdir()
        for source in sources:
            shutil.copy2(source, folder / name)
    shutil.copy2(f"{model}.seal", folder / "models")
    for name, source in (actions or {}).items():
        shutil.copy2(source, folder / "actions" / name)
    shutil.copytree(MUSTERSTADT, folder / "records" / "town")
    partnerships = [_partnership(number, city) for number, city in enumerate(cities())]
    target = folder / "records" / "town" / "partnerships.yml"
    target.write_text(yaml.safe_dump({"partnerships": partnerships}, allow_unicode=True), encoding="utf-8")
    return folder


def _partnership(number: int, city: City) -> dict[str, object]:
    raw = asdict(city)
    kept = {key: raw[key] for key in ("name", "country", "country_label")}
    place = {"continent": "europe", "latitude": city.latitude, "longitude": city.longitude, "source": "geography"}
    more = {"kind": "Partnerschaft", "since": {"year": city.year}, "location": place, "source": "page"}
    return {"id": f"city_{number}"} | kept | more | {"review_by": "2028-12-31"}


class Machine:
    """One supervisor with all that it has started.

    Args:
        settings: where things are and where they listen.
        parts: what is started.
        log: what is printed.
        environment: further variables.
    """

    def __init__(self, settings: Settings, parts: Sequence[str], log: Path, **environment: str) -> None:
        self.settings, self.log = settings, log
        self._command = [sys.executable, "-m", "partnerstadt", "run", *(f"--only={part}" for part in parts)]
        self._environment = child_environment(settings) | WITHOUT_LIMITS | QUICK | {"LOG_LEVEL": "WARNING"}
        self._environment |= {"PARTNERSTADT_PROJECT": str(settings.project)} | environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def door(self) -> str:
        """The address of its front desk."""
        return self.settings.front_url.rstrip("/")

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as out:
            self._begun = out.tell()
            self._process = subprocess.Popen(
                self._command,
                cwd=self.settings.project,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def until_ready(self) -> None:
        """Wait until its front desk and its bot answer."""
        until(self._ready, why=lambda: self.log.read_text(encoding="utf-8")[-3000:])

    def _ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            self.start()  # until it stays, as an init system would
        printed = self.log.read_bytes()[self._begun :].decode()
        return (
            READY in printed and works(self.door + "/readyz") and works(self.settings.rasa_url.removesuffix("webhook"))
        )

    def pid(self, words: str) -> int:
        """The process whose command has these words."""
        [found] = [pid for pid in self.processes() if words in _command(pid)]
        return found

    def processes(self) -> list[int]:
        """The supervisor and all that it has started."""
        assert self._process is not None
        return list(with_children(self._process.pid))

    def kill(self, words: str = "") -> None:
        """End a process at once, as the kernel does when there is no memory left; the supervisor without words."""
        assert self._process is not None
        os.kill(self.pid(words) if words else self._process.pid, signal.SIGKILL)
        if not words:
            self._process.wait()

    def freeze(self) -> None:
        """Stop all processes where they stand, and let what the kernel has begun for them end."""
        tell(self.processes(), signal.SIGSTOP)
        time.sleep(FROZEN)

    def kill_all(self) -> None:
        """End all processes at once."""
        tell(self.processes(), signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        """End it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP)


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


@dataclass
class Disk:
    """A disk of its own: what a process has written is on it only once it is synced, as on a real one.

    Attributes:
        image: the file that stands for it.
        folder: where it is mounted.
    """

    image: Path
    folder: Path

    def make(self, megabytes: int) -> None:
        """Make it anew and mount it."""
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))
        self.folder.mkdir(exist_ok=True)
        self.mount()

    def mount(self) -> None:
        """Mount it, so that nothing reaches it by itself for minutes."""
        _run("mount", "-o", "loop,commit=300", str(self.image), str(self.folder))

    def unmount(self) -> None:
        """Take it away, as soon as the last process that has ended lets go of it."""
        until(
            lambda: not subprocess.run(["umount", str(self.folder)], capture_output=True, check=False).returncode, STOP
        )

    def copy(self) -> Path:
        """What would be on it if the power failed now."""
        target = self.image.with_suffix(".cut")
        _run("cp", "--sparse=always", str(self.image), str(target))
        return target

    def fill(self) -> Path:
        """Take all the space that is left; the file that takes it."""
        file = self.folder / "filler"
        with file.open("wb", buffering=0) as out, suppress(OSError):
            while True:
                out.write(b"x" * 4096)
        return file


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)


@contextmanager
def running(machines: Sequence[Machine]) -> Iterator[None]:
    """Machines that run until the end of the block."""
    try:
        for machine in machines:
            machine.start()
        for machine in machines:
            machine.until_ready()
        yield
    finally:
        for machine in machines:
            machine.stop()


def at(settings: Settings, rasa: int, actions: int, front: int, staff: int) -> Settings:
    """Settings with other ports."""
    return replace(settings, rasa_port=rasa, actions_port=actions, front_port=front, staff_port=staff)
