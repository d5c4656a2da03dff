"""How to reach a person: the office, its details, a wish for a human being, a complaint."""

from __future__ import annotations

from actions.base import Answering


class ActionContact(Answering):
    """Answers from the records' offices."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_contact"
