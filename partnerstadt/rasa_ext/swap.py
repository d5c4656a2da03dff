"""Lets a running Rasa change to the model that is chosen, without a restart: conversations go on, nobody waits."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from pathlib import Path
from typing import Any

from partnerstadt import active

SECONDS = 1.0

logger = logging.getLogger(__name__)


async def follow(agent: Any, state: Path, project: Path) -> None:
    """Look every second whether another model was chosen."""
    file, seen = state / active.FILE, None
    while True:
        try:
            now = file.stat().st_mtime_ns
        except OSError:
            now = None
        if now != seen:
            seen = now
            try:
                await asyncio.to_thread(change, agent, state, project)
            except Exception as error:
                logger.error("The chosen model cannot be loaded (%s); the one before stays.", type(error).__name__)
        await asyncio.sleep(SECONDS)


def change(agent: Any, state: Path, project: Path) -> None:
    """Load the chosen model, if it is another than the one in use. Turns under way end with the one they began with."""
    chosen = active.read(state, project)
    if chosen is not None and chosen.model != agent.model_name:
        agent.load_model(project / "models" / chosen.model)
        set_aside()
        logger.warning("The model %s is active now.", chosen.model)


def set_aside() -> None:
    """Keep the garbage collector from walking through the model, which it cannot free, while people wait."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def start(app: Any) -> asyncio.Task[None] | None:
    """Begin to follow, where the supervisor says where the state is kept."""
    set_aside()
    state, agent = os.environ.get("PARTNERSTADT_STATE"), getattr(app.ctx, "agent", None)
    if not state or agent is None:
        return None
    # The supervisor starts Rasa in the project's folder.
    return asyncio.ensure_future(follow(agent, Path(state), Path.cwd()))
