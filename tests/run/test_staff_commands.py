"""The commands for accounts, as somebody at a terminal would use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.roles import Role
from partnerstadt.staff.trail import steps
from tests.front.parts import Clock
from tests.support import DORTMUND, PROJECT

PASSWORD = "ein langes Passwort"


def staff(state: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run `partnerstadt staff`; what is typed comes from no terminal."""
    environment = {"PARTNERSTADT_STATE": str(state), "PARTNERSTADT_RECORDS": str(DORTMUND)}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "partnerstadt.cli", "staff", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=os.environ | environment,
        start_new_session=True,
        timeout=60,
    )


def test_account_is_added_and_locked(tmp_path: Path) -> None:
    """The first one by a password that is typed twice; the last administrator cannot be locked."""
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    added = staff(tmp_path, "add-account", "kim", "--role", "administrator", typed=typed)
    assert added.returncode == 0 and added.stdout.splitlines()[-1].endswith("account 'kim' added"), added.stderr
    engine = open_staff_database(None, tmp_path)
    accounts = Accounts(engine, Clock())
    assert accounts.log_in("kim", PASSWORD)
    refused = staff(tmp_path, "lock-account", "kim")
    assert refused.returncode == 1 and refused.stderr == (
        "partnerstadt: 'kim' is the last administrator; add another one first.\n"
    )
    accounts.add("lee", PASSWORD, Role.ADMINISTRATOR)
    locked = staff(tmp_path, "lock-account", "kim")
    assert locked.returncode == 0 and locked.stdout == "account 'kim' locked, its sessions ended\n"
    assert accounts.log_in("kim", PASSWORD) is None
    kept = [(step.account, step.action, step.subject) for step in steps(engine)]
    assert ("command line", "account_locked", "kim") in kept
    assert ("command line", "account_added", "kim: administrator") in kept


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("add-account", "kim", "--role", "editor"), f"{PASSWORD}\nanders\n", "the two passwords differ."),
        (("add-account", "kim", "--role", "editor"), "kurz\nkurz\n", "a password has 12 to 200 characters."),
        (("add-account", "Kim!", "--role", "editor"), f"{PASSWORD}\n{PASSWORD}\n", "a name consists of"),
        (("lock-account", "nobody"), "", "there is no account 'nobody'."),
    ],
    ids=["differ", "short", "name", "unknown"],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], typed: str, sentence: str
) -> None:
    """And nothing of the password is shown."""
    done = staff(tmp_path, *arguments, typed=typed)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].find(f"partnerstadt: {sentence}") >= 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_unknown_role_is_refused(tmp_path: Path) -> None:
    """The known ones are listed."""
    done = staff(tmp_path, "add-account", "kim", "--role", "king")
    assert done.returncode == 2 and all(role.value in done.stderr for role in Role)
