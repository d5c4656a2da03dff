"""A new model while conversations go on: measured first, refused if it is worse, taken back by one command."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from partnerstadt import active, seal
from partnerstadt.front.database import writing
from partnerstadt.front.times import Clock, now
from partnerstadt.model import ensure_model, fingerprint
from partnerstadt.quality.compare import Comparison, compare
from partnerstadt.quality.measure import shorten
from partnerstadt.quality.questions import load_cases, question_files
from partnerstadt.settings import CHANNEL, Problem, Settings
from partnerstadt.staff.candidate import results
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.trail import step

QUESTIONS = Path("tests/questions")
ACCOUNT = "command line"  # who has done it, in the trail
FOLLOW_SECONDS = 90.0  # a busy machine loads a model for long
SHOWN = 10
Say = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where models are chosen.

    Attributes:
        settings: the project, the state and the running bot.
        engine: the database with the trail.
        clock: the time.
    """

    settings: Settings
    engine: Engine
    clock: Clock = now

    @classmethod
    def of(cls, settings: Settings) -> Place:
        """The one that the settings name."""
        return cls(settings, open_staff_database(settings.database, settings.state))

    @property
    def models(self) -> Path:
        """The folder of all models."""
        return self.settings.project / "models"

    def current(self) -> str:
        """Name of the model in use: the one that the running bot says, else the one that would be started."""
        chosen = active.read(self.settings.state, self.settings.project)
        own = f"{fingerprint(self.settings.project)}.tar.gz"
        return answering(self.settings) or (chosen.model if chosen else own)


def deploy(place: Place, model: Path | None, questions: Path, say: Say) -> None:
    """Put a model in use.

    Args:
        place: where.
        model: its file, anywhere; without one, the model of the project's present data, trained if need be.
        questions: folder of the regression questions.
        say: tells the person at the terminal what is going on.

    Raises:
        Problem: if it is not in use afterwards; the one before still is.
    """
    settings = place.settings
    before, choice = place.current(), active.read(settings.state, settings.project)
    candidate = _brought(place, model) if model else ensure_model(settings)
    if candidate.name == before:
        say(f"{candidate.name} is in use already.")
        return
    base = place.models / before
    if not base.exists():
        raise Problem(f"{before}, which is in use, is not in {place.models}: there is nothing to compare with.")
    comparison = measured(settings, base, candidate, questions, say)
    refuse_worse(comparison, say)
    with active.alone(settings.state), writing(place.engine) as connection:
        if active.read(settings.state, settings.project) != choice:  # somebody else was quicker
            raise Problem(f"another model is in use since; compare again. {candidate.name} is not in use.")
        step(connection, place.clock(), ACCOUNT, "model_activated", candidate.name)
        active.activate(settings.state, settings.project, candidate.name, instead_of=before)
    try:
        _until_answering(settings, candidate.name, say)
    except Problem:
        _taken_back(place, candidate.name)
        raise


def check(settings: Settings, model: Path | None, against: Path | None, questions: Path, say: Say) -> None:
    """Compare two models and change nothing: where images are built, say. A Problem if the new one is worse."""
    candidate = model or ensure_model(settings)
    base = against or Place.of(settings).models / Place.of(settings).current()
    seal.check(base)
    refuse_worse(measured(settings, base, candidate, questions, say), say)
    say(f"{candidate.name} is not worse than {base.name}.")


def roll_back(place: Place, say: Say) -> None:
    """Put the model before in use again; a Problem if there is none."""
    model = _taken_back(place)
    if model is None:
        raise Problem("there is no model before this one.")
    _until_answering(place.settings, model, say)


def measured(settings: Settings, base: Path, candidate: Path, questions: Path, say: Say) -> Comparison:
    """Ask both models all regression questions, beside the bot that is running."""
    seal.check(candidate)
    cases = [(path.stem, load_cases(path)) for path in question_files(questions)]
    if not cases:
        raise Problem(f"there are no questions in {questions}.")
    told = {}
    for name, model in (("in use", base), ("new", candidate)):
        say(f"Asking the model {name}, {model.name} ...")
        told[name] = results(settings, model, cases, lambda _: None)
    return compare(told["in use"], told["new"])


def refuse_worse(comparison: Comparison, say: Say) -> None:
    """Show what changes, and raise a Problem if anything becomes worse."""
    for row in comparison.kinds:
        say(f"  {row.kind:<14}{row.before:5} -> {row.after:5} of {row.turns:5}")
    say(f"  {'wrong':<14}{comparison.wrong_before:5} -> {comparison.wrong_after:5}")
    if not comparison.worse:
        return
    for turned in comparison.lost[:SHOWN]:
        say(f"  lost: {shorten(turned.say, 90)}\n    before: {shorten(turned.before, 90)}")
        say(f"    now:    {shorten(turned.after, 90)}")
    raise Problem(f"refused, because it is worse in: {', '.join(comparison.worse)}. Nothing was changed.")


def answering(settings: Settings) -> str | None:
    """Name of the model that the running bot answers with; None if none runs."""
    request = urllib.request.Request(settings.rasa_urls[0].removesuffix("webhook"))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy comes between us and ourselves
    assert request.full_url.endswith(CHANNEL)
    try:
        with opener.open(request, timeout=5) as response:
            told = json.loads(response.read())["model"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return str(told) if told else None


def _brought(place: Place, model: Path) -> Path:
    """A model in the folder of models, with its seal."""
    seal.check(model)
    target = place.models / model.name
    if model.resolve() != target.resolve():
        if target.exists():
            raise Problem(f"{target} exists; give the model another name.")
        place.models.mkdir(exist_ok=True)
        shutil.copyfile(seal.seal_of(model), seal.seal_of(target))
        aside = target.with_name(f".{target.name}")
        shutil.copyfile(model, aside)
        aside.replace(target)
        seal.check(target)
    return target


def _taken_back(place: Place, chosen: str | None = None) -> str | None:
    """Go back, and say to which model; None if there is none, or if another was chosen since the one that is named."""
    settings = place.settings
    with active.alone(settings.state), writing(place.engine) as connection:
        now = active.read(settings.state, settings.project)
        if chosen and (now is None or now.model != chosen):
            return None
        model = active.roll_back(settings.state, settings.project)
        if model is not None:
            step(connection, place.clock(), ACCOUNT, "model_rolled_back", model)
    return model


def _until_answering(settings: Settings, model: str, say: Say) -> None:
    """Wait for the running bot to follow."""
    if answering(settings) is None:
        say(f"{model} is chosen; the bot does not run and will start with it.")
        return
    deadline = time.monotonic() + FOLLOW_SECONDS
    while answering(settings) != model:
        if time.monotonic() > deadline:
            raise Problem(f"the bot did not follow to {model} within {FOLLOW_SECONDS:.0f} s; see its log.")
        time.sleep(0.5)
    say(f"{model} is in use.")
