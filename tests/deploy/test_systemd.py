"""The units for plain machines: systemd takes them, and finds them tight."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import PROJECT

UNITS = PROJECT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
# systemd's own measure: 0 is safe, 10 is unsafe; a web server as distributions ship it has 9.
MOST_EXPOSED = 2.0


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as they would lie on a machine, with the program where it is here."""
    folder = tmp_path_factory.mktemp("units")
    for path in UNITS.glob("partnerstadt*"):
        text = path.read_text(encoding="utf-8").replace("/opt/partnerstadt/.venv/bin", str(Path(sys.executable).parent))
        (folder / path.name).write_text(text.replace("/opt/partnerstadt", str(PROJECT)), encoding="utf-8")
    return folder


def test_systemd_takes_every_unit(units: Path) -> None:
    """Without a word of complaint about them."""
    files = [str(path) for path in units.iterdir() if path.suffix in (".service", ".timer", ".target")]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "partnerstadt" in line]
    assert ours == [] and done.returncode == 0, done.stderr


def test_wrong_unit_would_be_noticed(units: Path, tmp_path: Path) -> None:
    """The check itself is alive."""
    wrong = tmp_path / "partnerstadt-wrong.service"
    text = (units / "partnerstadt-bot.service").read_text(encoding="utf-8")
    wrong.write_text(text.replace("Restart=always", "Restart=sometimes"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", wrong], capture_output=True, text=True, timeout=60)
    assert "Failed to parse service restart specifier" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_few_rights(units: Path, name: str) -> None:
    """As systemd itself rates it."""
    command = ["systemd-analyze", "security", "--offline=true", "--json=short", "--threshold=100", units / name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout), done.stderr
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", units / name], capture_output=True, text=True
    )
    rated = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)
    assert rated and float(rated[1]) <= MOST_EXPOSED, told.stdout[-300:]


def test_parts_come_back_and_jobs_come_again() -> None:
    """Three services that are started again, two jobs with a timer each."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in UNITS.iterdir()}
    for part in ("bot", "front", "staff"):
        service = texts[f"partnerstadt-{part}.service"]
        assert "Restart=always" in service and f"run --only {part}\n" in service
        assert f"partnerstadt-{part}.service" in texts["partnerstadt.target"]
    for job in ("forget", "backup"):
        assert f"partnerstadt {job}" in texts[f"partnerstadt-{job}.service"]
        assert "Persistent=yes" in texts[f"partnerstadt-{job}.timer"]
