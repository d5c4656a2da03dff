"""The one way in which the staff desk changes a file of the records: checked, by one at a time, kept, taken back.

A change is written ahead: it is kept in the database together with its step of the trail, then the file is replaced,
then it is marked as done. Whatever is cut short in between is finished at the next start, so neither is lost.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from sqlalchemy.engine import Connection, Engine, Row

from partnerstadt.front.database import writing
from partnerstadt.front.times import Clock
from partnerstadt.records.load import CITY_FILES, WORLD, Finding, read_records
from partnerstadt.records.models import Records
from partnerstadt.staff.tables import changes
from partnerstadt.staff.trail import step

LONGEST_WHAT = 96  # beside the name of its file it is the subject of a step of the trail
NEAR = 1  # lines around a change that must be as they were for it to be taken back


class Unfit(ValueError):
    """The records would not be usable; `findings` says why, one entry an error."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


class Overtaken(ValueError):
    """Somebody else was quicker; `now` is what the file holds."""

    def __init__(self, now: Version) -> None:
        super().__init__("the file has been changed since")
        self.now = now


@dataclass(frozen=True)
class Version:
    """What a file holds.

    Attributes:
        text: all of it; nothing where there is no file.
        mark: a hash of the text, by which a form tells what it was made from.
    """

    text: str
    mark: str


@dataclass(frozen=True)
class Change:
    """One change of a file.

    Attributes:
        number: counts all changes.
        time: when it was made, or noticed.
        account: who made it; empty if it was not made at the desk.
        file: its name.
        what: what it changed, in a word: the id of a record.
        before: the file as it was.
        after: the file as it became.
        undoes: the number of the change that it took back.
    """

    number: int
    time: dt.datetime
    account: str
    file: str
    what: str
    before: str
    after: str
    undoes: int | None


