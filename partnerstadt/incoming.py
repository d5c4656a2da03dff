"""What people send, made harmless before anybody reads it."""

from __future__ import annotations

import unicodedata


def clean(text: str) -> str:
    """Replace control characters and broken Unicode, which no database or log can hold, by spaces."""
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" else character
        for character in text
    )


def without_command(text: str) -> str:
    """The text without leading slashes: to Rasa `/restart` is an order, not something a person says."""
    return text.lstrip("/ \t\n") or text.replace("/", "?")
