"""One normal form, whatever the spelling."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.names import Mention
from partnerstadt.question.normal import LONGEST, normalise
from tests.support import FEW_WORDS, Town


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Seid wann?", "seit wann ?"),
        ("seit WANN ist Leeds dabei", "seit wann ist @city dabei"),
        ("wieviele partnerstädte", "wie viele partnerstadte"),
        ("wat is dat", "was ist das"),
        ("hamwa partnerstädte", "haben wir partnerstadte"),
        ("Welche Partnerstaedte", "welche partnerstadte"),
        ("welche partnastädte", "welche partnerstadte"),
        ("gibts", "gibt es"),
        ("zwölf Partnerstädte", "12 partnerstadte"),
        ("neunzehnhundertneunundsechzig", "1969"),
        ("die dritte", "die ord3"),
        ("die 3. Partnerstadt", "die ord3 partnerstadt"),
        ("die vorletzte", "die ord-2"),
        ("die drittletzte", "die ord-3"),
        ("in den siebzigern", "in den 70er"),
        ("in den 80ern", "in den 80er"),
        ("in den 1990ern", "in den 1990er"),
        ("1 9 6 9", "1969"),
        ("2 0 1 4", "2014"),
        ("die neuen Bundesländer", "die neu bundeslander"),
        ("die neun Partnerstädte", "die 9 partnerstadte"),
        ("die mittlere der drei", "die ord0 der 3"),
        ("Schwesterstadt", "partnerstadt"),
        ("Leeds, Amiens und Xi'an", "@city , @city und @city"),
        ("in der Türkei", "in der @country"),
        ("nach der Wiedervereinigung", "nach der @period"),
    ],
)
def test_text_has_its_normal_form(dortmund: Town, typed: str, normal: str) -> None:
    """Dialect, numbers, ordinals, decades and names."""
    assert dortmund.normal(typed).text == normal


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("die zweitälteste", "die ord2 alteste"),
        ("drittälteste Partnerstadt", "ord3 alteste partnerstadt"),
        ("die zweitjüngste", "die ord2 jungste"),
        ("die viertneueste", "die ord4 neuste"),
        ("viertletzte", "ord-4"),
    ],
)
def test_compound_rank_is_taken_apart(dortmund: Town, typed: str, normal: str) -> None:
    """„Drittälteste“ is the third oldest, not the oldest."""
    assert dortmund.normal(typed).text == normal


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("partnerstdat", "partnerstadt"),
        ("partnersädte", "partnerstadte"),
        ("jubilaeum", "jubilaum"),
        ("jubiläm", "jubilaum"),
        ("telefonumer", "telefonnummer"),
        ("öfnungszeiten", "offnungszeiten"),
        ("reihenfolgee", "reihenfolge"),
        ("partnerschaften", "partnerschaften"),
    ],
)
def test_typo_in_a_word_that_matters_is_mended(dortmund: Town, typed: str, mended: str) -> None:
    """Two mistakes in a long word, one in a shorter one."""
    assert dortmund.normal(typed).text == mended


@pytest.mark.parametrize(
    "word", ["partnerin", "kontingent", "erreichbar", "welchen", "wechsel", "zwischendurch", "laenge"]
)
def test_german_word_is_not_mended_into_another(dortmund: Town, word: str) -> None:
    """It means what it says."""
    assert dortmund.normal(word).text in (word, word.replace("ae", "a"))


def test_mentions_stand_for_the_placeholders_in_order(dortmund: Town) -> None:
    """Later steps count on it."""
    normal = dortmund.normal("Liegt Leeds in England, und Amiens in der EU?")
    assert re.findall(r"@(\w+)", normal.text) == [m.kind for m in normal.mentions]


def test_ten_thousand_characters_are_cut(lexicon: Lexicon) -> None:
    """They are no question, and would only cost time."""
    normal = normalise("leeds " * 2000, [], lexicon, FEW_WORDS)
    assert len(normal.text) <= LONGEST


@given(st.text(max_size=200))
def test_no_text_breaks_it(lexicon: Lexicon, text: str) -> None:
    """Any characters at all, in any order."""
    normal = normalise(text, [], lexicon, FEW_WORDS)
    assert normal.text == normal.text.strip()
    assert "  " not in normal.text


@given(
    st.lists(
        st.sampled_from(
            ["0", "12", "3.", "1969", "80er", "999999999", "00er", "ord", "@city", "jahrig", "²", "½", "٣", "Ⅻ", "."]
        )
    )
)
def test_no_number_breaks_it(lexicon: Lexicon, words: list[str]) -> None:
    """Not even in digits of other scripts."""
    assert isinstance(normalise(" ".join(words), [], lexicon, FEW_WORDS).text, str)


@settings(max_examples=60)
@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["city", "country", "place", "topic"]))
def test_every_name_becomes_one_placeholder(lexicon: Lexicon, before: str, after: str, kind: str) -> None:
    """Wherever it stands."""
    before, after = before.replace("@", ""), after.replace("@", "")
    mention = Mention(kind, "x", len(before), len(before) + 4, "Name")
    normal = normalise(f"{before}Name{after}", [mention], lexicon, FEW_WORDS)
    assert re.findall(r"@\w+", normal.text) == [f"@{kind}"]


@given(st.text(alphabet="abcdefgäöüß ?.,", max_size=60))
def test_normal_form_is_the_same_in_capitals(lexicon: Lexicon, text: str) -> None:
    """Shouting changes nothing."""
    assert normalise(text.upper(), [], lexicon, FEW_WORDS) == normalise(text, [], lexicon, FEW_WORDS)
