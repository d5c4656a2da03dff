"""Measures one model: answers and time through the REST channel, what it understands in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from bench.figures import percentile
from bench.kinds import kinds_of
from bench.processes import Bench, Client, Server, rasa_server
from bench.results import Latency, Shares
from partnerstadt.quality.measure import Result
from partnerstadt.quality.measure import measure as ask_all
from partnerstadt.quality.questions import Case, Signs, Turn, load_cases, question_files
from partnerstadt.records.models import Records
from partnerstadt.settings import Problem

# Conversations by the file they come from.
Questions = dict[str, list[Case]]

WARM_UP = 5
SMALLTALK = ("guten tag", "vielen dank", "tschüss", "wie geht es dir", "bist du ein mensch")


@dataclass(frozen=True)
class Served:
    """What was measured while a model was running."""

    first_answer_seconds: float
    idle_mb: float
    used_mb: float
    fact: Latency
    smalltalk: Latency
    cpu_ms: float
    answers: Shares


def read_questions(folder: Path) -> Questions:
    """All question files of a folder."""
    questions = {path.stem: load_cases(path) for path in question_files(folder)}
    if not questions:
        raise Problem(f"{folder} holds no questions; name another folder with --questions.")
    return questions


def single_turns(questions: Questions) -> list[tuple[str, Turn]]:
    """What was asked in conversations of one turn, with its file: only there the kind follows from the text alone."""
    return [(file, case.turns[0]) for file, cases in questions.items() for case in cases if len(case.turns) == 1]


def sample(questions: Questions, size: int) -> Questions:
    """About as many cases as asked for, taken evenly from all files."""
    step = max(1, sum(map(len, questions.values())) // size)
    return {file: cases[::step] for file, cases in questions.items()}


def facts(records: Records) -> list[str]:
    """Questions of facts to measure the time of: year, country, filter, count."""
    first, last = records.partner_cities[0], records.partner_cities[-1]
    return [
        f"seit wann ist {first.name} Partnerstadt?",
        f"in welchem Land liegt {last.name}?",
        "welche Partnerstädte liegen in Europa?",
        "wie viele Partnerstädte gibt es?",
    ]


def serve(
    bench: Bench, name: str, model: Path, stock: bool, questions: Questions, fact_texts: list[str], count: int
) -> Served:
    """Start Rasa with a model, ask, and stop it."""
    client = Client(bench.settings.rasa_port)
    signs = Signs.from_domain(bench.settings.project / "domain.yml")
    try:
        with rasa_server(bench, name, model, stock) as running:
            first_answer = running.wait_until(lambda: client.ask(fact_texts[0]))
            idle = running.memory_mb
            fact, smalltalk, cpu_ms = latencies(client, running, fact_texts, count)
            results = [
                result
                for file, cases in questions.items()
                for result in ask_all(bench.settings.rasa_url, cases, signs, file)
            ]
            answered = answers(results)
            return Served(first_answer, idle, running.memory_mb, fact, smalltalk, cpu_ms, answered)
    finally:
        client.close()


def latencies(client: Client, running: Server, fact_texts: Sequence[str], count: int) -> tuple[Latency, Latency, float]:
    """Times of questions of facts and of small talk, asked in turn, and the CPU of one message."""
    for _ in range(WARM_UP):
        client.ask(fact_texts[0])
    taken: tuple[list[float], list[float]] = ([], [])
    before = running.cpu_seconds
    for number in range(count):
        for times, texts in zip(taken, (fact_texts, SMALLTALK), strict=True):
            text = texts[number % len(texts)]
            times.append(milliseconds(lambda: client.ask(text)))  # noqa: B023  (called at once)
    cpu = 1000 * (running.cpu_seconds - before) / (2 * count)
    return latency(taken[0]), latency(taken[1]), cpu


def latency(times: Sequence[float]) -> Latency:
    """Median and 95th percentile of times in milliseconds."""
    return Latency(p50=percentile(times, 0.5), p95=percentile(times, 0.95), count=len(times))


def milliseconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def answers(results: Iterable[Result]) -> Shares:
    """How often the reply was right."""
    shares = Shares()
    for result in results:
        shares.count(result.turn.kind.value, result.file, result.passed)
    return shares


def families(turns: Sequence[tuple[str, Turn]], parsed: Sequence[Mapping[str, Any]]) -> Shares:
    """How often the kind of question was understood."""
    shares = Shares()
    for (file, turn), message in zip(turns, parsed, strict=True):
        shares.count(turn.kind.value, file, turn.kind in kinds_of(message))
    return shares


def action_calls(bench: Bench, parsed: Mapping[str, Any], count: int) -> Latency:
    """Time of the action server alone for a question of facts, called as Rasa calls it."""
    domain = yaml.safe_load((bench.settings.project / "domain.yml").read_text(encoding="utf-8"))
    tracker = {
        "sender_id": "bench",
        "slots": {"context": None, "plain_language": False, "introduced": False},
        "latest_message": parsed,
        "events": [],
        "paused": False,
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    body = {
        "next_action": "action_partnership",
        "sender_id": "bench",
        "tracker": tracker,
        "domain": domain,
        "version": version("rasa"),
    }
    client = Client(bench.settings.actions_port)
    try:
        for _ in range(WARM_UP):
            assert client.post("/webhook", body), "the action server refused the call"
        return latency([milliseconds(lambda: client.post("/webhook", body)) for _ in range(count)])
    finally:
        client.close()
