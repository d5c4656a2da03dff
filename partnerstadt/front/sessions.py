"""Tokens of sessions: a signed id. Without its row in the database a token is worth nothing."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeSerializer

FILE = "front.secret"


class Tokens:
    """Makes tokens and reads them."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="partnerstadt session")

    def make(self, id: str) -> str:
        """The token of a conversation."""
        token = self._serializer.dumps(id)
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str) -> str | None:
        """The conversation of a token, or None if it was not made here."""
        try:
            id = self._serializer.loads(token)
        except BadData:
            return None
        return id if isinstance(id, str) else None
