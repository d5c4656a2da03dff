"""100,000 hostile messages to the whole bot: `python -m bench.hostile [NUMBER]`.

Counts errors of the server and tracebacks in its log, and watches its memory. Its requests end by themselves.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import yaml

from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings

PROJECT = Path(__file__).parents[1]
LIST = PROJECT / "tests" / "front" / "hostile.yml"
AT_ONCE = 4
TURNS = 50  # of a conversation


def hostile(random_: random.Random, corpus: list[str]) -> str:
    """One message: pieces of the list and of nowhere."""
    pieces = [random_.choice(corpus) for _ in range(random_.randint(1, 3))]
    last = [random_.randint(32, random_.choice((255, 0xD7FF))) for _ in range(8)]
    pieces.append("".join(map(chr, last)))
    random_.shuffle(pieces)
    return "".join(pieces).replace("{long}", "x" * 3000)


def talk(url: str, seed: int, corpus: list[str]) -> tuple[int, int]:
    """One conversation; how many messages, and how many errors of the server."""
    random_, errors = random.Random(seed), 0
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
        token = http.post("/api/session", json={}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        for _ in range(TURNS):
            errors += http.post("/api/message", json={"text": hostile(random_, corpus)}).status_code >= 500
        errors += http.delete("/api/session").status_code >= 500
    return TURNS, errors


def megabytes(pid: int) -> float:
    """Memory of all processes that a process has begun, as far as they live."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            status = Path(f"/proc/{child}/status").read_text()
            rss = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
            total += sum(map(int, rss)) / 1024 + megabytes(child)
    return total


def main(arguments: list[str]) -> int:
    """Send them, say what came of it; 1 if anything broke."""
    number = int(arguments[0]) if arguments else 100_000
    corpus = [text for text in yaml.safe_load(LIST.read_text(encoding="utf-8")) if text]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with running(Settings(PROJECT, PROJECT / "records" / "dortmund"), log) as settings:
            begun, sent, errors, memory = time.monotonic(), 0, 0, []
            with ThreadPoolExecutor(AT_ONCE) as pool:
                seeds = range(0, max(1, number // TURNS))
                for count, failed in pool.map(lambda seed: talk(settings.front_url, seed, corpus), seeds):
                    sent, errors = sent + count, errors + failed
                    if sent % max(TURNS, number // 10 // TURNS * TURNS) == 0:
                        memory.append(megabytes(os.getpid()))
                        print(f"{sent} messages, {errors} errors, {memory[-1]:.0f} MB", flush=True)
            tracebacks = log.read_text(encoding="utf-8").count("Traceback")
            print(f"{sent / (time.monotonic() - begun):.0f} messages a second, {tracebacks} tracebacks")
    return 1 if errors or tracebacks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
