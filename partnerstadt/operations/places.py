"""Where the commands of this folder find what they work on."""

from __future__ import annotations

from partnerstadt.front.settings import FILE, FrontSettings
from partnerstadt.settings import Settings


def database(settings: Settings) -> str | None:
    """The address of the database; None for SQLite in the state folder."""
    return FrontSettings.read(settings.project / FILE).database
