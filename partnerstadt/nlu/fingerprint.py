"""Rasa's fingerprint sees only a component's own class; this adds the helpers it leans on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType


def fingerprint_of(*sources: ModuleType | Path) -> str:
    """A hash over the files of modules and other files."""
    digest = hashlib.sha256()
    for source in sources:
        path = Path(source.__file__ or "") if isinstance(source, ModuleType) else source
        digest.update(path.read_bytes())
    return digest.hexdigest()
