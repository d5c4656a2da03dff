"""100,000 hostile messages to the whole bot: `python -m bench.hostile [--messages NUMBER] [--minutes MOST]`.

Every message that the front desk takes is waited for: it has gone through the bot. Fails for an error of a server, a
traceback in the log, a message without an answer, and memory that grows. The figures go to results/hostile.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import yaml

from partnerstadt.incoming import clean
from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings

PROJECT = Path(__file__).parents[1]
LIST = PROJECT / "tests" / "front" / "hostile.yml"
RESULT = PROJECT / "results" / "hostile.json"
AT_ONCE = 4
TURNS = 50  # of a conversation
REFUSED = 0.2  # of the messages are made so that the front desk may refuse them
WARM = 5_000  # messages, after which memory is compared
GROWTH = 1.1  # what it may be at the end
PATIENCE = 300.0  # seconds for the answers of a conversation
PARTS = {"front desk": "partnerstadt.front", "bot": "rasa run"}


@dataclass
class Figures:
    """What came of it.

    Attributes:
        sent: messages.
        taken: of them, those that the front desk took; it refuses what is empty or too long.
        answered: of those, how many were answered.
        errors: answers of the front desk with 5xx.
        bot: answers of the bot by status.
        failed: turns that ended in an apology.
        tracebacks: in the log of all processes.
        seconds: in all.
        memory: megabytes of each part, by the number of messages sent until then.
    """

    sent: int = 0
    taken: int = 0
    answered: int = 0
    errors: int = 0
    bot: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    tracebacks: int = 0
    seconds: float = 0
    memory: dict[int, dict[str, float]] = field(default_factory=dict)

    def add(self, talked: Counter[str]) -> None:
        """Count a conversation in."""
        self.sent += talked["sent"]
        self.taken += talked["taken"]
        self.answered += talked["answered"]
        self.errors += talked["errors"]

    def growth(self) -> dict[str, float]:
        """Memory of each part at the end, as a share of what it was after the first messages."""
        if not self.memory:
            return {}
        counts = sorted(self.memory)
        warm = next((count for count in counts if count >= WARM), counts[len(counts) // 2])
        return {part: self.memory[counts[-1]][part] / self.memory[warm][part] for part in self.memory[warm]}

    def wrong(self) -> list[str]:
        """What must not be."""
        found = {
            "errors of the front desk": self.errors,
            "errors of the bot": sum(count for status, count in self.bot.items() if status.startswith("5")),
            "turns that failed": self.failed,
            "tracebacks": self.tracebacks,
            "messages without an answer": self.taken - self.answered,
        }
        grown = [f"{part} has grown to {share:.0%}" for part, share in self.growth().items() if share > GROWTH]
        return [f"{count} {what}" for what, count in found.items() if count] + grown


def hostile(random_: random.Random, corpus: list[str]) -> str:
    """One message: pieces of the list and of nowhere."""
    pieces = [random_.choice(corpus) for _ in range(random_.randint(1, 3))]
    last = [random_.randint(32, random_.choice((255, 0xD7FF))) for _ in range(8)]
    pieces.append("".join(map(chr, last)))
    random_.shuffle(pieces)
    text = "".join(pieces)
    if random_.random() < REFUSED:
        return text.replace("{long}", "x" * 3000)
    # As the front desk takes it, else nothing long or odd would reach the bot.
    return clean(text.replace("{long}", "x" * 500))[:1000]


def talk(url: str, seed: int, corpus: list[str]) -> Counter[str]:
    """One conversation, to the last answer, then deleted; how many messages of which kind."""
    random_, counts = random.Random(seed), Counter[str]()
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
        token = http.post("/api/session", json={}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        for _ in range(TURNS):
            status = http.post("/api/message", json={"text": hostile(random_, corpus)}).status_code
            counts.update(sent=1, taken=status == 202, errors=status >= 500)
        deadline, last = time.monotonic() + PATIENCE, 0
        while counts["answered"] < counts["taken"] and time.monotonic() < deadline:
            asked = {"after": last, "wait": 20}
            news = http.get("/api/events", params=asked, headers={"Accept": "application/json"})
            counts["errors"] += news.status_code >= 500
            events = news.json().get("events", [])
            last = max([last, *(event["id"] for event in events if "id" in event)])
            counts["answered"] += sum(event["type"] == "message" and bool(event["answers"]) for event in events)
        counts["errors"] += http.delete("/api/session").status_code >= 500
    return counts


def memory(parent: int) -> dict[str, float]:
    """Resident megabytes of the parts among the processes that one has begun."""
    found = dict.fromkeys(PARTS, 0.0)
    for child in _descendants(parent):
        command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        rss = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{child}/status").read_text(), re.MULTILINE)
        for part, words in PARTS.items():
            if words in command and rss:
                found[part] += int(rss[1]) / 1024
    return found


def _descendants(parent: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_descendants(child)]
    return found


def numbers(url: str, name: str) -> dict[str, int]:
    """A counter that a part shows, by its label."""
    page = httpx.get(url, trust_env=False, timeout=30).text
    return {
        label: round(float(value)) for label, value in re.findall(rf'^{name}{{\w+="(\w+)"}} (\S+)', page, re.MULTILINE)
    }


def attack(settings: Settings, messages: int, seconds: float) -> Figures:
    """Send them, no longer than so many seconds."""
    corpus = [text for text in yaml.safe_load(LIST.read_text(encoding="utf-8")) if text]
    figures, begun, seeds = Figures(), time.monotonic(), iter(range(max(1, messages // TURNS)))
    step = max(TURNS, messages // 200)
    figures.memory[0] = memory(os.getpid())
    before = numbers(_of_bot(settings), "partnerstadt_bot_requests_total")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        talks: set[Future[Counter[str]]] = set()
        while True:
            while (
                len(talks) < AT_ONCE and time.monotonic() < begun + seconds and (seed := next(seeds, None)) is not None
            ):
                talks.add(pool.submit(talk, settings.front_url, seed, corpus))
            if not talks:
                break
            done, talks = wait(talks, return_when=FIRST_COMPLETED)
            for talked in done:
                figures.add(talked.result())
            if figures.sent >= max(figures.memory) + step:
                figures.memory[figures.sent] = memory(os.getpid())
                _print(figures, time.monotonic() - begun)
    figures.seconds = time.monotonic() - begun
    figures.memory[figures.sent] = memory(os.getpid())
    after = numbers(_of_bot(settings), "partnerstadt_bot_requests_total")
    figures.bot = {status: count - before.get(status, 0) for status, count in after.items()}
    figures.failed = numbers(f"{settings.front_url}metrics", "partnerstadt_front_answers_total").get("failed", 0)
    _print(figures, figures.seconds)
    return figures


def _of_bot(settings: Settings) -> str:
    return settings.rasa_url.removesuffix("webhook") + "metrics"


def _print(figures: Figures, seconds: float) -> None:
    parts = ", ".join(f"{part} {size:.0f} MB" for part, size in figures.memory[max(figures.memory)].items())
    counted = f"{figures.sent} sent, {figures.taken} taken, {figures.answered} answered, {figures.errors} errors"
    print(f"{seconds:5.0f} s: {counted}; {parts}", flush=True)


def main(arguments: list[str]) -> int:
    """Send them, say what came of it; 1 if anything broke."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after so many, and say how many that were")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with running(Settings(PROJECT, PROJECT / "records" / "dortmund"), log) as settings:
            figures = attack(settings, options.messages, 60 * options.minutes)
        figures.tracebacks = log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    RESULT.parent.mkdir(exist_ok=True)
    found = asdict(figures) | {"growth": figures.growth(), "wrong": figures.wrong()}
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for line in figures.wrong() or ["nothing broke"]:
        print(line)
    print(f"{figures.sent / figures.seconds:.0f} messages a second; {RESULT}")
    return 1 if figures.wrong() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
