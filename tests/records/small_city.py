"""A very small city, written into a folder, valid unless a test changes it."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import yaml

from partnerstadt.records.load import Finding, read_records
from partnerstadt.records.models import Records
from tests.support import SMALL_WORLD

TODAY = dt.date(2026, 5, 20)
LATER = dt.date(2027, 1, 31)

PARTNERSHIP: dict[str, Any] = {
    "id": "ville_une",
    "name": "Ville Une",
    "aliases": ["Erststadt"],
    "country": "FR",
    "country_label": "Frankreich",
    "kind": "Partnerschaft",
    "since": {"year": 1961},
    "location": {"continent": "europe", "latitude": 48.5, "longitude": 2.5, "source": "geography"},
    "source": "page",
    "review_by": LATER,
}
TOPIC: dict[str, Any] = {
    "id": "purpose",
    "group": "page",
    "title": "Zweck",
    "aliases": ["Wozu das Ganze"],
    "answer": "Damit wir uns kennen.",
    "plain": "Wir lernen uns kennen.",
    "source": "page",
    "review_by": LATER,
}
OFFICE: dict[str, Any] = {"id": "office", "name": "Stelle", "role": "contact", "source": "page", "review_by": LATER}
FILES: dict[str, dict[str, Any]] = {
    "city.yml": {
        "name": "Kleinstadt",
        "country": "DE",
        "sources": {
            "page": {"title": "Seite", "taken_over_on": dt.date(2026, 1, 2)},
            "geography": {"title": "Karte", "taken_over_on": dt.date(2026, 1, 2)},
        },
    },
    "partnerships.yml": {
        "partnerships": [
            PARTNERSHIP,
            PARTNERSHIP
            | {"id": "nishi", "name": "Nishi", "aliases": [], "country": "JP", "country_label": "Japan"}
            | {"since": {"year": 1999}, "location": PARTNERSHIP["location"] | {"continent": "asia"}},
        ]
    },
    "office.yml": {"offices": [OFFICE]},
    "topics.yml": {"topics": [TOPIC]},
}


class SmallCity:
    """The files of the very small city, to be changed and read.

    Attributes:
        folder: where they are written.
        files: their content; change it, then call `read`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = copy.deepcopy(FILES)
        self.write()

    @property
    def first(self) -> dict[str, Any]:
        """The first partnership."""
        entry: dict[str, Any] = self.files["partnerships.yml"]["partnerships"][0]
        return entry

    def write(self) -> None:
        """Write all files anew."""
        for name, content in self.files.items():
            (self.folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def read(self, today: dt.date = TODAY, world: Path = SMALL_WORLD) -> tuple[Records | None, list[Finding]]:
        """Write, then read and validate."""
        self.write()
        return read_records(self.folder, today, world)

    def findings(self, today: dt.date = TODAY) -> list[str]:
        """Write, read, and give each finding as the line that is printed."""
        return [str(finding) for finding in self.read(today)[1]]
