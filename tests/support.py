"""What the tests share: a city with everything needed to read questions about it and to answer them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.answer.reply import Knowledge, Memory, reply, understand
from partnerstadt.answer.utterance import Utterance
from partnerstadt.question.lexicon import Lexicon, load_lexicon
from partnerstadt.question.model import Context, Question
from partnerstadt.question.names import Gazetteer, Lexis, Mention
from partnerstadt.question.normal import Normal, normalise
from partnerstadt.question.read import read_question
from partnerstadt.question.reading import Reading
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records

PROJECT = Path(__file__).parents[1]
FIXTURES = Path(__file__).parent / "fixtures"
DORTMUND = PROJECT / "records" / "dortmund"
MUSTERSTADT = FIXTURES / "musterstadt"
SMALL_WORLD = FIXTURES / "world"
SOURCE_TEXT = FIXTURES / "quelle" / "internationale-beziehungen.txt"
TODAY = dt.date(2026, 11, 24)
THIS_YEAR = TODAY.year

# The words of the questions below that sound like a name; a hand-made Lexis is enough where no typos are tested.
FEW_WORDS = Lexis(
    frozenset(
        [
            "seit",
            "wann",
            "ist",
            "in",
            "der",
            "und",
            "wie",
            "viele",
            "welche",
            "land",
            "liegt",
            "partnerstadt",
            "stadt",
            "wo",
            "das",
            "die",
            "mit",
            "von",
            "haben",
        ]
    ),
    {"paris": False, "rostock": False, "essen": True, "leer": True, "halle": True, "lyon": False, "novipazar": False},
)


@dataclass(frozen=True, repr=False)  # its 300,000 words would make every failure unreadable
class Town:
    """A city, read and answered for without Rasa: tests hand in the intent that the NLU would find."""

    records: Records
    lexis: Lexis = FEW_WORDS
    this_year: int = THIS_YEAR

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """All names of the records."""
        return Gazetteer(self.records, self.lexis)

    @property
    def lexicon(self) -> Lexicon:
        """The words of the real lexicon."""
        return load_lexicon()

    @property
    def knowledge(self) -> Knowledge:
        """What replies are made from."""
        return Knowledge(self.records, self.lexicon, self.this_year)

    def mentions(self, text: str) -> list[Mention]:
        """The names in a text."""
        return self.gazetteer.find(text)

    def named(self, text: str) -> list[tuple[str, str]]:
        """Kind and value of each name in a text."""
        return [(m.kind, m.value) for m in self.mentions(text)]

    def normal(self, text: str) -> Normal:
        """The normal form of a text with its names."""
        return normalise(text, self.mentions(text), self.lexicon, self.lexis)

    def read(self, text: str, intent: str) -> Question:
        """The question the words alone ask."""
        return read_question(intent, self.normal(text), self.records, self.lexicon, self.this_year)

    def reading(self, text: str, intent: str, confidence: float = 0.9, **ranking: float) -> Reading:
        """What the NLU would make of a text."""
        normal = self.normal(text)
        ranked = {intent: confidence} | ranking
        return Reading(text, normal.text, intent, confidence, normal.mentions, tuple(ranked.items()))

    def understand(self, text: str, intent: str, context: Context | None = None) -> Question:
        """The complete question in a conversation."""
        return understand(self.reading(text, intent), context or Context(), self.knowledge)

    def say(self, text: str, intent: str, memory: Memory | None = None) -> tuple[list[Utterance], Memory]:
        """The reply to one message, and the memory after it."""
        return reply([self.reading(text, intent)], memory or Memory(), self.knowledge)

    def answer(self, text: str, intent: str, memory: Memory | None = None) -> list[Utterance]:
        """The reply to one message."""
        return self.say(text, intent, memory)[0]

    def talk(self, turns: Sequence[tuple[str, str]]) -> list[list[Utterance]]:
        """The replies to the messages of a conversation, each text with its intent."""
        memory, replies = Memory(), []
        for text, intent in turns:
            said, memory = self.say(text, intent, memory)
            replies.append(said)
        return replies


def keys(said: Sequence[Utterance]) -> list[str]:
    """The response keys of a reply."""
    return [utterance.response for utterance in said]


def copy_of(folder: Path, target: Path) -> Path:
    """A copy of a city's records that a test may change."""
    return Path(shutil.copytree(folder, target))


def change(path: Path, act: Callable[[dict[str, Any]], object]) -> None:
    """Change a YAML file in place."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    act(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")


def with_partnership(folder: Path, target: Path, entry: dict[str, Any]) -> Records:
    """The records of a folder with one partnership more."""
    copied = copy_of(folder, target)
    change(copied / "partnerships.yml", lambda raw: raw["partnerships"].append(entry))
    return load_records(copied, TODAY)
