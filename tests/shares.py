"""The shares of right answers that a run reached, to be shown at its end, wherever they were measured."""

from __future__ import annotations

import pytest

SHARES = pytest.StashKey[dict[str, str]]()
KEY = "shares"


def hand_over(session: pytest.Session) -> None:
    """Give them to the process that prints, if this is one of its workers."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[KEY] = session.config.stash.get(SHARES, {})


def take_over(config: pytest.Config, output: dict[str, dict[str, str]]) -> None:
    """Add those of a worker that has ended."""
    config.stash.setdefault(SHARES, {}).update(output.get(KEY, {}))


def show(terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print them, also where pytest captures what is printed."""
    shares = config.stash.get(SHARES, {})
    if shares:
        terminal.write_sep("-", "share of turns answered rightly (floor)")
        for label, text in shares.items():
            terminal.write_line(f"{label:<14}{text}")
