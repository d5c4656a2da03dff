"""Finds names in a text: partner cities, other places, countries, continents, regions, topics.

Names come out of the records, so a city added to them is found without training. Other places of the world are
known so that they are not taken for a misspelt partner city: Rostock is not Rostow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from partnerstadt.records.models import Records
from partnerstadt.text import fold, squeeze

TOKEN = re.compile(r"[\U0001F1E6-\U0001F1FF]{2}|\w+(?:[*:]innen)?")
LONGEST_NAME = 7
MOST_TYPOS = 4
# Unknown words whose closest name is kept: people make the same mistakes again and again.
MOST_REMEMBERED = 5000
# A longer text is no question; what comes after is not looked at, so that nobody can keep the bot busy.
MOST_TOKENS = 300

# Endings a German name takes: "Leeds'", "Zwickaus", "Zwickauer", "Kumasis".
NAME_ENDINGS = ("", "s", "er", "ers", "ern", "es")
ADJECTIVE_ENDINGS = ("", "e", "en", "er", "es", "em", "s", "n")


@dataclass(frozen=True)
class Mention:
    """A name in a text.

    Attributes:
        kind: city, home, place, country, continent, region, period or topic.
        value: id of the record, ISO code, key, or the name as typed for a place.
        start: first character in the text.
        end: one after the last character.
        text: what was typed.
        near: a partner city whose name is so close that it may be meant, for a place or an uncertain reading.
        by_meaning: not named, but what the text as a whole is closest to.
    """

    kind: str
    value: str
    start: int
    end: int
    text: str
    near: str | None = None
    by_meaning: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As an entity of Rasa."""
        entity = {"entity": self.kind, "value": self.value, "start": self.start, "end": self.end, "text": self.text}
        entity |= {"near": self.near} if self.near else {}
        return entity | ({"by_meaning": True} if self.by_meaning else {})

    @classmethod
    def from_dict(cls, entity: dict[str, Any]) -> Mention:
        """From an entity of Rasa."""
        return cls(
            kind=entity["entity"],
            value=entity["value"],
            start=entity["start"],
            end=entity["end"],
            text=entity["text"],
            near=entity.get("near"),
            by_meaning=bool(entity.get("by_meaning")),
        )


@dataclass(frozen=True)
class Lexis:
    """General knowledge of words: what is ordinary German, and what is a place somewhere in the world.

    Attributes:
        words: folded ordinary German words.
        places: squeezed names of places; True where the name is also an ordinary word ("Essen").
    """

    words: frozenset[str] = frozenset()
    places: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    text: str
    squeezed: str
    after_break: bool


def _tokens(text: str) -> list[_Token]:
    tokens, end = [], 0
    for m in islice(TOKEN.finditer(text), MOST_TOKENS):
        after_break = bool(re.search(r"[,;:!?()/\n]", text[end : m.start()]))
        tokens.append(_Token(m.start(), m.end(), m.group(), squeeze(m.group()), after_break))
        end = m.end()
    return tokens


DIRECTIONS = ("nord", "sud", "ost", "west", "mittel")
SHORT_COUNTRY = 4


