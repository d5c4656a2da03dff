"""Which intent the names and words allow, and which readings of a message are answered."""

from __future__ import annotations

import pytest

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.reading import (
    FALLBACK,
    FOLLOW_UP,
    OFF_SUBJECT,
    TOPIC,
    UNRECORDED,
    Reading,
    choose,
    on_subject,
    settle,
)
from tests.support import Town


def settled(town: Town, text: str, intent: str, confidence: float = 0.9, **ranking: float) -> str:
    """The intent that remains."""
    return settle(town.reading(text, intent, confidence, **ranking), town.lexicon).intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Seit wann ist Leeds Partnerstadt?", "ask_since"),
        ("Welche Partnerstädte gibt es?", "ask_list"),
        ("Wozu gibt es Städtepartnerschaften?", "explain_purpose"),
        ("Wie erreiche ich das Büro?", "ask_contact"),
        ("Hallo", "greet"),
        ("Bist du ein Mensch?", "ask_bot"),
        ("Es brennt!", "emergency"),
        ("ich will mit einem Menschen sprechen", "request_human"),
    ],
)
def test_well_founded_intent_stays(dortmund: Town, text: str, intent: str) -> None:
    """Names and words agree with it."""
    assert settled(dortmund, text, intent) == intent


@pytest.mark.parametrize("text", ["", "?", "!!!", "😀😀"])
@pytest.mark.parametrize("intent", ["ask_list", "greet", "out_of_scope"])
def test_text_without_words_is_not_understood(dortmund: Town, text: str, intent: str) -> None:
    """Whatever the classifier guesses."""
    assert settled(dortmund, text, intent) == FALLBACK


@pytest.mark.parametrize(
    "text",
    [
        "Wie viele Einwohner hat Leeds?",
        "Wer ist Bürgermeister von Amiens?",
        "Wie ist das Wetter in Trabzon?",
        "Ruht die Partnerschaft mit Rostow?",
    ],
)
@pytest.mark.parametrize("intent", ["ask_count", "ask_since", "ask_check", "ask_portrait"])
def test_what_no_record_holds_is_never_answered_as_a_fact(dortmund: Town, text: str, intent: str) -> None:
    """Inhabitants are no partner cities."""
    assert settled(dortmund, text, intent) == UNRECORDED


@pytest.mark.parametrize(
    "text", ["Was ist Fairtrade?", "infos zum brexit", "17 UN-Ziele", "wer wählt den Seniorenbeirat"]
)
@pytest.mark.parametrize("intent", ["out_of_scope", "ask_unrecorded", "ask_topic", "ask_portrait"])
def test_named_topic_is_a_topic(dortmund: Town, text: str, intent: str) -> None:
    """The records know it, whatever the classifier says."""
    assert settled(dortmund, text, intent) == TOPIC


@pytest.mark.parametrize(
    "text",
    [
        "Wie koche ich am besten eine Suppe mit Nudeln und Gemüse?",
        "Kannst du mir bitte das Licht im Wohnzimmer heute Abend ausmachen",
        "Wie wird man eigentlich Lokführer bei der Eisenbahn in diesem Staat",
    ],
)
def test_long_question_without_any_word_of_the_subject_is_off_it(dortmund: Town, text: str) -> None:
    """A weak guess at a fact is no reason to answer with one."""
    assert settled(dortmund, text, "ask_list", 0.4) == OFF_SUBJECT


@pytest.mark.parametrize("text", ["und Amiens?", "Amiens", "Leeds?", "und Paris?"])
def test_bare_name_is_a_follow_up(dortmund: Town, text: str) -> None:
    """It asks the question before of another city."""
    assert settled(dortmund, text, "out_of_scope", 0.5) == FOLLOW_UP


def test_partner_city_is_never_off_the_subject(dortmund: Town) -> None:
    """The next best reading that is on it is taken."""
    assert (
        settled(dortmund, "sag mir was ganz tolles zu Leeds jetzt", "out_of_scope", 0.5, ask_portrait=0.3)
        == "ask_portrait"
    )


def test_emergency_needs_a_word_of_it(dortmund: Town) -> None:
    """A question about the fire brigade's partnership is none."""
    assert settled(dortmund, "Seit wann ist Leeds Partnerstadt?", "emergency", 0.5, ask_since=0.4) == "ask_since"
    assert settled(dortmund, "Mein Mann atmet nicht mehr", "emergency", 0.5) == "emergency"


def test_guess_without_any_sign_is_not_understood(dortmund: Town) -> None:
    """Better asked back than guessed."""
    assert settled(dortmund, "blub blab", "ask_privacy", 0.05) == FALLBACK


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


def chosen(town: Town, *parts: tuple[str, str]) -> list[tuple[str, str]]:
    """What is answered of a message of these parts: normal form and intent."""
    whole = town.reading(" ".join(text for text, _ in parts), parts[0][1], 0.5)
    readings = [town.reading(text, intent) for text, intent in parts]
    return [(r.normal, r.intent) for r in choose(whole, readings, town.lexicon)]


