"""All that cannot be made again, in one file, taken while everything runs; and back from it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from partnerstadt import active, seal
from partnerstadt.database import connect
from partnerstadt.front import jobs
from partnerstadt.front.database import NAME, writing
from partnerstadt.front.retention import forget
from partnerstadt.front.times import Clock, now
from partnerstadt.model import fingerprint
from partnerstadt.operations import erased
from partnerstadt.settings import Problem, Settings

FORMAT = 1
MANIFEST = "manifest.json"
STATE, RECORDS, MODELS, DATABASE = "state", "records", "models", "database.dump"
# What a database keeps beside its file, what was put aside by a restore, and what can be made again.
LEFT_OUT = ("-wal", "-shm", "-journal", ".log")
REPLACED = ".replaced-"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What lies in a file.

    Attributes:
        made: when, as ISO 8601.
        files: the hash of each.
    """

    made: str
    files: Mapping[str, str]


def back_up(settings: Settings, target: Path, clock: Clock = now) -> Backup:
    """Write all that is needed to begin anew elsewhere: conversations, accounts, secrets, records, models.

    Raises:
        Problem: if the file exists or the database cannot be read.
    """
    if target.exists():
        raise Problem(f"{target} exists; it is not overwritten.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        root = Path(folder) / "content"
        _collect(settings, root)
        files = {str(path.relative_to(root)): _hash(path) for path in sorted(root.rglob("*")) if path.is_file()}
        made = Backup(clock().isoformat(timespec="seconds"), files)
        manifest = {"format": FORMAT, "made": made.made, "files": files}
        (root / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        aside = Path(folder) / "whole"
        aside.touch(mode=0o600)  # what people wrote is in it
        with tarfile.open(aside, "w:gz") as out:
            for name in (MANIFEST, *files):
                out.add(root / name, name)
        aside.replace(target)
    _note(settings, clock)
    return made


def _note(settings: Settings, clock: Clock) -> None:
    """Let the front desk know, so that somebody is warned when backups stop."""
    if not _server(settings) and not (settings.state / NAME).exists():
        return
    engine = connect(settings.database, settings.state, NAME)
    try:
        with writing(engine) as connection:
            jobs.note(connection, jobs.BACKUP, clock())
    except SQLAlchemyError:  # tables of an older version, before they are brought up to date: the backup is good
        pass
    finally:
        engine.dispose()


def _collect(settings: Settings, root: Path) -> None:
    for path in sorted(settings.state.rglob("*")):
        relative = path.relative_to(settings.state)
        if not path.is_file() or path.name.endswith(LEFT_OUT) or relative.parts[0].startswith(REPLACED):
            continue
        copy = root / STATE / relative
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".sqlite3":
            _copy_sqlite(path, copy)
        else:
            shutil.copy2(path, copy)
    url = _server(settings)
    if url:
        root.mkdir(parents=True, exist_ok=True)
        _postgresql("pg_dump", url, ["--format=custom", "--no-owner", f"--file={root / DATABASE}"])
    for path in sorted(settings.records.glob("*.yml")):
        (root / RECORDS).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, root / RECORDS / path.name)
    for model in _models(settings):
        (root / MODELS).mkdir(parents=True, exist_ok=True)
        shutil.copy2(model, root / MODELS / model.name)
        shutil.copy2(seal.seal_of(model), root / MODELS / seal.seal_of(model).name)


def _models(settings: Settings) -> list[Path]:
    """The models that the bot uses or may go back to."""
    chosen = active.read(settings.state, settings.project)
    names = {f"{fingerprint(settings.project)}.tar.gz", *((chosen.model, *chosen.before) if chosen else ())}
    found = [settings.project / "models" / name for name in sorted(names)]
    return [model for model in found if seal.holds(model)]


def _copy_sqlite(source: Path, copy: Path) -> None:
    """A copy as of one moment, also while others write."""
    copy.touch(mode=0o600)
    connect = sqlite3.connect
    with contextlib.closing(connect(source, timeout=30)) as before, contextlib.closing(connect(copy)) as after:
        before.backup(after)


def read(source: Path) -> Backup:
    """What a backup says of itself."""
    with _opened(source) as archive:
        return _manifest(archive, source)


def restore(settings: Settings, source: Path, clock: Clock = now) -> Path:
    """Put everything back as it was. What is there now is put aside.

    Whoever was deleted at the request of a citizen since, or would be by now for their age, is deleted again.

    Args:
        settings: where to; nothing may run there.
        source: the backup.
        clock: the time.

    Returns:
        The folder with what was there before.

    Raises:
        Problem: before anything is changed, if the backup is broken.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    gone = erased.read(settings.state)
    with tempfile.TemporaryDirectory(prefix=REPLACED, dir=settings.state) as folder:
        root = Path(folder)
        _unpack(source, root)
        url = _server(settings)
        dump = root / DATABASE
        if bool(url) != dump.exists():
            kind = "without" if url else "with"
            raise Problem(f"{source.name} was made {kind} a database server; see PARTNERSTADT_DATABASE.")
        if url:
            options = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
            _postgresql("pg_restore", url, [*options, str(dump)], into=True)
        before = settings.state / f"{REPLACED}{clock():%Y%m%d-%H%M%S}"
        before.mkdir()
        _exchange(root / STATE, settings.state, before / STATE)
        _exchange(root / RECORDS, settings.records, before / RECORDS, only=".yml")
        if (root / MODELS).exists():
            (settings.project / "models").mkdir(exist_ok=True)
            shutil.copytree(root / MODELS, settings.project / "models", dirs_exist_ok=True)
    erased.again(settings, gone)
    forget(settings, clock)
    return before


def _exchange(new: Path, place: Path, before: Path, only: str = "") -> None:
    """Move what is in a folder aside and new content in; the folder itself may be the root of a volume."""
    before.mkdir(parents=True)
    place.mkdir(parents=True, exist_ok=True)
    for path in list(place.iterdir()):
        if not path.name.startswith(REPLACED) and path.name.endswith(only):
            shutil.move(path, before / path.name)
    for path in list(new.iterdir()) if new.exists() else []:
        shutil.move(path, place / path.name)


def _unpack(source: Path, root: Path) -> None:
    with _opened(source) as archive:
        backup = _manifest(archive, source)
        for name, wanted in backup.files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or path.parts[0] not in (STATE, RECORDS, MODELS, DATABASE):
                raise Problem(f"{source.name} is no backup of ours: {name}.")
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                file = archive.extractfile(name)
            except KeyError:
                file = None
            if file is None:
                raise Problem(f"{source.name} is damaged: {name} is missing.")
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                shutil.copyfileobj(file, out, _CHUNK)
            if _hash(target) != wanted:
                raise Problem(f"{source.name} is damaged: {name} has changed.")


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            yield archive
    except (OSError, EOFError, tarfile.TarError) as error:
        raise Problem(f"{source} cannot be read as a backup ({type(error).__name__}).") from None


def _manifest(archive: tarfile.TarFile, source: Path) -> Backup:
    try:
        file = archive.extractfile(MANIFEST)
        assert file is not None
        raw = json.loads(file.read())
        if raw["format"] != FORMAT:
            raise Problem(f"{source.name} has the format {raw['format']}; this version reads {FORMAT}.")
        return Backup(str(raw["made"]), {str(name): str(digest) for name, digest in raw["files"].items()})
    except (AssertionError, LookupError, ValueError, TypeError, AttributeError):
        raise Problem(f"{source.name} is no backup of ours.") from None


def _server(settings: Settings) -> str | None:
    """The address of the database server, if there is one."""
    url = settings.database
    return url if url and not url.startswith("sqlite") else None


def _postgresql(program: str, url: str, options: Sequence[str], into: bool = False) -> None:
    """Run a client program; the password goes where the list of processes does not show it."""
    parts = make_url(url)
    named = {"PGHOST": parts.host, "PGPORT": parts.port, "PGUSER": parts.username, "PGPASSWORD": parts.password}
    named |= {"PGDATABASE": parts.database}
    named |= {"PGHOST": named["PGHOST"] or parts.query.get("host")}
    environment = os.environ | {name: str(value) for name, value in named.items() if value}
    command = [program, *([f"--dbname={parts.database}"] if into else []), *options]
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise Problem(f"{program} is missing; install the client of PostgreSQL (Debian: postgresql-client).") from None
    if done.returncode:
        raise Problem(f"{program} failed: {' '.join(done.stderr.split())[-300:]}")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
