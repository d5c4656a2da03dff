"""Which conversations were deleted at the request of a citizen: a backup must not bring them back.

Only their random ids are kept, which lead nowhere once the conversations are gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from partnerstadt.front.database import open_database
from partnerstadt.front.retention import TRIES
from partnerstadt.front.store import Store
from partnerstadt.settings import Settings

NAME = "erased.txt"


def read(state: Path) -> list[str]:
    """All of them, the first first."""
    try:
        return (state / NAME).read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []


def note(state: Path, ids: Iterable[str]) -> None:
    """Remember some more."""
    known = read(state)
    new = [id for id in dict.fromkeys(ids) if id not in known]
    if new:
        with (state / NAME).open("a", encoding="ascii") as out:
            out.writelines(f"{id}\n" for id in new)


def again(settings: Settings, ids: Iterable[str]) -> None:
    """Delete them once more, after a restore."""
    ids = list(ids)
    note(settings.state, ids)
    store = Store(open_database(settings.database, settings.state))
    try:
        for id in ids:
            store.delete(id)
        for _ in range(TRIES):
            if store.leave_no_trace():
                break
    finally:
        store.close()
