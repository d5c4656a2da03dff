"""A map or a time line of the partner cities."""

from __future__ import annotations

from actions.base import Answering


class ActionPicture(Answering):
    """Shows the picture that is asked for, and says what is on it."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_picture"
