"""The word lists: every entry can match something, and every cue is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from partnerstadt.answer.subjects import CONTACT_FIELDS
from partnerstadt.question.lexicon import PATH, Lexicon, load_lexicon
from partnerstadt.text import fold
from tests.support import PROJECT

RAW = yaml.safe_load(PATH.read_text(encoding="utf-8"))
PATTERNS: dict[str, list[str]] = RAW["cues"] | {"unrecorded": RAW["unrecorded"]}


def asked_for(path: Path) -> set[str]:
    """Names of cues that a module asks for by has(...), match(...) or a list of pairs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    names = {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("has", "match")
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    return names - {""}


def used_cues() -> set[str]:
    """All cues that the code looks for."""
    from partnerstadt.question import read

    names = {cue for cue, _ in read._CITY_CUES} | {cue for cue, _ in read._AMOUNT_OPS} | set(CONTACT_FIELDS)
    for path in sorted((PROJECT / "partnerstadt").rglob("*.py")):
        names |= {name for name in asked_for(path) if re.fullmatch(r"[a-z_]+", name)}
    return names


def test_every_cue_that_code_asks_for_exists(lexicon: Lexicon) -> None:
    """A misspelt one would never be found."""
    assert used_cues() - set(lexicon.cues) == set()


def test_every_cue_is_asked_for_by_code(lexicon: Lexicon) -> None:
    """One that nobody asks for is a list nobody reads."""
    modules = sorted((PROJECT / "partnerstadt").rglob("*.py"))
    written = {name for path in modules for name in re.findall(r'"(\w+)"', path.read_text(encoding="utf-8"))}
    assert set(lexicon.cues) - written - used_cues() == set()


@pytest.mark.parametrize("cue", sorted(PATTERNS))
def test_patterns_can_match_folded_text(cue: str) -> None:
    """Folded text has no capitals and no umlauts, and "zuerst" is "zurst" in it: a pattern must be folded too."""
    loaded = load_lexicon()
    patterns = [(loaded.unrecorded if cue == "unrecorded" else loaded.cues[cue]).pattern]
    literals = {pattern: re.sub(r"\\[a-zA-Z]|\(\?[:!=<]+", " ", pattern) for pattern in patterns}
    dead = [pattern for pattern, literal in literals.items() if fold(literal) != literal]
    assert dead == []


@pytest.mark.parametrize("name", ["dialect", "decades"])
def test_replacements_are_found_under_their_folded_word(lexicon: Lexicon, name: str) -> None:
    """Typed with or without umlauts."""
    for word, common in RAW[name].items():
        assert lexicon.words[fold(str(word))] == (fold(common) if name == "dialect" else common)


def test_dialect_words_are_single_words() -> None:
    """The normal form looks at one word at a time, so a longer one would never be found."""
    assert [word for word in RAW["dialect"] if " " in str(word)] == []


def test_no_dialect_word_is_replaced_by_itself(lexicon: Lexicon) -> None:
    """That would be an entry without effect."""
    assert [word for word, common in lexicon.words.items() if word == common] == []


def test_words_worth_mending_are_listed_once(lexicon: Lexicon) -> None:
    """After folding, too."""
    assert len(set(lexicon.spelling)) == len(lexicon.spelling)
    assert all(word == word.lower() and word.isalpha() for word in lexicon.spelling)


@pytest.mark.parametrize(
    ("word", "number"),
    [("zwei", 2), ("zwoelf", 12), ("zwölf", 12), ("dreißig", 30), ("siebenundfünfzig", 57), ("hundert", 100)],
)
def test_number_words_are_known(lexicon: Lexicon, word: str, number: int) -> None:
    """As people write them."""
    assert lexicon.numbers[fold(word)] == number


@pytest.mark.parametrize(
    ("word", "year"), [("neunzehnhundertsechzig", 1960), ("zweitausendvierzehn", 2014), ("achtzehnhundert", 1800)]
)
def test_years_in_words_are_known(lexicon: Lexicon, word: str, year: int) -> None:
    """Voice transcripts spell them out."""
    assert lexicon.numbers[fold(word)] == year


def test_article_is_no_number(lexicon: Lexicon) -> None:
    """„Eine Partnerstadt“ claims no count."""
    assert not {"ein", "eine", "einer", "eins"} & set(lexicon.numbers)


@pytest.mark.parametrize(
    ("word", "number"),
    [("erste", 1), ("ersten", 1), ("dritter", 3), ("siebtes", 7), ("elfte", 11), ("zwanzigstem", 20), ("achten", 8)],
)
def test_ordinals_are_known_with_their_endings(lexicon: Lexicon, word: str, number: int) -> None:
    """In every case and gender."""
    assert lexicon.ordinals[fold(word)] == number


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("seit wann ist @city dabei", "since"),
        ("wie lange schon", "duration"),
        ("in welchem land liegt @city", "country"),
        ("auf welchem kontinent", "continent"),
        ("wie viele partnerstadte", "count"),
        ("in wie vielen landern", "count_countries"),
        ("welche gibt es", "list"),
        ("infos zu @city", "portrait"),
        ("was fur eine partnerschaft", "kind"),
        ("nachstes jubilaum", "jubilee"),
        ("wie alt war das 2000", "age_in_year"),
        ("zwischen @city und @city", "gap"),
        ("die alteste", "oldest"),
        ("die jungste", "newest"),
        ("kommt vor @city", "before"),
        ("kam nach @city", "after"),
        ("die anderen", "others"),
        ("welche davon", "davon"),
        ("die beiden", "both"),
        ("ausser @city", "besides"),
        ("im ausland", "foreign"),
        ("mehr als 10", "more_than"),
        ("telefonnummer", "phone"),
        ("e-mail adresse", "email"),
        ("offnungszeiten", "opening_hours"),
        ("hausnummer", "street"),
        ("es brennt", "emergency"),
    ],
)
def test_cue_is_found(lexicon: Lexicon, text: str, cue: str) -> None:
    """By its plainest words."""
    assert lexicon.match(cue, text)
    assert cue in lexicon.found(text)


@pytest.mark.parametrize(
    ("text", "cue"),
    [("wie viele jahre", "count"), ("ist @city dabei", "since"), ("@city", "list"), ("die reihenfolge", "reverse")],
)
def test_cue_is_not_found_where_it_is_not(lexicon: Lexicon, text: str, cue: str) -> None:
    """A number of years is no number of cities, and so on."""
    assert not lexicon.match(cue, text)


@pytest.mark.parametrize(
    "text",
    [
        "einwohner von @city",
        "burgermeister",
        "wie ist das wetter in @city",
        "ruht die partnerschaft",
        "fluge nach @city",
    ],
)
def test_what_no_record_holds_is_known_by_its_words(lexicon: Lexicon, text: str) -> None:
    """So that it is never answered with a year."""
    assert lexicon.unrecorded.search(text)


def test_lexicon_is_read_once() -> None:
    """It takes a while to compile."""
    assert load_lexicon() is load_lexicon()
