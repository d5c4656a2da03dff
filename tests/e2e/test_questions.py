"""All questions of tests/questions, asked of the real bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from partnerstadt.quality.measure import Result, off_topic_accepted, per_kind
from partnerstadt.quality.questions import Kind
from tests.e2e.conftest import QUESTIONS

OFF_TOPIC_ACCEPTED = 0.01


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_share_of_a_kind_reaches_its_floor(kind: Kind, results: Sequence[Result], floors: Mapping[str, float]) -> None:
    """What was wrong is listed, not only how much."""
    share = per_kind(results)[kind]
    wrong = "\n".join(str(result) for result in results if result.turn.kind is kind and not result.passed)
    assert share.share >= floors[kind.value], f"{share.passed} of {share.turns} turns are right.\n{wrong}"


def test_every_turn_gets_a_reply(results: Sequence[Result]) -> None:
    """No error, no silence, no apology for a failure."""
    broken = [
        r for r in results if not r.reply.strip() or any(f.startswith(("failed", "an apology")) for f in r.faults)
    ]
    assert not broken, "\n".join(map(str, broken))


def test_off_topic_sentences_get_no_fact(results: Sequence[Result]) -> None:
    """Of the sentences said to other bots less than one in a hundred is answered with a partnership fact."""
    off_topic = [r for r in results if r.file == "off_topic"]
    accepted = off_topic_accepted(off_topic)
    assert accepted.turns >= 200
    listed = "\n".join(str(r) for r in off_topic if not r.passed)
    assert accepted.share < OFF_TOPIC_ACCEPTED, f"{accepted.passed} of {accepted.turns} were answered.\n{listed}"


def test_there_are_enough_questions(results: Sequence[Result]) -> None:
    """At least 400 single questions and 60 conversations that other people than the bot's authors have written."""
    turns: dict[tuple[str, str], int] = {}
    for result in results:
        if result.file != "off_topic":
            turns[result.file, result.case] = max(turns.get((result.file, result.case), 0), result.number)
    assert sum(count == 1 for count in turns.values()) >= 400
    assert sum(count > 1 for count in turns.values()) >= 60


def test_ids_are_used_once() -> None:
    """Over all files, so that a report can name a case by its id."""
    from partnerstadt.quality.questions import load_cases, question_files

    ids = [case.id for path in question_files(QUESTIONS) for case in load_cases(path)]
    assert len(ids) == len(set(ids))
