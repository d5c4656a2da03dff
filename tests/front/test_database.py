"""The database: tables and migrations agree, deleted text is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from partnerstadt.front.database import NAME, migrate, open_database
from partnerstadt.front.tables import metadata
from partnerstadt.settings import Problem


def test_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    """A change of tables.py without a migration fails here."""
    engine = open_database(None, tmp_path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    """Each start runs the migrations."""
    open_database(None, tmp_path).dispose()
    engine = open_database(None, tmp_path)
    migrate(engine)


def test_sqlite_is_set_up_for_deletion_and_for_many_readers(tmp_path: Path) -> None:
    """On every connection."""
    engine = open_database(None, tmp_path / "new")
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            values = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("secure_delete", "foreign_keys")
            ]
            assert values == [1, 1] and connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert (tmp_path / "new" / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url", ["postgresql://user:hunter2@127.0.0.1:1/x", "nonsense", "sqlite:////nowhere/at/all", "mysql://x/y"]
)
def test_database_that_cannot_be_opened_is_a_problem(tmp_path: Path, url: str) -> None:
    """In one sentence without the password."""
    with pytest.raises(Problem, match="database") as problem:
        open_database(url, tmp_path)
    assert "hunter2" not in str(problem.value)
