"""The capacity plan of docs/betrieb.md: machines and cost for many questions, reckoned from what was measured.

python -m bench.capacity                     writes it anew from the last run of bench.load
python -m bench.capacity --price 0.05 --cores 16 --show     prints it for other assumptions
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import figures
from bench.load.figures import Load
from bench.pages import render
from bench.splice import splice
from partnerstadt.database import CONNECTIONS
from partnerstadt.settings import Problem, Settings

COMMAND = "python -m bench.capacity"
RATES = (10, 1_000, 10_000)  # questions a second


@dataclass(frozen=True)
class Assumptions:
    """What nobody can measure for a city.

    Attributes:
        price: of a core for an hour, in euros.
        cores: of a machine.
        utilisation: the share of a core that may be busy in the long run, so that a rush does not wait.
    """

    price: float = 0.03
    cores: int = 8
    utilisation: float = 0.6


@dataclass(frozen=True)
class Costs:
    """Milliseconds of CPU for one question, and megabytes of one process."""

    bot: float
    front: float
    database: float
    bot_mb: float
    front_mb: float

    @classmethod
    def measured(cls, load: Load) -> Costs:
        """From the chain with PostgreSQL, which many machines need; its memory from the hour's end."""
        (step,) = load.of(figures.CHAIN_POSTGRES)
        mb = load.soak.samples[-1].mb
        cpu = step.cpu_ms
        if not {"bot", "front", "database"} <= cpu.keys():
            raise Problem("the last run of `python -m bench.load` has no figures of the chain with PostgreSQL.")
        # Two bots were running in that chain.
        return cls(cpu["bot"], cpu["front"], cpu["database"], mb["bot"] / 2, mb["front"])

    @property
    def whole(self) -> float:
        """All parts together."""
        return self.bot + self.front + self.database


@dataclass(frozen=True)
class Plan:
    """What so many questions a second take.

    Attributes:
        rate: questions a second.
        bots, fronts: processes; each keeps one core busy.
        database: cores.
        cores: of all together.
        machines: with so many cores each.
        gigabytes: of memory for all bots and front desks.
        price: of an hour, in euros, whether somebody asks or not.
        connections: to PostgreSQL that are kept open; a bot has as many for its locks as for its memory.
    """

    rate: int
    bots: int
    fronts: int
    database: int
    cores: int
    machines: int
    gigabytes: float
    price: float
    connections: int


def plan(rate: int, costs: Costs, assumed: Assumptions) -> Plan:
    """What so many questions a second take: CPU for each, divided by how busy a core may be, rounded up."""
    bots, fronts, database = (_cores(rate, ms, assumed) for ms in (costs.bot, costs.front, costs.database))
    cores = bots + fronts + database
    machines = math.ceil(cores / assumed.cores)
    return Plan(
        rate=rate,
        bots=bots,
        fronts=fronts,
        database=database,
        cores=cores,
        machines=machines,
        gigabytes=(bots * costs.bot_mb + fronts * costs.front_mb) / 1024,
        price=machines * assumed.cores * assumed.price,
        connections=(2 * bots + fronts) * CONNECTIONS,
    )


def price_of_thousand(costs: Costs, assumed: Assumptions) -> float:
    """Euros for the CPU of a thousand questions, with the idle share of the cores that are kept for a rush."""
    seconds = costs.whole  # a thousand times so many milliseconds
    return seconds / 3600 / assumed.utilisation * assumed.price


def markdown(load: Load, assumed: Assumptions) -> str:
    """The German section."""
    costs = Costs.measured(load)
    return render(
        "capacity.md.jinja",
        load=load,
        costs=costs,
        assumed=assumed,
        plans=[plan(rate, costs, assumed) for rate in RATES],
        thousand=price_of_thousand(costs, assumed),
        connections=CONNECTIONS,
    )


def write(project: Path, load: Load, assumed: Assumptions) -> None:
    """Put it into docs/betrieb.md."""
    splice(project / "docs" / "betrieb.md", COMMAND, markdown(load, assumed))


def main(argv: Sequence[str] | None = None) -> int:
    """Write it, or print it."""
    default = Assumptions()
    parser = argparse.ArgumentParser(prog=COMMAND, description="the capacity plan of docs/betrieb.md")
    parser.add_argument("--price", type=float, default=default.price, help="euros for an hour of a core")
    parser.add_argument("--cores", type=int, default=default.cores, help="cores of a machine")
    parser.add_argument("--utilisation", type=float, default=default.utilisation, help="how busy a core may be, 0 to 1")
    parser.add_argument("--show", action="store_true", help="print it instead of writing it")
    arguments = parser.parse_args(argv)
    assumed = Assumptions(arguments.price, arguments.cores, arguments.utilisation)
    project = Settings.from_environment().project
    kept = project / "bench" / "results" / "load.json"
    try:
        if not kept.exists():
            raise Problem("there are no figures yet: start `python -m bench.load`.")
        load = Load.parse_file(kept)
        if arguments.show:
            print(markdown(load, assumed))
        else:
            write(project, load, assumed)
    except Problem as problem:
        print(f"bench.capacity: {problem}", file=sys.stderr)
        return 1
    return 0


def _cores(rate: float, ms: float, assumed: Assumptions) -> int:
    return math.ceil(rate * ms / 1000 / assumed.utilisation)


if __name__ == "__main__":
    sys.exit(main())
