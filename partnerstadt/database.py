"""Connections to a database: SQLite in a file of the state folder, or PostgreSQL by its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import QueuePool

WRITES = "partnerstadt_writes"  # execution option of a connection that is going to write
# A database that has gone must not hold up anybody for longer; nothing of ours takes a tenth of it.
CONNECT_SECONDS, STATEMENT_SECONDS = 3, 5
CONNECTIONS = 5
RETRY_SECONDS = 5  # after which somebody who was sent away may try again


def connect(
    url: str | None,
    folder: Path,
    name: str,
    statement_seconds: float = STATEMENT_SECONDS,
    connections: int = CONNECTIONS,
    **options: Any,
) -> Engine:
    """The engine of a database; nothing is opened yet.

    Args:
        url: address of the database; without one it is a file.
        folder: where the file is.
        name: of the file.
        statement_seconds: how long PostgreSQL may work at one statement.
        connections: kept open to PostgreSQL; as many more may be open for a while.
        options: further ones of SQLAlchemy for PostgreSQL.
    """
    if url is None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        if not file.exists():
            file.touch(mode=0o600)
        url = f"sqlite:///{file}"
    if url.startswith("sqlite"):
        return _sqlite(url)
    milliseconds = round(1000 * statement_seconds)
    return create_engine(
        url,
        # Connections that the server has closed meanwhile are noticed before they are used.
        pool_pre_ping=True,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=STATEMENT_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            # Half-open connections end by themselves.
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout=60000",
        },
        **options,
    )


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database is at fault and the same may succeed later: it is gone, too slow, full or read-only."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    # Read-only, after a change of the leading server, is an "internal error" to PostgreSQL.
    return lost or isinstance(error, OperationalError | InterfaceError | InternalError | NoConnection)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": 10}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where we say it, below
        # Deleted text is overwritten with zeros at once, not when the space is used again. What was kept outlasts a
        # power cut: somebody was told of it.
        for pragma in ("journal_mode=WAL", "secure_delete=ON", "foreign_keys=ON", "synchronous=FULL"):
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


# Nobody else can write while a file is rewritten; cities with more than this use PostgreSQL.
LARGEST_REWRITTEN = 32 * 1024 * 1024
_SIZE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"


def leave_no_trace(engine: Engine, deleted: bool = True) -> bool:
    """Empty what the database keeps beside its tables; False if somebody was busy with it just then.

    Args:
        engine: the database.
        deleted: whether something was deleted; only then does SQLite write its file anew.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            if deleted and not _rewritten(connection):
                return False
            # The write-ahead log holds pages as they were.
            return bool(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first()[0] == 0)
        with patiently(connection):
            connection.exec_driver_sql("VACUUM")
        return True


def _rewritten(connection: Connection) -> bool:
    """Where rows have grown and moved, a page keeps copies of them that `secure_delete` does not see."""
    (size,) = connection.exec_driver_sql(_SIZE).one()
    if size > LARGEST_REWRITTEN:
        return True
    try:
        connection.exec_driver_sql("VACUUM")
    except OperationalError:  # somebody is writing, or the disk is full
        return False
    return True


def rewrite(engine: Engine, table: str) -> None:
    """Write the file of a table of PostgreSQL anew: what was deleted stays in the old one until its space is needed."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, patiently(connection):
        # Whoever waits for the table holds up all who come after.
        connection.exec_driver_sql(f"SET lock_timeout = {round(1000 * CONNECT_SECONDS)}")
        try:
            connection.exec_driver_sql(f"VACUUM FULL {table}")
        finally:
            connection.exec_driver_sql("RESET lock_timeout")


@contextmanager
def patiently(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL take its time, for work that is rare and long."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql("SET statement_timeout = 0")
    try:
        yield
    finally:
        connection.exec_driver_sql("RESET statement_timeout")
