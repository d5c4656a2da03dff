"""A message is split into the questions it holds, and into no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerstadt.question.parts import MOST_PARTS, split


@pytest.mark.parametrize(
    "text",
    [
        "Leeds",
        "Wann und wo?",
        "Seit wann und in welchem Land ist Leeds?",
        "Könnten Sie mir sagen, seit wann Leeds Partnerstadt ist?",
        "Weißt du, wo Trabzon liegt?",
        "Ich wollte fragen, wie viele es sind.",
        "Liegt Leeds in England oder in Schottland?",
        "Wie viele gab es z. B. in Frankreich?",
        "Wie heißt die 3. Partnerstadt?",
        "Was ist älter, Leeds oder Buffalo?",
        "Stimmt es, dass Amiens die älteste ist?",
        "ist rostow a. d. dabei",
        "welche partnerstädte gibt es in frankreich, italien und polen",
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    """Abbreviations, ordinals, subordinate clauses and lists split nothing."""
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Seit wann ist Leeds dabei und wo liegt Amiens?", ["Seit wann ist Leeds dabei", "wo liegt Amiens?"]),
        ("Seit wann ist Leeds dabei? Und wo liegt Amiens?", ["Seit wann ist Leeds dabei?", "Und wo liegt Amiens?"]),
        ("Seit wann ist Leeds dabei?Wo liegt Amiens?", ["Seit wann ist Leeds dabei?", "Wo liegt Amiens?"]),
        ("hallo\nseit wann leeds\nwo liegt xian", ["hallo", "seit wann leeds", "wo liegt xian"]),
        (
            "Guten Tag,\n\nmein Vater war in den Siebzigern im Gesangverein\nund ist oft verreist.\nWohin?",
            [
                "Guten Tag",
                "mein Vater war in den Siebzigern im Gesangverein und ist oft verreist.",
                "Wohin?",
            ],
        ),
        ("Das war im 2. Weltkrieg. Wie viele gab es da?", ["Das war im 2. Weltkrieg.", "Wie viele gab es da?"]),
        (
            "Wie viele sind es, wie heißen sie und wie erreiche ich das Büro?",
            ["Wie viele sind es", "wie heißen sie", "wie erreiche ich das Büro?"],
        ),
        ("Wie viele Partnerstädte gibt es; wo liegt Leeds?", ["Wie viele Partnerstädte gibt es;", "wo liegt Leeds?"]),
    ],
)
def test_several_questions_come_apart(text: str, parts: list[str]) -> None:
    """In their order, each as it was typed."""
    assert split(text) == parts


def test_courtesies_are_parts_of_their_own() -> None:
    """What is answered is decided later."""
    parts = split("Guten Tag! Seit wann ist Leeds Partnerstadt? Vielen Dank im Voraus!")
    assert len(parts) == 3 and "Leeds" in parts[1]


@pytest.mark.parametrize("text", ["", "   ", "?", "!!! ...", "😀", "\n\n"])
def test_text_without_words_has_no_parts(text: str) -> None:
    """There is nothing to ask."""
    assert split(text) == []


def test_flood_of_questions_is_cut() -> None:
    """Nobody answers thousands."""
    assert len(split("Wo liegt Leeds? " * 1000)) == MOST_PARTS


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    """Every part holds something, and there are never too many."""
    parts = split(text)
    assert len(parts) <= MOST_PARTS
    assert all(part.strip() for part in parts)


@given(
    st.lists(
        st.sampled_from(
            [
                "seit",
                "wann",
                "wo",
                "wie",
                "viele",
                "und",
                ",",
                "?",
                ".",
                "!",
                "Leeds",
                "Amiens",
                "ist",
                "liegt",
                "z.B.",
                "2.",
                "welche",
                "ob",
                "\n",
                ":",
            ]
        ),
        max_size=25,
    )
)
def test_parts_hold_only_what_was_typed(words: list[str]) -> None:
    """Nothing is invented, nothing is said twice."""
    text = " ".join(words)
    typed = text.split()
    for part in split(text):
        assert all(any(word.strip(",") in t for t in typed) for word in part.split())
    assert sum(part.count("Leeds") for part in split(text)) <= text.count("Leeds")


@pytest.mark.parametrize("closing", ["Mit freundlichen Grüßen", "MfG", "Viele Grüße", "Liebe Gruesse"])
def test_signature_is_no_question(closing: str) -> None:
    """A sender's name may be that of a place."""
    assert split(f"Seit wann ist Leeds dabei?\n{closing}\nA. Köster\nHalle 3") == ["Seit wann ist Leeds dabei?"]


def test_message_of_a_greeting_alone_stays() -> None:
    """There is nothing else to read."""
    assert split("Viele Grüße") == ["Viele Grüße"]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Zahl der Partnerstädte im Jahr 2000 und heute, bitte.", "und heute, bitte."),
        ("brauche kurz: anzahl partnerstädte + die drei ältesten", "und die drei ältesten"),
        ("Wie viele gibt es und die jüngste?", "und die jüngste?"),
        ("Wie viele gibt es in Polen und die Adresse bitte", None),
        ("Wie viele waren es 1975 und zum Vergleich 1985?", "und 1985?"),
        ("Wie viele kamen zwischen 1975 und 1985 dazu?", None),
    ],
)
def test_second_question_after_a_number_needs_no_question_word(text: str, more: str | None) -> None:
    """A moment or a rank is enough, and nothing after it."""
    parts = split(text)
    assert (parts[1:] or [None])[-1] == more


def test_numbered_questions_in_one_line_are_taken_apart() -> None:
    """Their numbers are no places in an order."""
    text = "Für unseren Artikel: 1. Wie heißt die Partnerstadt in Israel? 2. Wie heißt die in Serbien?"
    assert split(text) == ["Für unseren Artikel: Wie heißt die Partnerstadt in Israel?", "Wie heißt die in Serbien?"]


def test_numbered_questions_need_no_capitals() -> None:
    """Where a question word follows each number."""
    assert split("2 fragen: 1. wieviele partnerstädte 2. warum macht ihr das") == [
        "2 fragen: wieviele partnerstädte",
        "warum macht ihr das",
    ]
    assert len(split("wie heißen die 1. und 2. partnerstadt")) == 1


def test_quoted_letter_is_what_is_asked() -> None:
    """The clerk's own words before it are no question."""
    text = "Mail von heute, was schreibe ich: „Guten Tag, seit wann ist denn Leeds unsere Partnerstadt? Gruß, K.“"
    assert all("schreibe ich" not in part for part in split(text))
    assert split('Was heißt "Kumasi"?') == ['Was heißt "Kumasi"?']


def test_keyword_belongs_to_the_sentence_before() -> None:
    """It says what that is about."""
    assert len(split("Lernen die Ämter voneinander? Stichwort Verwaltung.")) == 1


@pytest.mark.parametrize("text", ["Seit wann gibt es die russ. Partnerstadt?", "Welche ist lt. Liste die älteste?"])
def test_full_stop_of_an_abbreviation_ends_no_sentence(text: str) -> None:
    """As offices write."""
    assert split(text) == [text]


def test_whether_there_is_something_and_which_are_two_questions() -> None:
    """Where the second names what it asks of."""
    assert len(split("Gibt es Schüleraustausch, und welche Stadt in Frankreich wäre das?")) == 2
