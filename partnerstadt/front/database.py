"""The database: SQLite in the state folder, or PostgreSQL by its address; brought up to date at the start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from partnerstadt.settings import Problem

MIGRATIONS = Path(__file__).parent / "migrations"
NAME = "front.sqlite3"
WRITES = "partnerstadt_writes"  # execution option of a connection that is going to write


def open_database(url: str | None, folder: Path) -> Engine:
    """The database with its newest tables; a Problem if it cannot be reached."""
    if url is None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / NAME
        if not file.exists():
            file.touch(mode=0o600)
        url = f"sqlite:///{file}"
    try:
        engine = _engine(url)
        migrate(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        # Its message may hold the password of the address.
        raise Problem(f"the database of the front desk cannot be opened ({type(error).__name__}).") from None
    return engine


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say it, below
        # Deleted text is overwritten with zeros at once, not when the space is used again.
        for pragma in ("journal_mode=WAL", "secure_delete=ON", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Who is going to write says so at once: a reader that turns writer half-way would fail instead of wait.
        writes = connection.get_execution_options().get(WRITES)
        # Straight to the driver: the way through SQLAlchemy would take longer than the statement.
        connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that is going to write; it says so before it begins."""
    transaction: AbstractContextManager[Connection] = engine.execution_options(**{WRITES: True}).begin()
    return transaction


@contextmanager
def durably_writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that survives a power cut once it has ended; SQLite syncs others a little later."""
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        sqlite = connection.connection.dbapi_connection if engine.dialect.name == "sqlite" else None
        try:
            if sqlite is not None:
                sqlite.execute("PRAGMA synchronous=FULL")  # may not be said within a transaction
            with connection.begin():
                yield connection
        finally:
            if sqlite is not None:
                sqlite.execute("PRAGMA synchronous=NORMAL")


def migrate(engine: Engine, revision: str = "head", migrations: Path = MIGRATIONS) -> None:
    """Bring the tables up to date."""
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def leave_no_trace(engine: Engine) -> bool:
    """Empty what the database keeps beside its tables; False if somebody was reading just then."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            # The write-ahead log holds pages as they were.
            return bool(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()[0] == 0)
        connection.exec_driver_sql("VACUUM")
        return True
