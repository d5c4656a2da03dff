"""The regression beside the one of scikit-learn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from partnerstadt.nlu.softmax import Softmax

LABELS = ["a"] * 60 + ["b"] * 20 + ["c"] * 40


@pytest.fixture(scope="module")
def examples() -> tuple[sp.csr_matrix, npt.NDArray[np.float64]]:
    """Sparse counts and dense vectors of three overlapping groups of unequal size."""
    random = np.random.default_rng(7)
    centres = np.array([[1, 0], [0, 1], [-1, -1]])[[ord(label) - ord("a") for label in LABELS]]
    sparse = sp.random(len(LABELS), 12, density=0.3, random_state=7, format="csr")
    return sparse, centres + random.normal(scale=0.8, size=centres.shape)


def test_weights_are_those_of_scikit_learn(examples: tuple[sp.csr_matrix, npt.NDArray[np.float64]]) -> None:
    """With balanced labels and the same regularization; the sparse block is only kept apart for speed."""
    sparse, dense = examples
    ours = Softmax.fit(sparse, dense, LABELS, strength=3.0, iterations=500)
    peer = LogisticRegression(C=3.0, class_weight="balanced", max_iter=2000, tol=1e-8)
    peer.fit(sp.hstack([sparse, sp.csr_matrix(dense)]), LABELS)
    assert ours.labels == tuple(peer.classes_)
    np.testing.assert_allclose(np.vstack([ours.sparse, ours.dense]).T, peer.coef_, atol=5e-3)


def test_shares_of_one_example_add_up(examples: tuple[sp.csr_matrix, npt.NDArray[np.float64]]) -> None:
    """And the likeliest of a clear one is its own label."""
    sparse, dense = examples
    softmax = Softmax.fit(sparse, dense, LABELS, strength=3.0, iterations=200)
    row = sparse[0]
    shares = softmax.probabilities(row.indices, row.data, np.array([3.0, 0.0]))
    assert shares.sum() == pytest.approx(1)
    assert softmax.labels[int(shares.argmax())] == "a"
