"""The database of the front desk, brought up to date at the start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from partnerstadt.database import WRITES, connect, leave_no_trace, patiently, writing
from partnerstadt.settings import Problem

__all__ = ["NAME", "WRITES", "leave_no_trace", "migrate", "open_database", "writing"]

MIGRATIONS = Path(__file__).parent / "migrations"
NAME = "front.sqlite3"
MIGRATING = 7_215_501  # any number that nobody else locks


def open_database(url: str | None, folder: Path) -> Engine:
    """The database with its newest tables; a Problem if it cannot be reached."""
    try:
        engine = connect(url, folder, NAME)
        migrate(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        # Its message may hold the password of the address.
        raise Problem(f"the database of the front desk cannot be opened ({type(error).__name__}).") from None
    return engine


def migrate(engine: Engine, revision: str = "head", migrations: Path = MIGRATIONS) -> None:
    """Bring the tables up to date; of several processes that start together, one does it and the others wait."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin(), patiently(connection):
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
