"""Runs locust and reads what it found."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.load.figures import Step
from partnerstadt.settings import Problem

PEOPLE = Path(__file__).with_name("people.py")
ANSWERED = "answered"
PATIENCE = 60.0  # then a question counts as unanswered
CITIZEN, CLIENT = "Citizen", "Client"
LONGEST = 900.0  # a run that ends after so many messages


def drive(
    project: Path,
    people: str,
    ports: Sequence[int],
    talks: Path,
    at_once: int,
    seconds: float = 0,
    messages: int = 0,
) -> list[dict[str, Any]]:
    """Let so many people ask for some seconds, or until so many questions are asked; then all wait for their answers.

    Args:
        project: the folder of the project; locust is in its .venv/tools.
        people: CITIZEN for front desks at the ports, CLIENT for Rasa's REST channel.
        ports: where to ask.
        talks: file of the conversations.
        at_once: how many people.
        seconds: for how long; 0 for no limit.
        messages: how many questions; 0 for no limit.

    Returns:
        Locust's entries: one for answers, one for each kind of failure.
    """
    python = project / ".venv" / "tools" / "bin" / "python"
    if not python.exists():
        raise Problem("the load tool is missing: `make tools` installs it.")
    command = [python, "-m", "locust", "-f", PEOPLE, people, "--headless", "--json", "--only-summary", "--skip-log"]
    command += ["--host", "http://127.0.0.1", "-u", at_once, "-r", at_once]  # the host is named but not used
    command += ["--run-time", f"{math.ceil(LONGEST)}s", "--stop-timeout", math.ceil(PATIENCE)]
    command += ["--talks", talks, "--ports", ",".join(map(str, ports)), "--patience", PATIENCE]
    command += ["--seconds", seconds, "--messages", messages]
    done = subprocess.run(
        list(map(str, command)),
        cwd=project,
        capture_output=True,
        text=True,
        timeout=LONGEST + 2 * PATIENCE,
        check=False,
    )
    return entries(done.stdout, done.stderr)


def entries(printed: str, complaints: str = "") -> list[dict[str, Any]]:
    """What locust prints at its end; it exits with 1 when a question failed, so only the output counts."""
    begin = printed.find("[")
    try:
        found = json.loads(printed[begin:]) if begin >= 0 else []
    except ValueError:
        found = []
    if not found:
        raise Problem(f"the load tool found nothing: {complaints.strip()[-1000:] or 'it printed no figures'}")
    return list(found)


def step(found: Sequence[Mapping[str, Any]], system: str, at_once: int, seconds: float | None) -> Step:
    """One step out of locust's entries."""
    good = next((entry for entry in found if entry["name"] == ANSWERED), None)
    failed = {entry["name"]: int(entry["num_requests"]) for entry in found if entry["name"] != ANSWERED}
    times = {float(time): int(count) for time, count in (good["response_times"] if good else {}).items()}
    p50, p95, p99 = (percentile(times, share) for share in (0.5, 0.95, 0.99))
    rate = throughput({int(s): int(n) for s, n in good["num_reqs_per_sec"].items()}, seconds) if good else 0.0
    answered = int(good["num_requests"]) if good else 0
    return Step(
        system=system,
        at_once=at_once,
        throughput=rate,
        answered=answered,
        failed=failed,
        p50=p50,
        p95=p95,
        p99=p99,
    )


def throughput(by_second: Mapping[int, int], seconds: float | None) -> float:
    """Answers a second in the whole seconds between the first, in which it began, and that in which nobody asks more.

    Args:
        by_second: answers in each second of the clock.
        seconds: for how long people asked; None until the last answer.
    """
    first = min(by_second)
    last = max(by_second) if seconds is None else first + math.floor(seconds)
    whole = range(first + 1, last)
    if not whole:
        return sum(by_second.values()) / (max(by_second) - first + 1)
    return sum(by_second.get(second, 0) for second in whole) / len(whole)


def percentile(times: Mapping[float, int], share: float) -> float | None:
    """The least time within which a share (0 to 1) of the answers came; None without any.

    Args:
        times: how many answers took how long; locust rounds to two digits.
        share: of the answers.
    """
    wanted = share * sum(times.values())
    reached = 0
    for time in sorted(times):
        reached += times[time]
        if reached >= wanted:
            return time
    return None
