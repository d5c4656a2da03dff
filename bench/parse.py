"""What a model understands of some texts, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.processes import Bench, run_timed


def parse(bench: Bench, name: str, model: Path, texts: Sequence[str], stock: bool) -> dict[str, Any]:
    """Let a child process parse the texts, so that no model shares a process with another or with us.

    Returns:
        `parsed`: a message for each text; `check`: milliseconds of the check of an action's reply.
    """
    asked, found = bench.folder / f"{name}-texts.json", bench.folder / f"{name}-parsed.json"
    asked.write_text(json.dumps(list(texts)), encoding="utf-8")
    arguments = ["bench.understand", str(model), str(asked), str(found)]
    run_timed(bench, f"{name}-parse", arguments, bench.stock() if stock else bench.ours())
    return dict(json.loads(found.read_text(encoding="utf-8")))
