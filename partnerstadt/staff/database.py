"""The database of the staff desk: the front desk's, with tables and migrations of its own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import Engine

from partnerstadt.front.database import migrate, open_database

MIGRATIONS = Path(__file__).parent / "migrations"


def open_staff_database(url: str | None, folder: Path) -> Engine:
    """The database with the newest tables of both desks; a Problem if it cannot be reached."""
    engine = open_database(url, folder)
    migrate(engine, migrations=MIGRATIONS)
    return engine
