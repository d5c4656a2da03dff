"""Spelling-tolerant forms of German text: what people type and what records say must meet."""

from __future__ import annotations

import re
import unicodedata

# "Größe", "Groesse" and "grosse" all become "grosse": umlauts are first spelt out, then both spellings fold to the
# vowel.
_SPELT_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "ð": "d", "ł": "l", "ı": "i"}
)
_VOWELS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def fold(text: str) -> str:
    """Lower case without umlauts, accents and the letter e that stands for an umlaut."""
    text = text.lower()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_SPELT_OUT)
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    for long, short in _VOWELS:
        text = text.replace(long, short)
    return text


def fold_pattern(pattern: str) -> str:
    r"""A regular expression over folded text: its letters are folded, its escapes (\W, \B) keep their case."""
    return re.sub(r"\\.|[^\\]+", lambda m: m.group() if m.group().startswith("\\") else fold(m.group()), pattern)


def squeeze(text: str) -> str:
    """The folded text with nothing but letters and digits: "Xi'an", "xi an" and "Xian" are one."""
    folded = fold(text)
    return folded if folded.isalnum() else re.sub(r"[\W_]+", "", folded)
