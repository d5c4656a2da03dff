"""What is measured under load, as it is written to bench/results/load.json."""

from __future__ import annotations

from pydantic import BaseModel

from bench.results import Machine, Share

# What is driven: Rasa's channel alone, or the whole chain from the front desk to the answer's event.
OURS, OURS_TWO, STOCK = "ours", "ours-two", "stock"
CHAIN, CHAIN_TWO, CHAIN_POSTGRES = "chain", "chain-two", "chain-postgres"


class Step(BaseModel):
    """So many people at once, for some seconds.

    Attributes:
        system: what was driven.
        at_once: how many people.
        throughput: answers a second, once it had begun and until nobody asked any more.
        answered: all answers, also those that came afterwards to questions asked before.
        failed: questions without a good answer, by reason.
        p50, p95, p99: milliseconds from a question to its answer; None without an answer.
        cpu_ms: milliseconds of CPU for an answer, by part.
    """

    system: str
    at_once: int
    throughput: float
    answered: int
    failed: dict[str, int] = {}
    p50: float | None
    p95: float | None
    p99: float | None
    cpu_ms: dict[str, float] = {}

    @property
    def errors(self) -> int:
        """Questions without a good answer."""
        return sum(self.failed.values())


class Sample(BaseModel):
    """Resident memory in megabytes by part, after some seconds."""

    seconds: float
    mb: dict[str, float]


class Soak(BaseModel):
    """As many messages as an hour has, at full speed."""

    step: Step
    seconds: float
    samples: list[Sample]


class Growth(BaseModel):
    """How long the turns of one long conversation take, in milliseconds.

    Attributes:
        turns: how many there were.
        second, late: medians of second turns and of the last ones, asked alternately.
        curve: every turn before that.
    """

    turns: int
    second: float
    late: float
    curve: list[float]

    @property
    def ratio(self) -> float:
        """How many times the second turn a late one takes."""
        return self.late / self.second


class Start(BaseModel):
    """The bot's process: seconds from its start to its first answer, and megabytes then."""

    seconds: float
    mb: float


class Mix(BaseModel):
    """The conversations."""

    talks: int
    questions: int
    longest: int


class Load(BaseModel):
    """One run.

    Attributes:
        epochs: how long the stock model was trained; of few, its answers mean nothing.
        seconds: of each step.
        right: answers that were right in the sample asked of both, ours and stock.
        idle_mb: memory of each system before the first question, by part.
    """

    date: str
    epochs: int
    seconds: float
    machine: Machine
    mix: Mix
    steps: list[Step]
    soak: Soak
    growth: Growth
    growth_stock: Growth
    right: Share
    right_stock: Share
    lean: Start
    with_tensorflow: Start
    idle_mb: dict[str, dict[str, float]]

    def of(self, system: str) -> list[Step]:
        """The steps of one system."""
        return [step for step in self.steps if step.system == system]

    def throughput(self, system: str) -> float:
        """The most that a system answered in a second."""
        return max(step.throughput for step in self.of(system))

    def ratio(self, system: str, other: str) -> float:
        """How many times another's throughput a system has: all steps of more than one person together."""
        mine, theirs = ({s.at_once: s.throughput for s in self.of(name) if s.at_once > 1} for name in (system, other))
        both = mine.keys() & theirs.keys()
        return sum(mine[n] for n in both) / sum(theirs[n] for n in both)
