"""On the subject, but nothing in the records says it."""

from __future__ import annotations

from actions.base import Answering


class ActionUnrecorded(Answering):
    """Says that it does not know, and what it does know."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_unrecorded"