class Gazetteer:
    """All names of one set of records, ready to be looked for.

    Args:
        records: where the names come from.
        lexis: ordinary words and places of the world, to tell a typo from another word.
    """

    def __init__(self, records: Records, lexis: Lexis) -> None:
        self._lexis = lexis
        self._home = squeeze(records.city.name)
        self._exact: dict[str, tuple[str, str]] = {}
        self._fuzzy: dict[str, tuple[str, str]] = {}
        self._names: list[str] = []
        self._several_words: set[str] = set()
        self._only_after_preposition: dict[str, tuple[str, str]] = {}
        self._cities: dict[str, str] = {}
        self._closest_of: dict[str, tuple[str, str, str | None] | None] = {}
        self._flags = {_flag(iso): iso for iso in records.world.countries}
        self._add_world(records)
        self._add_parts_of_countries(records)
        for topic in records.topics:
            self._add("topic", topic.id, topic.aliases, ADJECTIVE_ENDINGS, fuzzy_from=7)
        self._add("home", "home", (records.city.name, *records.city.aliases), NAME_ENDINGS, fuzzy_from=6)
        for p in records.partnerships:
            self._add("city", p.id, (p.name, *p.aliases), NAME_ENDINGS, fuzzy_from=4)
            self._cities |= {squeeze(name): p.id for name in (p.name, *p.aliases)}

    def _add_world(self, records: Records) -> None:
        for country in records.world.countries.values():
            if country.ambiguous:
                self._only_after_preposition[squeeze(country.name)] = ("country", country.iso)
                continue
            self._add("country", country.iso, (country.name, *country.aliases), ("", "s"), fuzzy_from=5)
            self._add("country", country.iso, (*country.demonyms, *country.parts), ADJECTIVE_ENDINGS, fuzzy_from=9)
        for region in records.world.regions.values():
            self._add("region", region.key, (region.name, *region.aliases), ADJECTIVE_ENDINGS, fuzzy_from=8)
        for period in records.world.periods.values():
            self._add("period", period.key, (period.name, *period.aliases), ("", "s", "es", "n"), fuzzy_from=9)
        for continent in records.world.continents.values():
            self._add("continent", continent.key, (continent.name, *continent.aliases), ADJECTIVE_ENDINGS, fuzzy_from=6)

    def _add_parts_of_countries(self, records: Records) -> None:
        """ "Nordfrankreich" is in France; "Nordkorea" has been added as a country of its own."""
        for country in records.world.countries.values():
            name = squeeze(country.name)
            if not country.ambiguous and len(name) > SHORT_COUNTRY:
                for direction in DIRECTIONS:
                    self._exact.setdefault(direction + name, ("country", country.iso))

    def _add(self, kind: str, value: str, names: Iterable[str], endings: Iterable[str], fuzzy_from: int) -> None:
        endings = tuple(endings)
        for name in names:
            squeezed = squeeze(name)
            if len(squeezed) < 2:
                continue
            for ending in endings if len(squeezed) > 3 else ("",):
                # Folded together: the "ue" of "Zwickauer" is an umlaut to whoever reads only letters.
                self._exact[squeeze(name + ending)] = (kind, value)
            if len(TOKEN.findall(name)) > 1:
                self._several_words |= {squeeze(name + ending) for ending in endings}
            if len(squeezed) >= fuzzy_from:
                self._fuzzy[squeezed] = (kind, value)

    def find(self, text: str) -> list[Mention]:
        """All mentions in a text, in their order, none overlapping another."""
        tokens = _tokens(text)
        taken = [False] * len(tokens)
        mentions = [*self._exact_mentions(text, tokens, taken), *self._fuzzy_mentions(text, tokens, taken)]
        mentions += self._places(text, tokens, taken)
        return sorted(mentions, key=lambda m: m.start)

    def _windows(self, tokens: list[_Token], taken: list[bool], longest: int) -> Iterator[tuple[int, int, str]]:
        """Runs of tokens that nothing but spaces, hyphens and the like keep apart, the longest first."""
        for size in range(longest, 0, -1):
            for first in range(len(tokens) - size + 1):
                apart = any(token.after_break for token in tokens[first + 1 : first + size])
                if not apart and not any(taken[first : first + size]):
                    yield first, size, "".join(t.squeezed for t in tokens[first : first + size])

    def _exact_mentions(self, text: str, tokens: list[_Token], taken: list[bool]) -> Iterator[Mention]:
        for i, token in enumerate(tokens):
            if token.text in self._flags:
                taken[i] = True
                yield _mention("country", self._flags[token.text], text, tokens, i, 1)
        for first, size, squeezed in self._windows(tokens, taken, LONGEST_NAME):
            found = self._exact.get(squeezed)
            if found is None and _AFTER_PREPOSITION.search(text[: tokens[first].start]):
                # "In Kenia" is a country; a "Kenia-Koalition" is none.
                found = self._only_after_preposition.get(squeezed)
            if (
                found
                and found[0] == "country"
                and _LANGUAGE.search(text[: tokens[first].start])
                and squeezed.endswith("sch")
            ):
                # "Auf Deutsch bitte" asks for a language.
                continue
            if found and found[0] == "period" and _GETS.match(text, tokens[first].start):
                # "Krieg ich Rabatt?" is of no war.
                continue
            if found and len(squeezed) == 2 and tokens[first].text.islower():
                # "us" and "uk" typed small are read as countries only where German has no such word.
                found = found if squeezed in ("uk", "us", "eu") else None
            window = tokens[first : first + size]
            if size > 1 and squeezed not in self._several_words and all(self._is_word(t.squeezed) for t in window):
                # "in der" is not "Inder".
                continue
            if found and found[0] == "city" and size == 1 and self._goes_on(tokens, taken, first, found[1]):
                # "Novi Beograd": whoever means Novi Sad is asked back.
                taken[first : first + 2] = [True] * 2
                yield _mention("place", "", text, tokens, first, 2, found[1])
            elif found:
                taken[first : first + size] = [True] * size
                yield _mention(*found, text, tokens, first, size)
            elif size > 1 and squeezed in self._lexis.places and not all(self._is_word(t.squeezed) for t in window):
                # "Novi Pazar" is a place of its own, not a short form of a partner city followed by a word.
                taken[first : first + size] = [True] * size
                yield _mention("place", "", text, tokens, first, size, self._near(squeezed))

    def _goes_on(self, tokens: list[_Token], taken: list[bool], first: int, city: str) -> bool:
        """Whether the short form of a longer name is followed by another name than the rest of it."""
        if first + 1 == len(tokens) or taken[first + 1] or tokens[first + 1].after_break:
            return False
        short, rest = tokens[first], tokens[first + 1]
        longer = [name for name, id in self._cities.items() if id == city and name in self._several_words]
        if not any(name.startswith(short.squeezed) for name in longer):
            return False
        if not (short.text[0].isupper() and rest.text[0].isupper()) or rest.squeezed in self._exact:
            return False
        both = short.squeezed + rest.squeezed
        misspelt = any(OSA.distance(both, name, score_cutoff=2) <= 2 for name in longer)
        return rest.squeezed.isalpha() and not self._is_word(rest.squeezed) and not misspelt

    def _fuzzy_mentions(self, text: str, tokens: list[_Token], taken: list[bool]) -> Iterator[Mention]:
        for first, size, squeezed in self._windows(tokens, taken, 3):
            window = tokens[first : first + size]
            if len(squeezed) < 4 or squeezed.isdigit() or squeezed in self._lexis.places:
                continue
            if any(self._is_word(t.squeezed) or t.squeezed.isdigit() for t in window):
                continue
            if squeezed not in self._closest_of:
                if len(self._closest_of) > MOST_REMEMBERED:
                    self._closest_of.clear()
                self._closest_of[squeezed] = self._closest(squeezed)
            best = self._closest_of[squeezed]
            if best:
                kind, value, near = best
                taken[first : first + size] = [True] * size
                yield _mention(kind, value, text, tokens, first, size, near)

    def _is_word(self, squeezed: str) -> bool:
        return squeezed in self._lexis.words

    def _closest(self, squeezed: str) -> tuple[str, str, str | None] | None:
        """Kind and value of the name a typo stands for; a less certain one is a place near a partner city."""
        best: tuple[int, str, str, str] | None = None
        allowed = _typos(len(squeezed))
        # One call over all names, in C: most words are close to none of them.
        near = process.extract(squeezed, self._fuzzy_names(), scorer=OSA.distance, score_cutoff=MOST_TYPOS, limit=None)
        for name, distance, _ in near:
            kind, value = self._fuzzy[name]
            certain = min(allowed, _typos(len(name)))
            limit = certain + (kind == "city" and len(squeezed) > 4 and squeezed[-1] == name[-1])
            # "Netanyahu" is a name of its own, "Leedser" and "Trabzonlu" are not.
            longer = _OWN_ENDING.match(squeezed[len(name) :]) if squeezed.startswith(name) else None
            if distance > limit or (distance > 1 and squeezed[0] != name[0]) or longer:
                continue
            if best is None or (distance, kind != "city") < (best[0], best[1] != "city"):
                best = (distance, kind, value, name)
        if best is None:
            return None
        distance, kind, value, name = best
        if kind == "city" and distance > min(allowed, _typos(len(name))):
            return ("place", value, value)
        return (kind, value, None)

    def _fuzzy_names(self) -> list[str]:
        if len(self._names) != len(self._fuzzy):
            self._names = list(self._fuzzy)
        return self._names

    def _places(self, text: str, tokens: list[_Token], taken: list[bool]) -> Iterator[Mention]:
        yield from self._unheard_of(text, tokens, taken)
        for first, size, squeezed in self._windows(tokens, taken, 1):
            ordinary = self._lexis.places.get(squeezed) if len(squeezed) > 2 else None
            if ordinary is None and squeezed.endswith(("s", "er")) and not self._is_word(squeezed):
                ordinary = self._lexis.places.get(squeezed[: -2 if squeezed.endswith("er") else -1])
            token = tokens[first]
            # A district of the city itself ("Alt-...", "...dorf") is no other place.
            if ordinary is None or self._home in squeezed or not _in_place_position(text, token, ordinary):
                continue
            taken[first] = True
            yield _mention("place", "", text, tokens, first, size, self._near(squeezed))

    def _unheard_of(self, text: str, tokens: list[_Token], taken: list[bool]) -> Iterator[Mention]:
        """A word that nobody knows where only a name can stand: "Ist Lindenbrück an der Wolga Partnerstadt?"."""
        for first, size, squeezed in self._windows(tokens, taken, 1):
            token = tokens[first]
            if len(squeezed) < 4 or not squeezed.isalpha() or self._is_word(squeezed) or squeezed in self._lexis.places:
                continue
            before, after = fold(text[: token.start]), fold(text[token.end :])
            named = (_NAMED.search(before) and _PARTNER.search(after)) or (
                _PARTNER_CALLED.search(before) and (token.text[0].isupper() or _ENDS_NAME.search(after))
            )
            if self._home not in squeezed and named:
                taken[first] = True
                yield _mention("place", "", text, tokens, first, size)

    def _near(self, squeezed: str) -> str | None:
        """A partner city whose name sounds like this place's: worth asking whether it is meant."""
        for name, id in self._cities.items():
            limit = 2 if len(squeezed) > 5 else 1
            if name[0] == squeezed[0] and len(name) > 4 and OSA.distance(squeezed, name, score_cutoff=limit) <= limit:
                return id
        return None


