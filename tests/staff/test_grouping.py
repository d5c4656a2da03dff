"""Sentences are grouped by meaning."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from partnerstadt.staff.grouping import Groups, meanings, most_central
from tests.staff.inquiries import load_inquiries

FIRST, SECOND = slice(0, 12), slice(12, None)
PRECISION, RECALL = 0.6, 0.55
ORDERS = 6


def pairs_put_together(half: slice) -> tuple[float, float]:
    """Share of the pairs put together that belong together, and of those that belong together that were put so."""
    sentences = load_inquiries(half)
    vectors = meanings([text for text, _ in sentences])
    both = put = together = 0
    for seed in range(ORDERS):  # what comes first decides much
        order = random.Random(seed).sample(range(len(sentences)), len(sentences))
        sorter = Groups({}, 1, len(order))
        found = [(sorter.join(vectors[place]), sentences[place][1]) for place in order]
        for (group, meaning), (other_group, other_meaning) in combinations(found, 2):
            put += group == other_group
            together += meaning == other_meaning
            both += group == other_group and meaning == other_meaning
    return both / put, both / together


@pytest.mark.parametrize("half", [FIRST, SECOND], ids=["calibrated", "unseen"])
def test_sentences_of_one_meaning_come_together(half: slice) -> None:
    """Also those that the threshold was not found with."""
    precision, recall = pairs_put_together(half)
    print(f"precision {precision:.2f}, recall {recall:.2f}")
    assert precision >= PRECISION and recall >= RECALL


def test_groups_go_on_where_they_were() -> None:
    """In one go or in two, the same sentences come into the same groups."""
    texts = [text for text, _ in load_inquiries(FIRST)]
    vectors = meanings(texts[:60])
    whole = Groups({}, 1, 60)
    at_once = [whole.join(vector) for vector in vectors]
    first = Groups({}, 1, 30)
    parts = [first.join(vector) for vector in vectors[:30]]
    known = {group: first.sum_of(group) for group in dict.fromkeys(parts)}
    then = Groups(known, max(known) + 1, 30)
    assert parts + [then.join(vector) for vector in vectors[30:]] == at_once


def test_number_of_a_group_is_never_used_again() -> None:
    """Also when it catches nothing any more."""
    assert Groups({}, 7, 1).join(np.eye(1, 512, dtype=np.float32)[0]) == 7


def test_most_central_sentence_stands_for_a_group() -> None:
    """The one closest to the middle of all."""
    vectors = np.array([[1, 0], [0.7, 0.7], [0, 1]], dtype=np.float32)
    assert most_central(vectors, vectors.sum(axis=0)) == 1


def test_rasa_is_not_loaded() -> None:
    """The staff desk stays light."""
    code = "import sys, partnerstadt.staff.inbox; sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
