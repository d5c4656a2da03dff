"""Counting hostile messages: what must not be is seen."""

import random
import subprocess
import sys

import pytest
import yaml

from bench.hostile import LIST, Figures, hostile, memory
from partnerstadt.front.errors import Wrong
from partnerstadt.front.speech import read_question


def test_quiet_run_has_nothing_wrong() -> None:
    """Memory that has grown before it is compared is only that of a start."""
    parts = ({"bot": 200.0}, {"bot": 240.0}, {"bot": 250.0})
    figures = Figures(
        20_000, 15_000, 15_000, bot={"200": 15_000}, memory=dict(zip((0, 5_000, 20_000), parts, strict=True))
    )
    assert figures.wrong() == [] and figures.growth() == {"bot": pytest.approx(250 / 240)}
    assert Figures().wrong() == []


def test_everything_that_must_not_be_is_named() -> None:
    """Each for itself."""
    grown = {0: {"bot": 100.0}, 5_000: {"bot": 200.0}, 9_000: {"bot": 230.0}}
    figures = Figures(9_000, 9, 8, 7, {"200": 1, "503": 2, "500": 4}, 3, 1, memory=grown)
    assert figures.wrong() == [
        "7 errors of the front desk",
        "6 errors of the bot",
        "3 turns that failed",
        "1 tracebacks",
        "1 messages without an answer",
        "bot has grown to 115%",
    ]


def test_most_messages_are_of_a_kind_that_the_desk_takes() -> None:
    """A run that is refused at the door would say nothing about the bot."""
    corpus = [text for text in yaml.safe_load(LIST.read_text(encoding="utf-8")) if text]
    random_ = random.Random(1)
    made = [hostile(random_, corpus) for _ in range(1_000)]
    assert 800 < sum(map(taken, made)) < 950 and len(set(made)) > 950


def taken(text: str) -> bool:
    """Whether the front desk takes a message."""
    try:
        return bool(read_question(text, 1_000))
    except Wrong:
        return False


def test_memory_is_that_of_the_part() -> None:
    """Found by its command among all that one process has begun, whatever others run beside it."""
    bot = [sys.executable, "-S", "-c", "print(flush=True); input()", "rasa run"]
    parent = [sys.executable, "-S", "-c", f"import subprocess; subprocess.run({bot!r})"]
    with subprocess.Popen(parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        found = memory(process.pid)
        process.communicate(b"\n")
    assert found["bot"] > 1 and found["front desk"] == 0
