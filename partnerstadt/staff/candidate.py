"""`python -m partnerstadt.staff.candidate`: trains a model beside the running bot and compares it with the active one.

The project stays as it is: the candidate is trained from a copy that has the confirmed sentences in its data.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from partnerstadt.front.times import now
from partnerstadt.model import ensure_model
from partnerstadt.quality.compare import compare
from partnerstadt.quality.measure import Result, measure
from partnerstadt.quality.questions import Case, Signs, load_cases, question_files
from partnerstadt.quality.servers import with_bot
from partnerstadt.settings import Problem, Settings
from partnerstadt.staff import examples
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.examples import Example
from partnerstadt.staff.training import HELD, Training

NICE = 10  # the bot that is running goes first
DATA = "data"
Progress = Callable[[int], None]


class Given(Exception):
    """Somebody else holds the lease, or the desk ends."""


class Report:
    """Says how far it is, also while nothing happens for long, so that nobody takes it for dead."""

    def __init__(self, training: Training, id: int) -> None:
        self._training, self._id = training, id
        self._step, self._percent = "training", 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Report:
        self.say("training")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def say(self, step: str, percent: int = 0) -> None:
        """What is being done now, and how much of it."""
        self._step, self._percent = step, percent
        if not self._training.note(self._id, step, percent):
            raise Given("another candidate is being trained.")

    def _beat(self) -> None:
        while not self._ended.wait(HELD.total_seconds() / 4):
            self._training.note(self._id, self._step, self._percent)


def train(settings: Settings, added: Sequence[Example]) -> Path:
    """A model of the project's data and the sentences; its name is the one the project's would have with the patch."""
    with tempfile.TemporaryDirectory(prefix="candidate-") as folder, _copy(settings.project, Path(folder), added) as to:
        trained = ensure_model(replace(settings, project=to))
    return settings.project / "models" / trained.name


@contextmanager
def _copy(project: Path, folder: Path, added: Sequence[Example]) -> Iterator[Path]:
    """The project as links to itself, but for its data."""
    (project / "models").mkdir(exist_ok=True)
    for entry in project.iterdir():
        if entry.name != DATA:
            (folder / entry.name).symlink_to(entry)
    for file in (project / DATA).rglob("*"):
        copied = folder / DATA / file.relative_to(project / DATA)
        if file.is_file():
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(file.read_bytes())
    nlu = folder / examples.FILE
    nlu.write_text(examples.with_examples(nlu.read_text(encoding="utf-8"), added), encoding="utf-8")
    yield folder


def results(
    settings: Settings, model: Path, cases: Sequence[tuple[str, Sequence[Case]]], done: Progress
) -> list[Result]:
    """What a model answers to all questions."""
    signs = Signs.from_domain(settings.project / "domain.yml")
    total, asked = sum(len(of_file) for _, of_file in cases), 0

    def one_more() -> None:
        nonlocal asked
        asked += 1
        if asked % 20 == 0:
            done(100 * asked // total)

    def work(url: str) -> list[Result]:
        return [result for file, of_file in cases for result in measure(url, of_file, signs, file, one_more)]

    with tempfile.TemporaryDirectory(prefix="measured-") as state:
        # A state of its own: this bot must follow no model that is chosen.
        return with_bot(replace(settings, state=Path(state)), model, work)


def make(training: Training, id: int, settings: Settings) -> None:
    """Train, compare, and keep what came of it."""
    run = training.run(id)
    assert run is not None
    with Report(training, id) as report:
        candidate = train(settings, training.new())
        base = settings.project / "models" / run.base
        if not base.exists():
            base = ensure_model(settings)
        cases = [(path.stem, load_cases(path)) for path in question_files(training.questions)]
        if not cases:
            raise Problem(f"there are no questions in {training.questions}.")
        report.say("base")
        before = results(settings, base, cases, lambda percent: report.say("base", percent))
        report.say("candidate")
        after = results(settings, candidate, cases, lambda percent: report.say("candidate", percent))
    training.finish(id, candidate.name, compare(before, after))


def main(arguments: Sequence[str]) -> int:
    """Make one candidate; a number of a run and the folder of the questions are given."""
    os.nice(NICE)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # with the servers that were started
    id, questions = int(arguments[0]), Path(arguments[1])
    settings = Settings.from_environment()
    training = Training(open_staff_database(settings.database, settings.state), now, settings, questions)
    try:
        make(training, id, settings)
    except Problem as problem:
        training.finish(id, error=str(problem))
        return 1
    except Given:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
