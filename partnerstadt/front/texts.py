"""German texts of the front desk, out of texts.yml."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "texts.yml"


class Texts:
    """The texts of a file."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._raw = raw

    def text(self, *path: str, **values: object) -> str:
        """One text with its values filled in."""
        return str(self._find(path)).format(**values)

    def list(self, *path: str, **values: object) -> list[str]:
        """Several texts."""
        return [str(entry).format(**values) for entry in self._find(path)]

    def group(self, key: str, **values: object) -> dict[str, Any]:
        """All texts under a key, for a template; a text whose values are not given stays as it is."""
        return {name: _filled(entry, values) for name, entry in self._find((key,)).items()}

    def number(self, key: str, number: int, **values: object) -> str:
        """A text about one or about many."""
        return self.text(f"{key}_{'one' if number == 1 else 'many'}", **{key: number, "number": number}, **values)

    def _find(self, path: tuple[str, ...]) -> Any:
        found: Any = self._raw
        for key in path:
            found = found[key]
        return found


def _filled(entry: Any, values: dict[str, object]) -> Any:
    if isinstance(entry, list):
        return [_filled(part, values) for part in entry]
    try:
        return str(entry).format(**values)
    except KeyError:
        return entry


@lru_cache
def load_texts(file: Path = FILE) -> Texts:
    """The texts of a file, read once."""
    return Texts(yaml.safe_load(file.read_text(encoding="utf-8")))
