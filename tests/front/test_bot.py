"""Many messages of Rasa become one reply."""

from __future__ import annotations

from partnerstadt.front.bot import compose
from partnerstadt.front.store import Button, Reply


def test_parts_become_one_reply() -> None:
    """Texts in order, sources apart, buttons once."""
    parts = [
        {"text": "Eins.", "buttons": [{"title": "A", "payload": "a"}]},
        {"text": "Quelle: Q.", "response": "utter_source"},
        {"text": "Zwei.", "response": "utter_b", "buttons": [{"title": "A", "payload": "a"}, {"title": "B"}]},
        {"custom": {"picture": "timeline"}},
        {"about": {"intent": "x"}},
    ]
    buttons = (Button("A", "a"), Button("B", "B"))
    assert compose(parts) == Reply("Eins.\n\nZwei.", "bot", "Quelle: Q.", buttons, "timeline", {"intent": "x"})


def test_nothing_said_is_an_empty_reply() -> None:
    """What to do with it is not decided here."""
    assert compose([]) == Reply("")