_OWN_ENDING = re.compile(r"(?!er|l[iu]$)\w{2,}$")
_GETS = re.compile(r"krieg (ich|man|wir|ihr)\b", re.IGNORECASE)
_LANGUAGE = re.compile(
    r"\b(auf|sprichst|sprecht|spricht|sprechen|sprech|kein|gut|schlecht|nur)( (du|ihr|sie))?\s$", re.IGNORECASE
)
_AFTER_PREPOSITION = re.compile(r"\b(in|aus|nach|von)\s$", re.IGNORECASE)
# Where a name stands for a place: "ist Lyon Partnerstadt", "und Halle?", "in Bar".
_PLACE_BEFORE = re.compile(
    r"(\b(ist|is|war|sind|und|un|u|partnerst\w+|mit|in|nach|aus|stadt|city|oder|von|bei|uber|zu|zwischen|wird|nicht|is|nur|liegt|hat|warum|wieso|gehort|gerade|auch|denn|fur|dass|das|ob|kennt ihr|nenne|statt|wenigstens|vielleicht|etwa|sogar|bloss|wir|ihr|namens|aber|doch|steht|stehen)|^|[,.:;!?(/-])\s*$"
)
_WORD_BEFORE = re.compile(
    r"(\b(ist|is|und|un|aber|partnerst\w+|mit|in|nach|aus|stadt|oder|hat( denn| eigentlich)?)|^)\s*$"
)
# ... and where a word that is also ordinary German does.
_PLACE_AFTER = re.compile(
    r"^\s*(\?|$|\.\s+\S|(ist |war |sei |ware )?(auch |noch |doch |immer |ja )*(drin|dabei|mit dabei|raus)\b|in \w+(,|\s*\?|$| (ist|war|sind|gehort|zahlt|mit|auch|is|eine|ne|partnerst\w*)\b)|,? ?(eine |auch |unsere |ne |schon |eigentlich |ist |is |doch |bei |den |euren |unseren )*(\w+er )?(partnerst|dabei))"
)

