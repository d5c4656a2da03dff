"""Subjects of the page and those it points to."""

from __future__ import annotations

from actions.base import Answering


class ActionTopic(Answering):
    """Answers from the records' topics."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_topic"
