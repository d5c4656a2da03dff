"""Which model is active outlasts restarts, but not a change of the project's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerstadt import active, seal
from partnerstadt.model import fingerprint
from partnerstadt.run import chosen_model
from partnerstadt.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A project with models."""
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").write_text("language: de")
    for name in ("a.tar.gz", "b.tar.gz", f"{fingerprint(tmp_path)}.tar.gz"):
        (tmp_path / "models" / name).write_text("x")
        seal.write(tmp_path / "models" / name)
    return Settings(tmp_path, tmp_path / "records", state=tmp_path / "var")


def test_models_are_stacked(settings: Settings) -> None:
    """Each rollback goes one back, down to the project's own model, which the supervisor starts with."""
    state, project, own = settings.state, settings.project, f"{fingerprint(settings.project)}.tar.gz"
    assert active.read(state, project) is None and chosen_model(settings).name == own
    active.activate(state, project, "a.tar.gz")
    active.activate(state, project, "b.tar.gz")
    assert chosen_model(settings).name == "b.tar.gz"
    assert active.roll_back(state, project) == "a.tar.gz"
    assert chosen_model(settings).name == "a.tar.gz"
    assert active.roll_back(state, project) == own and active.roll_back(state, project) is None
    assert chosen_model(settings).name == own


def test_choice_ends_with_the_data_it_was_made_for(settings: Settings) -> None:
    """A new version of the project begins with its own model."""
    active.activate(settings.state, settings.project, "a.tar.gz")
    (settings.project / "config.yml").write_text("language: en")
    assert active.read(settings.state, settings.project) is None


@pytest.mark.parametrize("content", ["", "[]", '{"model": "a.tar.gz"}', "{"])
def test_broken_file_is_no_choice(settings: Settings, content: str) -> None:
    """The project's own model is better than none."""
    settings.state.mkdir()
    (settings.state / active.FILE).write_text(content)
    assert active.read(settings.state, settings.project) is None


def test_model_that_is_gone_is_no_choice(settings: Settings) -> None:
    """Somebody has tidied up."""
    active.activate(settings.state, settings.project, "a.tar.gz")
    (settings.project / "models" / "a.tar.gz").unlink()
    assert active.read(settings.state, settings.project) is None


def test_model_from_elsewhere_keeps_the_bot_from_starting(settings: Settings) -> None:
    """Loading one runs code; the seal of another file does not help it."""
    active.activate(settings.state, settings.project, "a.tar.gz")
    (settings.project / "models" / "a.tar.gz").write_text("from elsewhere")
    with pytest.raises(seal.Unsealed, match=r"a\.tar\.gz is not loaded"):
        chosen_model(settings)
