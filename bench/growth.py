"""`python -m bench.growth`: what the thousandth turn costs beside the second, and one bot beside two.

Short on purpose (two minutes): both kinds of turns are asked alternately, so that other work slows both alike.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.load.figures import Growth
from bench.processes import Client, new_sender, row_of_ports
from partnerstadt.model import child_environment, ensure_model
from partnerstadt.run import bot_children
from partnerstadt.settings import Settings

QUESTIONS = ("Seit wann ist Leeds Partnerstadt?", "und Amiens?", "Welche Partnerstädte gibt es?", "und wie viele?")
PAIRS, CLIENTS, SECONDS = 100, 8, 10.0


def ask(client: Client, sender: str, number: int) -> float:
    """Milliseconds of one turn."""
    begun = time.perf_counter()
    text = QUESTIONS[number % len(QUESTIONS)]
    reply = client.post("/webhooks/rest/webhook", {"sender": sender, "message": text})
    assert reply is not None, "no reply"
    return 1000 * (time.perf_counter() - begun)


def growth(port: int, turns: int, pairs: int = PAIRS) -> Growth:
    """What the turns of one long conversation cost; the last ones beside second turns, measured alternately."""
    client, long, second, late = Client(port), new_sender(), [], []
    curve = [ask(client, long, number) for number in range(turns - pairs)]
    for number in range(pairs):
        short = new_sender()
        ask(client, short, 0)
        second.append(ask(client, short, number))
        late.append(ask(client, long, number))
    client.close()
    return Growth(turns=turns, second=statistics.median(second), late=statistics.median(late), curve=curve)


def throughput(ports: list[int]) -> float:
    """Answers a second, asked by several clients without a pause, each at one bot as the front desk would do."""
    counts, end = [0] * CLIENTS, time.monotonic() + SECONDS

    def work(number: int) -> None:
        client, sender = Client(ports[number % len(ports)]), new_sender()
        while time.monotonic() < end:
            ask(client, sender, counts[number])
            counts[number] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def with_bots(count: int, work: Callable[[list[int]], None]) -> None:
    """Do something while so many bots run, with a state of their own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(
            Settings.from_environment(), rasa_port=row_of_ports(count), bots=count, state=Path(folder), database=None
        )

        async def run() -> None:
            children = bot_children(settings, ensure_model(settings))
            environment = child_environment(settings) | {"LOG_LEVEL": "WARNING"}
            try:
                await asyncio.gather(*(child.start(settings, environment) for child in children))
                await asyncio.gather(*(child.until_it_answers() for child in children))
                await asyncio.to_thread(work, settings.rasa_ports)
            finally:
                await asyncio.gather(*(child.stop() for child in children))

        asyncio.run(run())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--turns", type=int, default=1000)
    turns = parser.parse_args().turns
    rates: dict[int, float] = {}

    def one(ports: list[int]) -> None:
        rates[1] = throughput(ports)
        grown = growth(ports[0], turns)
        print(
            f"turn 2: {grown.second:.1f} ms, turn {turns}: {grown.late:.1f} ms (p50), ratio {grown.ratio:.2f}",
            flush=True,
        )

    def two(ports: list[int]) -> None:
        rates[2] = throughput(ports)

    with_bots(1, one)
    with_bots(2, two)
    print(f"answers a second: one bot {rates[1]:.1f}, two bots {rates[2]:.1f}, ratio {rates[2] / rates[1]:.2f}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
