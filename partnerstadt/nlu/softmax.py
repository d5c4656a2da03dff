"""Multinomial logistic regression over sparse counts beside dense vectors.

scikit-learn takes one kind of matrix only; with the embedding inside a sparse matrix it needs four times as long.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
CORES = os.cpu_count() or 1


def _blocks(matrix: sp.csr_matrix) -> list[sp.csr_matrix]:
    """The rows of a matrix in order, in one block for each core."""
    ends = np.linspace(0, matrix.shape[0], CORES + 1).astype(int)
    return [matrix[first:last] for first, last in pairwise(ends) if last > first]


@dataclass(frozen=True)
class Softmax:
    """Weights of a trained regression.

    Attributes:
        labels: what is told apart, in the order of the columns.
        sparse: shape (counts, labels).
        dense: shape (size of a vector, labels).
        bias: shape (labels,).
    """

    labels: tuple[str, ...]
    sparse: Floats
    dense: Floats
    bias: Floats

    @classmethod
    def fit(
        cls, sparse: sp.csr_matrix, dense: Floats, labels: Sequence[str], strength: float, iterations: int
    ) -> Softmax:
        """Minimise the cross-entropy with L-BFGS, all labels weighing the same.

        Args:
            sparse: counts, shape (examples, counts).
            dense: vectors, shape (examples, size).
            labels: one for each example.
            strength: scikit-learn's C; larger means less regularization.
            iterations: after so many it stops; more cost time and gain nothing in cross-validation.
        """
        names, numbers, sizes = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
        wanted = np.eye(len(names))[numbers]
        weights = (len(labels) / (len(names) * sizes))[numbers][:, None]
        columns, width = sparse.shape[1], sparse.shape[1] + dense.shape[1]
        rows, pieces = _blocks(sparse), _blocks(sparse.T.tocsr())

        def loss(flat: Floats) -> tuple[float, Floats]:
            table = flat.reshape(width + 1, len(names))
            scores = times(rows, table[:columns]) + dense @ table[columns:width] + table[width]
            scores -= scores.max(axis=1, keepdims=True)
            exponents = np.exp(scores)
            sums = exponents.sum(axis=1, keepdims=True)
            entropy = -float((weights * wanted * (scores - np.log(sums))).sum())
            error = weights * (exponents / sums - wanted)
            gradient = np.vstack([times(pieces, error), dense.T @ error, error.sum(axis=0, keepdims=True)])
            gradient[:width] += table[:width] / strength
            return entropy + float((table[:width] ** 2).sum()) / (2 * strength), gradient.ravel()

        start = np.zeros((width + 1) * len(names))
        # scipy multiplies sparse matrices on one core, and that is most of the time.
        with ThreadPoolExecutor(CORES) as pool:

            def times(blocks: list[sp.csr_matrix], table: Floats) -> Floats:
                return np.vstack(list(pool.map(lambda block: block @ table, blocks)))

            found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "gtol": 1e-3})
        table = found.x.reshape(width + 1, len(names))
        return cls(tuple(map(str, names)), table[:columns], table[columns:width], table[width])

    def probabilities(self, columns: npt.NDArray[np.intp], values: Floats, vector: Floats) -> Floats:
        """Share of each label for one example, given as columns and values of its counts and its vector."""
        scores = values @ self.sparse[columns] + vector @ self.dense + self.bias
        exponents = np.exp(scores - scores.max())
        shares: Floats = exponents / exponents.sum()
        return shares
