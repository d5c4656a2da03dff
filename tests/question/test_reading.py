"""What the NLU understood, on its way through Rasa."""

from __future__ import annotations

import pytest

from partnerstadt.question.reading import FALLBACK, Reading, on_subject
from tests.support import Town


@pytest.mark.parametrize(
    ("intent", "is_on"),
    [
        ("ask_since", True),
        ("explain_purpose", True),
        ("ask_contact", True),
        ("greet", False),
        ("thank", False),
        ("out_of_scope", False),
        (FALLBACK, False),
    ],
)
def test_courtesies_are_not_on_the_subject(intent: str, is_on: bool) -> None:
    """Beside a question they are not answered."""
    assert on_subject(intent) is is_on


def test_reading_survives_the_way_through_rasa(dortmund: Town) -> None:
    """As a parsed message and back."""
    reading = dortmund.reading("Ist Rostock oder Leeds in England Partnerstadt?", "ask_check")
    back = Reading.from_dict(reading.to_dict())
    assert (back.text, back.normal, back.intent, back.confidence, back.mentions) == (
        reading.text,
        reading.normal,
        reading.intent,
        reading.confidence,
        reading.mentions,
    )


@pytest.mark.parametrize(
    "parsed", [{}, {"text": None, "intent": None, "entities": None}, {"text": "/greet", "intent": {"name": "greet"}}]
)
def test_sparse_message_of_rasa_is_read(parsed: dict[str, object]) -> None:
    """A button's payload has neither normal form nor entities."""
    reading = Reading.from_dict(parsed)
    assert reading.mentions == () and reading.normal == ""
    assert reading.intent == ("greet" if parsed.get("text") == "/greet" else FALLBACK)


def test_entity_without_a_place_in_the_text_is_left_out() -> None:
    """A button may carry entities that were never typed."""
    parsed = {"text": "/ask_since", "intent": {"name": "ask_since"}, "entities": [{"entity": "city", "value": "leeds"}]}
    assert Reading.from_dict(parsed).mentions == ()
