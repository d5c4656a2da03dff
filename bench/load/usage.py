"""CPU and memory of servers, by part: read from /proc, for a process and all that it has begun."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load.figures import Sample

# The first sign in a command line tells the part.
PARTS = {
    "rasa run actions": "actions",
    "rasa run": "bot",
    "partnerstadt.front": "front",
    "partnerstadt.staff": "staff",
    "postgres": "database",
}
OTHER = "supervisor"


@dataclass
class Usage:
    """CPU since its start in seconds, and resident memory in megabytes."""

    cpu: float = 0.0
    mb: float = 0.0


def part_of(command: str) -> str:
    """Which part a command line starts."""
    return next((part for sign, part in PARTS.items() if sign in command), OTHER)


def usage(pid: int) -> dict[str, Usage]:
    """What a process and all its descendants use, by part."""
    found: dict[str, Usage] = {}
    for process in _tree(pid):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            fields = (process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        used = found.setdefault(part_of(command), Usage())
        used.cpu += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        used.mb += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


def together(pids: tuple[int, ...]) -> dict[str, Usage]:
    """What several processes with all their descendants use, by part."""
    total: dict[str, Usage] = {}
    for pid in pids:
        for part, used in usage(pid).items():
            sum_ = total.setdefault(part, Usage())
            sum_.cpu, sum_.mb = sum_.cpu + used.cpu, sum_.mb + used.mb
    return total


def cpu_between(before: Mapping[str, Usage], after: Mapping[str, Usage], answers: int) -> dict[str, float]:
    """Milliseconds of CPU for an answer, by part, to hundredths."""
    if not answers:
        return {}
    return {part: round(1000 * (used.cpu - before.get(part, Usage()).cpu) / answers, 2) for part, used in after.items()}


@contextmanager
def sampled(pids: tuple[int, ...], seconds: float) -> Iterator[list[Sample]]:
    """Memory every so many seconds until the end of the block."""
    samples: list[Sample] = []
    begun, over = time.monotonic(), threading.Event()

    def work() -> None:
        while True:
            used = {part: round(used.mb, 1) for part, used in together(pids).items()}
            samples.append(Sample(seconds=round(time.monotonic() - begun, 1), mb=used))
            if over.wait(seconds):
                return

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _tree(pid: int) -> Iterator[Path]:
    """A process and all its descendants."""
    process = Path(f"/proc/{pid}")
    yield process
    try:
        children = [child for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _tree(int(child))
