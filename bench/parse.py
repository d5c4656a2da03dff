"""Child process: what a model understands of some texts. `python -m bench.parse MODEL TEXTS.json OUT.json`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.processes import Bench, run_timed

CHECKS = 30


def parse(bench: Bench, name: str, model: Path, texts: Sequence[str], tensorflow: bool) -> dict[str, Any]:
    """Let a child process parse the texts, so that no model shares a process with another or with us.

    Returns:
        `parsed`: a message for each text; `check_stock`, `check_ours`: milliseconds of the check of an action's reply.
    """
    asked, found = bench.folder / f"{name}-texts.json", bench.folder / f"{name}-parsed.json"
    asked.write_text(json.dumps(list(texts)), encoding="utf-8")
    arguments = ["bench.parse", str(model), str(asked), str(found)]
    run_timed(bench, f"{name}-parse", arguments, bench.environment(tensorflow))
    return dict(json.loads(found.read_text(encoding="utf-8")))


def main(model: Path, asked: Path, found: Path) -> None:
    """Load the model, parse, write."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    agent = Agent.load(model)

    async def all_of(texts: Sequence[str]) -> list[dict[str, Any]]:
        return [dict(await agent.parse_message(text)) for text in texts]

    texts = json.loads(asked.read_text(encoding="utf-8"))
    result = {"parsed": asyncio.run(all_of(texts)), **_checks()}
    found.write_text(json.dumps(result, default=float), encoding="utf-8")


def _checks() -> dict[str, float]:
    """Rasa's check of an action's reply: as it comes, and as partnerstadt/rasa_ext/patches.py makes it."""
    import jsonschema
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
    schema = RemoteAction.action_response_format_spec()
    return {
        "check_stock": _milliseconds(lambda: jsonschema.validate(reply, schema)),
        "check_ours": _milliseconds(lambda: RemoteAction._validate_action_result(None, reply)),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return 1000 * sorted(taken)[CHECKS // 2]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
