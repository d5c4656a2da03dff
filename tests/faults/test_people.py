"""What the people of the other tests count: each way in which a question can go wrong is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.people import Count, Event, Question, cities, count, questions
from tests.faults.table import BEGIN, END, keep, read, words, written

LYON, TURIN = cities()[:2]
ASKED = [question for question, _ in zip(questions(LYON, True), range(2), strict=False)]
OTHERS = [TURIN.name]


def said(number: int, question: Question) -> Event:
    """A question as the desk keeps it."""
    return {
        "id": number,
        "type": "message",
        "from": "citizen",
        "text": question.text,
        "client_id": question.id,
        "answers": None,
    }


def answer(number: int, to: int, text: str, sender: str = "bot") -> Event:
    """An answer as the desk tells it."""
    return {"id": number, "type": "message", "from": sender, "text": text, "answers": to}


RIGHT = [said(1, ASKED[0]), said(2, ASKED[1]), answer(3, 1, ASKED[0].answer + "."), answer(4, 2, ASKED[1].answer + ".")]
WRONG: list[tuple[Any, Count]] = [
    (RIGHT, Count(asked=2, once=2)),
    (RIGHT[:3], Count(asked=2, once=1, lost=1)),
    (RIGHT[1:], Count(asked=2, once=1, lost=1, misdirected=1)),
    ([*RIGHT, answer(5, 2, ASKED[1].answer + ".")], Count(asked=2, once=1, doubled=1)),
    ([*RIGHT, said(5, ASKED[1])], Count(asked=2, once=1, doubled=1)),
    ([*RIGHT, said(5, replace(ASKED[1], id="of somebody else"))], Count(asked=2, once=2, misdirected=1)),
    ([*RIGHT[:3], answer(4, 2, "Entschuldigung.", "system")], Count(asked=2, once=1, lost=1)),
    ([*RIGHT[:3], answer(4, 2, ASKED[0].answer)], Count(asked=2, once=1, lost=1)),
    ([*RIGHT[:3], answer(4, 2, "Turin (Italien) ist seit 1954")], Count(asked=2, once=1, misdirected=1)),
    ([*RIGHT, answer(5, 9, ASKED[0].answer)], Count(asked=2, once=2, misdirected=1)),
]


@pytest.mark.parametrize(("events", "expected"), WRONG, ids=range(len(WRONG)))
def test_everything_that_goes_wrong_is_counted(events: list[Event], expected: Count) -> None:
    """Once, and as what it is."""
    assert count(ASKED, events, events, OTHERS) == expected


def test_answer_that_nobody_has_seen_is_lost() -> None:
    """Also when it is in the database."""
    assert count(ASKED, RIGHT[:3], RIGHT, OTHERS) == Count(asked=2, once=1, lost=1)


def test_answer_that_was_taken_back_and_given_again_is_doubled() -> None:
    """Somebody has seen one that the desk does not remember."""
    again = [*RIGHT[:3], answer(5, 2, ASKED[1].answer + ".")]
    assert count(ASKED, [*RIGHT, *again], again, OTHERS) == Count(asked=2, once=1, doubled=1)


def test_table_shows_the_newest_row_of_every_fault(tmp_path: Path) -> None:
    """Between its marks; the rest of the page stays."""
    results = tmp_path / "results" / "faults.tsv"
    for fault in words()[1]:
        keep(fault, Count(asked=1, once=1, longest=9.6), results)
    keep("disk_is_full", Count(asked=7, once=6, lost=1, longest=2.5), results)
    rows = read(results)
    assert rows["disk_is_full"] == Count(7, 6, 0, 1, 0, 2.5) and rows.keys() == words()[1].keys()
    page = written(f"davor\n{BEGIN}alt\n{END}danach\n", rows)
    assert page.startswith("davor\n") and page.endswith("danach\n") and "alt" not in page
    assert page.count("| 1 | 1 | 10 s | 0 | 0 | 0 |") == len(rows) - 1 and "| 7 | 6 | 2 s | 0 | 1 | 0 |" in page
