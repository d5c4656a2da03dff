"""Looks up by words what the records say, ready answers and past questions. Pure, and quick enough for every key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from partnerstadt.answer.subjects import address
from partnerstadt.answer.utterance import item
from partnerstadt.records.models import Records
from partnerstadt.staff.mail import source_line
from partnerstadt.staff.past import Past
from partnerstadt.text import fold

MOST, MOST_PAST = 20, 5
NEAR = 85  # of 100; a name with a typo


@dataclass(frozen=True)
class Entry:
    """Something the records say.

    Attributes:
        kind: partnership, topic, office, answer (a ready one) or past (a question of a citizen).
        title: what it is about.
        text: what is said.
        source: the line that names its source.
        words: other words by which it is found.
        time: of a past question, when it was answered.
    """

    kind: str
    title: str
    text: str
    source: str
    words: str = ""
    time: dt.datetime | None = None


def look_up(query: str, records: Records, today: dt.date, past: Iterable[Past] = ()) -> list[Entry]:
    """Entries that hold every word of a query, those with a word in their title first; without words, none.

    What citizens asked comes last: the records may say something else by now.
    """
    asked = _words(query)
    if not asked:
        return []
    kept = [*_best(_entries(records, today), asked)][:MOST]
    return [*kept, *[*_best(map(_asked_before, past), asked)][: min(MOST_PAST, MOST - len(kept))]]


def _best(entries: Iterable[Entry], asked: list[str]) -> list[Entry]:
    ranked = [(rank, entry) for entry in entries if (rank := _rank(entry, asked)) is not None]
    return [entry for _, entry in sorted(ranked, key=lambda pair: pair[0])]


def _rank(entry: Entry, asked: list[str]) -> int | None:
    title = _words(entry.title)
    everything = title if entry.kind == "past" else title + _words(f"{entry.words} {entry.text}")
    if not all(any(_is_meant(word, other) for other in everything) for word in asked):
        return None
    return 0 if any(_is_meant(word, other) for word in asked for other in title) else 1


def _asked_before(past: Past) -> Entry:
    return Entry("past", past.question, past.answer, past.source, time=past.time)


def _is_meant(word: str, other: str) -> bool:
    """Whether somebody who is still typing means a word; a long one may have a typo."""
    return other.startswith(word) or (len(word) > 4 and (word in other or fuzz.ratio(word, other) >= NEAR))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _entries(records: Records, today: dt.date) -> Iterator[Entry]:
    for p in records.partnerships:
        words = " ".join([*p.aliases, p.country_label, p.kind.value])
        yield Entry("partnership", p.name, item(p), source_line([p.source], records), words)
    for topic in records.topics:
        words = " ".join([*topic.aliases, *topic.questions])
        yield Entry("topic", topic.title, topic.answer, source_line([topic.source], records), words)
    for answer in records.answers:
        if answer.holds_on(today):
            title, *others = map(str, answer.questions)
            yield Entry("answer", title, answer.answer, source_line([answer.source], records), " ".join(others))
    for office in records.offices:
        text = ", ".join(filter(None, [office.name, address(office)]))
        yield Entry("office", office.name, text, source_line([office.source], records))
