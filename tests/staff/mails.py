"""The made-up mails, and how what the desk says to one is judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.staff.mail import Draft, State

FILE = Path(__file__).parent / "mails.yml"


@dataclass(frozen=True)
class Asked:
    """A question of a mail, as its writer means it."""

    of: str
    expect: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    state: State = State.ANSWERED

    def found_in(self, drafts: Sequence[Draft]) -> Draft | None:
        """The draft about it: of several, the one with fewest other words."""
        about = [draft for draft in drafts if _plain(self.of) in _plain(draft.question)]
        return min(about, key=lambda draft: len(draft.question), default=None)

    def is_right(self, draft: Draft) -> bool:
        """Whether a draft says what it must, or leaves open what nobody but a clerk can say."""
        if self.state is State.ANSWERED:
            holds = all(re.search(pattern, draft.answer) for pattern in self.expect)
            return draft.state is State.ANSWERED and holds and not any(re.search(p, draft.answer) for p in self.reject)
        return draft.state is self.state or (self.state is State.OPEN and draft.state is State.UNRECORDED)


@dataclass(frozen=True)
class Case:
    """A mail, how its writer is to be addressed and what is asked in it."""

    id: str
    mail: str
    salutation: str
    questions: tuple[Asked, ...]


@lru_cache
def load_mails() -> tuple[Case, ...]:
    """All made-up mails."""
    return tuple(_case(raw) for raw in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def _case(raw: dict[str, Any]) -> Case:
    asked = (
        Asked(q["of"], tuple(q.get("expect", ())), tuple(q.get("reject", ())), State(q.get("state", "answered")))
        for q in raw["questions"]
    )
    return Case(raw["id"], raw["mail"], raw["salutation"], tuple(asked))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
