"""Which readings of a message are answered."""

from __future__ import annotations

from dataclasses import replace

from partnerstadt.question.choose import choose
from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.reading import FOLLOW_UP, OFF_SUBJECT, TOPIC, UNRECORDED
from partnerstadt.question.settle import settle
from tests.support import Town


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


def test_form_compared_with_the_other_gives_both(dortmund: Town) -> None:
    """Old and new ones are told one after the other."""
    text = "Worin unterscheiden sich traditionelle und neuere Formen?"
    forms = ["explain_traditional_forms", "explain_new_fields"]
    assert [intent for _, intent in chosen(dortmund, (text, "explain_new_fields"))] == forms


def test_who_took_part_in_what_is_not_recorded_is_no_second_question(dortmund: Town) -> None:
    """It leans on the first."""
    parts = [("wann war die letzte delegationsreise nach xian", UNRECORDED), ("wer war dabei", "ask_list")]
    assert [intent for _, intent in chosen(dortmund, *parts)] == [UNRECORDED]


def test_count_beside_an_introduction_is_the_question(dortmund: Town) -> None:
    """What somebody writes about is not."""
    parts = [
        ("Ich schreibe über internationale Kontakte.", "ask_contact"),
        ("Wie viele Partnerstädte zählt Dortmund?", "ask_count"),
    ]
    assert "ask_count" in [intent for _, intent in chosen(dortmund, *parts)]


def test_question_that_leans_on_a_topic_named_before_is_about_it(dortmund: Town) -> None:
    """Where no record answers it by itself."""
    parts = [("Meine Frau hat keinen EU-Pass.", "ask_topic"), ("Darf sie zu mir ziehen?", UNRECORDED)]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["ask_topic"]


def test_question_declined_for_want_of_a_name_outweighs_a_courtesy(dortmund: Town) -> None:
    """The name was said in an earlier message."""
    asked = replace(dortmund.reading("in welchem land liegt das nochmal?", "ask_country", 0.95), intent=OFF_SUBJECT)
    parts = [dortmund.reading("schade.", "insult"), asked]
    assert choose(dortmund.reading("schade", "insult"), parts, dortmund.lexicon) == [asked]


def test_map_that_an_answer_is_for_is_not_shown(dortmund: Town) -> None:
    """Unless it is asked for."""
    asked = ("Welche Partnerstädte liegen in Asien?", "ask_list")
    assert len(chosen(dortmund, asked, ("Ist für eine Karte im Intranet", "show_map"))) == 1
    assert len(chosen(dortmund, asked, ("Zeig sie auf einer Karte", "show_map"))) == 2


def test_which_after_a_statement_of_some_years_is_a_list(dortmund: Town) -> None:
    """The statement says of which."""
    parts = [
        ("Das Archiv sucht Akten zu den Abschlüssen der 1980er.", "explain_reconciliation"),
        ("Um welche Städte handelt es sich?", "ask_list"),
    ]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["ask_list"]


def test_who_is_right_checks_the_claim_before(dortmund: Town) -> None:
    """Two statements and the question are one check."""
    parts = [
        ("Kollege behauptet, Leeds wär erst 2002 dazugekommen.", "ask_since"),
        ("Ich sag früher.", "explain_traditional_forms"),
        ("Wer hat recht?", "out_of_scope"),
    ]
    ((normal, intent),) = [c for c in chosen(dortmund, *parts) if c[1] == "ask_check"]
    assert "2002" in normal and intent == "ask_check"


def test_newest_of_all_is_not_the_one_somebody_claims(dortmund: Town) -> None:
    """The question names an order of its own."""
    parts = [
        ("Meine Nachbarin meint, Kumasi wäre die neueste Partnerstadt.", "ask_rank"),
        ("Welche ist denn wirklich zuletzt dazugekommen?", "ask_rank"),
    ]
    assert "@city" not in chosen(dortmund, *parts)[-1][0]


def test_question_in_the_field_named_before_asks_for_that_topic(dortmund: Town) -> None:
    """It leans on the sentence before it."""
    parts = [
        ("Ich schreibe eine Hausarbeit über Städtediplomatie.", "ask_topic"),
        ("Was macht Dortmund auf dem Gebiet?", "explain_exchange"),
    ]
    assert [intent for _, intent in chosen(dortmund, *parts)] == [TOPIC]


def test_opening_hours_are_of_the_office_named_afterwards(dortmund: Town) -> None:
    """ "Also die von den ..." says who was meant."""
    parts = [
        ("wann haben die denn auf??", "ask_contact_detail"),
        ("also die von den städtepartnerschaften", "explain_purpose"),
    ]
    readings = [dortmund.reading(text, intent, 0.7) for text, intent in parts]
    readings[0] = replace(readings[0], intent=OFF_SUBJECT)
    whole = dortmund.reading(" ".join(text for text, _ in parts), "explain_purpose", 0.4)
    assert choose(whole, readings, dortmund.lexicon)[0].intent == "ask_contact_detail"


def test_detail_of_a_city_just_named_is_not_recorded(dortmund: Town) -> None:
    """Both questions are answered."""
    check = dortmund.reading("Ist das Amiens mit der Kathedrale?", "ask_check")
    height = dortmund.reading("Wie hoch ist die?", OFF_SUBJECT, 0.4)
    answered = choose(check, [check, height], dortmund.lexicon)
    assert [reading.intent for reading in answered] == ["ask_check", UNRECORDED]


def test_true_or_false_checks_the_claim_behind_it(dortmund: Town) -> None:
    """ "Richtig oder falsch?" alone asks nothing."""
    parts = [("Richtig oder falsch?", "ask_check"), ("Erst Amiens, dann Buffalo, dann Leeds", "ask_compare")]
    assert [intent for _, intent in chosen(dortmund, *parts)] == ["ask_check"]


def test_use_of_an_answer_is_no_question(dortmund: Town) -> None:
    """Beside one that is asked."""
    asked = dortmund.reading("Welche Partnerstädte gibt es in Frankreich?", "ask_list")
    use = dortmund.reading("Darauf möchten wir die Partnerstädte markieren.", UNRECORDED, 0.4)
    assert choose(asked, [asked, use], dortmund.lexicon) == [asked]


def test_how_long_ago_beside_since_when_is_of_the_same_city(dortmund: Town) -> None:
    """Although it names none."""
    since = dortmund.reading("seit wann ist Trabzon dabei", "ask_since")
    ago = dortmund.reading("wie lang is dat jetz her", OFF_SUBJECT, 0.7)
    assert [r.intent for r in choose(since, [since, ago], dortmund.lexicon)] == ["ask_since", "ask_since"]
