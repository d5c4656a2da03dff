"""Child process: what a model understands of some texts. `python -m bench.understand MODEL TEXTS.json OUT.json`.

It imports nothing of ours, so that Rasa can be here as it comes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

CHECKS = 30


def main(model: Path, asked: Path, found: Path) -> None:
    """Load the model, parse, write."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    agent = Agent.load(model)

    async def all_of(texts: Sequence[str]) -> list[dict[str, Any]]:
        return [dict(await agent.parse_message(text)) for text in texts]

    texts = json.loads(asked.read_text(encoding="utf-8"))
    result = {"parsed": asyncio.run(all_of(texts)), "check": _check()}
    found.write_text(json.dumps(result, default=float), encoding="utf-8")


def _check() -> float:
    """Milliseconds of this Rasa's check of an action's reply."""
    from rasa.core.actions.action import RemoteAction

    # As big as a reply to a question of facts.
    context = {"cities": ["x"], "question": dict.fromkeys("abcdefghijkl", "x"), "listed": ["x"] * 3}
    slots = [{"event": "slot", "name": name, "value": context, "timestamp": None} for name in ("a", "b")]
    parts: dict[str, Any] = {
        "text": None,
        "buttons": [],
        "elements": [],
        "custom": {},
        "template": "x",
        "response": "x",
    }
    values = dict.fromkeys(("image", "attachment", "city", "country", "home", "year"), "x")
    reply = {"events": slots, "responses": [parts | values] * 3}
    action = RemoteAction("action_x", None)
    return _milliseconds(lambda: action._validate_action_result(reply))


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return 1000 * sorted(taken)[CHECKS // 2]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
