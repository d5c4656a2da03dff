"""`partnerstadt check`: every finding of every record file at once, without loading Rasa."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from partnerstadt.records.load import WORLD, read_records


def check_folder(folder: Path, today: dt.date | None = None, world: Path = WORLD) -> list[str]:
    """All that is wrong with the records of a folder, one line `file: field: what is wrong` each."""
    return [str(finding) for finding in read_records(folder, today or dt.date.today(), world)[1]]


def errors_in(folder: Path, today: dt.date | None = None, world: Path = WORLD) -> list[str]:
    """Only what keeps the bot from starting; overdue reviews and contradicted counts do not."""
    findings = read_records(folder, today or dt.date.today(), world)[1]
    return [str(finding) for finding in findings if not finding.warning]
