"""Print the licence of every package of a bill of materials (CycloneDX), one a line; fail for one without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any


def licences(bill: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of each package."""
    for part in bill["components"]:
        found = []
        for choice in part.get("licenses", ()):
            licence = choice.get("license", {})
            found.append(choice.get("expression") or licence.get("id") or licence.get("name") or "")
        yield part["name"], part.get("version", ""), " AND ".join(dict.fromkeys(filter(None, found)))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = sorted(licences(json.load(file)), key=lambda row: row[0].lower())
    for name, version, licence in rows:
        print(f"{name}\t{version}\t{' '.join(licence.split())[:80] or '?'}")
