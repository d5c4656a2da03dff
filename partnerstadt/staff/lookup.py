"""Looks up records by words: partnerships, topics, offices. Pure, and quick enough to be asked at every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from partnerstadt.answer.subjects import address
from partnerstadt.answer.utterance import item
from partnerstadt.records.models import Records
from partnerstadt.staff.mail import source_line
from partnerstadt.text import fold

MOST = 20
NEAR = 85  # of 100; a name with a typo


@dataclass(frozen=True)
class Entry:
    """Something the records say.

    Attributes:
        kind: partnership, topic or office.
        title: what it is about.
        text: what is said.
        source: the line that names its source.
        words: other words by which it is found.
    """

    kind: str
    title: str
    text: str
    source: str
    words: str = ""


def look_up(query: str, records: Records) -> list[Entry]:
    """Entries that hold every word of a query, those with a word in their title first; without words, none."""
    asked = _words(query)
    found = [(_rank(entry, asked), entry) for entry in _entries(records)] if asked else []
    ranked = [(rank, entry) for rank, entry in found if rank is not None]
    return [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])][:MOST]


def _rank(entry: Entry, asked: list[str]) -> int | None:
    title, everything = _words(entry.title), _words(f"{entry.title} {entry.words} {entry.text}")
    if not all(any(_is_meant(word, other) for other in everything) for word in asked):
        return None
    return 0 if any(_is_meant(word, other) for word in asked for other in title) else 1


def _is_meant(word: str, other: str) -> bool:
    """Whether somebody who is still typing means a word; a long one may have a typo."""
    return other.startswith(word) or (len(word) > 4 and (word in other or fuzz.ratio(word, other) >= NEAR))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _entries(records: Records) -> Iterator[Entry]:
    for p in records.partnerships:
        words = " ".join([*p.aliases, p.country_label, p.kind.value])
        yield Entry("partnership", p.name, item(p), source_line([p.source], records), words)
    for topic in records.topics:
        words = " ".join([*topic.aliases, *topic.questions])
        yield Entry("topic", topic.title, topic.answer, source_line([topic.source], records), words)
    for office in records.offices:
        text = ", ".join(filter(None, [office.name, address(office)]))
        yield Entry("office", office.name, text, source_line([office.source], records))