def test_message_without_parts_is_answered_whole(dortmund: Town, lexicon: Lexicon) -> None:
    """As most are."""
    whole = dortmund.reading("Seit wann ist Leeds dabei?", "ask_since")
    assert choose(whole, [], lexicon) == [whole]


def test_polite_mail_holds_one_question(dortmund: Town) -> None:
    """Greeting, thanks and farewell are not answered beside it."""
    parts = [
        ("Sehr geehrte Damen und Herren,", "greet"),
        ("seit wann ist Leeds Partnerstadt?", "ask_since"),
        ("Vielen Dank im Voraus!", "thank"),
        ("Mit freundlichen Grüßen", "goodbye"),
    ]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["ask_since"]


def test_two_questions_are_both_answered(dortmund: Town) -> None:
    """In their order."""
    parts = [("Seit wann ist Leeds dabei?", "ask_since"), ("Und wo liegt Amiens?", "ask_country")]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["ask_since", "ask_country"]


def test_emergency_is_answered_alone(dortmund: Town) -> None:
    """Nothing else matters then."""
    parts = [("Seit wann ist Leeds dabei?", "ask_since"), ("Hilfe, es brennt!", "emergency")]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["emergency"]


def test_same_question_twice_is_answered_once(dortmund: Town) -> None:
    """Impatient people repeat themselves."""
    parts = [("Seit wann ist Leeds dabei?", "ask_since"), ("Seit wann ist Leeds dabei?", "ask_since")]
    assert len(chosen(dortmund, *parts)) == 1


def test_only_courtesies_are_one_courtesy(dortmund: Town) -> None:
    """They are answered when they stand alone."""
    parts = [("Vielen Dank!", "thank"), ("Tschüss!", "goodbye")]
    assert len(chosen(dortmund, *parts)) == 1


def test_name_said_before_belongs_to_the_question(dortmund: Town) -> None:
    """„Ein Referat über Leeds. Seit wann besteht das?“ asks about Leeds."""
    whole = dortmund.reading("Ich schreibe ein Referat über Leeds. Seit wann besteht das?", "ask_since", 0.6)
    parts = [
        dortmund.reading("Ich schreibe ein Referat über Leeds.", "ask_portrait"),
        dortmund.reading("Seit wann besteht das?", "ask_since"),
    ]
    readings = choose(whole, parts, dortmund.lexicon)
    assert any("leeds" in {m.value for m in r.names("city")} for r in readings)
    assert readings[-1].intent == "ask_since"


def test_never_more_than_a_few_answers(dortmund: Town) -> None:
    """A wall of text is no help."""
    cities = ["Leeds", "Amiens", "Trabzon", "Kumasi", "Zwickau", "Netanya", "Buffalo"]
    assert len(chosen(dortmund, *[(f"Seit wann ist {city} dabei?", "ask_since") for city in cities])) <= 4


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


@pytest.mark.parametrize(
    "text", ["Ein Betrieb aus Hamburg fragt nach der Wirtschaft", "ich wohne in Hamburg, spielt die Wirtschaft mit"]
)
def test_place_somebody_is_from_is_not_asked_for(dortmund: Town, text: str) -> None:
    """It is no claim that it were a partner city."""
    reading = settle(dortmund.reading(text, "explain_exchange"), dortmund.lexicon)
    assert reading.intent == "explain_exchange" and not reading.names("place")


def test_topic_that_nothing_names_is_not_recorded(dortmund: Town) -> None:
    """Unless it asks of the partner cities."""
    assert settled(dortmund, "was macht die stadt da", TOPIC) == UNRECORDED
    assert settled(dortmund, "was ist mit den partnerstädten", TOPIC) == "ask_list"


def test_question_after_a_sentence_of_the_subject_counts(dortmund: Town) -> None:
    """Alone it would be declined."""
    said = settle(dortmund.reading("Wir drucken eine Karte zum Jahrestag von Leeds.", UNRECORDED), dortmund.lexicon)
    asked = settle(dortmund.reading("In welches Jahr fällt das?", "ask_since"), dortmund.lexicon)
    assert asked.intent == OFF_SUBJECT
    chosen = choose(asked, [said, asked], dortmund.lexicon)
    assert [r.intent for r in chosen] == ["ask_since"] and chosen[0].names("city")


def test_which_after_a_question_repeats_it(dortmund: Town) -> None:
    """ "Gibt es welche in Afrika? Welche?" is one question."""
    first = settle(dortmund.reading("Gibt es Partnerstädte in Afrika?", "ask_check"), dortmund.lexicon)
    second = settle(dortmund.reading("Welche?", FOLLOW_UP), dortmund.lexicon)
    assert choose(first, [first, second], dortmund.lexicon) == [first]


def test_picture_is_shown_only_of_all(dortmund: Town) -> None:
    """A map of some is their list; without a word for a picture there is none."""
    assert settled(dortmund, "zeig mir die partnerstädte auf einer karte", "show_map") == "show_map"
    assert settled(dortmund, "zeig mir nur die partnerstädte in der EU", "show_map", ask_list=0.3) == "ask_list"
