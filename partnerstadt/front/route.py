"""Which of several bots answers in a conversation: always the same, as long as it works."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache


class Route:
    """Addresses of bots that share their memory.

    Each conversation ranks the bots in an order of its own. It goes to the first that works; when one fails, only its
    conversations move, evenly to all others, and they come back to it.

    Args:
        urls: where the bots take messages.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = tuple(urls)
        self._down: set[str] = set()

    def of(self, conversation: str) -> str:
        """The address for a conversation; if no bot works, that of the first."""
        ranked = _ranked(conversation, self.urls)
        return next((url for url in ranked if url not in self._down), ranked[0])

    def note(self, url: str, works: bool) -> None:
        """Remember whether the bot at an address works."""
        (self._down.discard if works else self._down.add)(url)


@lru_cache(maxsize=4096)
def _ranked(conversation: str, urls: tuple[str, ...]) -> tuple[str, ...]:
    def weight(url: str) -> bytes:
        return hashlib.blake2b(f"{url}\0{conversation}".encode("utf-8", "surrogatepass"), digest_size=8).digest()

    return tuple(sorted(urls, key=weight))
