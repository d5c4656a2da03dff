"""Accounts, sessions and the trail, in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from argon2 import PasswordHasher
from sqlalchemy.engine import Engine

from partnerstadt.front import tables as front_tables
from partnerstadt.front.database import NAME
from partnerstadt.staff.accounts import COMMON, IDLE, LONGEST, Accounts, Unfit, check_password
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.roles import Role
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
    accounts.lock("kim", by="admin")
    assert accounts.session(token) is None and accounts.log_in("kim", PASSWORD) is None
    with pytest.raises(Unfit):
        accounts.lock("nobody", by="admin")


@pytest.mark.parametrize(("name", "password"), [("kim", PASSWORD), ("Kim!", PASSWORD), ("", PASSWORD), ("lee", "kurz")])
def test_unfit_account_is_refused(accounts: Accounts, name: str, password: str) -> None:
    """A name that is taken or no name, a password too short."""
    with pytest.raises(Unfit):
        accounts.add(name, password, Role.AGENT)
    assert [account.name for account in accounts.listed()] == ["kim"]


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("kurz", "length"),
        ("x" * 201, "length"),
        ("das ist Kims Passwort", "holds_name"),
        ("das ist k-i-m", "holds_name"),
        ("Passwort 1234", "common"),
        ("WILLKOMMEN-2026", "common"),
        ("abababababab", "common"),
    ],
)
def test_easy_password_is_refused(password: str, key: str) -> None:
    """Too short, like the name, or what everybody tries first, however it is written."""
    with pytest.raises(Unfit) as unfit:
        check_password("kim", password)
    assert unfit.value.key == key


def test_list_of_common_passwords_holds_what_is_long_enough() -> None:
    """A shorter one is refused anyway; each stands there once."""
    lines = [line for line in COMMON.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if len(line) < 11] == [] and len(set(lines)) == len(lines) > 50


def test_last_administrator_stays(accounts: Accounts) -> None:
    """Neither locked nor made something else, as long as nobody else could do the work."""
    accounts.add("lee", PASSWORD, Role.ADMINISTRATOR)
    accounts.add("ada", PASSWORD, Role.ADMINISTRATOR)
    accounts.lock("ada", by="lee")
    for attempt in (lambda: accounts.lock("lee", "lee"), lambda: accounts.change_role("lee", Role.EDITOR, "lee")):
        with pytest.raises(Unfit, match="last administrator"):
            attempt()
    accounts.change_role("lee", Role.ADMINISTRATOR, "lee")
    accounts.unlock("ada", by="lee")
    accounts.change_role("lee", Role.EDITOR, "ada")
    assert {account.name: (account.role, account.active) for account in accounts.listed()} == {
        "ada": (Role.ADMINISTRATOR, True),
        "kim": (Role.EDITOR, True),
        "lee": (Role.EDITOR, True),
    }


def test_two_administrators_cannot_lock_each_other(accounts: Accounts) -> None:
    """At the same time: one wins."""
    accounts.add("lee", PASSWORD, Role.ADMINISTRATOR)
    accounts.add("ada", PASSWORD, Role.ADMINISTRATOR)

    def lock(pair: tuple[str, str]) -> bool:
        try:
            accounts.lock(pair[0], pair[1])
        except Unfit:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lock, [("lee", "ada"), ("ada", "lee")])) == [False, True]


def test_new_role_counts_at_once(accounts: Accounts) -> None:
    """In sessions that have begun before."""
    token = accounts.log_in("kim", PASSWORD)
    assert token
    accounts.change_role("kim", Role.STATISTICS, "lee")
    session = accounts.session(token)
    assert session and session.role is Role.STATISTICS


def test_password_for_once_must_be_changed(accounts: Accounts) -> None:
    """With it nothing else can be done; the one before it is over, with its sessions."""
    before = accounts.log_in("kim", PASSWORD)
    once = accounts.reset_password("kim", by="lee")
    assert before and accounts.session(before) is None and accounts.log_in("kim", PASSWORD) is None
    session = accounts.session(accounts.log_in("kim", once) or "")
    assert session and session.must_change
    for old, new, key in (("wrong", PASSWORD, "old"), (once, "kurz", "length"), (once, once, "common")):
        with pytest.raises(Unfit) as unfit:
            accounts.change_password(session, old, new)
        assert unfit.value.key == key
    accounts.change_password(session, once, PASSWORD)
    session = accounts.session(accounts.log_in("kim", PASSWORD) or "")
    assert session and not session.must_change


def test_new_password_ends_other_sessions(accounts: Accounts) -> None:
    """Whoever knew the old one is out; who changed it stays."""
    other, own = accounts.log_in("kim", PASSWORD), accounts.log_in("kim", PASSWORD)
    session = accounts.session(own or "")
    assert other and own and session and len(accounts.visits(session)) == 2
    accounts.change_password(session, PASSWORD, "noch ein langes Wort")
    assert accounts.session(other) is None and accounts.session(own)
    assert [visit.id for visit in accounts.visits(session)] == [session.id]


def test_only_own_sessions_can_be_ended(accounts: Accounts) -> None:
    """One by one or all others; those of somebody else stay."""
    accounts.add("lee", PASSWORD, Role.AGENT)
    tokens = [accounts.log_in("kim", PASSWORD) or "" for _ in range(3)]
    lees = accounts.log_in("lee", PASSWORD) or ""
    own, second = (accounts.session(token) for token in tokens[:2])
    foreign = accounts.session(lees)
    assert own and second and foreign
    accounts.end_others(own, foreign.id)
    accounts.end_others(own, own.id)
    assert all(accounts.session(token) for token in (*tokens, lees))
    accounts.end_others(own, second.id)
    assert [bool(accounts.session(token)) for token in tokens] == [True, False, True]
    accounts.end_others(own)
    assert [bool(accounts.session(token)) for token in (*tokens, lees)] == [True, False, False, True]


class Counting(PasswordHasher):
    """Counts how many passwords it has compared; comparing is what takes the time."""

    compared = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        """As usual, and counted."""
        self.compared += 1
        return super().verify(hash, password)


def test_names_cannot_be_found_out_by_the_clock(engine: Engine, clock: Clock) -> None:
    """A name that does not exist, a locked one and one without a password cost as much as a wrong password."""
    counting = Counting(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(engine, clock, counting)
    for name in ("kim", "lee", "ada"):
        accounts.add(name, PASSWORD, Role.ADMINISTRATOR)
    accounts.lock("lee", by="kim")
    accounts.enter("provider sam", "sam", Role.AGENT)
    for number, name in enumerate(("kim", "lee", "sam", "nobody"), start=1):
        assert accounts.log_in(name, "a wrong password") is None
        assert counting.compared == number


def test_trail_tells_who_did_what(accounts: Accounts, engine: Engine) -> None:
    """The latest first; what was typed in place of a name might be a password."""
    accounts.log_in("kim", PASSWORD)
    accounts.log_in("kim", "wrong")
    accounts.log_in("my password", "kim")
    assert [(step.account, step.action) for step in steps(engine)] == [
        ("", "login_failed"),
        ("kim", "login_failed"),
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
