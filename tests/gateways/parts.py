"""What the tests of the gateways share: a gateway as a process, a person in a messenger, what that person hears."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support import MUSTERSTADT, PROJECT

ENABLED = "PARTNERSTADT_{}_ENABLED"


@dataclass(frozen=True)
class Heard:
    """A message of the bot as somebody sees it.

    Attributes:
        text: what it says; of a picture, the words for those who cannot see it.
        buttons: below it.
        links: the addresses that can be followed.
        picture: the SHA-256 of the PNG that is shown.
    """

    text: str
    buttons: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    picture: str = ""


class Person(Protocol):
    """Somebody in a messenger."""

    def say(self, text: str) -> str:
        """Write something; the messenger's id of it."""

    def heard(self) -> Sequence[Heard]:
        """All that the bot has written so far, in order."""

    def press(self, title: str) -> None:
        """Press a button of the last message that has it."""

    def edit(self, id: str, text: str) -> None:
        """Change what was written."""

    def delete(self, id: str) -> None:
        """Take back what was written."""

    def attach(self) -> None:
        """Send a picture."""

    def rate(self, index: int, value: str) -> None:
        """Say what a message of the bot is worth, by its place among those heard."""

    def again(self, id: str) -> None:
        """Let the messenger bring a message a second time."""

    def leave(self) -> None:
        """Want nothing more to do with the bot."""


class Messenger(Protocol):
    """A server and the people on it.

    Attributes:
        name: of the gateway.
        buttons: whether it has some.
        secret: what must stand in no log.
    """

    name: str
    buttons: bool
    secret: str

    def environment(self) -> dict[str, str]:
        """The settings of the gateway."""

    def wrong_environment(self) -> dict[str, str]:
        """The same with a secret that the server does not accept."""

    def person(self, name: str) -> Person:
        """Somebody new."""

    def stop(self) -> None:
        """Be gone."""

    def start(self) -> None:
        """Be there again, knowing all that it knew."""

    def limit(self, seconds: int) -> None:
        """Refuse the next message of the gateway and want it to wait."""

    def check(self) -> None:
        """Fail if the gateway has done something that it must not."""


class Process:
    """A gateway in its own environment.

    Args:
        messenger: where it works, or only its name.
        state: the state folder, the same as the front desk's.
        port: of the front desk.
        environment: settings; those of the messenger by default.
        project: where gateways.yml lies.
    """

    def __init__(
        self,
        messenger: Messenger | str,
        state: Path,
        port: int,
        environment: dict[str, str] | None = None,
        project: Path = PROJECT,
    ) -> None:
        self._name = messenger if isinstance(messenger, str) else messenger.name
        own = (
            {} if isinstance(messenger, str) else {ENABLED.format(self._name.upper()): "true"} | messenger.environment()
        )
        self._state, self._port, self._project = state, port, project
        self._settings = own if environment is None else own | environment
        self.log = state / f"{self._name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Process:
        """Begin, and go on writing the same log."""
        name = self._name
        prefix = f"PARTNERSTADT_{name.upper()}_"
        proxies = {"http_proxy", "https_proxy", "all_proxy"}
        environment = {key: value for key, value in os.environ.items() if key.lower() not in proxies}
        environment |= {
            "PARTNERSTADT_PROJECT": str(self._project),
            "PARTNERSTADT_RECORDS": str(MUSTERSTADT),
            "PARTNERSTADT_STATE": str(self._state),
            "PARTNERSTADT_FRONT_PORT": str(self._port),
            f"{prefix}RETRY_SECONDS": "0.1",
            f"{prefix}RETRY_SECONDS_MOST": "0.3",
            **self._settings,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PROJECT / f".venv-{name}" / "bin" / "python", "-m", "partnerstadt.gateways", name],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def printed(self) -> str:
        """All that was printed so far."""
        return self.log.read_text(encoding="utf-8")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(20)

    def command_line(self) -> str:
        """What everybody on the machine can see of it."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/cmdline").read_text()

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None


def install(name: str) -> None:
    """Make the environment of a gateway."""
    subprocess.run([PROJECT / "scripts" / "gateway.sh", name], check=True, stdin=subprocess.DEVNULL)


def until(what: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def never(what: Callable[[], object], seconds: float = 0.7) -> None:
    """See that something does not become true for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not what(), "it has happened"
        time.sleep(0.02)
