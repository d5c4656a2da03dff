"""Makes every action take longer, by the seconds in a file. Tests put this beside the actions, never the product."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from rasa_sdk.executor import ActionExecutor

FILE = Path(os.environ["FAULTS_SLOW"])

stock = ActionExecutor.run


async def run(self: ActionExecutor, call: Any) -> Any:
    """Wait, then run the action."""
    await asyncio.sleep(float(FILE.read_text(encoding="utf-8")))
    return await stock(self, call)


ActionExecutor.run = run
