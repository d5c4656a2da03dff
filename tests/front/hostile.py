"""Hostile messages: a list made by hand, and whatever hypothesis makes of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from hypothesis import strategies as st

FILE = Path(__file__).with_name("hostile.yml")
LONG = 3_000


@lru_cache
def corpus() -> tuple[str, ...]:
    """The list."""
    raw: list[str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(text.replace("{long}", "x" * LONG) for text in raw)


def messages() -> st.SearchStrategy[str]:
    """Any text, one of the list, or pieces of both put together."""
    piece = st.sampled_from(corpus()) | st.text(max_size=40)
    return st.lists(piece, min_size=1, max_size=4).map("".join)


def values() -> st.SearchStrategy[object]:
    """Anything that JSON can say, in place of a text."""
    leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | messages()
    return st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
