"""`partnerstadt check`: all findings, one line each, and an exit code that can be trusted."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from partnerstadt.cli import main
from partnerstadt.records.check import check_folder, errors_in
from tests.records.small_city import TODAY, SmallCity
from tests.support import DORTMUND, MUSTERSTADT, PROJECT, SMALL_WORLD, copy_of


def test_valid_folder_gives_nothing(city: SmallCity) -> None:
    """No news is good news."""
    assert check_folder(city.folder, TODAY, SMALL_WORLD) == []
    assert errors_in(city.folder, TODAY, SMALL_WORLD) == []


def test_each_finding_is_one_line(city: SmallCity) -> None:
    """File, field, and what is wrong."""
    city.first.update(kind="Bündnis", extra=1)
    city.write()
    lines = check_folder(city.folder, TODAY, SMALL_WORLD)
    assert len(lines) == 2
    assert all(line.startswith("partnerships.yml: partnerships[ville_une].") and "\n" not in line for line in lines)


def test_warnings_are_shown_but_are_no_errors(city: SmallCity) -> None:
    """An overdue review and a contradicted count."""
    city.files["city.yml"]["sources"]["page"]["stated_partnerships"] = 12
    city.write()
    later = dt.date(2030, 1, 1)
    assert len(check_folder(city.folder, later, SMALL_WORLD)) == 5
    assert errors_in(city.folder, later, SMALL_WORLD) == []


@pytest.mark.parametrize("folder", [DORTMUND, MUSTERSTADT], ids=lambda path: path.name)
def test_shipped_records_have_no_finding(folder: Path) -> None:
    """Neither error nor warning on the day of the take-over."""
    assert check_folder(folder, dt.date(2026, 11, 24)) == []


def test_command_prints_every_finding_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken YAML beside a bad value in another file."""
    folder = copy_of(MUSTERSTADT, tmp_path / "city")
    (folder / "office.yml").write_text("offices: [", encoding="utf-8")
    text = (folder / "topics.yml").read_text(encoding="utf-8")
    (folder / "topics.yml").write_text(text.replace("group: neighbour", "group: friend"), encoding="utf-8")
    assert main(["check", str(folder)]) == 1
    shown = capsys.readouterr().out
    assert "office.yml: kein gültiges YAML" in shown
    assert "topics.yml: topics[lantern_festival].group: " in shown
    assert "topics.yml: topics[bicycle_donation].group: " in shown


def test_command_succeeds_on_valid_records(capsys: pytest.CaptureFixture[str]) -> None:
    """And says so."""
    assert main(["check", str(MUSTERSTADT)]) == 0
    assert "no errors" in capsys.readouterr().out


def test_command_counts_warnings_apart(city: SmallCity, capsys: pytest.CaptureFixture[str]) -> None:
    """They are shown, but do not make it fail."""
    city.files["partnerships.yml"]["partnerships"].pop()
    city.files["topics.yml"]["topics"][0]["review_by"] = dt.date(2020, 1, 1)
    city.first["review_by"] = city.files["office.yml"]["offices"][0]["review_by"] = dt.date(9999, 1, 1)
    city.write()
    assert main(["check", str(city.folder)]) == 0
    *findings, last = capsys.readouterr().out.splitlines()
    assert len(findings) == 1 and "topics[purpose].review_by" in findings[0]
    assert last == f"{city.folder}: no errors, 1 warning"


def test_command_reads_every_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is what takes the time."""
    read: list[Path] = []
    stock = Path.read_text
    monkeypatch.setattr("partnerstadt.records.load._worlds", {})
    monkeypatch.setattr(Path, "read_text", lambda path, **options: read.append(path) or stock(path, **options))
    main(["check", str(MUSTERSTADT)])
    files = [path for path in read if path.suffix == ".yml" and path.name != "messages.yml"]
    assert len(files) == len(set(files)) == 7


def test_check_does_without_rasa() -> None:
    """It has to be quick, so nothing heavy is imported."""
    code = (
        "import sys; from partnerstadt.cli import main; main(['check', sys.argv[1]]);"
        "print([m for m in ('rasa', 'rasa_sdk', 'spacy', 'numpy', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(MUSTERSTADT)], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
