"""What a citizen sends: read, cleaned and masked once, at the edge."""

from __future__ import annotations

import re
from dataclasses import dataclass

from partnerstadt.front.errors import Wrong
from partnerstadt.front.handover import Wish
from partnerstadt.front.masking import mask
from partnerstadt.incoming import clean, without_command

CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
BUTTON_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")
COMMENT = 500


@dataclass(frozen=True)
class Said:
    """One message of a citizen.

    Attributes:
        text: what is shown and kept.
        payload: what the bot is asked, where it differs.
        wish: what the front desk itself is asked.
    """

    text: str
    payload: str | None = None
    wish: Wish | None = None


def read_text(value: object, most: int) -> str:
    """A text without personal data and with nothing in it that no screen can show."""
    if not isinstance(value, str):
        raise Wrong(422, "invalid")
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Wrong(422, "empty")
    if len(text) > most:
        raise Wrong(422, "too_long", characters=most)
    if clean(text) != text:
        raise Wrong(422, "invalid")
    return mask(text)


def read_question(value: object, most: int) -> Said:
    """A question; the bot never gets one that looks like an order."""
    text = read_text(value, most)
    payload = without_command(text)
    return Said(text, payload if payload != text else None)


def read_client_id(value: object) -> str | None:
    """The id by which a client says that it sends the same message again."""
    if value is None:
        return None
    if not isinstance(value, str) or not CLIENT_ID.fullmatch(value):
        raise Wrong(422, "invalid")
    return value


def read_button(value: object) -> str:
    """The id of a button."""
    if not isinstance(value, str) or not BUTTON_ID.fullmatch(value):
        raise Wrong(422, "invalid")
    return value
