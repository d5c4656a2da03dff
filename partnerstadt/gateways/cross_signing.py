"""Signs the bot's device with keys of the bot's account, so that nobody is warned of a device that nobody knows.

Element and others mark messages of a device that its owner has not signed, or do not show them at all; matrix-nio
cannot sign. https://spec.matrix.org/latest/client-server-api/#cross-signing
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from partnerstadt.secret_file import kept_secret

Json = dict[str, Any]
# Method, path and body of a request; status and body of its reply.
Ask = Callable[[str, str, Json], Awaitable[tuple[int, Json]]]

USAGES = ("master", "self_signing", "user_signing")
API = "/_matrix/client/v3"


class Key:
    """A key of the account, kept in a file that only the user of the bot can read."""

    def __init__(self, file: Path) -> None:
        self._key = ECC.construct(curve="Ed25519", seed=sha256(kept_secret(file).encode()).digest())
        self.public = _unpadded(self._key.public_key().export_key(format="raw"))

    def sign(self, signed: Json, user: str) -> Json:
        """An object with one more signature in it."""
        bare = {key: value for key, value in signed.items() if key not in ("signatures", "unsigned")}
        text = json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        signature = _unpadded(eddsa.new(self._key, "rfc8032").sign(text.encode()))
        return signed | {"signatures": {user: {f"ed25519:{self.public}": signature}}}


def _unpadded(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")


async def sign_device(ask: Ask, folder: Path, user: str, device: str, password: str) -> bool:
    """See that the account has keys and that they have signed this device.

    Args:
        ask: sends a request to the homeserver.
        folder: where the keys are kept.
        user: the account.
        device: the device that is in use.
        password: of the account; homeservers may want to hear it once more.

    Returns:
        Whether the device is signed; not if the account has keys that somebody else keeps, or the server refuses.
    """
    master, own, others = (Key(folder / f"{usage}.key") for usage in USAGES)
    status, known = await ask("POST", f"{API}/keys/query", {"device_keys": {user: [device]}})
    shown = _at(known, "device_keys", user, device)
    if status != 200 or not shown:
        return False
    if f"ed25519:{own.public}" in _at(shown, "signatures", user):
        return True
    if not _at(known, "master_keys", user):
        named = zip(USAGES, (master, own, others), strict=True)
        keys = {f"{usage}_key": _described(key, user, usage) for usage, key in named}
        keys |= {name: master.sign(key, user) for name, key in keys.items() if name != "master_key"}
        if not await _upload(ask, keys, user, password):
            return False
    elif f"ed25519:{master.public}" not in _at(known, "master_keys", user, "keys"):
        return False
    signed = own.sign({key: value for key, value in shown.items() if key != "unsigned"}, user)
    status, reply = await ask("POST", f"{API}/keys/signatures/upload", {user: {device: signed}})
    return status == 200 and not reply.get("failures")


def _described(key: Key, user: str, usage: str) -> Json:
    return {"user_id": user, "usage": [usage], "keys": {f"ed25519:{key.public}": key.public}}


async def _upload(ask: Ask, keys: Json, user: str, password: str) -> bool:
    path = f"{API}/keys/device_signing/upload"
    status, reply = await ask("POST", path, keys)
    if status == 401:
        identifier = {"type": "m.id.user", "user": user}
        auth = {"type": "m.login.password", "identifier": identifier, "password": password}
        status, _ = await ask("POST", path, keys | {"auth": auth | {"session": reply.get("session")}})
    return status == 200


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value or {}
