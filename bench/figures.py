"""Numbers: percentiles, ratios, and how they are written in German."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies, interpolated between its neighbours."""
    if not values:
        raise ValueError("no values")
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1: {share}")
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low, high = math.floor(position), math.ceil(position)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def german(number: float | None, digits: int = 0) -> str:
    """A number with decimal comma and a point between thousands; a dash for one that was not measured."""
    if number is None:
        return "–"
    return f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def percent(right: int, total: int) -> str:
    """A share in per cent, with what it was counted from."""
    if not total:
        return "–"
    return f"{german(100 * right / total, 1)} % ({german(right)} von {german(total)})"


def ratio(ours: float | None, stock: float | None) -> str:
    """How many times the stock pipeline's figure ours is."""
    if ours is None or not stock:
        return "–"
    value = ours / stock
    return german(value, 3 if value < 0.1 else 2)