class Changes:
    """The files of one folder and all their changes.

    Args:
        engine: a database that is open.
        folder: the city's records.
        clock: the time.
        world: the general knowledge all cities share.
    """

    def __init__(self, engine: Engine, folder: Path, clock: Clock, world: Path = WORLD) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock
        self._world = world
        with self._alone():
            self._finish()

    def read(self, file: str) -> Version:
        """What a file holds now.

        Raises:
            Unfit: if it is no text.
        """
        try:
            return _version(self._path(file).read_bytes().decode("utf-8"))
        except FileNotFoundError:
            return _version("")
        except (OSError, UnicodeDecodeError):
            raise Unfit(self._findings({})[1]) from None

    def check(self, file: str, text: str, also: Mapping[str, str] | None = None) -> Records:
        """The records as they would be with another text in a file, or in further ones.

        Raises:
            Unfit: if they could not be used.
        """
        self._path(file)
        records, findings = self._findings({**(also or {}), file: text})
        if records is None:
            raise Unfit([finding for finding in findings if not finding.warning])
        return records

    def put(self, file: str, text: str, mark: str, account: str, what: str) -> Version:
        """Change a file that still holds what the mark stands for; without a text it is removed.

        Raises:
            Overtaken: if the file holds something else by now.
            Unfit: if the records could not be used then.
        """
        with self._alone():
            self._finish()
            now = self.read(file)
            if now.mark != mark:
                raise Overtaken(now)
            if text == now.text:
                return now
            return self._make(file, now.text, text, account, what)

    def undo(self, number: int, account: str) -> Version:
        """Take one change back, by another change; what was changed elsewhere in the file since then stays.

        Raises:
            Overtaken: if the place has been changed since.
            Unfit: if the records could not be used then.
            LookupError: if there is no such change.
        """
        with self._alone():
            self._finish()
            change = self.change(number)
            if change is None:
                raise LookupError(number)
            now = self.read(change.file)
            text = without(change.before, change.after, now.text)
            if text is None:
                raise Overtaken(now)
            return self._make(change.file, now.text, text, account, change.what, number)

    def history(self, file: str | None = None, what: str | None = None, most: int = 100) -> list[Change]:
        """Changes, the latest first; of one file or of one record, if asked for."""
        query = changes.select().order_by(changes.c.number.desc()).limit(most)
        query = query if file is None else query.where(changes.c.file == file)
        query = query if what is None else query.where(changes.c.what == what)
        with self._engine.begin() as connection:
            return [_change(row) for row in connection.execute(query).all()]

    def change(self, number: int) -> Change | None:
        """One change."""
        with self._engine.begin() as connection:
            row = connection.execute(changes.select().where(changes.c.number == number)).first()
        return _change(row) if row else None

    def _path(self, file: str) -> Path:
        if file not in CITY_FILES:
            raise LookupError(file)
        return self._folder / file

    def _findings(self, texts: dict[str, str]) -> tuple[Records | None, list[Finding]]:
        """What the loader says of a copy of the folder with other texts in it."""
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name)
            for file in CITY_FILES:
                if file in texts:
                    if texts[file]:
                        (copy / file).write_bytes(texts[file].encode())
                elif (self._folder / file).exists():
                    shutil.copyfile(self._folder / file, copy / file)
            return read_records(copy, self._clock().date(), self._world)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, over all processes that share the folder."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _make(self, file: str, before: str, after: str, account: str, what: str, undoes: int | None = None) -> Version:
        self.check(file, after)
        self._prepare(file, after)  # a folder that cannot be written to fails before anything is kept
        what = what[:LONGEST_WHAT]
        values = {"account": account, "what": what, "before": before, "after": after, "undoes": undoes, "done": False}
        with writing(self._engine) as connection:
            self._note_outside(connection, file, before)
            connection.execute(changes.insert().values(time=self._clock(), file=file, **values))
            step(connection, self._clock(), account, "change_undone" if undoes else "changed", f"{file} {what}".strip())
        self._finish()
        return _version(after)

    def _note_outside(self, connection: Connection, file: str, text: str) -> None:
        """Keep what was changed past the desk as a version of its own."""
        query = changes.select().where(changes.c.file == file).order_by(changes.c.number.desc()).limit(1)
        latest = connection.execute(query).first()
        if latest is not None and latest.after != text:
            values = {"account": "", "what": "", "before": latest.after, "after": text, "undoes": None, "done": True}
            connection.execute(changes.insert().values(time=self._clock(), file=file, **values))

    def _prepare(self, file: str, text: str) -> None:
        """Write the new text beside the old one."""
        path, beside = self._path(file), self._beside(file)
        with beside.open("wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            shutil.copymode(path, beside)

    def _beside(self, file: str) -> Path:
        path = self._path(file).resolve()
        return path.with_name(f".{path.name}.new")

    def _finish(self) -> None:
        """Do what is kept and not done yet."""
        pending = changes.select().where(changes.c.done.is_(False))
        with self._engine.begin() as connection:
            rows = connection.execute(pending).all()
        for row in rows:
            if self.read(row.file).text == row.before:
                self._swap(row.file, row.after)
            # Where it holds anything else, somebody was here after the cut; the next change keeps that, too.
            with writing(self._engine) as connection:
                connection.execute(changes.update().where(changes.c.number == row.number).values(done=True))

    def _swap(self, file: str, text: str) -> None:
        path = self._path(file).resolve()
        if text:
            self._prepare(file, text)
            os.replace(self._beside(file), path)
        else:
            path.unlink(missing_ok=True)
            self._beside(file).unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def without(before: str, after: str, now: str) -> str | None:
    """A text without one earlier change of it; None if its lines or those beside them are not as it left them."""
    old, new, present = (text.splitlines(keepends=True) for text in (before, after, now))
    same = SequenceMatcher(None, new, present, autojunk=False).get_matching_blocks()
    result, kept = "", 0
    for kind, first, last, start, end in SequenceMatcher(None, new, old, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        low, high = max(0, first - NEAR), min(len(new), last + NEAR)
        block = next((b for b in same if b.a <= low and high <= b.a + b.size), None)
        if block is None:
            return None
        place = first - block.a + block.b
        result += "".join(present[kept:place]) + "".join(old[start:end])
        kept = last - block.a + block.b
    return result + "".join(present[kept:]) if kept or result else None


def _version(text: str) -> Version:
    return Version(text, hashlib.sha256(text.encode()).hexdigest())


def _change(row: Row) -> Change:
    return Change(row.number, row.time, row.account, row.file, row.what, row.before, row.after, row.undoes)
