"""What a message means after what was said before."""

from __future__ import annotations

import pytest

from partnerstadt.question.in_context import OFFICE, PARTNERSHIPS, in_context
from partnerstadt.question.model import Aspect, Context, Question
from partnerstadt.question.reading import FOLLOW_UP, OFF_SUBJECT, TOPIC, UNRECORDED
from tests.support import Town

AFTER_LEEDS = Context(cities=("leeds",), subject=PARTNERSHIPS)


def meant(town: Town, text: str, intent: str, context: Context, confidence: float = 0.5) -> str:
    """The intent that a message has in a conversation."""
    return in_context(town.reading(text, intent, confidence), context, town.lexicon).intent


@pytest.mark.parametrize("intent", ["ask_since", "out_of_scope", "greet", "explain_purpose"])
def test_first_message_means_what_it_says(dortmund: Town, intent: str) -> None:
    """There is nothing to lean on."""
    assert meant(dortmund, "seit wann?", intent, Context()) == intent


@pytest.mark.parametrize("text", ["Seit wann ist Amiens dabei?", "Ist Paris Partnerstadt?"])
def test_message_with_a_name_of_its_own_leans_on_nothing(dortmund: Town, text: str) -> None:
    """It is about that name."""
    assert meant(dortmund, text, "ask_check", AFTER_LEEDS) == "ask_check"


def test_short_question_after_a_city_is_about_it(dortmund: Town) -> None:
    """The classifier saw nothing of the subject in it."""
    assert meant(dortmund, "und in welchem land?", "out_of_scope", AFTER_LEEDS) == FOLLOW_UP


def test_unrecorded_word_after_a_city_is_about_it(dortmund: Town) -> None:
    """The mayor of the city just spoken of."""
    assert meant(dortmund, "bürgermeister?", "out_of_scope", AFTER_LEEDS) == UNRECORDED


def test_where_after_the_office_asks_for_its_address(dortmund: Town) -> None:
    """Not for a country."""
    assert meant(dortmund, "wo ist das?", "ask_country", Context(subject=OFFICE)) == "ask_contact"


def test_what_leans_on_a_topic_is_about_it(dortmund: Town) -> None:
    """And carries its name."""
    context = Context(subject="fairtrade_town")
    reading = in_context(dortmund.reading("und seit wann?", "ask_since", 0.5), context, dortmund.lexicon)
    assert reading.intent == TOPIC
    assert [m.value for m in reading.names("topic")] == ["fairtrade_town"]


def test_partner_cities_end_a_topic(dortmund: Town) -> None:
    """A change of subject."""
    text = "wie viele partnerstädte gibt es?"
    assert meant(dortmund, text, "ask_count", Context(subject="fairtrade_town")) == "ask_count"


@pytest.mark.parametrize("intent", ["thank", "goodbye", "ask_contact", "request_human", "emergency"])
def test_courtesies_and_wishes_stay_what_they_are(dortmund: Town, intent: str) -> None:
    """Whatever was spoken of."""
    for context in (AFTER_LEEDS, Context(subject=OFFICE), Context(subject="fairtrade_town")):
        assert meant(dortmund, "danke", intent, context, 0.9) == intent


def test_weather_after_a_city_is_declined_unless_it_is_meant_there(dortmund: Town) -> None:
    """A word that leans on the city decides."""
    assert meant(dortmund, "wie wird das wetter am wochenende", OFF_SUBJECT, AFTER_LEEDS, 0.9) == OFF_SUBJECT
    assert meant(dortmund, "und wie ist das wetter da?", OFF_SUBJECT, AFTER_LEEDS, 0.9) == UNRECORDED


AFTER_A_LIST = Context(question=Question(aspect=Aspect.LIST), subject=PARTNERSHIPS)


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("heute?", "greet", FOLLOW_UP),
        ("platz 3", OFF_SUBJECT, "ask_rank"),
        ("kannst du die mal aufzählen", "ask_capabilities", "ask_list"),
        ("und k?", OFF_SUBJECT, "ask_list"),
    ],
)
def test_short_question_after_a_list_goes_on_with_it(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """However little it says."""
    assert meant(dortmund, text, guess, AFTER_A_LIST) == intent


def test_by_whom_goes_on_with_what_is_not_recorded(dortmund: Town) -> None:
    """As after a question for the day on which a treaty was signed."""
    asked = Question(aspect=Aspect.SINCE)
    unrecorded = Context(question=asked, cities=("leeds",), subject=PARTNERSHIPS, unrecorded=True)
    assert meant(dortmund, "und von wem?", FOLLOW_UP, unrecorded) == UNRECORDED


@pytest.mark.parametrize("text", ["die straße?", "fax?"])
def test_detail_after_the_office_is_of_the_office(dortmund: Town, text: str) -> None:
    """Whatever else it could mean."""
    assert meant(dortmund, text, OFF_SUBJECT, Context(subject=OFFICE)) == "ask_contact_detail"


def test_why_that_city_is_not_recorded(dortmund: Town) -> None:
    """It is no question for the bot's well-being."""
    assert meant(dortmund, "warum gerade die", "ask_wellbeing", AFTER_LEEDS) == UNRECORDED
