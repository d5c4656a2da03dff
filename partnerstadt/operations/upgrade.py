"""Everything that has to happen between the installation of a new version and its start, in this order."""

from __future__ import annotations

from pathlib import Path

from partnerstadt.front.settings import FILE as FRONT_FILE
from partnerstadt.front.settings import FrontSettings
from partnerstadt.model import ensure_model
from partnerstadt.operations.backup import back_up
from partnerstadt.operations.deploy import Say
from partnerstadt.run import check_records
from partnerstadt.settings import Settings
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.settings import FILE as STAFF_FILE
from partnerstadt.staff.settings import StaffSettings


def upgrade(settings: Settings, backup: Path | None, say: Say) -> None:
    """Check, back up, bring the tables up to date, have the model.

    Args:
        settings: the project of the new version, with the state of the old one.
        backup: file for what was there before; none is written without.
        say: tells the person at the terminal what was done.

    Raises:
        Problem: at the first step that fails; settings, records and backup come before anything is changed.
    """
    FrontSettings.read(settings.project / FRONT_FILE)
    StaffSettings.read(settings.project / STAFF_FILE)
    check_records(settings.records)
    say("Settings and records are in order.")
    if backup:
        say(f"Backed up to {backup}: {len(back_up(settings, backup).files)} files.")
    open_staff_database(settings.database, settings.state).dispose()
    say("The tables of the database are up to date.")
    say(f"The model is {ensure_model(settings).name}.")