# "..., dass unsere israelische Partnerstadt Haifa ist?"
_IS_AFTER = re.compile(r"^ (ist|sei|heisst|war)\s*[?.!]*$")
# "Mein Kumpel meint, Birmingham wär Partnerstadt."
_WOULD_BE = re.compile(r"^ (ist|sei|war|ware|wird) (\w+ ){0,2}(partnerst|stadtepartner)")

_NAMED = re.compile(r"\b(ist|is|iss|war|wird|sind|mit|dass|ob|und)\s$")
_PARTNER = re.compile(
    r"^ ?((an|am|in|im|bei|auf) (der |dem )?\w+ )?((auch|denn|schon|eigentlich|nun|jetzt|wirklich|noch) )*"
    r"(eine |ne |unsre |unsere? |ihre |eure |die )?(partnerst|stadtepartner|verpartnert|verschwistert|befreundet)"
)
# "Erzähl mir was über unsere Partnerstadt Lindenfurt an der Eller."
_PARTNER_CALLED = re.compile(
    r"\b(partnerstadt|(\w*partnerschaft|freundschaft|verschwistert|verpartnert) (mit|zu))\s((bad|sankt|st[.]?|neu|alt|gross|klein) )?$"
)
# "... die Partnerschaft zwischen Dortmund und Venedig"
_BESIDE_ANOTHER = re.compile(r"\w*(partnerschaft|freundschaft|beziehung\w*) zwischen \w+ und\s$")
_ENDS_NAME = re.compile(r"^( (an|am|in|im|bei|ob|auf) (der |dem )?\w+)?\s*([?.,!]|$)")


