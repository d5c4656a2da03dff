"""scripts/environment.sh says what is missing, and the Makefile knows its targets."""

import os
import re
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_missing_python_is_one_sentence(tmp_path: Path) -> None:
    """On a machine without Python 3.10."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(PROJECT / "scripts" / "environment.sh", tmp_path / "scripts")
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "grep", "sed"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    script = (tmp_path / "scripts" / "environment.sh").read_text()
    (tmp_path / "scripts" / "environment.sh").write_text(re.sub(r"/usr/(local/)?bin/python3.10", "/none", script))
    environment = {"PATH": str(tools), "HOME": str(tmp_path)}
    done = subprocess.run(
        ["sh", str(tmp_path / "scripts" / "environment.sh"), "run"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "Python 3.10" in done.stderr


def test_nothing_to_do_is_quick_and_quiet() -> None:
    """A second `make run` must not wait for the installer."""
    done = subprocess.run(["scripts/environment.sh", "run"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == done.stderr == ""


def test_make_lists_its_targets() -> None:
    """`make` alone is a help text that names every documented target."""
    done = subprocess.run(["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True)
    for target in ("run", "test", "ask", "check", "train", "lint", "report", "bench"):
        assert re.search(rf"^  make {target} ", done.stdout, re.MULTILINE), target


def test_ci_calls_make_test() -> None:
    """What is green there is green here."""
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK) and "make --no-print-directory test" in script.read_text()


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    """Installing needs nothing but what the lock files name."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text()
        assert "://" not in text and not re.search(r"^--|^ +--(?!hash)", text, re.MULTILINE)
        packages = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==.*$", text, re.MULTILINE)
        assert packages and all(line.endswith("\\") for line in packages)
