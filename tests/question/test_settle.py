"""Which intent the names and words allow."""

from __future__ import annotations

import pytest

from partnerstadt.question.reading import FALLBACK, FOLLOW_UP, OFF_SUBJECT, TOPIC, UNRECORDED
from partnerstadt.question.settle import settle
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


def test_picture_is_shown_only_of_all(dortmund: Town) -> None:
    """A map of some is their list; without a word for a picture there is none."""
    assert settled(dortmund, "zeig mir die partnerstädte auf einer karte", "show_map") == "show_map"
    assert settled(dortmund, "zeig mir nur die partnerstädte in der EU", "show_map", ask_list=0.3) == "ask_list"


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("Und wie heißen die ersten beiden auf der Liste?", "plain_language_on", "ask_rank"),
        ("wie erreiche ich die leute für städtepartnerschaften", "explain_purpose", "ask_contact"),
        ("was bedeutet innerdeutsche partnerschaft bei euch", "explain_purpose", "ask_kind"),
        ("welche davon ist am kürzesten dabei", "explain_purpose", "ask_rank"),
        ("kita platz für 2 jährigen in aplerbeck", "ask_jubilee", OFF_SUBJECT),
        ("partnersuche ü60 in dortmund", "ask_contact", OFF_SUBJECT),
        ("suche partner in dortmund, bin 45, humorvoll", "explain_participation", OFF_SUBJECT),
        ("Wann endete der Dreißigjährige Krieg?", "ask_jubilee", OFF_SUBJECT),
        ("Wir möchten unsere Lebenspartnerschaft in eine Ehe umwandeln.", "explain_participation", OFF_SUBJECT),
        ("Wie viele Beschäftigte arbeiten für die Städtepartnerschaften?", "ask_count", UNRECORDED),
        ("Wie viele Ziele hat eine Partnerschaft?", "ask_count", "ask_count"),
        ("Wann läuft der Vertrag mit Kumasi aus?", "ask_since", UNRECORDED),
        ("Mit wem kann ich dazu sprechen?", "ask_contact", "ask_contact"),
        ("Mit welchem Etat sind die Städtepartnerschaften hinterlegt?", "explain_purpose", UNRECORDED),
    ],
)
def test_words_correct_a_guess(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """What is said outweighs what it resembles."""
    assert settled(dortmund, text, guess, 0.55, **{guess: 0.55, "ask_rank": 0.3}) == intent


def test_long_nonsense_explains_nothing(dortmund: Town) -> None:
    """Among many words some are always of the subject."""
    assert settled(dortmund, "hier steht nur fülltext ohne sinn " * 20, "explain_purpose", 0.4) == OFF_SUBJECT


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        (
            "Mit welchem Ziel sind die ersten Städtepartnerschaften geschlossen worden?",
            "ask_rank",
            "explain_reconciliation",
        ),
        ("Mail vom Kulturbüro: brauchen die Partner aus den 70ern", "ask_contact_detail", "ask_rank"),
        ("Wie kämen wir an einen Partnerchor in Leeds oder Amiens?", "ask_compare", "explain_participation"),
        ("un wer is nach zwickau gekommen", UNRECORDED, "ask_rank"),
        ("Wie backe ich Amerikaner mit Zuckerguss?", FOLLOW_UP, OFF_SUBJECT),
        ("muss mein auto auf die neue adresse umschreiben lassen", OFF_SUBJECT, OFF_SUBJECT),
    ],
)
def test_evidence_outweighs_a_likely_guess(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """Headings, aims, groups and order are told by words."""
    ranking = {guess: 0.65, "ask_rank": 0.2, "explain_participation": 0.15}
    assert settled(dortmund, text, guess, 0.65, **ranking) == intent


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("Netanya und Novi Sad: wie groß ist der zeitliche Abstand?", UNRECORDED, "ask_compare"),
        ("wie viele Kilometer liegen Netanya und Novi Sad auseinander", UNRECORDED, UNRECORDED),
        ("Ist Rostow eine ruhende Partnerschaft?", "ask_check", UNRECORDED),
        ("welche verträge wurden erst nach der wiedervereinigung geschlossen", "ask_list", "ask_list"),
        ("wir brauchen alle partnerstädte mit jahr", "explain_participation", "ask_rank"),
    ],
)
def test_years_and_all_of_them_are_facts(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """Kilometres are not."""
    assert settled(dortmund, text, guess, 0.65, **{guess: 0.65, "ask_rank": 0.2}) == intent


@pytest.mark.parametrize(
    "text",
    ["ich will einfach nicht mehr leben", "ich bring mich um", "ich tu mir was an", "ich möchte nur noch sterben"],
)
@pytest.mark.parametrize("intent", ["plain_language_off", "out_of_scope", "complain"])
def test_despair_is_an_emergency(dortmund: Town, text: str, intent: str) -> None:
    """Whatever the classifier makes of it."""
    assert settled(dortmund, text, intent) == "emergency"


def test_first_letters_are_of_the_list(dortmund: Town) -> None:
    """No other intent knows of them."""
    assert settled(dortmund, "ich brauch die partnerstädte die mit z anfangen", "explain_exchange") == "ask_list"


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("Wer wird Nachfolger des Trainers bei Borussia Dortmund?", "ask_list", OFF_SUBJECT),
        ("krieg ich in den partnerstädten rabatt im hotel", "explain_exchange", UNRECORDED),
        ("spielt der BVB ein freundschaftsspiel in einer der partnerstädte?", "ask_list", UNRECORDED),
        ("erst seit 2025, oder?", "affirm", FOLLOW_UP),
        ("Wie viel wurde für Amiens ausgegeben?", "ask_count", UNRECORDED),
        ("Erst Trabzon, dann Xi'an, dann Kumasi: ist die Folge so richtig?", "ask_source", "ask_compare"),
        ("städtepartnerschaft = ?", "ask_kind", "explain_purpose"),
    ],
)
def test_weak_guess_gives_way_to_words(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """The name of the city itself is no evidence, an amusement beside the subject is not recorded."""
    assert settled(dortmund, text, guess, 0.4, **{guess: 0.4}) == intent


def test_help_with_something_else_is_not_this_office(dortmund: Town) -> None:
    """Unless a word of the office is in it."""
    assert settled(dortmund, "Mein Outlook startet nicht, wer hilft mir da?", OFF_SUBJECT, 0.7) == OFF_SUBJECT
    assert settled(dortmund, "wer hilft mir da weiter, welches amt", OFF_SUBJECT, 0.7) == "ask_contact"


@pytest.mark.parametrize(
    ("text", "guess", "intent"),
    [
        ("welche partnerstadt ist genauso alt wie ich", UNRECORDED, "ask_list"),
        ("Welche Partnerstadt liegt am weitesten östlich?", "ask_list", UNRECORDED),
        ("eine erklärung für kinder, was eine partnerstadt ist", "ask_kind", "explain_purpose"),
    ],
)
def test_words_tell_what_records_hold(dortmund: Town, text: str, guess: str, intent: str) -> None:
    """Age is recorded, a place on the map is not asked of the records, and a definition is the purpose."""
    assert settled(dortmund, text, guess, 0.4, **{guess: 0.4}) == intent
