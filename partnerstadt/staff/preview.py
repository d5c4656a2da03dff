"""What the bot would say to a handful of questions, before a change of the records and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.answer.reply import Knowledge, Memory, reply, source_line
from partnerstadt.answer.utterance import render
from partnerstadt.question.lexicon import load_lexicon
from partnerstadt.question.names import Gazetteer, Lexis, Mention
from partnerstadt.question.normal import normalise
from partnerstadt.question.reading import Reading
from partnerstadt.records.models import Records, Topic
from partnerstadt.staff.kinds import OFFICE, PARTNERSHIP, TOPIC, Kind
from partnerstadt.staff.texts import texts

DOMAIN = Path(__file__).parents[2] / "domain.yml"
MOST_NAMES = 3


@dataclass(frozen=True)
class Sample:
    """A question that the preview asks.

    Attributes:
        text: what somebody would write.
        intent: what the bot takes it for.
        topic: the topic it is about, if it is about one.
        plain: whether plain language is wanted.
    """

    text: str
    intent: str
    topic: str = ""
    plain: bool = False


@dataclass(frozen=True)
class Shown:
    """One question with its two answers; there is none where the record does not exist."""

    question: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether the answer becomes another one."""
        return self.before != self.after


def preview(kind: Kind, id: str, before: Records, after: Records, this_year: int) -> list[Shown]:
    """Questions about one record with their answers, those with another answer first."""
    bot, next_bot = _Bot(before, this_year), _Bot(after, this_year)
    found = [
        Shown(sample.text, bot.answer(sample) if old else "", next_bot.answer(sample) if new else "")
        for sample, old, new in _samples(kind, id, before, after)
    ]
    return sorted(found, key=lambda shown: not shown.changed)


def _samples(kind: Kind, id: str, before: Records, after: Records) -> Iterator[tuple[Sample, bool, bool]]:
    """Questions, each with whether it can be asked before and after."""
    words = texts()["records"]["samples"]
    if kind is PARTNERSHIP:
        old, new = before.partnership(id), after.partnership(id)
        now = new or old
        if now is not None:
            aliases = [a for a in now.aliases if old is None or a not in old.aliases][:MOST_NAMES]
            values = [{"name": now.name}, *({"name": alias} for alias in aliases)]
            for sample in words["partnership"]:
                yield Sample(sample["text"].format(**values[0]), sample["intent"]), old is not None, new is not None
            for value in values[1:]:
                first = words["partnership"][0]
                yield Sample(first["text"].format(**value), first["intent"]), old is not None, new is not None
    if kind is TOPIC:
        had, has = before.topic(id), after.topic(id)
        about = has or had
        if about is not None:
            for sample in _about_topic(about, words["topic"]):
                yield sample, had is not None, has is not None
        return
    for sample in words["office" if kind is OFFICE else "general"]:
        yield Sample(sample["text"], sample["intent"]), True, True


def _about_topic(topic: Topic, words: Mapping[str, str]) -> Iterator[Sample]:
    intent = f"explain_{topic.id}" if topic.group == "page" else "ask_topic"
    first = topic.questions[0] if topic.questions else words["text"].format(name=topic.title)
    yield Sample(first, intent, topic.id)
    yield Sample(words["plain"].format(question=first), intent, topic.id, plain=True)


class _Bot:
    """Answers from some records, told what the classifier would find."""

    def __init__(self, records: Records, this_year: int) -> None:
        self._knowledge = Knowledge(records, load_lexicon(), this_year)
        # Typos need words that the desk does not load, and there are none here.
        self._names = Gazetteer(records, Lexis())

    def answer(self, sample: Sample) -> str:
        """All that is said, with the line of the source."""
        names = [Mention("topic", sample.topic, 0, 0, "")] if sample.topic else self._names.find(sample.text)
        normal = normalise(sample.text, names, self._knowledge.lexicon, Lexis())
        reading = Reading(sample.text, normal.text, sample.intent, 1.0, normal.mentions, ((sample.intent, 1.0),))
        said, _ = reply([reading], Memory(plain=sample.plain), self._knowledge)
        line = source_line(said, self._knowledge.records)
        return "\n".join(render(utterance, responses(), sample.plain) for utterance in filter(None, [*said, line]))


@lru_cache
def responses() -> dict[str, list[dict[str, Any]]]:
    """The bot's German texts."""
    return dict(yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"])
