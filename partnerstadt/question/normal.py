"""One normal form for what people type, so that every later step reads the same words.

"Seid wan ham wer Lehds?" becomes "seit wann haben wir @city ?": folded, dialect said the common way, number words
as digits, ordinals as ord3, typos in words that matter mended, names replaced by their kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from partnerstadt.question.lexicon import Lexicon
from partnerstadt.question.names import Lexis, Mention
from partnerstadt.text import fold

_TOKEN = re.compile(r"@\w+|\d+\.(?=\s*[a-z])|\d+er\w?\b|\d+|[^\W\d_]+(?:-[^\W\d_]+)*|[?.,!:;]")
_ORDINAL_WORD = re.compile(r"^(\w{3,}?)(altest|jungst|neust|letzt)(e[nmrs]?|e)$")
_NEW = re.compile(r"\bneue[nmrs]\b", re.IGNORECASE)
# Longer texts are no question; the rest is cut before it costs time.
LONGEST = 2000


@dataclass(frozen=True)
class Normal:
    """A normalised text and the mentions its placeholders stand for, in order."""

    text: str
    mentions: tuple[Mention, ...]


def normalise(text: str, mentions: list[Mention], lexicon: Lexicon, lexis: Lexis) -> Normal:
    """The normal form of a text whose names have been found."""
    pieces, position = [], 0
    for mention in mentions:
        pieces += [text[position : mention.start], f" @{mention.kind} "]
        position = mention.end
    pieces.append(text[position:])
    # Folded as it stands, "neuen" would be the number nine.
    plain = _NEW.sub("neue", "".join(pieces)[:LONGEST].replace("*in", "in"))
    folded = fold(plain)
    words: list[str] = []
    for token in _TOKEN.findall(folded):
        words += _common(token, lexicon, lexis).split()
    return Normal(_join(words), tuple(mentions))


def _join(words: list[str]) -> str:
    text = " ".join(words)
    text = re.sub(r"\bord2 (letzte\w*)", "ord-2", text)
    # Umlaut-less "vor letzte" and the like stay as they are; "1 9 6 9" of a voice transcript is one year.
    return re.sub(r"\b(1 9|2 0) (\d) (\d)\b", lambda m: m.group().replace(" ", ""), text)


def _common(token: str, lexicon: Lexicon, lexis: Lexis) -> str:
    if token.startswith("@") or not token[0].isalnum():
        return token
    if token[0].isdigit():
        return _digits(token)
    if token in lexicon.words:
        return lexicon.words[token]
    if token in lexicon.numbers:
        return str(lexicon.numbers[token])
    if token in lexicon.ordinals:
        return f"ord{lexicon.ordinals[token]}"
    if token.startswith("vorletzt"):
        return "ord-2"
    if token.startswith("vorvorletzt") or token.startswith("drittletzt"):
        return "ord-3"
    decade = lexicon.words.get(re.sub(r"jahren?$", "", token), "")
    if decade.endswith("0er"):
        return f"{decade} jahre"
    if "jahrig" in token and (number := lexicon.numbers.get(token.split("jahrig")[0])):
        return f"{number} jahriges"
    compound = _ORDINAL_WORD.match(token)
    if compound and (number := lexicon.ordinals.get(compound[1])):
        return f"ord-{number}" if compound[2] == "letzt" else f"ord{number} {compound[2]}{compound[3]}"
    return _mend(token, lexicon, lexis)


def _digits(token: str) -> str:
    if token.endswith("."):
        return f"ord{int(token[:-1])}" if len(token) <= 3 else token[:-1]
    if "er" in token:
        return token.rstrip("n")
    return token if len(token) <= 6 else token[:6]


def _mend(token: str, lexicon: Lexicon, lexis: Lexis) -> str:
    if len(token) < 6 or token in lexis.words or token in lexicon.spelling:
        return token
    return _closest(token, lexicon.spelling) or token


@lru_cache(maxsize=4096)
def _closest(token: str, words: tuple[str, ...]) -> str | None:
    limit = 1 if len(token) < 8 else 2
    best = min(words, key=lambda word: OSA.distance(token, word))
    same_start = best[0] == token[0]
    return best if same_start and OSA.distance(token, best) <= limit else None
