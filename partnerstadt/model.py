"""The trained model: which one belongs to the present data, and training it when it is missing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import yaml

from partnerstadt import seal
from partnerstadt.rasa_ext.environment import WITHOUT_CACHE, WITHOUT_TENSORFLOW
from partnerstadt.rasa_ext.no_tensorflow import components_needing_tensorflow
from partnerstadt.settings import Problem, Settings

# All that a model depends on. Rasa's own fingerprints miss helper modules and word lists, so they are not
# relied upon. The records are missing on purpose: they are read anew while the bot runs.
SOURCES = (
    "config.yml",
    "domain.yml",
    "data",
    "partnerstadt/nlu",
    "partnerstadt/question",
    "partnerstadt/text.py",
    "requirements.lock",
)
DERIVED = {".pyc", ".tmp", ".swp"}


def fingerprint(project: Path) -> str:
    """Hash names and contents of everything that goes into a model."""
    digest = hashlib.sha256()
    for path in _source_files(project):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _source_files(project: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = project / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and file.suffix not in DERIVED)


def child_environment(settings: Settings) -> dict[str, str]:
    """Environment for our own Rasa processes: the settings, and no TensorFlow when nothing needs it."""
    try:
        config = yaml.safe_load((settings.project / "config.yml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Problem(f"config.yml cannot be read: {' '.join(str(error).split())}") from error
    environment = {**os.environ, **settings.environment, "PYTHONUNBUFFERED": "1"}
    # Compiling 2,700 modules anew takes 7 s of every start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if isinstance(config, dict) and not components_needing_tensorflow(config):
        environment[WITHOUT_TENSORFLOW] = "1"
    else:
        environment.pop(WITHOUT_TENSORFLOW, None)
    return environment


def ensure_model(settings: Settings) -> Path:
    """Return the model that belongs to the present data; train it if it does not exist yet."""
    models = settings.project / "models"
    model = models / f"{fingerprint(settings.project)}.tar.gz"
    if model.exists() and not seal.holds(model):
        print(f"{model.name} has no valid seal; it is trained anew.", file=sys.stderr)
    if not seal.holds(model):
        models.mkdir(exist_ok=True)
        # Trained aside and moved when finished, so that a half-written model is never taken for a whole one.
        with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as aside:
            _train(settings, Path(aside), model)
    return model


def _train(settings: Settings, aside: Path, model: Path) -> None:
    started = time.monotonic()
    # `make test` validates the data; here it would only cost time. Contradicting rules fail the training anyway.
    options = ["--force", "--skip-validation", "--out", str(aside), "--fixed-model-name", "model"]
    command = [sys.executable, "-m", "rasa", "train", *options]
    log = model.with_name("train.log")
    with Progress(sys.stderr) as progress, log.open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(
            command,
            cwd=settings.project,
            env=child_environment(settings) | {"COLUMNS": "200", WITHOUT_CACHE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                kept.write(line)
                if "Starting to train component" in line:
                    progress.show(line.rpartition("component '")[2].partition("'")[0])
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    trained = aside / "model.tar.gz"
    if process.returncode != 0 or not trained.exists():
        raise Problem(f"training failed; its last lines are below, all of it is in {log}\n{_last_lines(log)}")
    seal.write(trained)
    seal.move(trained, model)
    print(f"Trained {model.name} in {time.monotonic() - started:.0f} s.", file=sys.stderr)


def _last_lines(log: Path, count: int = 15) -> str:
    lines = log.read_text(encoding="utf-8").replace("\r", "\n").splitlines()
    return "\n".join(f"    {line}" for line in [line for line in lines if line.strip()][-count:])


class Progress:
    """Shows which component is being trained: one moving line in a terminal, else a line for each."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.terminal = out.isatty()
        self.started = time.monotonic()

    def __enter__(self) -> Progress:
        self.show("reading data")
        return self

    def __exit__(self, *_: object) -> None:
        if self.terminal:
            self.out.write("\r\033[K")
            self.out.flush()

    def show(self, step: str) -> None:
        """Say what is being done now."""
        text = f"Training, {time.monotonic() - self.started:3.0f} s: {step}"
        self.out.write(f"\r\033[K{text} ..." if self.terminal else f"{text}\n")
        self.out.flush()
