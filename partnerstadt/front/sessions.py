"""Tokens of sessions: a signed id. Without its row in the database a token is worth nothing."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer

NAME = "front.secret"


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


def kept_secret(folder: Path) -> str:
    """The secret of a state folder, made up at the first start."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / NAME
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii")
