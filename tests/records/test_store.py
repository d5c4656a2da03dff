"""Records follow their files: a changed one is in force after the interval, a broken one never is."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import threading
from pathlib import Path

import pytest

from partnerstadt.records.load import RecordsError
from partnerstadt.records.store import RecordStore
from tests.records.small_city import TODAY, SmallCity
from tests.support import SMALL_WORLD


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def passes(self, seconds: float) -> None:
        """Let time go by."""
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def store(city: SmallCity, clock: Clock) -> RecordStore:
    """A store of the very small city that looks every two seconds."""
    return RecordStore(city.folder, lambda: TODAY, SMALL_WORLD, interval=2.0, monotonic=clock)


def rename(city: SmallCity, name: str) -> None:
    """Give the first city another name; the file's time moves on even on a coarse file system."""
    city.first["name"] = name
    city.write()
    touch(city.folder / "partnerships.yml")


def touch(path: Path) -> None:
    """Move the time of a file ten seconds on."""
    times = path.stat()
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 10_000_000_000))


def first_name(store: RecordStore) -> str:
    """The name of the oldest partner city in force."""
    return store.get().partner_cities[0].name


def test_changed_file_is_in_force_after_the_interval(city: SmallCity, store: RecordStore, clock: Clock) -> None:
    """Without a restart."""
    rename(city, "Ville Deux")
    clock.passes(2.0)
    assert first_name(store) == "Ville Deux"


def test_files_are_not_looked_at_before_the_interval(city: SmallCity, store: RecordStore, clock: Clock) -> None:
    """Every answer asks for the records; looking at files each time would cost."""
    rename(city, "Ville Deux")
    clock.passes(1.9)
    assert first_name(store) == "Ville Une"
    clock.passes(0.1)
    assert first_name(store) == "Ville Deux"


def test_unchanged_files_are_not_read_again(store: RecordStore, clock: Clock) -> None:
    """The very same records are given out, so that what was built from them can be kept."""
    before = store.get()
    clock.passes(3600)
    assert store.get() is before


def test_broken_file_keeps_the_last_good_records(
    city: SmallCity, store: RecordStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """And each error is logged once, with file and field."""
    with caplog.at_level(logging.INFO):
        city.first.update(kind="Bündnis", country="ZZZ")
        rename(city, "Ville Deux")
        clock.passes(2.0)
        assert first_name(store) == "Ville Une"
        clock.passes(2.0)
        assert first_name(store) == "Ville Une"
    errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 2
    assert all("partnerships.yml: partnerships[ville_une]." in line for line in errors)


def test_broken_yaml_keeps_the_last_good_records(
    city: SmallCity, store: RecordStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody saved half a line."""
    (city.folder / "partnerships.yml").write_text("partnerships: [", encoding="utf-8")
    clock.passes(2.0)
    assert first_name(store) == "Ville Une"
    assert "kein gültiges YAML" in caplog.text


def test_mended_file_is_in_force_again(city: SmallCity, store: RecordStore, clock: Clock) -> None:
    """The error does not stay longer than the fault."""
    (city.folder / "partnerships.yml").write_text("partnerships: [", encoding="utf-8")
    clock.passes(2.0)
    store.get()
    rename(city, "Ville Trois")
    clock.passes(2.0)
    assert first_name(store) == "Ville Trois"


def test_deleted_file_keeps_the_last_good_records(
    city: SmallCity, store: RecordStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """An editor may replace a file by deleting it first."""
    (city.folder / "topics.yml").unlink()
    clock.passes(2.0)
    assert store.get().topic("purpose") is not None
    assert "topics.yml: Datei fehlt" in caplog.text


def test_warning_does_not_keep_new_records_out(city: SmallCity, store: RecordStore, clock: Clock) -> None:
    """An overdue review is said by the check, not by silence."""
    city.first["review_by"] = dt.date(2020, 1, 1)
    rename(city, "Ville Deux")
    clock.passes(2.0)
    assert first_name(store) == "Ville Deux"


def test_changed_world_is_in_force_too(city: SmallCity, clock: Clock, tmp_path: Path) -> None:
    """General knowledge lies in files like any other."""
    world = Path(shutil.copytree(SMALL_WORLD, tmp_path / "world"))
    store = RecordStore(city.folder, lambda: TODAY, world, interval=2.0, monotonic=clock)
    countries = world / "countries.yml"
    countries.write_text(countries.read_text(encoding="utf-8").replace("in Japan", "im fernen Japan"), encoding="utf-8")
    touch(countries)
    clock.passes(2.0)
    assert store.get().world.countries["JP"].locative == "im fernen Japan"


def test_broken_records_at_start_are_raised(city: SmallCity) -> None:
    """There are no last good records then."""
    city.first["kind"] = "Bündnis"
    city.write()
    with pytest.raises(RecordsError, match="kind"):
        RecordStore(city.folder, lambda: TODAY, SMALL_WORLD)


def test_clock_tells_today(city: SmallCity) -> None:
    """A year is in the future or not by the clock that was handed in."""
    assert RecordStore(city.folder, lambda: TODAY, SMALL_WORLD).today == TODAY
    with pytest.raises(RecordsError, match="Zukunft"):
        RecordStore(city.folder, lambda: dt.date(1990, 1, 1), SMALL_WORLD)


def test_many_threads_may_ask_while_a_file_changes(city: SmallCity, store: RecordStore, clock: Clock) -> None:
    """Each gets either the old or the new records, whole."""
    names: set[str] = set()

    def ask() -> None:
        for _ in range(200):
            names.add(first_name(store))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    rename(city, "Ville Deux")
    clock.passes(2.0)
    for thread in threads:
        thread.join()
    assert names <= {"Ville Une", "Ville Deux"}
    assert first_name(store) == "Ville Deux"
