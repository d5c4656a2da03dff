"""How the front desk knows its own gateways, and how a gateway names a conversation. Both know one secret.

Citizens can neither choose the channel that their conversation is counted under nor a conversation's id.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

HEADER = "X-Partnerstadt-Gateway"
SECRET = "gateways.secret"
CHANNEL = re.compile(r"[a-z]{2,16}")
CONVERSATION = re.compile(r"[0-9a-f]{32}")


def token(secret: str) -> str:
    """What a gateway shows to the front desk."""
    return _keyed(secret, "front desk")


def name(secret: str, *parts: str) -> str:
    """An opaque name for something that a gateway knows: 32 hexadecimal digits, always the same, not to be guessed."""
    return _keyed(secret, "name", *parts)[:32]


def is_token(shown: str, secret: str) -> bool:
    """Whether somebody who shows this is a gateway."""
    return hmac.compare_digest(shown.encode(), token(secret).encode())


def _keyed(secret: str, *parts: str) -> str:
    # The length of each part goes in too, so that no two lists of parts are the same bytes.
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(secret.encode(), message, sha256).hexdigest()
