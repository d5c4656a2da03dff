"""Spelling-tolerant forms: what people type and what records say must meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerstadt.text import fold, squeeze


@pytest.mark.parametrize(
    "spellings",
    [
        ("Größe", "groesse", "GROSSE", "grösse", "große"),
        ("Türkei", "Tuerkei", "turkei", "TÜRKEI"),
        ("Städte", "Staedte", "stadte"),
        ("Österreich", "Oesterreich", "osterreich"),
        ("älteste", "aelteste", "alteste"),
        ("São", "Sao"),
        ("Łódź", "Lodz"),
        ("Wielkobór", "wielkobor"),
        ("İstanbul", "istanbul", "Istanbul"),
        ("Tromsø", "Tromsö", "Tromsoe"),
    ],
)
def test_spellings_of_one_word_fold_to_one_form(spellings: tuple[str, ...]) -> None:
    """Umlauts, their two-letter forms, accents and capitals."""
    assert len({fold(spelling) for spelling in spellings}) == 1


def test_combining_umlaut_folds_like_the_single_character() -> None:
    """Some keyboards and file systems send two characters."""
    assert fold("Tu\u0308rkei") == fold("T\u00fcrkei") == "turkei"


@pytest.mark.parametrize("name", ["Xi'an", "Xi’an", "Xi´an", "xi an", "XIAN", "Xi-an", "xi.an"])
def test_apostrophes_hyphens_and_spaces_are_squeezed_out(name: str) -> None:
    """People leave them out or type another one."""
    assert squeeze(name) == "xian"


def test_other_alphabets_keep_their_letters() -> None:
    """A name in Cyrillic, Hebrew or Chinese is still a name."""
    assert squeeze("Житомир") == "житомир"
    assert squeeze("西安") == "西安"
    assert squeeze("נתניה")


@pytest.mark.parametrize("text", ["", " ", "?!", "…", "😀", "_-_"])
def test_text_without_letters_squeezes_to_nothing(text: str) -> None:
    """There is nothing to compare."""
    assert squeeze(text) == ""


@given(st.text())
def test_squeezed_text_has_only_letters_and_digits(text: str) -> None:
    """Whatever is typed."""
    assert all(c.isalnum() for c in squeeze(text))


@given(st.text(), st.text(alphabet=" -_'.!?"))
def test_squeeze_does_not_see_what_stands_between(text: str, between: str) -> None:
    """Marks and spaces after a text change nothing."""
    assert squeeze(text + between) == squeeze(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_capitals_make_no_difference(text: str) -> None:
    """For every Latin letter that has both forms."""
    same = [c for c in text if c.upper().lower() == c.lower()]
    assert fold("".join(same).upper()) == fold("".join(same).lower())
