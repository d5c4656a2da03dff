"""Several questions in one message."""

from __future__ import annotations

from actions.base import Answering


class ActionSeveral(Answering):
    """Answers each question in turn."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_several"
