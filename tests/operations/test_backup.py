"""A backup taken while people write, and everything back from it, with both kinds of database."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from partnerstadt import seal
from partnerstadt.cli import main
from partnerstadt.front.database import open_database
from partnerstadt.front.sessions import FILE as SECRET
from partnerstadt.front.store import Store
from partnerstadt.front.times import now
from partnerstadt.model import fingerprint
from partnerstadt.operations import backup, erased
from partnerstadt.operations.person import Files
from partnerstadt.operations.upgrade import upgrade
from partnerstadt.quality.servers import free_ports
from partnerstadt.secret_file import kept_secret
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.roles import Role
from tests.front.parts import contents
from tests.servers import Postgres
from tests.support import MUSTERSTADT, copy_of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A project with a state, records and a model."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "config.yml").write_text("language: de\npipeline: []\n")
    (project / "models").mkdir()
    model = project / "models" / f"{fingerprint(project)}.tar.gz"
    model.write_text("model")
    seal.write(model)
    ports = free_ports(4)
    return Settings(project, copy_of(MUSTERSTADT, project / "city"), *ports, state=project / "var")


def said(settings: Settings, text: str) -> str:
    """Somebody's conversation with one question."""
    store = Store(open_database(settings.database, settings.state))
    id = store.open("web", now(), now().replace(year=now().year + 1)).id
    store.say(id, text, now())
    store.close()
    return id


def texts(settings: Settings) -> list[str]:
    """All that was said."""
    engine = open_database(settings.database, settings.state)
    with engine.begin() as connection:
        found = [row.text for row in connection.execute(text("SELECT text FROM messages ORDER BY text"))]
    engine.dispose()
    return found


def test_everything_is_as_it_was(settings: Settings, tmp_path: Path) -> None:
    """Conversations, accounts, the secret of the tokens, records, the model; what came later is put aside."""
    said(settings, "erste Frage")
    accounts = Accounts(open_staff_database(None, settings.state), now)
    accounts.add("kim", "ein langes Passwort", Role.ADMINISTRATOR, by="test")
    secret, file = kept_secret(settings.state / SECRET), tmp_path / "b" / "backup.tar.gz"
    backup.back_up(settings, file)
    assert file.stat().st_mode & 0o077 == 0

    said(settings, "zweite Frage")
    (settings.state / "front.secret").write_text("another")
    (settings.records / "city.yml").write_text("broken")
    shutil.rmtree(settings.project / "models")
    before = backup.restore(settings, file)

    assert texts(settings) == ["erste Frage"] and kept_secret(settings.state / SECRET) == secret
    assert Accounts(open_staff_database(None, settings.state), now).log_in("kim", "ein langes Passwort")
    assert (settings.records / "city.yml").read_bytes() == (MUSTERSTADT / "city.yml").read_bytes()
    seal.check(settings.project / "models" / f"{fingerprint(settings.project)}.tar.gz")
    assert b"zweite Frage" in contents(before) and (before / "records" / "city.yml").read_text() == "broken"


def test_backup_under_load_is_of_one_moment(settings: Settings, tmp_path: Path) -> None:
    """Somebody writes all the while; in the copy every conversation has as many messages as its number says."""
    said(settings, "da")
    store, ended = Store(open_database(settings.database, settings.state)), threading.Event()

    def write() -> None:
        while not ended.is_set():
            id = store.open("web", now(), now().replace(year=now().year + 1)).id
            for number in range(3):
                store.say(id, f"Frage {number}", now())

    writer = threading.Thread(target=write)
    writer.start()
    files = [tmp_path / f"{number}.tar.gz" for number in range(3)]
    for file in files:
        backup.back_up(settings, file)
    ended.set()
    writer.join()
    backup.restore(settings, files[-1])
    engine = open_database(settings.database, settings.state)
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        query = "SELECT last, (SELECT count(*) FROM messages WHERE conversation = c.id) AS n FROM conversations c"
        rows = connection.execute(text(query)).all()
    assert rows and all(row.last == row.n for row in rows)


