"""What is measured, as it is written to bench/results/latest.json."""

from __future__ import annotations

from pydantic import BaseModel


class Share(BaseModel):
    """How many of how many."""

    right: int = 0
    total: int = 0

    def count(self, right: bool) -> None:
        """Count one more."""
        self.right += right
        self.total += 1

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of nothing."""
        return self.right / self.total if self.total else 0.0


class Shares(BaseModel):
    """A share over all, for each kind of question and for each file of questions."""

    all: Share = Share()
    by_kind: dict[str, Share] = {}
    by_file: dict[str, Share] = {}

    def count(self, kind: str, file: str, right: bool) -> None:
        """Count one more of a kind and a file."""
        self.all.count(right)
        self.by_kind.setdefault(kind, Share()).count(right)
        self.by_file.setdefault(file, Share()).count(right)


class Training(BaseModel):
    """One training. Seconds on the clock depend on what else the machine does, seconds of CPU hardly."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    load: float  # load average over 15 minutes at its end, its own included
    date: str


class Latency(BaseModel):
    """Milliseconds from the question to the whole reply, each question a new conversation."""

    p50: float
    p95: float
    count: int


class Model(BaseModel):
    """All figures of one model."""

    training: Training
    model_mb: float
    first_answer_seconds: float
    idle_mb: float
    used_mb: float
    fact: Latency
    smalltalk: Latency
    cpu_ms: float  # CPU of the Rasa process for one message
    families: Shares
    answers: Shares
    held_out: Share | None = None


class Action(BaseModel):
    """Cost of a custom action in milliseconds."""

    call: Latency  # the action server alone
    check_stock: float  # Rasa's own check of its reply
    check_ours: float
    server_mb: float


class Front(BaseModel):
    """The same questions of Rasa alone and through the front desk, in turn."""

    rasa: Latency
    front: Latency

    @property
    def added(self) -> float:
        """Milliseconds that the front desk adds in the median."""
        return self.front.p50 - self.rasa.p50


class Machine(BaseModel):
    """The kind of machine, and how busy others kept it (load average over five minutes)."""

    cores: int
    memory_gb: int
    architecture: str
    python: str
    load_before: float
    load_after: float


class Results(BaseModel):
    """One run of the benchmark."""

    date: str
    quick: bool
    epochs: int
    examples: int
    intents: int
    single_turns: int
    turns: int
    machine: Machine
    ours: Model
    stock: Model
    stock_with_names: Shares | None = None  # answers of the stock pipeline when it is handed our names
    action: Action
    front: Front | None = None
