"""The pieces of `partnerstadt ask` that need no model."""

from __future__ import annotations

from partnerstadt.answer.utterance import Utterance, render
from partnerstadt.ask import key_values
from partnerstadt.question.model import Aspect, Filter, Question, Rank

PLAIN = {"condition": [{"type": "slot", "name": "plain_language", "value": True}], "text": "Kurz: {city}."}
RESPONSES = {"utter_since": [{"text": "{city} seit {year}."}, PLAIN], "utter_thank": [{"text": "Gern."}]}


def test_text_follows_the_condition_that_holds() -> None:
    """As Rasa chooses it, with the buttons after it."""
    said = Utterance("utter_since", {"city": "Leeds", "year": 1969}, (), ("Und Amiens?",))
    assert render(said, RESPONSES, plain=False) == "Leeds seit 1969. [Und Amiens?]"
    assert render(said, RESPONSES, plain=True) == "Kurz: Leeds. [Und Amiens?]"
    assert render(Utterance("utter_thank"), RESPONSES, plain=True) == "Gern."


def test_what_does_not_fit_is_shown_instead_of_raised() -> None:
    """It is a tool to find such faults."""
    assert "utter_x" in render(Utterance("utter_x"), RESPONSES, plain=False)
    assert "do not fit" in render(Utterance("utter_since", {"city": "Leeds"}), RESPONSES, plain=False)


def test_question_is_shown_without_what_is_empty() -> None:
    """Short enough for one line."""
    question = Question(aspect=Aspect.RANK, ranks=(Rank(start=-1),), filter=Filter(continents=("europe",), last=1990))
    assert key_values(question) == "aspect=rank filter={continents=[europe] last=1990} ranks=[{start=-1}]"
