"""Answers that the staff wrote."""

from __future__ import annotations

from actions.base import Answering


class ActionCurated(Answering):
    """Gives the curated answer that the question comes near to."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_curated"
