"""A model is trained when something that it depends on has changed, and only then."""

import io
from pathlib import Path

import pytest

from partnerstadt import seal
from partnerstadt.model import SOURCES, Progress, child_environment, ensure_model, fingerprint
from partnerstadt.settings import Problem, Settings

FAKE_RASA = """
import pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
print("INFO  - Starting to train component 'LogisticRegression'.")
if pathlib.Path("config.yml").read_text() == "broken: 1":
    sys.exit("InvalidConfigException: the reason")
(out / "model.tar.gz").write_text("model")
pathlib.Path("trained").open("a").write("x")
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A small project whose `python -m rasa` only pretends to train."""
    (tmp_path / "data").mkdir()
    (tmp_path / "partnerstadt" / "nlu").mkdir(parents=True)
    for file in ("config.yml", "domain.yml", "data/nlu.yml", "partnerstadt/nlu/names.py", "requirements.lock"):
        (tmp_path / file).write_text("pipeline: []\npolicies: []\n")
    (tmp_path / "rasa.py").write_text(FAKE_RASA)
    return Settings(project=tmp_path, records=tmp_path / "records")


def trainings(settings: Settings) -> int:
    """How often training has been done."""
    return len((settings.project / "trained").read_text())


def test_finished_model_is_reused(settings: Settings) -> None:
    """Nothing has changed: nothing to train."""
    first = ensure_model(settings)
    assert first.exists() and ensure_model(settings) == first
    assert trainings(settings) == 1
    assert sorted(path.name for path in first.parent.iterdir()) == sorted(
        [first.name, f"{first.name}.seal", "train.log"]
    )


@pytest.mark.parametrize(
    "changed", ["config.yml", "domain.yml", "data/nlu.yml", "data/new.txt", "partnerstadt/nlu/x.py"]
)
def test_change_means_training(settings: Settings, changed: str) -> None:
    """Also of helper modules and word lists, which Rasa's own fingerprints miss; going back reuses the old model."""
    first = ensure_model(settings)
    path = settings.project / changed
    before = path.read_text() if path.exists() else None
    path.write_text("pipeline: []\npolicies: []\n# new\n")
    assert ensure_model(settings) != first and trainings(settings) == 2
    path.unlink() if before is None else path.write_text(before)
    assert ensure_model(settings) == first and trainings(settings) == 2


def test_model_that_was_changed_is_trained_anew(settings: Settings) -> None:
    """So is one that somebody has put there: only what was built here is taken."""
    model = ensure_model(settings)
    model.write_text("from elsewhere")
    assert ensure_model(settings).read_text() == "model" and trainings(settings) == 2
    seal.seal_of(model).unlink()
    assert ensure_model(settings) == model and trainings(settings) == 3


def test_records_and_compiled_files_are_not_part_of_it(settings: Settings) -> None:
    """A changed record must be answered without training."""
    before = fingerprint(settings.project)
    (settings.project / "records").mkdir()
    (settings.project / "records" / "x.yml").write_text("x")
    (settings.project / "partnerstadt" / "nlu" / "names.cpython-310.pyc").write_text("x")
    assert fingerprint(settings.project) == before
    assert not any("records" in source for source in SOURCES)


def test_same_content_in_another_folder_has_the_same_fingerprint(settings: Settings, tmp_path: Path) -> None:
    """A model moves with its project."""
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(settings.project, copy, ignore=shutil.ignore_patterns("copy"))
    assert fingerprint(copy) == fingerprint(settings.project)


def test_failed_training_shows_the_reason_and_leaves_no_model(settings: Settings) -> None:
    """And the whole output lies in a file."""
    (settings.project / "config.yml").write_text("broken: 1")
    with pytest.raises(Problem, match="the reason") as problem:
        ensure_model(settings)
    models = settings.project / "models"
    assert str(models / "train.log") in str(problem.value)
    assert [path.name for path in models.iterdir()] == ["train.log"]


def test_progress_names_the_component(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each where no terminal is."""
    ensure_model(settings)
    assert "LogisticRegression" in capsys.readouterr().err


def test_progress_moves_on_one_line_in_a_terminal() -> None:
    """And leaves nothing behind."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    with Progress(out) as progress:
        progress.show("spaCy")
    assert "spaCy" in out.getvalue() and "\n" not in out.getvalue() and out.getvalue().endswith("\r\033[K")


@pytest.mark.parametrize(("pipeline", "without"), [("WhitespaceTokenizer", "1"), ("DIETClassifier", None)])
def test_tensorflow_is_left_out_only_when_nothing_needs_it(
    settings: Settings, pipeline: str, without: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever our own process was started with."""
    monkeypatch.setenv("PARTNERSTADT_WITHOUT_TENSORFLOW", "1")
    (settings.project / "config.yml").write_text(f"pipeline: [name: {pipeline}]\npolicies: [name: RulePolicy]\n")
    assert child_environment(settings).get("PARTNERSTADT_WITHOUT_TENSORFLOW") == without


def test_unreadable_configuration_is_one_sentence(settings: Settings) -> None:
    """No traceback of the YAML parser."""
    (settings.project / "config.yml").write_text("a: [")
    with pytest.raises(Problem, match=r"config\.yml cannot be read"):
        child_environment(settings)
