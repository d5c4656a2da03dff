"""How near questions come to each other; the figures are those of twice twenty made-up answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from partnerstadt.nlu.likeness import Sentences, shared, telling_words
from partnerstadt.nlu.meaning import encode
from partnerstadt.question.reading import Match

# The thresholds were found with the first; the second says what to expect of answers that nothing was tuned with.
FILES = ("answers", "answers_second")


def load(file: str) -> list[dict[str, Any]]:
    """Made-up answers with what people type when they mean them, and what lies near."""
    return list(yaml.safe_load(Path(__file__).with_name(f"{file}.yml").read_text(encoding="utf-8")))


ANSWERS = load(FILES[0])
# Shares that must be reached, with two questions to an answer and with the first two paraphrases added to them.
FLOORS = {("answers", 2): 0.5, ("answers", 4): 0.33, ("answers_second", 2): 0.33, ("answers_second", 4): 0.33}
MOST_WRONG, MOST_OTHER = 2, 7


def nearest(sentences: Sentences, text: str) -> Match:
    """The best match of a text."""
    matches = sentences.matches(text.lower(), encode([text.lower()])[0])
    return max(matches, key=lambda match: match.likeness)


def sentences(answers: list[dict[str, Any]], more: int = 0) -> Sentences:
    """The questions of answers, with some of their paraphrases."""
    return Sentences([(a["id"], q.lower()) for a in answers for q in (*a["questions"], *a["meant"][:more])])


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("questions", [2, 4])
def test_paraphrases_find_their_answer(file: str, questions: int) -> None:
    """As people type them; and hardly any finds another, or is found by a question of something else."""
    answers = load(file)
    index = sentences(answers, questions - 2)
    meant = [(a["id"], text) for a in answers for text in a["meant"][questions - 2 :]]
    found = [(id, match.id) for id, text in meant if (match := nearest(index, text)).fills_gap]
    right = sum(id == given for id, given in found)
    other = [text for a in answers for text in a["other"] if nearest(index, text).fills_gap]
    share = right / len(meant)
    wrong = len(found) - right
    print(f"{file}, {questions} questions: {right} of {len(meant)} = {share:.0%}, {wrong} wrong, other: {other}")
    assert share >= FLOORS[file, questions]
    assert wrong <= MOST_WRONG and len(other) <= MOST_OTHER


def test_question_itself_is_the_same() -> None:
    """However it is spelt."""
    index = sentences(ANSWERS)
    for answer in ANSWERS:
        for text in answer["questions"]:
            assert nearest(index, text.upper()).id == answer["id"] and nearest(index, text).likeness > 1.5


@pytest.mark.parametrize(
    ("some", "others", "least", "most"),
    [
        ("gibt es einen newsletter", "habt ihr newsleter", 0.8, 1.0),
        ("Praktikumsplatz", "Praktikum", 0.4, 0.9),
        ("Schülerpraktikum", "Praktikum", 0.4, 0.9),
        ("Fundbüro", "Büro", 0.0, 0.0),
        ("Bürgermeister", "Bürgerfahrt", 0.0, 0.0),
        ("wie ist das", "wie ist das", 0.0, 0.0),
    ],
)
def test_words_that_tell_are_shared(some: str, others: str, least: float, most: float) -> None:
    """With a typo, as part of a compound; not by a common beginning, and words of every day tell nothing."""
    assert least <= shared(telling_words(some), telling_words(others)) <= most


def test_without_sentences_nothing_matches() -> None:
    """A city without answers of its own."""
    assert Sentences([]).matches("wo kann ich parken", encode(["wo kann ich parken"])[0]) == []
