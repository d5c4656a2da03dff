"""The questions of curated answers, as the encoder reads them and with the cities that they name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from partnerstadt.question.names import Mention
from partnerstadt.records.models import Records
from partnerstadt.text import squeeze

# What a text names, and so a question must name as well to be the same.
NAMES = frozenset({"place", "topic", "period", "country", "continent", "region"})
STAND_IN, HOME = "paris", "stadt"  # as in the sentences that the encoder gets from names.py


@dataclass(frozen=True)
class Asked:
    """One question of a curated answer.

    Attributes:
        answer: the answer's id.
        text: as the staff wrote it.
        encoded: what the encoder reads.
        cities: ids of the partnerships that it names.
    """

    answer: str
    text: str
    encoded: str
    cities: frozenset[str]

    def names_the_same(self, mentions: Sequence[Mention]) -> bool:
        """Whether a text with these names can ask the same."""
        squeezed = squeeze(self.text)
        return frozenset(m.value for m in mentions if m.kind == "city") == self.cities and all(
            squeeze(m.text) in squeezed for m in mentions if m.kind in NAMES
        )


def asked(records: Records, day: dt.date) -> Iterator[Asked]:
    """The questions of all answers that hold on a day."""
    for answer in records.answers:
        if answer.holds_on(day):
            yield from (_asked(answer.id, question, records) for question in answer.questions)


def _asked(answer: str, question: str, records: Records) -> Asked:
    text, cities = question.lower(), set()
    for partnership in records.partnerships:
        for name in (partnership.name, *partnership.aliases):
            found = re.sub(rf"\b{re.escape(name.lower())}\b", STAND_IN, text)
            if found != text:
                text = found
                cities.add(partnership.id)
    text = re.sub(rf"\b{re.escape(records.city.name.lower())}\b", HOME, text)
    return Asked(answer, question, text, frozenset(cities))
