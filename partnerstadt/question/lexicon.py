"""The lexicon as compiled patterns; what it says stands in lexicon.yml, where it can be edited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from num2words import num2words

from partnerstadt.text import fold, fold_pattern

PATH = Path(__file__).with_suffix(".yml")


@dataclass(frozen=True)
class Lexicon:
    """Everything the reading of a question needs to know about German words."""

    words: dict[str, str]
    spelling: tuple[str, ...]
    numbers: dict[str, int]
    ordinals: dict[str, int]
    cues: dict[str, re.Pattern[str]]
    unrecorded: re.Pattern[str]
    fillers: frozenset[str]

    def found(self, text: str) -> frozenset[str]:
        """The names of all cues that a normalised text shows."""
        return frozenset(name for name, pattern in self.cues.items() if pattern.search(text))

    def of_the_subject(self, text: str) -> bool:
        """Whether every word of a normalised text is a filler or belongs to questions about partnerships."""
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"@\w+|ord-?\d+", " ", text))
        return all(word in self.fillers or self.match("subject", word) or self.match("wh", word) for word in words)

    def match(self, cue: str, text: str) -> bool:
        """Whether a normalised text shows this one cue."""
        return bool(self.cues[cue].search(text))


def _pattern(raw: list[str]) -> re.Pattern[str]:
    # One alternation is three times as fast as one search for each. Folded like the text it is matched with; the
    # escapes and groups of a pattern hold no umlauts.
    return re.compile("|".join(f"(?:{fold_pattern(pattern)})" for pattern in raw))


@lru_cache
def load_lexicon(path: Path = PATH) -> Lexicon:
    """The lexicon of a file; it is read once."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    # "ein", "acht" would be read into other words: the article and "Achtung" are no numbers.
    numbers = {"hundert": 100} | {fold(num2words(n, lang="de")): n for n in range(2, 121)}
    # As the Ruhr says them: "fünfzich", "fuffzig".
    numbers |= {word.replace("zig", "zich"): n for word, n in numbers.items() if "zig" in word}
    numbers |= {word.replace("funfz", "fuffz"): n for word, n in numbers.items() if word.startswith("funfz")}
    numbers |= {fold(num2words(y, lang="de", to="year")): y for y in range(1800, 2100)}
    numbers |= {fold(num2words(y, lang="de")): y for y in range(1800, 2100)}
    ordinals: dict[str, int] = {}
    for n in range(1, 101):
        stem = fold(num2words(n, lang="de", to="ordinal"))
        # "zweite", "zweiter", and the "zweit" of "zweitälteste".
        ordinals |= {stem + ending: n for ending in ("", "n", "r", "s", "m")} | (
            {stem.removesuffix("e"): n} if n > 1 else {}
        )
    # "Die mittlere" of those that were listed.
    ordinals |= {f"mittler{ending}": 0 for ending in ("e", "en", "er", "es", "em")}
    words = {fold(key): fold(value) for key, value in raw["dialect"].items()}
    words |= {fold(key): value for key, value in raw["decades"].items()}
    return Lexicon(
        words=words,
        spelling=tuple(sorted({fold(word) for word in raw["spelling"]})),
        numbers=numbers,
        ordinals=ordinals,
        cues={name: _pattern(patterns) for name, patterns in raw["cues"].items()},
        unrecorded=_pattern(raw["unrecorded"]),
        fillers=frozenset(map(fold, raw["fillers"])),
    )
