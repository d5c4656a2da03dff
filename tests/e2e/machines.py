"""A city with several machines: two bots, two front desks, PostgreSQL, Redis and a collector of traces, all real."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx

from partnerstadt.front.route import Route
from partnerstadt.front.sessions import Tokens
from partnerstadt.model import child_environment
from partnerstadt.names import HTTP
from partnerstadt.quality.servers import WITHOUT_LIMITS, free_ports
from partnerstadt.rasa_ext.guard import TOKEN_HEADER
from partnerstadt.run import START_SECONDS, Child, bot_children
from partnerstadt.settings import HOST, Settings
from tests.front.parts import Citizen
from tests.front.test_shared import at
from tests.servers import Process, works
from tests.telemetry.collector import Collector

TOKEN, SECRET = "token-of-all-parts-" + "x" * 20, "secret-of-both-desks-" + "x" * 20


class Part(Process):
    """One process of ours; it may be killed and started again."""

    def __init__(
        self,
        command: Sequence[str],
        answers: Callable[[], bool],
        log: Path,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        super().__init__(command, answers, log, START_SECONDS)
        self._environment, self._folder = environment, folder

    def begin(self) -> None:
        """Start it, if it does not run, without waiting."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as out:
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )


class Machines:
    """All of them.

    Attributes:
        urls: where each bot takes messages; the first runs its actions itself, the second has a server for them.
        desks: the addresses of the front desks.
        parts: the processes: `Rasa server 0`, `front desk 0` and so on, and `action server 1`.
        collector: gets the traces of all.
        log: what they print.
    """

    def __init__(
        self, settings: Settings, model: Path, database: str, redis: str, collector: Collector, folder: Path
    ) -> None:
        bots, actions, desks = free_ports(2), free_ports(2), free_ports(2)
        self.urls = [settings.local_rasa(port) for port in bots]
        self.desks = [f"http://{HOST}:{port}" for port in desks]
        self.model, self.collector, self.log = model, collector, folder / "log"
        self.parts: dict[str, Part] = {}
        base = replace(settings, database=database, redis=redis, token=TOKEN, other_rasas=tuple(self.urls))
        for number in range(2):
            place = replace(
                base,
                rasa_port=bots[number],
                actions_port=actions[number],
                front_port=desks[number],
                actions=HTTP if number else base.actions,
                state=folder / f"machine{number}",
            )
            environment = (
                child_environment(place)
                | WITHOUT_LIMITS
                | {
                    "LOG_LEVEL": "WARNING",
                    "PARTNERSTADT_PROJECT": str(place.project),
                    "PARTNERSTADT_FRONT_SECRET": SECRET,
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                    "OTEL_BSP_SCHEDULE_DELAY": "100",
                }
            )
            desk = Child(
                "front desk",
                [sys.executable, "-m", "partnerstadt.front"],
                partial(works, f"{self.desks[number]}/readyz"),
            )
            for child in (*bot_children(place, model), desk):
                part = Part(child.command, child.answers, self.log, environment, place.project)
                self.parts[f"{child.name} {number}"] = part

    def start(self) -> None:
        """See that all run."""
        for part in self.parts.values():
            part.begin()
        for part in self.parts.values():
            part.start()

    def stop(self) -> None:
        """End all, at once: nothing of theirs is needed any more."""
        for part in self.parts.values():
            part.stop(signal.SIGKILL)

    def person(self, desk: int, bot: int) -> Citizen:
        """Somebody who begins at a desk, in a conversation that belongs to a bot."""
        for _ in range(64):
            citizen = Citizen(Desk(self.desks[desk]))  # type: ignore[arg-type]
            if Route(self.urls).of(id_of(citizen)) == self.urls[bot]:
                return citizen
        raise AssertionError("all conversations belong to one bot")

    def sent_on(self, citizen: Citizen, desk: int) -> Citizen:
        """The same person, whom the balancer sends to another desk."""
        return at(Desk(self.desks[desk]), citizen)  # type: ignore[arg-type]

    def requests(self, bot: int) -> float:
        """How many messages a bot has answered since its start."""
        url = self.urls[bot].removesuffix("webhook") + "metrics"
        page = httpx.get(url, headers={TOKEN_HEADER: TOKEN}, trust_env=False).text
        counted = [line for line in page.splitlines() if line.startswith("partnerstadt_bot_requests_total")]
        return sum(float(line.split()[-1]) for line in counted)


@dataclass(frozen=True)
class Desk:
    """A front desk that somebody may talk to."""

    url: str

    def client(self) -> httpx.Client:
        """A client of it."""
        return httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=30)


def id_of(citizen: Citizen) -> str:
    """The id of somebody's conversation."""
    return Tokens(SECRET).read(citizen.token) or ""
