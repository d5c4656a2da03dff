"""Two machines with PostgreSQL and Redis: one part after the other breaks while people ask."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from partnerstadt import seal
from partnerstadt.operations import deploy as deploying
from partnerstadt.operations.deploy import Place, deploy
from partnerstadt.quality.compare import Comparison
from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import CHANNEL, HOST, Problem, Settings
from tests.faults.conftest import UnderLoad
from tests.faults.machines import Machine, at, project, running, until
from tests.servers import Postgres, Redis

TOKEN, SECRET = "token-of-all-machines-" * 2, "secret-of-all-desks-" * 2
AWAY, HANGS, SETS = 20.0, 10.0, 1
FINE = Comparison((), (), (), 0, 0)
# Tells a process another time than that of its machine; how another, says a file.
FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"


@dataclass(frozen=True)
class Town:
    """Two machines that share database, Redis and models; the clock of the first can be set.

    Attributes:
        machines: each with a bot and a front desk, the first with the staff desk too.
        clock: the file that sets the clock.
    """

    machines: tuple[Machine, Machine]
    clock: Path

    @property
    def doors(self) -> list[str]:
        """Where people ask."""
        return [machine.door for machine in self.machines]

    def models(self) -> set[str]:
        """The models that the bots answer with."""
        urls = [machine.settings.rasa_url.removesuffix("webhook") for machine in self.machines]
        return {str(httpx.get(url, trust_env=False, timeout=10).json()["model"]) for url in urls}


@pytest.fixture(scope="session")
def running_town(tmp_path_factory: pytest.TempPathFactory, postgresql: Postgres, redis: Redis) -> Iterator[Town]:
    """Started once."""
    folder = tmp_path_factory.mktemp("town")
    home = project(folder / "project")
    ports = free_ports(8)
    rasas = tuple(f"http://{HOST}:{port}{CHANNEL}webhook" for port in (ports[0], ports[4]))
    settings = Settings(
        home,
        home / "records" / "town",
        state=folder / "state",
        database=postgresql.database(),
        redis=redis.url,
        other_rasas=rasas,
        token=TOKEN,
    )
    clock = folder / "clock"
    clock.write_text("+0")
    [faketime] = [str(path) for path in Path("/").glob(FAKETIME.removeprefix("/"))]
    fake = {
        "LD_PRELOAD": faketime,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": str(SETS),
        # When the clock of a machine is set, this one goes on, and the times of its files were written by it.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        # Else Python's threads wait for each other much too long.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    secret = {"PARTNERSTADT_FRONT_SECRET": SECRET}
    first = Machine(at(settings, *ports[:4]), ["bot", "front", "staff"], folder / "first.log", **fake, **secret)
    second = Machine(at(settings, *ports[4:]), ["bot", "front"], folder / "second.log", **secret)
    with running([first, second]):
        yield Town((first, second), clock)


@pytest.fixture
def town(running_town: Town) -> Town:
    """The two machines, both at work."""
    for machine in running_town.machines:
        machine.until_ready()
    return running_town


def test_bot_is_killed(town: Town, under_load: UnderLoad) -> None:
    """The other one goes on with its conversations."""
    with under_load(town.doors):
        town.machines[1].kill("rasa run")


def test_front_desk_is_killed(town: Town, under_load: UnderLoad) -> None:
    """Its questions are taken up when it is back; who asks again in between is taken up by the other one."""
    with under_load(town.doors):
        town.machines[1].kill("partnerstadt.front")


def test_staff_desk_is_killed(town: Town, under_load: UnderLoad) -> None:
    """Citizens do not notice."""
    with under_load(town.doors):
        town.machines[0].kill("partnerstadt.staff")


def test_machine_is_killed(town: Town, under_load: UnderLoad) -> None:
    """What a supervisor has started ends with it, so that it can be started again."""
    with under_load(town.doors):
        town.machines[1].kill()
        town.machines[1].until_ready()


def test_postgresql_is_killed(town: Town, under_load: UnderLoad, postgresql: Postgres) -> None:
    """Whether something was kept is not known to who was just keeping it."""
    with under_load(town.doors):
        postgresql.stop(signal.SIGKILL)
        postgresql.start()


def test_postgresql_is_away_for_20_seconds(town: Town, under_load: UnderLoad, postgresql: Postgres) -> None:
    """Nothing can be asked meanwhile, and nothing that was asked is forgotten."""
    with under_load(town.doors):
        postgresql.stop(signal.SIGQUIT)
        time.sleep(AWAY)
        postgresql.start()


def test_postgresql_hangs_for_10_seconds(town: Town, under_load: UnderLoad, postgresql: Postgres) -> None:
    """It takes everything and answers nothing."""
    with under_load(town.doors), postgresql.frozen():
        time.sleep(HANGS)


def test_redis_is_killed(town: Town, under_load: UnderLoad, redis: Redis) -> None:
    """Those who wait look into the database."""
    with under_load(town.doors) as people:
        redis.stop(signal.SIGKILL)
        people.talk_on()
        redis.start()


def test_redis_is_flushed(town: Town, under_load: UnderLoad, redis: Redis) -> None:
    """There is nothing in it that has to be kept."""
    with under_load(town.doors):
        redis.flush()


def test_clock_jumps(town: Town, under_load: UnderLoad) -> None:
    """Forward, and back behind what was asked meanwhile; after half an hour the bot forgets what was spoken of."""
    first, _ = town.machines
    with under_load(town.doors, follow_ups=False) as people:
        town.clock.write_text("+1h")
        people.talk_on()
        first.kill("partnerstadt.front")
        town.clock.write_text("-1h")
        people.talk_on()
        town.clock.write_text("+0")


@pytest.fixture
def models(town: Town) -> Callable[[str], Path]:
    """Makes models that understand the same under another name."""
    folder = town.machines[0].settings.project / "models"
    [own] = [path for path in folder.glob("*.tar.gz") if len(path.name) == len("0123456789abcdef.tar.gz")]

    def make(name: str) -> Path:
        target = folder / f"{name}.tar.gz"
        shutil.copy2(own, target)
        seal.write(target)
        return target

    return make


def test_model_is_broken_at_deploy(
    town: Town, under_load: UnderLoad, models: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was compared and before it is loaded: the bots stay with the one they have, the choice is taken back."""
    place, broken, before = Place.of(town.machines[0].settings), models("broken"), town.models()

    def measured(*_: object) -> Comparison:
        os.truncate(broken, 100_000)
        return FINE

    monkeypatch.setattr(deploying, "measured", measured)
    monkeypatch.setattr(deploying, "FOLLOW_SECONDS", 4.0)
    with under_load(town.doors):
        with pytest.raises(Problem, match="did not follow"):
            deploy(place, broken, Path(), print)
        assert town.models() == before and place.current() in before


def test_two_models_are_deployed_at_once(
    town: Town, under_load: UnderLoad, models: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them is refused at once, and both bots answer with the other."""
    place, compared, outcomes = Place.of(town.machines[0].settings), threading.Barrier(2, timeout=60), list[str]()

    def measured(*_: object) -> Comparison:
        compared.wait()
        return FINE

    def one(model: Path) -> None:
        try:
            deploy(place, model, Path(), print)
            outcomes.append(model.name)
        except Problem as problem:
            outcomes.append("refused" if "another model is in use since" in str(problem) else str(problem))

    monkeypatch.setattr(deploying, "measured", measured)
    with under_load(town.doors):
        threads = [threading.Thread(target=one, args=(models(name),)) for name in ("left", "right")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 2 and outcomes.count("refused") == 1
        until(lambda: town.models() == set(outcomes) - {"refused"}, why=lambda: str(outcomes))
