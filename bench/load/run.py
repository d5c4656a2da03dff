"""One run: start ours and stock Rasa, drive them alternately, watch what they use."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bench import growth, measure
from bench.front import ask_front
from bench.load import figures, mix, tool
from bench.load.figures import Load, Mix, Sample, Soak, Start, Step
from bench.load.usage import cpu_between, sampled, together
from bench.measure import Questions
from bench.processes import Bench, Client, Python, machine, rasa_server, row_of_ports, server, stock_actions
from bench.results import Share
from bench.training import stock_config, stock_model
from partnerstadt.model import child_environment, ensure_model
from partnerstadt.quality.measure import measure as ask_all
from partnerstadt.quality.questions import Signs
from partnerstadt.quality.servers import WITHOUT_LIMITS, free_ports
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import HOST, Problem, Settings

AT_ONCE = (1, 10, 50, 100, 500)
MESSAGES = 6000  # of an hour: a hundred a minute
SOAKED, POSTGRES_AT_ONCE = 50, 50
SAMPLE_SECONDS = 2.0
CASES = 150  # asked of both sides to see who is right
TURNS, STOCK_TURNS, STOCK_PAIRS = 1000, 100, 20


@dataclass(frozen=True)
class Scale:
    """How much is asked.

    Attributes:
        epochs: of the training of the stock model; None for all.
        seconds: of each step.
        at_once: people in each step.
        messages: of the hour.
        turns: of the long conversation.
        cases: conversations that show who is right.
    """

    epochs: int | None = None
    seconds: float = 8
    at_once: Sequence[int] = AT_ONCE
    messages: int = MESSAGES
    turns: int = TURNS
    cases: int = CASES


QUICK = Scale(epochs=1, seconds=4, at_once=(1, 10), messages=200, turns=120, cases=20)


@dataclass(frozen=True)
class System:
    """Something to drive.

    Attributes:
        name: as in the figures.
        people: who asks it.
        ports: where.
        pids: the processes that, with their descendants, it consists of.
    """

    name: str
    people: str
    ports: tuple[int, ...]
    pids: tuple[int, ...]


def measure_load(bench: Bench, questions: Questions, scale: Scale) -> Load:
    """Everything, in about twelve minutes."""
    load_before = os.getloadavg()[1]
    model, stock = ensure_model(bench.settings), stock_model(bench, scale.epochs)
    facts = measure.facts(RecordStore(bench.settings.records).get())
    talks = mix.conversations(tuple(turn.say for turn in case.turns) for cases in questions.values() for case in cases)
    file = bench.folder / "talks.json"
    file.write_text(json.dumps({"apology": apology(bench.settings.project), "talks": talks}), encoding="utf-8")
    epochs = next(entry["epochs"] for entry in stock_config(scale.epochs)["pipeline"] if "epochs" in entry)

    steps: list[Step] = []
    with contextlib.ExitStack() as stack:
        say("starting our bot with one process and with two, and stock Rasa")
        one = stack.enter_context(chain(bench, 1, facts[0]))
        two = stack.enter_context(chain(bench, 2, facts[0]))
        rasa = stack.enter_context(stock_rasa(bench, stock, facts[0]))
        whole = two.front(figures.CHAIN_TWO)
        systems = (
            one.channel(figures.OURS),
            rasa,
            two.channel(figures.OURS_TWO),
            one.front(figures.CHAIN),
            whole,
        )
        idle = {system.name: memory(system) for system in systems}
        say("who is right")
        asked = measure.sample(questions, scale.cases)
        right, right_stock = (rightly(bench, system.ports[0], asked) for system in systems[:2])
        for at_once in scale.at_once:
            for system in systems:
                steps.append(one_step(bench, system, file, at_once, scale.seconds))
        say(f"{scale.messages} messages, as in an hour")
        soak = soaked(bench, whole, file, scale.messages)
        say("the turns of a long conversation")
        grown = growth.growth(systems[0].ports[0], scale.turns)
        grown_stock = growth.growth(rasa.ports[0], STOCK_TURNS, STOCK_PAIRS)
    say("with PostgreSQL")
    with postgres(bench) as (database, pid), chain(bench, 2, facts[0], database) as chained:
        system = chained.front(figures.CHAIN_POSTGRES, pid)
        steps.append(one_step(bench, system, file, POSTGRES_AT_ONCE, scale.seconds))
    say("start without TensorFlow and with it")
    lean, heavy = (started(bench, model, facts[0], tensorflow) for tensorflow in (False, True))
    return Load(
        date=dt.date.today().isoformat(),
        epochs=epochs,
        seconds=scale.seconds,
        machine=machine(load_before),
        mix=Mix(talks=len(talks), questions=sum(map(len, talks)), longest=max(map(len, talks))),
        steps=steps,
        soak=soak,
        growth=grown,
        growth_stock=grown_stock,
        right=right,
        right_stock=right_stock,
        lean=lean,
        with_tensorflow=heavy,
        idle_mb=idle,
    )


def apology(project: Path) -> str:
    """What our channel says when a turn failed: an answer, but none that counts."""
    domain = yaml.safe_load((project / "domain.yml").read_text(encoding="utf-8"))
    return str(domain["responses"]["utter_apology"][0]["text"])


def one_step(bench: Bench, system: System, talks: Path, at_once: int, seconds: float) -> Step:
    """Let so many people ask a system for some seconds."""
    before = together(system.pids)
    found = tool.drive(bench.settings.project, system.people, system.ports, talks, at_once, seconds)
    step = tool.step(found, system.name, at_once, seconds)
    step.cpu_ms = cpu_between(before, together(system.pids), step.answered)
    say(f"{system.name}, {at_once} at once: {step.throughput:.1f} a second, p50 {step.p50} ms, {step.errors} failed")
    return step


def soaked(bench: Bench, system: System, talks: Path, messages: int) -> Soak:
    """So many messages at full speed, and the memory meanwhile."""
    before = together(system.pids)
    samples: list[Sample]
    with sampled(system.pids, SAMPLE_SECONDS) as samples:
        project = bench.settings.project
        found = tool.drive(project, system.people, system.ports, talks, SOAKED, messages=messages)
    step = tool.step(found, system.name, SOAKED, None)
    step.cpu_ms = cpu_between(before, together(system.pids), step.answered)
    return Soak(step=step, seconds=samples[-1].seconds, samples=samples)


def rightly(bench: Bench, port: int, questions: Questions) -> Share:
    """How many questions Rasa answers rightly at a port."""
    signs = Signs.from_domain(bench.settings.project / "domain.yml")
    url = f"http://{HOST}:{port}/webhooks/rest/webhook"
    return measure.answers(
        result for file, cases in questions.items() for result in ask_all(url, cases, signs, file)
    ).all


def memory(system: System) -> dict[str, float]:
    """Resident megabytes of a system, by part."""
    return {part: round(used.mb, 1) for part, used in together(system.pids).items()}


@dataclass(frozen=True)
class Chain:
    """All of our bot, as `make run` starts it."""

    settings: Settings
    pid: int

    def front(self, name: str, *others: int) -> System:
        """From the front desk to the event that holds the answer; others are processes that belong to it."""
        return System(name, tool.CITIZEN, (self.settings.front_port,), (self.pid, *others))

    def channel(self, name: str) -> System:
        """The REST channel of its bots alone."""
        return System(name, tool.CLIENT, tuple(self.settings.rasa_ports), (self.pid,))


@contextlib.contextmanager
def chain(bench: Bench, bots: int, fact: str, database: str | None = None) -> Iterator[Chain]:
    """All of our bot with a state of its own, until the end of the block."""
    actions_port, front_port, staff_port = free_ports(3)
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(
            bench.settings,
            rasa_port=row_of_ports(bots),
            actions_port=actions_port,
            front_port=front_port,
            staff_port=staff_port,
            bots=bots,
            database=database,
            state=Path(folder),
        )
        environment = child_environment(settings) | WITHOUT_LIMITS | {"PARTNERSTADT_PROJECT": str(settings.project)}
        name = f"chain-{bots}{'-postgres' if database else ''}"
        with server(bench, name, ["partnerstadt", "run"], Python(environment)) as running:
            running.wait_until(lambda: answers(front_port, fact))
            yield Chain(settings, running.pid)


def answers(port: int, text: str) -> bool:
    """Whether the front desk answers already."""
    try:
        return ask_front(port, text) > 0
    except (OSError, Problem):
        return False


@contextlib.contextmanager
def postgres(bench: Bench) -> Iterator[tuple[str, int]]:
    """A PostgreSQL of our own: the address of an empty database, and the process."""
    from tests import servers  # Debian's, started as for the tests

    try:
        with tempfile.TemporaryDirectory() as folder, servers.postgres(Path(folder)) as running:
            yield running.database(), running.pid
    except IndexError:
        raise Problem("PostgreSQL is missing: scripts/servers.sh installs it.") from None


@contextlib.contextmanager
def stock_rasa(bench: Bench, model: Path, fact: str) -> Iterator[System]:
    """Rasa as it comes, with its action server."""
    rasa_port, actions_port = free_ports(2)
    bench = replace(bench, settings=replace(bench.settings, rasa_port=rasa_port, actions_port=actions_port))
    client, actions_client = Client(rasa_port), Client(actions_port)
    with (
        contextlib.closing(client),
        contextlib.closing(actions_client),
        stock_actions(bench) as actions,
        rasa_server(bench, "stock", model, stock=True) as rasa,
    ):
        actions.wait_until(lambda: actions_client.get("/health"))
        rasa.wait_until(lambda: client.ask(fact))
        yield System(figures.STOCK, tool.CLIENT, (rasa_port,), (rasa.pid, actions.pid))


def started(bench: Bench, model: Path, fact: str, tensorflow: bool) -> Start:
    """The start of our bot's process."""
    name = "with TensorFlow" if tensorflow else "without TensorFlow"
    with (
        contextlib.closing(Client(bench.settings.rasa_port)) as client,
        rasa_server(bench, name, model, stock=False, tensorflow=tensorflow) as rasa,
    ):
        seconds = rasa.wait_until(lambda: client.ask(fact))
        return Start(seconds=seconds, mb=rasa.memory_mb)


def say(what: str) -> None:
    """Tell who waits what is done."""
    print(f"bench.load, {dt.datetime.now():%H:%M:%S}: {what}", file=sys.stderr, flush=True)
