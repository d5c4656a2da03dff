"""Another language is recognised only where it is certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerstadt.question.language import is_foreign


@pytest.mark.parametrize(
    "text",
    [
        "How long has Leeds been a partner city",
        "Which cities are twinned with Dortmund?",
        "do you speak english?",
        "I would like to know about your sister cities",
        "Depuis quand Amiens est-elle jumelée avec Dortmund",
        "Trabzon ne zamandan beri kardeş şehir",
        "З якого року Житомир є містом-партнером",
        "Quante città gemellate avete?",
    ],
)
def test_other_languages_are_recognised(text: str) -> None:
    """In a sentence of some length."""
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "Seit wann ist Leeds Partnerstadt?",
        "seid wan is leeds dabei",
        "hömma wann ham wir dat mit Leeds",
        "wat is dat denn für ne stadt",
        "partnerstädte liste",
        "wie heißen die",
        "moin digga was geht",
        "Guten Tag zusammen",
        "Infos zu Buffalo bitte",
        "Novi Sad Serbien Jahr",
        "Rostow am Don Russland",
    ],
)
def test_german_in_any_form_is_german(text: str) -> None:
    """Dialect, typos and foreign names do not make it another language."""
    assert not is_foreign(text)


@pytest.mark.parametrize("text", ["", "?", "Leeds", "hello", "Buffalo USA", "😀😀😀", "1969 1970 1971", "<b> </b>"])
def test_too_little_to_tell_counts_as_german(text: str) -> None:
    """A greeting or a name proves nothing."""
    assert not is_foreign(text)


@settings(max_examples=50)
@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is typed, there is an answer."""
    assert isinstance(is_foreign(text), bool)
