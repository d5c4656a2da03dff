"""Token buckets."""

from __future__ import annotations

import asyncio

from partnerstadt.front.limits import Buckets, Limit


def take(limit: Limit, *keys: str) -> list[float]:
    """Take a token for each key."""

    async def all_of_them() -> list[float]:
        return [round(await limit.take(key), 2) for key in keys]

    return asyncio.run(all_of_them())


def test_bucket_empties_and_fills_again() -> None:
    """At its rate, up to its size."""
    now = [0.0]
    buckets = Buckets(2, 60, 10, lambda: now[0])
    assert take(buckets, "a", "a", "a", "b") == [0, 0, 1, 0]
    now[0] = 0.5
    assert take(buckets, "a") == [0.5]
    now[0] = 1.0
    assert take(buckets, "a", "a") == [0, 1]
    now[0] = 100
    assert take(buckets, "a", "a", "a") == [0, 0, 1]


def test_number_of_buckets_is_bounded() -> None:
    """Those who come often keep theirs."""
    buckets = Buckets(1, 1, 3, lambda: 0.0)
    take(buckets, "often")
    for number in range(100):
        assert take(buckets, str(number), "often")[1] > 0
    assert len(buckets) == 3
