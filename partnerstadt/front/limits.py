"""Token buckets: how often somebody may do something. Their number is bounded."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol


class Limit(Protocol):
    """How often somebody may do something."""

    async def take(self, key: str) -> float:
        """Take a token: 0 if there was one, else the seconds until there is."""


class Buckets:
    """One bucket for each key: so many tokens at once, filled again at a steady rate.

    Args:
        at_once: tokens of a full bucket.
        per_minute: how many come back in a minute.
        most: number of buckets; beyond it, the one not used for longest is thrown away.
        clock: seconds that never go back.
    """

    def __init__(
        self, at_once: float, per_minute: float, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.size = at_once
        self.rate = per_minute / 60  # tokens a second
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    async def take(self, key: str) -> float:
        """Take a token: 0 if there was one, else the seconds until there is."""
        now = self._clock()
        tokens, moment = self._buckets.pop(key, (self.size, now))
        tokens = min(self.size, tokens + (now - moment) * self.rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self.rate
        self._buckets[key] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return wait
