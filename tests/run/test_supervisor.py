"""The supervisor with small servers in place of Rasa, the action server and the front desk."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from partnerstadt.names import HTTP, IN_PROCESS
from partnerstadt.quality.servers import free_ports
from partnerstadt.records.models import Records
from partnerstadt.run import check_ports, check_records, example_question
from partnerstadt.settings import HOST, Problem, Settings
from tests.support import MUSTERSTADT

# Runs the real supervisor; only the commands of the children, the model and the records are replaced.
PROGRAM = """
import sys
from pathlib import Path
from partnerstadt import run
from partnerstadt.cli import main
SERVER = '''
import http.server, os, sys, time, signal
class Reply(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'[{"text": "x"}]')
    do_POST = do_GET
    def log_message(self, *_): pass
open(sys.argv[2] + ".pid", "a").write(str(os.getpid()) + chr(10))
if os.path.exists(sys.argv[2] + ".fail"): sys.exit(3)
if os.path.exists(sys.argv[2] + ".stubborn"): signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Reply).serve_forever()
'''
stock = run._children
def children(settings, model):
    made = stock(settings, model)
    servers = {
        "action server": ("actions", settings.actions_port),
        "Rasa server": ("rasa", settings.rasa_port),
        "front desk": ("front", settings.front_port),
        "staff desk": ("staff", settings.staff_port),
    }
    servers["Rasa server 2"] = ("rasa2", settings.rasa_port + 1)
    for child in made:
        name, port = servers[child.name]
        child.command = [sys.executable, "-c", SERVER, str(port), str(settings.project / name)]
    return made
run._children = children
run.ensure_model = lambda settings: settings.project / "model"
run.check_records = lambda folder: None
run.example_question = lambda records: "Seit wann ist L'Aquila dabei?"
stock_gateway = run.gateway_child
def gateway(name):
    made = stock_gateway(name)
    program = "import time, sys; print('gateway begins', flush=True); time.sleep(0.3); sys.exit(7)"
    made.command = [sys.executable, "-c", program]
    return made
