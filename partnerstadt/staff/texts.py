"""All that the pages say, out of the folder `texts`: what is common at the top, each area under its file's name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "texts"
COMMON = "common"


@lru_cache
def texts() -> dict[str, Any]:
    """The texts; what steps of the trail are called stands with the area that takes them."""
    areas: dict[str, Any] = {
        file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yml"))
    }
    steps = {key: name for area in areas.values() for key, name in area.get("steps", {}).items()}
    return {**areas.pop(COMMON), **areas, "steps": steps}
