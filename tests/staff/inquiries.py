"""Sentences that the bot could not answer: made-up ones of a meaning, and conversations that hold them."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.front.store import Question, Reply, Store
from tests.front.parts import Clock

FILE = Path(__file__).with_suffix(".yml")


def load_inquiries(half: slice) -> list[tuple[str, str]]:
    """Sentences with their meaning, in an order of their own; each of those that stand alone means itself."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found = [(text, name) for name, texts in list(raw["groups"].items())[half] for text in texts]
    found += [(text, text) for text in raw["alone"]]
    random.Random(1).shuffle(found)
    return found


def asked(store: Store, clock: Clock, text: str, thumb: str | None = None, days: float = 30, **about: Any) -> str:
    """A conversation in which something was asked and answered: its id."""
    now = clock()
    conversation = store.open("web", now, now + dt.timedelta(days=days)).id
    said = store.say(conversation, text, now)
    assert said is not None
    question = Question(conversation, said[0]["id"], text)
    known = {"outcome": "fallback", "confidence": 0.3, "intent": "ask_unrecorded"} | about
    answer = store.answer(question, Reply("Das weiß ich leider nicht.", about=known), now)
    assert answer is not None
    if thumb:
        store.rate(conversation, answer["id"], thumb, "So war das nicht gemeint.", now)
    return conversation
