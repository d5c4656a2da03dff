"""Only models of our own build are loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage

from partnerstadt import seal
from partnerstadt.cli import main
from partnerstadt.settings import Problem

KEY = "an example of a key, long enough to be one"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that has a seal."""
    file = tmp_path / "a.tar.gz"
    file.write_bytes(b"model")
    seal.write(file, {})
    return file


def with_key(folder: Path, key: str = KEY) -> dict[str, str]:
    """An environment with a key."""
    (folder / "key").write_text(key)
    return {seal.KEY_FILE: str(folder / "key")}


def test_seal_is_a_hash_that_everybody_can_check(model: Path) -> None:
    """As `sha256sum` says it."""
    told = subprocess.run(["sha256sum", model], capture_output=True, text=True, check=True).stdout.split()[0]
    assert seal.seal_of(model).read_text() == f"sha256 {told}\n"
    seal.check(model, {})


def test_changed_file_and_missing_seal_are_refused(model: Path) -> None:
    """One sentence each."""
    model.write_bytes(b"other")
    with pytest.raises(seal.Unsealed, match="not the file that was sealed"):
        seal.check(model, {})
    seal.seal_of(model).unlink()
    with pytest.raises(seal.Unsealed, match="cannot be read"):
        seal.check(model, {})


def test_with_a_key_nobody_else_can_seal(model: Path) -> None:
    """A plain hash, or one with another key, is not enough any more."""
    environment = with_key(model.parent)
    assert not seal.holds(model, environment)
    seal.write(model, environment)
    assert seal.holds(model, environment) and not seal.holds(model, {})
    assert not seal.holds(model, with_key(model.parent, KEY[::-1]))


@pytest.mark.parametrize("key", ["short", None])
def test_key_that_is_none_is_a_problem(model: Path, key: str | None) -> None:
    """And not taken for no key."""
    environment = with_key(model.parent, key) if key else {seal.KEY_FILE: str(model.parent / "nothing")}
    with pytest.raises(Problem, match="PARTNERSTADT_MODEL_KEY_FILE"):
        seal.check(model, environment)


def test_rasa_unpacks_nothing_without_a_seal(tmp_path: Path) -> None:
    """Whoever asks it to: a model that would run code ends here."""
    foreign = tmp_path / "foreign.tar.gz"
    foreign.write_bytes(b"not even an archive")
    (tmp_path / "to").mkdir()
    with pytest.raises(seal.Unsealed):
        LocalModelStorage.from_model_archive(tmp_path / "to", foreign)
    with pytest.raises(seal.Unsealed):
        LocalModelStorage.metadata_from_archive(foreign)


def test_somebody_may_vouch_for_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand; a file that is not there is one sentence."""
    (tmp_path / "m.tar.gz").write_bytes(b"model")
    assert main(["seal", str(tmp_path / "m.tar.gz")]) == 0
    seal.check(tmp_path / "m.tar.gz")
    assert main(["seal", str(tmp_path / "n.tar.gz")]) == 1
    assert "there is no file" in capsys.readouterr().err
