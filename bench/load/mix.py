"""Conversations as people have them: made of the test questions, most short, some long."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from partnerstadt.front.settings import FrontSettings

# How many turns conversations have, and how many of a hundred; an assumption, for nobody has counted yet.
LENGTHS = {1: 30, 2: 25, 3: 15, 5: 15, 10: 10, 30: 5}
SEED = 1
# The front desk says of a longer text that it is too long, and the chat lets nobody type one.
LONGEST = FrontSettings().characters


def conversations(cases: Iterable[Sequence[str]], seed: int = SEED) -> list[list[str]]:
    """Conversations of all lengths, in an order of chance that is always the same.

    Args:
        cases: what is said in each conversation of the test questions; these are put together, never taken apart.
            One with a text that the front desk would not take is left out.
        seed: of the chance.

    Returns:
        Each question is in exactly one of them, but for those at the end that fill no whole conversation.
    """
    chance = random.Random(seed)
    left = [list(case) for case in cases if all(len(text) <= LONGEST for text in case)]
    chance.shuffle(left)
    made: list[list[str]] = []
    while left:
        (length,) = chance.choices(list(LENGTHS), list(LENGTHS.values()))
        talk: list[str] = []
        while left and len(talk) < length:
            talk += left.pop()
        if len(talk) >= length:
            made.append(talk)
    return made
