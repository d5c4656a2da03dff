"""Counts beside the vectorizer of scikit-learn, which computes the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from partnerstadt.nlu.counts import CHARACTERS, WORDS, Counts, Pieces

TEXTS = ["seit wann ist @city dabei ?", "wie viele partnerstadte gibt es", "wo liegt @city", "und @city ?", "wann wann"]
PEERS = {
    "words": (WORDS, TfidfVectorizer(token_pattern=r"(?u)@?\w+|\?", ngram_range=(1, 2), sublinear_tf=True)),
    "characters": (CHARACTERS, TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
}


@pytest.mark.parametrize("name", PEERS)
def test_rows_are_those_of_scikit_learn(name: str) -> None:
    """Same columns, same values; a text that was not learnt included."""
    pieces, peer = PEERS[name]
    counts = Counts.fit(TEXTS, pieces, 10_000, 1.0)
    peer.fit(TEXTS)
    asked = [*TEXTS, "seit wann denn @city , bitte", "xyz"]
    assert list(counts.index) == sorted(peer.vocabulary_)
    np.testing.assert_allclose(counts.matrix(asked).toarray(), peer.transform(asked).toarray(), atol=1e-12)


@pytest.mark.parametrize("pieces", [WORDS, CHARACTERS])
def test_row_has_the_length_of_the_weight(pieces: Pieces) -> None:
    """So that a block stands in proportion to the embedding."""
    counts = Counts.fit(TEXTS, pieces, 50, 0.7)
    _, values = counts.row(TEXTS[0])
    assert np.sqrt(values @ values) == pytest.approx(0.7)


def test_text_without_known_pieces_is_an_empty_row() -> None:
    """And no division by zero."""
    columns, values = Counts.fit(TEXTS, WORDS, 50, 1.0).row("☃")
    assert columns.size == values.size == 0


def test_most_frequent_pieces_are_kept() -> None:
    """The rest would cost time and memory."""
    assert set(Counts.fit(["a b", "a b", "a c"], str.split, 2, 1.0).index) == {"a", "b"}
