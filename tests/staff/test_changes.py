"""Changes of the files of the records: checked, one at a time, kept, taken back, through a power cut."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from partnerstadt.staff import changes as module
from partnerstadt.staff.changes import Changes, Overtaken, Unfit, without
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.trail import steps
from tests.front.parts import Clock
from tests.support import DORTMUND, copy_of

FILE = "partnerships.yml"
LEEDS, LATER = "since: {year: 1969}", "since: {year: 1971}"
AMIENS, EARLIER = "since: {year: 1960}", "since: {year: 1959}"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A database."""
    return open_staff_database(None, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of Dortmund's records."""
    return copy_of(DORTMUND, tmp_path / "dortmund")


@pytest.fixture
def changes(engine: Engine, folder: Path) -> Changes:
    """The changes of that copy."""
    return Changes(engine, folder, Clock())


def put(changes: Changes, old: str, new: str, what: str = "leeds", account: str = "kim") -> None:
    """Change one line of the partnerships as they are now."""
    now = changes.read(FILE)
    changes.put(FILE, now.text.replace(old, new, 1), now.mark, account, what)


def test_change_is_in_the_file_the_history_and_the_trail(changes: Changes, engine: Engine, folder: Path) -> None:
    """With who, when and what; everything else stays as it was, also who may read the file."""
    before = (folder / FILE).read_text(encoding="utf-8")
    (folder / FILE).chmod(0o640)
    put(changes, LEEDS, LATER)
    after = (folder / FILE).read_text(encoding="utf-8")
    assert after == before.replace(LEEDS, LATER) and (folder / FILE).stat().st_mode & 0o777 == 0o640
    (change,) = changes.history(FILE, "leeds")
    assert (change.account, change.before, change.after, change.undoes) == ("kim", before, after, None)
    assert changes.change(change.number) == change and changes.change(99) is None
    assert [(s.account, s.action, s.subject) for s in steps(engine)] == [("kim", "changed", "partnerships.yml leeds")]
    assert {file.name for file in folder.iterdir()} == {file.name for file in DORTMUND.iterdir()}


def test_change_to_the_same_is_none(changes: Changes, engine: Engine) -> None:
    """Nothing is kept of it."""
    put(changes, LEEDS, LEEDS)
    assert changes.history() == [] and steps(engine) == []


def test_unfit_records_are_refused_with_all_errors(changes: Changes, engine: Engine, folder: Path) -> None:
    """Those of every file, in the words of `partnerstadt check`; a warning keeps nothing."""
    before = (folder / FILE).read_bytes()
    with pytest.raises(Unfit) as unfit:
        put(
            changes,
            f"{LEEDS}\n    location: {{continent: europe",
            "since: {year: 2969}\n    location: {continent: mars",
        )
    places = {(finding.file, finding.field) for finding in unfit.value.findings}
    assert {(FILE, "partnerships[leeds].since.year"), (FILE, "partnerships[leeds].location.continent")} <= places
    assert (folder / FILE).read_bytes() == before and changes.history() == [] and steps(engine) == []
    put(changes, "review_by: 2027-11-30", "review_by: 2020-01-01")


def test_text_that_is_no_text_is_told(changes: Changes, folder: Path) -> None:
    """Instead of losing it."""
    (folder / FILE).write_bytes(b"\xff")
    with pytest.raises(Unfit, match=FILE):
        changes.read(FILE)


def test_only_files_of_the_records_are_changed(changes: Changes) -> None:
    """Whatever a form says."""
    for file in ("../secret.yml", "secret.yml", ""):
        with pytest.raises(LookupError):
            changes.read(file)
        with pytest.raises(LookupError):
            changes.put(file, "x", "", "kim", "")


def test_second_is_told_what_the_first_did(changes: Changes) -> None:
    """And nothing of it is lost."""
    seen = changes.read(FILE)
    put(changes, LEEDS, LATER)
    with pytest.raises(Overtaken) as overtaken:
        changes.put(FILE, seen.text.replace(AMIENS, EARLIER), seen.mark, "ada", "amiens")
    assert overtaken.value.now == changes.read(FILE) and LATER in overtaken.value.now.text
    assert [change.account for change in changes.history()] == ["kim"]


def attempt(database: Path, folder: Path, year: int) -> str:
    """One of several at once: won or overtaken."""
    changes = Changes(open_staff_database(None, database), folder, Clock())
    seen = (DORTMUND / FILE).read_text(encoding="utf-8")
    text, mark = seen.replace(LEEDS, f"since: {{year: {year}}}"), hashlib.sha256(seen.encode()).hexdigest()
    try:
        changes.put(FILE, text, mark, str(year), "leeds")
    except Overtaken:
        return "overtaken"
    return str(year)


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_of_many_at_once_exactly_one_wins(kind: str, changes: Changes, tmp_path: Path, folder: Path) -> None:
    """The others are told."""
    many = [(tmp_path, folder, year) for year in range(1970, 1974)]
    if kind == "threads":
        with ThreadPoolExecutor(4) as pool:
            ended = list(pool.map(lambda one: attempt(*one), many))
    else:
        with multiprocessing.get_context("spawn").Pool(4) as processes:
            ended = processes.starmap(attempt, many)
    (won,) = set(ended) - {"overtaken"}
    assert ended.count("overtaken") == 3 and f"year: {won}" in changes.read(FILE).text
    assert [change.account for change in changes.history()] == [won]


def cut(database: Path, folder: Path, at: str) -> None:
    """A process that ends at a place without any warning, as by a power cut."""
    changes = Changes(open_staff_database(None, database), folder, Clock())
    end: Callable[..., None] = lambda *_, **__: os._exit(9)  # noqa: E731
    setattr(*{"step": (module, "step"), "replace": (os, "replace"), "fsync": (os, "fsync")}[at], end)
    put(changes, LEEDS, LATER)


@pytest.mark.parametrize(("at", "made"), [("fsync", False), ("step", False), ("replace", True)])
def test_power_cut_loses_neither_file_nor_history(at: str, made: bool, engine: Engine, tmp_path: Path) -> None:
    """Either both hold the change at the next start or none, and the desk works on."""
    folder = copy_of(DORTMUND, tmp_path / "dortmund")
    process = multiprocessing.get_context("spawn").Process(target=cut, args=(tmp_path, folder, at))
    process.start()
    process.join(60)
    assert process.exitcode == 9 and LEEDS in (folder / FILE).read_text(encoding="utf-8")
    changes = Changes(engine, folder, Clock())
    assert (LATER in changes.read(FILE).text, len(changes.history()), len(steps(engine))) == (made, made, made)
    put(changes, AMIENS, EARLIER, "amiens")
    assert [change.account for change in changes.history()] == ["kim"] * (1 + made)
    assert {file.name for file in folder.iterdir()} == {file.name for file in DORTMUND.iterdir()}


def test_folder_that_cannot_be_written_to_keeps_nothing(changes: Changes, folder: Path) -> None:
    """No change waits to be made some day."""
    (folder / f".{FILE}.new").mkdir()
    with pytest.raises(OSError):
        put(changes, LEEDS, LATER)
    assert changes.history() == []


def test_change_past_the_desk_is_a_version_of_its_own(changes: Changes, folder: Path) -> None:
    """Kept before the desk writes again, and can be taken back like any other."""
    put(changes, LEEDS, LATER)
    by_hand = (folder / FILE).read_text(encoding="utf-8").replace("name: Kumasi", "name: Kumasi!")
    (folder / FILE).write_text(by_hand, encoding="utf-8")
    put(changes, AMIENS, EARLIER, "amiens")
    last, outside, _ = changes.history()
    assert (outside.account, outside.after, last.before) == ("", by_hand, by_hand)
    changes.undo(outside.number, "kim")
    text = changes.read(FILE).text
    assert "Kumasi!" not in text and LATER in text and EARLIER in text


def test_change_is_taken_back_and_again(changes: Changes, engine: Engine) -> None:
    """As a new change, which can be taken back itself."""
    before = changes.read(FILE)
    put(changes, LEEDS, LATER)
    changes.undo(1, "ada")
    assert changes.read(FILE) == before
    latest = changes.history()[0]
    assert (latest.account, latest.what, latest.undoes) == ("ada", "leeds", 1)
    assert steps(engine)[0].action == "change_undone"
    changes.undo(latest.number, "ada")
    assert LATER in changes.read(FILE).text


def test_undo_leaves_what_others_changed_since(changes: Changes) -> None:
    """Elsewhere in the file."""
    put(changes, LEEDS, LATER)
    put(changes, AMIENS, EARLIER, "amiens")
    changes.undo(1, "ada")
    assert LEEDS in changes.read(FILE).text and EARLIER in changes.read(FILE).text


def test_undo_of_what_was_changed_again_is_refused(changes: Changes) -> None:
    """So is a second undo of the same, and one of nothing."""
    put(changes, LEEDS, LATER)
    put(changes, LATER, "since: {year: 1972}")
    now = changes.read(FILE)
    with pytest.raises(Overtaken):
        changes.undo(1, "ada")
    assert changes.read(FILE) == now
    changes.undo(2, "ada")
    with pytest.raises(Overtaken):
        changes.undo(2, "ada")
    with pytest.raises(LookupError):
        changes.undo(99, "ada")


def test_undo_that_would_break_the_records_is_refused(changes: Changes) -> None:
    """A name that was given away meanwhile."""
    put(changes, "aliases: [Amien, Amjens, Amiän]", "aliases: [Amien, Amjens]", "amiens")
    put(changes, "[Kumassi, ", "[Kumassi, Amiän, ", "kumasi")
    with pytest.raises(Unfit):
        changes.undo(1, "ada")


@pytest.mark.parametrize(
    ("before", "after", "now", "expected"),
    [
        ("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n", "a\nb\nc\nd\n"),
        ("a\nb\nc\n", "a\nB\nc\n", "a\nB\nX\n", None),
        ("a\nb\n", "a\nb\nc\n", "z\na\nb\nc\n", "z\na\nb\n"),
        ("a\nb\nc\n", "b\nc\n", "b\nc\nd\n", "a\nb\nc\nd\n"),
        ("a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", "A\nb\nX\nd\nE\n", "a\nb\nX\nd\ne\n"),
        ("", "a\n", "a\n", ""),
        ("a\n", "", "", "a\n"),
    ],
)
def test_lines_of_one_change_are_taken_back(before: str, after: str, now: str, expected: str | None) -> None:
    """At the beginning, in the middle, at the end, at two places at once; a whole file."""
    assert without(before, after, now) == expected
