"""Curated answers beside the records: when they are given, when offered, and that no fact gives way to one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partnerstadt.answer.about import about, questions
from partnerstadt.answer.reply import Memory, answer_each, reply, source_line
from partnerstadt.answer.utterance import Utterance
from partnerstadt.question.choose import choose
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.reading import (
    CURATED,
    FACTS,
    FALLBACK,
    OFF_SUBJECT,
    UNRECORDED,
    Match,
    Reading,
)
from partnerstadt.question.settle import NEVER_CURATED, settle
from tests.support import Town, keys

SAME = Match("newsletter", 1.0, 1.0)
NEAR = Match("newsletter", 0.7, 0.2)
FAR = Match("newsletter", 0.5, 0.1)


def reading(town: Town, text: str, intent: str, match: Match | None, confidence: float = 0.9) -> Reading:
    """A settled reading that comes near to a curated answer."""
    return settle(replace(town.reading(text, intent, confidence), answer=match), load_lexicon())


def said(town: Town, settled: Reading, memory: Memory | None = None) -> list[Utterance]:
    """The reply to one."""
    return reply([settled], memory or Memory(), town.knowledge)[0]


@pytest.mark.parametrize("intent", [OFF_SUBJECT, FALLBACK, UNRECORDED])
@pytest.mark.parametrize("match", [SAME, NEAR])
def test_gap_is_filled(musterstadt: Town, intent: str, match: Match) -> None:
    """With the answer, its source and its date, in plain language if that is on."""
    settled = reading(musterstadt, "gibts nen rundbrief?", intent, match, 0.5)
    (utterance,) = said(musterstadt, settled)
    assert utterance.response == "utter_curated" and "Partnerpost" in str(utterance.values["text"])
    line = source_line([utterance], musterstadt.records)
    assert line and line.values == {"sources": "Stadt Musterstadt, „Unsere Partnerstädte“", "date": "März 2026"}
    plain = said(musterstadt, settled, Memory(plain=True))[0].values["text"]
    assert plain == "Ja. Es gibt einen Brief. Er heißt „Partnerpost“. Er kommt jeden Monat."


def test_answer_without_plain_text_is_the_same_in_plain_language(musterstadt: Town) -> None:
    """Better than none."""
    settled = reading(musterstadt, "wo parkt man?", OFF_SUBJECT, Match("anniversary_parking", 1.0, 1.0))
    assert said(musterstadt, settled) == said(musterstadt, settled, Memory(plain=True))


@pytest.mark.parametrize("intent", sorted(NEVER_CURATED - {UNRECORDED}))
@pytest.mark.parametrize("confidence", [0.3, 0.99])
def test_no_fact_gives_way(musterstadt: Town, intent: str, confidence: float) -> None:
    """Not even to the very same question, and not where the classifier was unsure; nor does a cry for help."""
    city = musterstadt.records.partner_cities[0].name
    text = {"emergency": "Hilfe, es brennt!"}.get(intent, f"Partnerstadt {city}")
    with_match = reading(musterstadt, text, intent, SAME, confidence)
    without = reading(musterstadt, text, intent, None, confidence)
    assert with_match.intent == without.intent
    if intent in FACTS:
        assert said(musterstadt, with_match) == said(musterstadt, without)


def test_detail_that_the_records_hold_wins_over_a_curated_one(musterstadt: Town) -> None:
    """And one that they lack does not."""
    known = reading(musterstadt, "Welche Telefonnummer?", "ask_contact_detail", SAME, 0.95)
    unknown = reading(musterstadt, "Wie bekomme ich einen Termin?", "ask_contact_detail", SAME, 0.95)
    near = reading(musterstadt, "Wie bekomme ich einen Termin?", "ask_contact_detail", NEAR, 0.95)
    assert keys(said(musterstadt, known))[0] == "utter_contact_phone"
    assert keys(said(musterstadt, near))[0] == "utter_contact_unknown"
    assert keys(said(musterstadt, unknown)) == ["utter_curated"]


def test_explanation_gives_way_only_to_the_same_question(musterstadt: Town) -> None:
    """The clerk wrote an answer to exactly this; what is merely near stays with the records."""
    assert reading(musterstadt, "Partner werden?", "explain_participation", SAME).intent == CURATED
    near = Match("newsletter", 0.7, 0.5)
    assert reading(musterstadt, "Partner werden?", "explain_participation", near).intent != CURATED
    assert reading(musterstadt, "Partner werden?", "explain_participation", near, 0.3).intent == CURATED


def test_question_that_is_not_near_enough_is_offered(musterstadt: Town) -> None:
    """As a button, beside the answer that is given anyway."""
    (utterance,) = said(musterstadt, reading(musterstadt, "gibts was zu lesen?", OFF_SUBJECT, FAR))
    assert utterance.response == "utter_out_of_scope" and utterance.buttons[0] == "Gibt es einen Newsletter?"


@pytest.mark.parametrize("intent", ["explain_participation", "ask_contact", "ask_accessibility", "request_human"])
def test_question_that_is_near_is_offered_beside_a_general_answer(musterstadt: Town, intent: str) -> None:
    """What was asked may be just this; the answer itself stays as it is."""
    first, *_ = said(musterstadt, reading(musterstadt, "Partner werden?", intent, NEAR))
    without, *_ = said(musterstadt, reading(musterstadt, "Partner werden?", intent, None))
    assert first.response == without.response != "utter_curated"
    assert first.buttons == ("Gibt es einen Newsletter?", *without.buttons)
    far, *_ = said(musterstadt, reading(musterstadt, "Partner werden?", intent, FAR))
    assert far == without


def test_answer_that_this_process_does_not_know_is_not_given(musterstadt: Town) -> None:
    """The two processes read a changed file at different moments."""
    settled = reading(musterstadt, "wo parkt man?", OFF_SUBJECT, Match("unheard_of", 1.0, 1.0))
    assert keys(said(musterstadt, settled)) == ["utter_out_of_scope"]


def test_both_questions_of_a_message_are_answered(musterstadt: Town) -> None:
    """A curated one counts as on the subject; two of them are two."""
    city = musterstadt.records.partner_cities[0].name
    fact = reading(musterstadt, f"Seit wann ist {city} Partnerstadt?", "ask_since", None)
    first = reading(musterstadt, "Gibt es einen Newsletter?", OFF_SUBJECT, SAME)
    second = reading(musterstadt, "Wo kann ich parken?", OFF_SUBJECT, Match("anniversary_parking", 1.0, 1.0))
    chosen = choose(fact, [fact, first, second], load_lexicon())
    assert chosen == [fact, first, second]
    assert keys(reply(chosen, Memory(), musterstadt.knowledge)[0])[1:] == ["utter_curated", "utter_curated"]


def test_front_desk_learns_which_answer_it_was(musterstadt: Town) -> None:
    """It counts as answered."""
    settled = reading(musterstadt, "Gibt es einen Newsletter?", OFF_SUBJECT, SAME)
    answers, after = answer_each([settled], Memory(), musterstadt.knowledge)
    utterances = list(answers[0].utterances)
    facts = about({"intent": {"name": CURATED}}, [settled], utterances, after, musterstadt.records)
    assert facts["outcome"] == "answered" and facts["records"] == ["newsletter"]
    assert questions([settled], answers, utterances)[0]["sources"] == ["page"]


def test_reading_survives_the_way_through_rasa(musterstadt: Town) -> None:
    """With its match."""
    settled = reading(musterstadt, "Gibt es einen Newsletter?", OFF_SUBJECT, SAME)
    assert Reading.from_dict(settled.to_dict()) == settled
