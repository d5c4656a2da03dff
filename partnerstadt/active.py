"""Which model is active where several were trained: a file in the state folder says so, and outlasts restarts.

It holds only for the data and code that it was written for: when these change, their own model is active again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from partnerstadt.model import fingerprint

FILE = "active_model.json"
MOST_BEFORE = 10


@dataclass(frozen=True)
class Active:
    """A choice of a model.

    Attributes:
        model: name of its file.
        before: those that were active before, the latest last.
    """

    model: str
    before: tuple[str, ...] = ()


def read(state: Path, project: Path) -> Active | None:
    """The choice in force; None if none was made, or its model is gone, or data and code are others now."""
    try:
        raw = json.loads((state / FILE).read_text(encoding="utf-8"))
        active = Active(str(raw["model"]), tuple(map(str, raw["before"])))
        chosen_for = raw["project"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    fits = chosen_for == fingerprint(project) and (project / "models" / active.model).is_file()
    return active if fits else None


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """For who looks at the choice and makes another: one at a time, over all processes that share the folder."""
    state.mkdir(parents=True, exist_ok=True)
    folder = os.open(state, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def activate(state: Path, project: Path, model: str, instead_of: str | None = None) -> None:
    """Choose a model.

    Args:
        state: folder of the choice.
        project: folder of the project.
        model: name of its file.
        instead_of: the one in use; it is another than the project's own where the data has changed while it ran.
    """
    own = instead_of or f"{fingerprint(project)}.tar.gz"
    now = read(state, project) or Active(own)
    _write(state, project, Active(model, (*now.before, now.model)[-MOST_BEFORE:]))


def roll_back(state: Path, project: Path) -> str | None:
    """Choose the model before, and return its name; None if there is none."""
    now = read(state, project)
    if now is None or not now.before:
        return None
    _write(state, project, Active(now.before[-1], now.before[:-1]))
    return now.before[-1]


def _write(state: Path, project: Path, active: Active) -> None:
    state.mkdir(parents=True, exist_ok=True)
    raw = {"model": active.model, "before": active.before, "project": fingerprint(project)}
    aside = state / f".{FILE}.{os.getpid()}"
    aside.write_text(json.dumps(raw), encoding="utf-8")
    aside.replace(state / FILE)
