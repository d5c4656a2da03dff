"""One machine with SQLite on a disk of its own, and an action server: the small city hall."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from partnerstadt.names import HTTP
from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import Settings
from tests.faults.conftest import UnderLoad
from tests.faults.machines import Disk, Machine, at, project, running

MEGABYTES = 24
SLOW, FULL = "5", 5.0
TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Hall:
    """The machine.

    Attributes:
        machine: with front desk, bot and action server.
        disk: where it keeps everything.
        slow: the file that says by how many seconds every action takes longer.
    """

    machine: Machine
    disk: Disk
    slow: Path


@pytest.fixture(scope="session")
def running_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Started once."""
    folder = tmp_path_factory.mktemp("hall")
    home = project(folder / "project", {"slow.py": TESTS / "slow.py"})
    slow, disk = folder / "slow", Disk(folder / "disk", folder / "state")
    slow.write_text("0")
    disk.make(MEGABYTES)
    try:
        settings = at(Settings(home, home / "records" / "town", state=disk.folder, actions=HTTP), *free_ports(4))
        machine = Machine(settings, ["bot", "front"], folder / "log", FAULTS_SLOW=str(slow))
        with running([machine]):
            yield Hall(machine, disk, slow)
    finally:
        disk.unmount()


@pytest.fixture
def hall(running_hall: Hall) -> Hall:
    """The machine, at work."""
    running_hall.machine.until_ready()
    return running_hall


def test_action_server_is_killed(hall: Hall, under_load: UnderLoad) -> None:
    """What fails meanwhile is asked again."""
    with under_load([hall.machine.door]):
        hall.machine.kill("rasa_sdk")


def test_action_server_is_slow(hall: Hall, under_load: UnderLoad) -> None:
    """Slower than people like, quicker than anybody gives up."""
    with under_load([hall.machine.door]) as people:
        hall.slow.write_text(SLOW)
        people.talk_on()
        hall.slow.write_text("0")


def test_disk_is_full(hall: Hall, under_load: UnderLoad) -> None:
    """What cannot be kept is not taken; what was taken is answered as soon as there is space."""
    with under_load([hall.machine.door]):
        filler = hall.disk.fill()
        time.sleep(FULL)
        filler.unlink()


def test_power_is_cut(hall: Hall, under_load: UnderLoad) -> None:
    """What a citizen was told is on the disk: the machine goes on from there."""
    with under_load([hall.machine.door]):
        hall.machine.freeze()
        left = hall.disk.copy()
        hall.machine.kill_all()
        hall.disk.unmount()
        left.replace(hall.disk.image)
        hall.disk.mount()
        hall.machine.start()
        hall.machine.until_ready()
