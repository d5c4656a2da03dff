"""Token buckets."""

from __future__ import annotations

from partnerstadt.front.limits import Buckets


def test_bucket_empties_and_fills_again() -> None:
    """At its rate, up to its size."""
    now = [0.0]
    buckets = Buckets(2, 60, 10, lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0
    now[0] = 0.5
    assert buckets.take("a") == 0.5
    now[0] = 1.0
    assert [buckets.take("a"), buckets.take("a")] == [0, 1]
    now[0] = 100
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]


def test_number_of_buckets_is_bounded() -> None:
    """Those who come often keep theirs."""
    buckets = Buckets(1, 1, 3, lambda: 0.0)
    buckets.take("often")
    for number in range(100):
        buckets.take(str(number))
        assert buckets.take("often") > 0
    assert len(buckets) == 3
