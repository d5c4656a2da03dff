"""Which model files are of our own build: each has a seal beside it, and one without is not loaded.

Loading a model runs code. A seal is the hash of the file; with a key that only the place of the build and the servers
know, nobody else can make one, not even who may write into the folder.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from partnerstadt.settings import Problem

SUFFIX = ".seal"
KEY_FILE = "PARTNERSTADT_MODEL_KEY_FILE"
LEAST_KEY = 32  # bytes
_CHUNK = 1 << 20


class Unsealed(Problem):
    """A file that is not known to be of our own build."""


def seal_of(model: Path) -> Path:
    """Where the seal of a model lies."""
    return model.with_name(model.name + SUFFIX)


def write(model: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Say that a model is of our own build."""
    aside = seal_of(model).with_suffix(f".{os.getpid()}")
    aside.write_text(_made(model, environment) + "\n", encoding="ascii")
    aside.replace(seal_of(model))


def check(model: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Raise `Unsealed` for a model that is not of our own build, or was changed since."""
    try:
        kept = seal_of(model).read_text(encoding="ascii").strip()
        wanted = _made(model, environment)
    except (OSError, ValueError):
        raise Unsealed(f"{model.name} is not loaded: it, or its seal, cannot be read.") from None
    if not hmac.compare_digest(kept, wanted):
        raise Unsealed(f"{model.name} is not loaded: it is not the file that was sealed, or the key is another.")


def holds(model: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a model is there and of our own build."""
    try:
        check(model, environment)
    except Unsealed:
        return False
    return True


def move(model: Path, target: Path) -> None:
    """Move a model with its seal; it is never seen without."""
    shutil.move(seal_of(model), seal_of(target))
    shutil.move(model, target)


def _made(model: Path, environment: Mapping[str, str]) -> str:
    key = _key(environment)
    digest = hmac.new(key, digestmod=hashlib.sha256) if key else hashlib.sha256()
    with model.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return f"{'hmac-sha256' if key else 'sha256'} {digest.hexdigest()}"


def _key(environment: Mapping[str, str]) -> bytes | None:
    file = environment.get(KEY_FILE)
    if not file:
        return None
    try:
        key = Path(file).read_bytes().strip()
    except OSError as error:
        raise Problem(f"{KEY_FILE}: {file} cannot be read ({error.strerror}).") from None
    if len(key) < LEAST_KEY:
        raise Problem(f"{KEY_FILE}: {file} must hold {LEAST_KEY} bytes or more.")
    return key
