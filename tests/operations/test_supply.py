"""What comes from others and what must not get out: packages, licences, secrets in the tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

from tests.support import PROJECT

TOOLS = PROJECT / ".venv" / "tools" / "bin"


def scan(folder: Path) -> subprocess.CompletedProcess[str]:
    """Look for secrets in a tree."""
    command = [TOOLS / "python", PROJECT / "scripts" / "secrets_scan.py", folder]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_no_secret_is_in_the_tree_and_one_would_be_found(tmp_path: Path) -> None:
    """A key, and an address with a password; each with its place, never with itself."""
    assert scan(PROJECT).stdout == "no secrets in the tree\n"
    key = "-----BEGIN RSA PRIVATE " + "KEY-----"
    (tmp_path / "a.txt").write_text(f"x\n{key}\n")
    (tmp_path / "b.yml").write_text("url: postgresql://stadt:h4rdt0guess" + "@db.example/x\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    done = scan(tmp_path)
    assert done.returncode == 1 and "a.txt:2: Private Key" in done.stdout and "b.yml:1: " in done.stdout
    assert "h4rdt0guess" not in done.stdout


def test_audit_is_no_failure_when_nobody_answers(tmp_path: Path) -> None:
    """The build of a city hall must not stand still because a registry does."""
    for name in ("scripts", ".venv/tools/bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "scripts" / "audit.sh").write_bytes((PROJECT / "scripts" / "audit.sh").read_bytes())
    for name, text in (("pip-audit", "#!/bin/sh\nsleep 30\n"), ("python", "#!/bin/sh\nexit ${SECRETS:-0}\n")):
        program = tmp_path / ".venv" / "tools" / "bin" / name
        program.write_text(text)
        program.chmod(0o755)
    command = ["sh", tmp_path / "scripts" / "audit.sh"]
    environment = os.environ | {"AUDIT_SECONDS": "0.2"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "nobody answered" in done.stderr
    assert subprocess.run(command, env=environment | {"SECRETS": "1"}, capture_output=True).returncode == 1


def test_licences_are_read_from_the_bill_of_materials(tmp_path: Path) -> None:
    """However a package says it; one that says nothing is seen."""
    parts = [
        {"name": "b", "version": "2", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}]},
        {"name": "c", "version": "3"},
    ]
    (tmp_path / "sbom.json").write_text(json.dumps({"components": parts}))
    command = [sys.executable, PROJECT / "scripts" / "licences.py", tmp_path / "sbom.json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert told == "a\t1\tMIT\nb\t2\tMIT OR Apache-2.0\nc\t3\t?\n"


def test_known_gaps_are_listed_with_the_packages_that_have_them() -> None:
    """Each row names a package of the lock file; what is gone from it must go from there."""
    page = (PROJECT / "docs" / "bedrohungen.md").read_text(encoding="utf-8")
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    rows = page.partition("| Paket | Lücke |")[2].partition("## ")[0]
    named = [cell.split()[0] for line in rows.splitlines()[2:] if line for cell in line.split("|")[1].split(",")]
    assert len(named) > 10
    assert [name for name in named if name != "Python" and f"\n{name}==" not in lock] == []


def licence(package: str) -> str:
    """All that an installed package says about its licence."""
    about = metadata(package)
    kinds = [kind for kind in about.get_all("Classifier") or [] if kind.startswith("License")]
    return " ".join([about.get("License-Expression") or "", (about.get("License") or "")[:80], *kinds]).strip()


def test_everything_that_is_shipped_may_be() -> None:
    """Every package says its licence; copyleft are only those that the page on dependencies explains."""
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", lock, re.MULTILINE)
    licences = {package: licence(package) for package in packages}
    assert len(packages) > 200 and [package for package, told in licences.items() if told in ("", "UNKNOWN")] == []
    copyleft = {package for package, told in licences.items() if re.search(r"GPL|Affero|Lesser", told)}
    page = (PROJECT / "docs" / "abhaengigkeiten.md").read_text(encoding="utf-8")
    assert {package for package in copyleft if f"**{package}**" not in page} == set()
    closed = r"(?i)proprietary|commercial|\bA?GPL|Affero|(?<!Lesser )General Public"
    assert {package: told for package, told in licences.items() if re.search(closed, told)}.keys() <= copyleft
    assert not [package for package in copyleft if not re.search("LGPL|Lesser", licences[package])]
