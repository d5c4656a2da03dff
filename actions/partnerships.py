"""Questions about the partnerships themselves: year, country, lists, order, checks, follow-ups."""

from __future__ import annotations

from actions.base import Answering


class ActionPartnership(Answering):
    """Answers any question of facts."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_partnership"
