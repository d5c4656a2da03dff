"""A running Rasa changes to the model that is chosen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from partnerstadt import active
from partnerstadt.rasa_ext import swap


class Agent:
    """Loads models by name; one of them is broken."""

    def __init__(self) -> None:
        self.model_name = "own.tar.gz"

    def load_model(self, path: Path) -> None:
        """Load one."""
        if path.name == "broken.tar.gz":
            raise ValueError("broken")
        self.model_name = path.name


def test_chosen_model_is_loaded_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the interval; a broken one leaves the one before in place, and the next choice is followed again."""
    monkeypatch.setattr(swap, "SECONDS", 0.02)
    (tmp_path / "models").mkdir()
    for name in ("a", "b", "broken"):
        (tmp_path / "models" / f"{name}.tar.gz").write_text("x")
    agent, state = Agent(), tmp_path / "var"

    async def story() -> list[str]:
        following = asyncio.ensure_future(swap.follow(agent, state, tmp_path))
        seen = []
        for name in ("a", "broken", "b"):
            active.activate(state, tmp_path, f"{name}.tar.gz")
            await asyncio.sleep(0.2)
            seen.append(agent.model_name)
        following.cancel()
        return seen

    assert asyncio.run(story()) == ["a.tar.gz", "a.tar.gz", "b.tar.gz"]