def test_deleted_conversation_does_not_come_back(settings: Settings, tmp_path: Path) -> None:
    """Neither what a citizen had deleted nor what has become too old; no file holds the text."""
    id, file = said(settings, "ganz geheim"), tmp_path / "backup.tar.gz"
    said(settings, "bleibt")
    backup.back_up(settings, file)
    Files(settings).delete(id, lambda _: None)
    before = backup.restore(settings, file)
    assert texts(settings) == ["bleibt"] and erased.read(settings.state) == [id]
    shutil.rmtree(before)
    assert b"ganz geheim" not in contents(settings.state)
    backup.restore(settings, file, lambda: now().replace(year=now().year + 1))
    assert texts(settings) == []


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "outside", "missing", "format"])
def test_broken_backup_changes_nothing(settings: Settings, tmp_path: Path, damage: str) -> None:
    """One sentence, and the state is untouched."""
    said(settings, "da")
    file = tmp_path / "backup.tar.gz"
    backup.back_up(settings, file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif damage == "foreign":
        file.write_bytes(b"no archive")
    else:
        broken(file, tmp_path / "content", damage)
    state = {path: path.read_bytes() for path in settings.state.iterdir() if path.is_file()}
    with pytest.raises(Problem, match=r"damaged|no backup of ours|cannot be read|format"):
        backup.restore(settings, file)
    assert {path: path.read_bytes() for path in settings.state.iterdir()} == state
    assert not (tmp_path / "evil").exists()


def broken(file: Path, folder: Path, damage: str) -> None:
    """Pack a backup again with one thing wrong."""
    with tarfile.open(file) as archive:
        archive.extractall(folder)
    manifest = json.loads((folder / backup.MANIFEST).read_text())
    names = list(manifest["files"])
    if damage == "changed":
        (folder / names[0]).write_text("changed")
    elif damage == "outside":
        manifest["files"]["state/../../../evil"] = "x"
    elif damage == "missing":
        (folder / names[0]).unlink()
        names = names[1:]
    elif damage == "format":
        manifest["format"] = 99
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    with tarfile.open(file, "w:gz") as archive:
        for name in (backup.MANIFEST, *names):
            archive.add(folder / name, name)


def test_nothing_is_overwritten(settings: Settings, tmp_path: Path) -> None:
    """A file that is there stays."""
    (tmp_path / "backup.tar.gz").write_text("older")
    with pytest.raises(Problem, match="exists"):
        backup.back_up(settings, tmp_path / "backup.tar.gz")


def test_upgrade_backs_up_first_and_brings_old_tables_up_to_date(settings: Settings, tmp_path: Path) -> None:
    """What an older version wrote is there afterwards; going back is a restore."""
    id = said(settings, "von früher")
    engine = open_database(settings.database, settings.state)
    with engine.begin() as connection:  # as the first version had it: without the desk
        for table in ("notes", "clerks", "notices"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()
    told: list[str] = []
    file = tmp_path / "backup.tar.gz"
    upgrade(settings, file, told.append)
    assert len(told) == 4 and "Backed up" in told[1] and file.exists()
    with open_database(settings.database, settings.state).begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM staff_accounts")).scalar() == 0
    assert Files(settings).conversation(id) == id
    (settings.records / "city.yml").write_text("broken")
    with pytest.raises(Problem, match="errors"):
        upgrade(settings, tmp_path / "second.tar.gz", told.append)
    assert not (tmp_path / "second.tar.gz").exists()


def test_commands_say_what_they_did(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each."""
    said(settings, "da")
    for name, value in settings.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PARTNERSTADT_PROJECT", str(settings.project))
    file = tmp_path / "backup.tar.gz"
    assert main(["backup", str(file)]) == 0 and main(["restore", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "files" in shown and "restored as of" in shown and texts(settings) == ["da"]


# --- with PostgreSQL --------------------------------------------------------------------------------------------------


def test_server_is_backed_up_with_its_own_programs(settings: Settings, tmp_path: Path, postgresql: Postgres) -> None:
    """All tables as of one moment and back in one transaction; a backup of the other kind is not mistaken for it."""
    there = replace(settings, database=postgresql.database())
    id, file = said(there, "erste Frage"), tmp_path / "backup.tar.gz"
    backup.back_up(there, file)
    assert backup.DATABASE in backup.read(file).files
    said(there, "zweite Frage")
    backup.restore(there, file)
    assert texts(there) == ["erste Frage"] and Files(there).conversation(id) == id
    with pytest.raises(Problem, match="was made with a database server"):
        backup.restore(settings, file)
    with pytest.raises(Problem, match="pg_dump failed"):
        backup.back_up(replace(settings, database=postgresql.url("nobody")), tmp_path / "second.tar.gz")


def test_password_of_the_server_stands_in_no_list_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the program as an environment variable, which only its owner can read."""
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\ncd "${0%/*}"\necho "$@" >arguments\necho "$PGPASSWORD" >password\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    backup._postgresql("pg_dump", "postgresql://kim:geheim@db.example/x", ["--format=custom"])
    assert "geheim" not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "password").read_text() == "geheim\n"
