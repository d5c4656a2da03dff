"""Secrets that are made up once and kept in the state folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(file: Path) -> str:
    """The secret of a file that only we can read, made up at the first start."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written beside it first: another process may want it at the same moment and must not find half of it.
    part = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    if not file.exists():
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())  # after a power cut, what was signed with it is worth nothing without
        try:
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return file.read_text(encoding="ascii").strip()
