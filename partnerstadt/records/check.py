"""`partnerstadt check`: every finding of every record file at once, without loading Rasa."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from partnerstadt.records.load import WORLD, Finding, read_records


def findings_in(folder: Path, today: dt.date | None = None, world: Path = WORLD) -> list[Finding]:
    """All that is wrong with the records of a folder; a warning (`finding.warning`) keeps nothing from starting."""
    return read_records(folder, today or dt.date.today(), world)[1]


def check_folder(folder: Path, today: dt.date | None = None, world: Path = WORLD) -> list[str]:
    """All findings, one line `file: field: what is wrong` each."""
    return [str(finding) for finding in findings_in(folder, today, world)]


def errors_in(folder: Path, today: dt.date | None = None, world: Path = WORLD) -> list[str]:
    """The lines of what keeps the bot from starting; overdue reviews and contradicted counts do not."""
    return [str(finding) for finding in findings_in(folder, today, world) if not finding.warning]