# "Seit wann ist eigentlich Wien Partnerstadt?"
_PARTNER_NEXT = re.compile(r"^ (partnerstadt|stadtepartner)\b")


def _in_place_position(text: str, token: _Token, ordinary: bool) -> bool:
    before, after = fold(text[: token.start]), fold(text[token.end :])
    if token.text[0].isupper() and _BESIDE_ANOTHER.search(before):
        return True
    if token.text[0].isupper() and (_PARTNER_CALLED.search(before) or _PARTNER_NEXT.search(after)):
        return True
    if ordinary:
        return bool(_WORD_BEFORE.search(before)) and bool(_PLACE_AFTER.search(after))
    if _PLACE_BEFORE.search(before) or _WOULD_BE.search(after):
        return True
    return token.text[0].isupper() and bool(_IS_AFTER.search(after))


def _typos(length: int) -> int:
    """How many mistakes in a word of this length still leave it recognisable."""
    return 0 if length < 4 else 1 if length < 7 else 2 if length < 11 else 3


def _flag(iso: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in iso)


def _title(text: str) -> str:
    return text if text != text.lower() else re.sub(r"\w+", lambda m: m.group().capitalize(), text)


def _mention(
    kind: str, value: str, text: str, tokens: list[_Token], first: int, size: int, near: str | None = None
) -> Mention:
    start, end = tokens[first].start, tokens[first + size - 1].end
    typed = text[start:end]
    return Mention(kind, _title(typed) if kind == "place" else value, start, end, typed, near)
