"""A message may hold several questions; every component of ours works on the whole and on each part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rasa.shared.nlu.training_data.message import Message

# Keys of a message's data that our components share.
PARTS = "parts"
MENTIONS = "mentions"
NORMAL = "normal"
ENCODED = "encoded"
ANSWER = "answer"  # the nearest curated answer


def unfold(messages: Iterable[Message]) -> Iterator[Message]:
    """Each message, followed by the messages of its parts."""
    for message in messages:
        yield message
        yield from message.get(PARTS) or ()