run.gateway_child = gateway
run.subprocess.run = lambda command, **_: run.subprocess.CompletedProcess(command, int(command[-1] == "xmpp"))
run.STOP_SECONDS = 1.0
run.RESTARTS = int(sys.argv[1])
sys.exit(main(["run"]))
"""


def _ports(bots: int) -> list[int]:
    """Ports of Rasa, actions and the two desks; those after the first are free for further bots."""
    while True:
        ports = free_ports(4)
        with suppress(Problem):
            check_ports(Settings(Path(), Path(), *ports, actions=HTTP, bots=bots))
            return ports


class Supervised:
    """A running supervisor and its output."""

    def __init__(self, folder: Path, restarts: int = 5, actions: str = HTTP, bots: int = 1) -> None:
        self.folder = folder
        (folder / "config.yml").write_text("pipeline: []\npolicies: []\n")
        self.ports = _ports(bots)
        self.log = folder / "log"
        environment = os.environ | {
            "PARTNERSTADT_PROJECT": str(folder),
            "PARTNERSTADT_RECORDS": str(folder),
            "PARTNERSTADT_ACTIONS": actions,
            "PARTNERSTADT_BOTS": str(bots),
            "PARTNERSTADT_RASA_PORT": str(self.ports[0]),
            "PARTNERSTADT_ACTIONS_PORT": str(self.ports[1]),
            "PARTNERSTADT_FRONT_PORT": str(self.ports[2]),
            "PARTNERSTADT_STAFF_PORT": str(self.ports[3]),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(restarts)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def output(self) -> str:
        """All that was printed so far."""
        return self.log.read_text()

    def until(self, what: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + 30
        while not what():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def until_printed(self, text: str) -> None:
        """Wait for a line of output."""
        self.until(lambda: text in self.output())

    def pids(self, name: str) -> list[int]:
        """Process ids of a child and of its earlier lives."""
        file = self.folder / f"{name}.pid"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def has_left(self) -> bool:
        """Whether the ports are free."""
        try:
            check_ports(Settings(self.folder, self.folder, *self.ports, actions=HTTP))
        except Problem:
            return False
        return True

    def assert_nothing_is_left(self) -> None:
        """All children have gone and the ports are free."""
        for pid in self.pids("rasa") + self.pids("actions") + self.pids("front") + self.pids("staff"):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
        check_ports(Settings(self.folder, self.folder, *self.ports))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Start supervisors that do not outlive the test."""
    started: list[Supervised] = []

    def start_one(restarts: int = 5, actions: str = HTTP, bots: int = 1) -> Supervised:
        started.append(Supervised(tmp_path, restarts, actions, bots))
        return started[-1]

    yield start_one
    for supervised in started:
        if supervised.process.poll() is None:
            supervised.end(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_prints_addresses_and_stops_cleanly(start: Callable[..., Supervised], number: int) -> None:
    """Ready means that both have answered; the end leaves nothing behind and is no failure."""
    supervised = start()
    supervised.until_printed("Ctrl-C stops everything")
    for port in supervised.ports:
        assert f"127.0.0.1:{port}/" in supervised.output()
    command = next(line for line in supervised.output().splitlines() if "curl" in line)
    assert json.loads(shlex.split(command)[-1])["message"] == "Seit wann ist L'Aquila dabei?"
    assert supervised.end(number) == 0
    supervised.assert_nothing_is_left()
    assert "Traceback" not in supervised.output() and supervised.output().endswith("Stopped.\n")


def test_action_server_is_started_only_where_it_is_wanted(start: Callable[..., Supervised]) -> None:
    """By default Rasa runs the actions itself, and nothing listens at their port."""
    supervised = start(actions=IN_PROCESS)
    supervised.until_printed("Ready")
    assert "action server" not in supervised.output() and not supervised.pids("actions")
    assert supervised.end() == 0
    supervised.assert_nothing_is_left()


def test_several_bots_are_started_and_kept_alive_each_for_itself(start: Callable[..., Supervised]) -> None:
    """By one setting, at the ports after the first; the end of one leaves the other alone."""
    supervised = start(actions=IN_PROCESS, bots=2)
    supervised.until_printed("Ready")
    os.kill(supervised.pids("rasa2")[0], signal.SIGKILL)
    supervised.until_printed("The Rasa server 2 answers again")
    assert (len(supervised.pids("rasa")), len(supervised.pids("rasa2"))) == (1, 2)
    assert supervised.end() == 0
    supervised.assert_nothing_is_left()


@pytest.mark.parametrize("name", ["rasa", "actions", "front"])
def test_killed_child_is_started_again(start: Callable[..., Supervised], name: str) -> None:
    """It answers again within seconds."""
    supervised = start()
    supervised.until_printed("Ready")
    os.kill(supervised.pids(name)[0], signal.SIGKILL)
    supervised.until_printed("answers again")
    assert len(supervised.pids(name)) == 2
    assert supervised.end() == 0
    supervised.assert_nothing_is_left()


def test_killed_supervisor_takes_its_children_along(start: Callable[..., Supervised]) -> None:
    """Nobody is left at their ports, so it can be started again."""
    supervised = start()
    supervised.until_printed("Ready")
    supervised.end(signal.SIGKILL)
    supervised.until(supervised.has_left)


def test_child_that_keeps_dying_ends_everything(start: Callable[..., Supervised]) -> None:
    """With one sentence and exit code 1."""
    supervised = start(1)
    supervised.until_printed("Ready")
    for life in range(2):
        supervised.until(lambda life=life: len(supervised.pids("rasa")) > life)
        os.kill(supervised.pids("rasa")[-1], signal.SIGKILL)
        if life == 0:
            supervised.until_printed("answers again")
    assert supervised.process.wait(timeout=20) == 1
    assert "the Rasa server ended 2 times" in supervised.output()
    assert "Traceback" not in supervised.output()
    supervised.assert_nothing_is_left()


def test_no_messenger_is_said_in_one_line(start: Callable[..., Supervised]) -> None:
    """And none is started."""
    supervised = start()
    supervised.until_printed("Ctrl-C stops everything")
    lines = [line for line in supervised.output().splitlines() if line.startswith("  messenger")]
    assert lines == ["  messengers      none is switched on; docs/messenger.md says how"]
    assert supervised.end() == 0 and "gateway begins" not in supervised.output()


def test_gateway_that_keeps_dying_ends_nothing(start: Callable[..., Supervised], tmp_path: Path) -> None:
    """It is started again, the others live on; those that are set wrongly or cannot be installed are named."""
    (tmp_path / "gateways.yml").write_text(
        "telegram: {enabled: true, token: '1:a'}\nxmpp: {enabled: true, jid: a@b, password: c}\n"
    )
    supervised = start(1)
    supervised.until(lambda: supervised.output().count("gateway begins") == 3)
    output = supervised.output()
    assert "  messengers      telegram\n" in output
    assert "the gateway xmpp is not started: what it needs could not be installed" in output
    assert "The gateway telegram ended with code 7; starting it again" in output
    assert [len(supervised.pids(name)) for name in ("rasa", "actions", "front", "staff")] == [1, 1, 1, 1]
    assert supervised.end() == 0
    supervised.assert_nothing_is_left()


def test_child_that_cannot_start_ends_everything(start: Callable[..., Supervised], tmp_path: Path) -> None:
    """And says which one it was."""
    (tmp_path / "actions.fail").touch()
    supervised = start()
    assert supervised.process.wait(timeout=20) == 1
    assert "the action server ended at its start with code 3" in supervised.output()
    assert "Traceback" not in supervised.output()
    supervised.assert_nothing_is_left()


def test_child_that_ignores_the_end_is_killed(start: Callable[..., Supervised], tmp_path: Path) -> None:
    """A second Ctrl-C while waiting for it changes nothing."""
    (tmp_path / "rasa.stubborn").touch()
    supervised = start()
    supervised.until_printed("Ready")
    supervised.process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert supervised.end() == 0
    supervised.assert_nothing_is_left()


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (0, "PARTNERSTADT_RASA_PORT"),
        (1, "PARTNERSTADT_ACTIONS_PORT"),
        (2, "PARTNERSTADT_FRONT_PORT"),
        (3, "PARTNERSTADT_STAFF_PORT"),
    ],
)
def test_taken_port_is_named_with_its_setting(tmp_path: Path, place: int, name: str) -> None:
    """One sentence says what to do."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        ports = free_ports(4)
        ports[place] = other.getsockname()[1]
        with pytest.raises(Problem, match=rf"port {ports[place]} on 127\.0\.0\.1 is taken.*{name}"):
            check_ports(Settings(tmp_path, tmp_path, *ports, actions=HTTP))


def test_ports_must_differ(tmp_path: Path) -> None:
    """Else the second server would fail in its own words."""
    with pytest.raises(Problem, match="must differ"):
        check_ports(Settings(tmp_path, tmp_path, 6005, front_port=6005))


def test_example_names_a_partner_city_of_the_records() -> None:
    """Whichever city uses the bot, and even if it has no partner city."""
    records = check_records(MUSTERSTADT)
    assert records.partner_cities[0].name in example_question(records)
    alone: Records = records.copy(update={"partnerships": ()})
    assert example_question(alone) == "Welche Partnerstädte gibt es?"


def test_broken_records_keep_everything_from_starting(tmp_path: Path) -> None:
    """All errors are listed, nothing is started, no traceback."""
    (tmp_path / "city.yml").write_text("name: [")
    environment = os.environ | {"PARTNERSTADT_RECORDS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "partnerstadt", "run"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "nothing was started" in done.stderr and "city.yml" in done.stderr
    assert "Traceback" not in done.stderr
