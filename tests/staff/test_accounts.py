"""Accounts, sessions and the trail, in a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine

from partnerstadt.front import tables as front_tables
from partnerstadt.front.database import NAME
from partnerstadt.staff.accounts import IDLE, LONGEST, Accounts, Role, Unfit
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.tables import metadata
from partnerstadt.staff.trail import steps
from tests.front.parts import Clock
from tests.staff.parts import PASSWORD, QUICK


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A database of its own."""
    return open_staff_database(None, tmp_path)


@pytest.fixture
def accounts(engine: Engine, clock: Clock) -> Accounts:
    """Accounts with one clerk."""
    made = Accounts(engine, clock, QUICK)
    made.add("kim", PASSWORD, Role.EDITOR)
    return made


def test_only_the_right_password_logs_in(accounts: Accounts) -> None:
    """Nothing tells a wrong name from a wrong password."""
    assert accounts.log_in("kim", PASSWORD)
    assert accounts.log_in("kim", PASSWORD + "!") is None and accounts.log_in("nobody", PASSWORD) is None


def test_session_ends(accounts: Accounts, clock: Clock) -> None:
    """When nothing is done for a while, after a day's work at the latest, and by logging out."""
    token = accounts.log_in("kim", PASSWORD)
    assert token
    for _ in range(int(LONGEST / IDLE * 2) - 1):
        clock.now += IDLE / 2
        assert accounts.session(token)
    clock.now += IDLE
    assert accounts.session(token) is None
    token = accounts.log_in("kim", PASSWORD)
    assert token and accounts.session(token)
    clock.now += IDLE * 1.1
    assert accounts.session(token) is None
    token = accounts.log_in("kim", PASSWORD)
    session = accounts.session(token or "")
    assert token and session and session.role is Role.EDITOR
    accounts.log_out(session)
    assert accounts.session(token) is None


def test_locked_account_is_out_at_once(accounts: Accounts) -> None:
    """With its sessions; an account that does not exist is said."""
    token = accounts.log_in("kim", PASSWORD)
    assert token
    accounts.deactivate("kim", by="admin")
    assert accounts.session(token) is None and accounts.log_in("kim", PASSWORD) is None
    with pytest.raises(Unfit):
        accounts.deactivate("nobody", by="admin")


@pytest.mark.parametrize(("name", "password"), [("kim", PASSWORD), ("Kim!", PASSWORD), ("", PASSWORD), ("lee", "kurz")])
def test_unfit_account_is_refused(accounts: Accounts, name: str, password: str) -> None:
    """A name that is taken or no name, a password too short."""
    with pytest.raises(Unfit):
        accounts.add(name, password, Role.AGENT)
    assert accounts.count() == 1


def test_trail_tells_who_did_what(accounts: Accounts, engine: Engine) -> None:
    """The latest first."""
    accounts.log_in("kim", PASSWORD)
    accounts.log_in("kim", "wrong")
    assert [(step.account, step.action) for step in steps(engine)] == [
        ("kim", "logged_in"),
        ("kim", "account_added"),
    ]


def test_no_password_or_token_lies_in_the_database(accounts: Accounts, tmp_path: Path) -> None:
    """Only what cannot be turned back."""
    token = accounts.log_in("kim", PASSWORD)
    assert token
    files = b"".join(path.read_bytes() for path in tmp_path.glob(f"{NAME}*"))
    assert token.encode() not in files and PASSWORD.encode() not in files and b"$argon2id$" in files


def test_migrations_make_the_tables(tmp_path: Path) -> None:
    """Those of tables.py, beside the front desk's, which stay as they are; a second start changes nothing."""
    for _ in range(2):
        engine = open_staff_database(None, tmp_path)
    ours = set(metadata.tables)

    def of_the_staff(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name in ours

    with engine.connect() as connection:
        options = {"include_name": of_the_staff, "version_table": "staff_version"}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        names = set(engine.dialect.get_table_names(connection))
    assert ours | set(front_tables.metadata.tables) <= names
