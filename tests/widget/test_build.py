"""The built files are those of the sources, small, and well typed."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.widget.parts import PROJECT, STATIC, WIDGET

MOST = 12 * 1024
PATH = os.pathsep.join([str(PROJECT / ".venv" / "bin"), os.environ["PATH"]])


def run(*command: str) -> None:
    """Run a command of the tools in the folder of the widget."""
    done = subprocess.run(command, cwd=WIDGET, env=os.environ | {"PATH": PATH}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_built_files_are_up_to_date(tmp_path: Path) -> None:
    """A build now gives what is in the repository; if not: `make widget`."""
    run("node", "build.mjs", str(tmp_path))
    built = sorted(path.name for path in tmp_path.iterdir())
    assert built == ["land.txt", "partnerstadt-chat.js", "partnerstadt-map.js", "partnerstadt-paper.js"]
    for name in built:
        assert (tmp_path / name).read_bytes() == (STATIC / name).read_bytes(), name


def test_the_chat_is_small() -> None:
    """The script that every visitor loads is under 12 KB with gzip."""
    assert len(gzip.compress((STATIC / "partnerstadt-chat.js").read_bytes(), 9)) < MOST


def test_the_sources_are_well_typed() -> None:
    """TypeScript's strictest settings find nothing."""
    run("node", "node_modules/typescript/bin/tsc", "--noEmit")


def test_nothing_is_needed_at_run_time() -> None:
    """All packages are for building and testing alone, and the lock file names no registry."""
    package = json.loads((WIDGET / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in package
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())
    assert '"resolved"' not in (WIDGET / "package-lock.json").read_text(encoding="utf-8")


def test_every_text_is_used() -> None:
    """No text of texts.de.json is without use, and none is missing."""
    texts = json.loads((WIDGET / "src" / "texts.de.json").read_text(encoding="utf-8"))
    sources = "".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src").rglob("*.ts"))
    used = set(re.findall(r"\bwords\.(\w+)", sources))
    assert used == texts.keys()
    assert set(re.findall(r"\bwords\.pictures\.(\w+)", sources)) == texts["pictures"].keys()


@pytest.mark.parametrize("name", ["--partnerstadt-[a-z-]+", "data-([a-z]+)"])
def test_what_can_be_set_is_documented(name: str) -> None:
    """Every custom property of the style sheets stands in the README, and no other."""
    page = (WIDGET / "README.md").read_text(encoding="utf-8")
    if name.startswith("--"):
        sheets = "".join(path.read_text(encoding="utf-8") for path in (WIDGET / "src" / "styles").glob("*.css"))
        assert set(re.findall(name, sheets)) == set(re.findall(rf"^\| `({name})` \|", page, re.MULTILINE))
    else:
        read = re.findall(r'getAttribute\("(\w+)"\)', (WIDGET / "src" / "element.ts").read_text(encoding="utf-8"))
        assert set(read) == set(re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE))
