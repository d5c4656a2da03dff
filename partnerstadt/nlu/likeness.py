"""How alike two sentences are: by meaning, and by the words that tell much, typos forgiven. Without Rasa."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import Prefix

from partnerstadt.nlu.meaning import LONGEST, encode
from partnerstadt.question.reading import Match
from partnerstadt.text import fold

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "nlu.yml"
# Calibrated on tests/nlu/answers.yml and tests/questions: how rare a word must be to tell anything, how much more a
# very rare one tells, and below what a word is left out.
COMMON, SHARPNESS, TELLING = 0.25, 3, 0.005
SHORTEST, TYPO, STEM = 5, 84, 8
Words = Mapping[str, float]


class Sentences:
    """Sentences that stand for something, ready to be compared with what people write.

    Args:
        sentences: pairs of an id and a sentence in the form that the encoder reads.
    """

    def __init__(self, sentences: Sequence[tuple[str, str]]) -> None:
        texts = [text for _, text in sentences]
        self.ids = [id for id, _ in sentences]
        self._vectors = encode(texts) if texts else np.zeros((0, 512), dtype=np.float32)
        self._words = [telling_words(text) for text in texts]

    def meanings(self, vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The cosine of each sentence to a vector."""
        found: npt.NDArray[np.float32] = self._vectors @ vector
        return found

    def matches(self, text: str, vector: npt.NDArray[np.float32]) -> list[Match]:
        """How near each sentence comes to a text."""
        words = telling_words(text)
        meanings = self.meanings(vector)
        return [
            Match(id, float(meaning), shared(words, others))
            for id, meaning, others in zip(self.ids, meanings, self._words, strict=True)
        ]


def telling_words(text: str) -> Words:
    """The words of a text that people do not say all the time, with what each tells."""
    found = {word: _weight(word) for word in re.findall(r"[a-z0-9]{3,}", fold(text[:LONGEST]))}
    return {word: weight for word, weight in found.items() if weight > TELLING}


def shared(some: Words, others: Words) -> float:
    """The share of what the words of two texts tell that both of them tell: 0 to 1."""
    if not some or not others:
        return 0.0
    both = _told(some, others) + _told(others, some)
    return both / (sum(some.values()) + sum(others.values()))


def _told(words: Words, others: Words) -> float:
    return sum(weight * max(_agreement(*sorted((word, other))) for other in others) for word, weight in words.items())


@lru_cache(maxsize=100_000)
def _agreement(word: str, other: str) -> float:
    """Whether two words are one: with a typo, or as part of a compound ("Praktikum", "Schülerpraktikum")."""
    shorter, longer = sorted((word, other), key=len)
    if word == other:
        return 1.0
    if len(shorter) < SHORTEST:
        return 0.0
    if longer.endswith(shorter):
        return len(shorter) / len(longer)
    if word[0] != other[0]:
        return 0.0
    if fuzz.ratio(word, other) >= TYPO:
        return 1.0
    same = Prefix.similarity(word, other)
    return same / len(longer) if same == len(shorter) or same >= STEM else 0.0


def _weight(word: str) -> float:
    counts, examples = _common()
    rarity = math.log(examples / (1 + counts[word])) / math.log(examples)
    return max(0.0, rarity - COMMON) ** SHARPNESS


@lru_cache
def _common() -> tuple[Counter[str], int]:
    """In how many training examples each word stands: what is said often says little."""
    counts: Counter[str] = Counter()
    lines = re.findall(r"^    - (.+)$", EXAMPLES.read_text(encoding="utf-8"), re.MULTILINE)
    for line in lines:
        counts.update(set(re.findall(r"[a-z0-9]+", fold(re.sub(r"\[[^]]*]\(\w+\)", "", line)))))
    return counts, len(lines)
