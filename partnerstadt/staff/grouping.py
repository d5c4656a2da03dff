"""Groups sentences by meaning: each joins the group whose middle it lies closest to, or begins one.

Pure, and the same for the same sentences in the same order; a group never changes its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from partnerstadt.nlu.meaning import encode

Vector = npt.NDArray[np.float32]

# Cosine, found with the first half of tests/staff/inquiries.yml: rather two groups of one meaning than one of two.
CLOSE = 0.3
FILE = Path(__file__).with_name("grouping.npy")
DIRECTIONS = 32
SIZE = 512


@lru_cache
def _common() -> Vector:
    loaded: Vector = np.load(FILE, allow_pickle=False).astype(np.float32)
    return loaded


def common(sentences: Sequence[str]) -> npt.NDArray[np.float16]:
    """What is common to sentences about a subject: their middle, then the directions in which they differ most.

    The file beside this module was made from 1,500 sentences of data/nlu.yml. Vectors in the database lean on it, so
    it stays as it is.
    """
    vectors = encode(sentences)
    middle = vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors - middle, full_matrices=False)
    return np.vstack([middle, directions[:DIRECTIONS]]).astype(np.float16)


def meanings(sentences: Sequence[str]) -> Vector:
    """Unit vectors of what sentences mean, without what all questions to this bot have in common.

    "Partner city" and the form of a question would outweigh the rest: measured on inquiries.yml, pairs found rightly
    rise from 0.37 to 0.69 (F1).
    """
    middle, directions = _common()[0], _common()[1:]
    vectors = encode(sentences) - middle
    vectors -= (vectors @ directions.T) @ directions
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vector = (vectors / np.maximum(lengths, 1e-6)).astype(np.float32)
    return unit


class Groups:
    """The groups that there are, and those that a batch of sentences adds.

    Args:
        sums: the sum of the vectors of each group, by its number.
        first: number of the next new group.
        room: how many sentences may join.
    """

    def __init__(self, sums: Mapping[int, Vector], first: int, room: int) -> None:
        self._ids = list(sums)
        self._next = first
        self._sums = np.zeros((len(sums) + room, SIZE), dtype=np.float32)
        for place, vector in enumerate(sums.values()):
            self._sums[place] = vector
        self._middles = self._sums / np.maximum(np.linalg.norm(self._sums, axis=1, keepdims=True), 1e-6)

    def join(self, vector: Vector) -> int:
        """Put a vector into its group: the group's number."""
        scores = self._middles[: len(self._ids)] @ vector
        place = int(np.argmax(scores)) if self._ids else 0
        if not self._ids or scores[place] < CLOSE:
            place = len(self._ids)
            self._ids.append(self._next)
            self._next += 1
        self._sums[place] += vector
        self._middles[place] = self._sums[place] / max(float(np.linalg.norm(self._sums[place])), 1e-6)
        return self._ids[place]

    def sum_of(self, group: int) -> Vector:
        """The sum of a group's vectors."""
        found: Vector = self._sums[self._ids.index(group)]
        return found


def most_central(vectors: Vector, middle: Vector) -> int:
    """Place of the vector that says best what a group is about."""
    return int(np.argmax(vectors @ middle))
