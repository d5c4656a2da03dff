"""The real bot for all tests of this folder: trained model, action server and Rasa as processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from partnerstadt.model import ensure_model
from partnerstadt.quality.measure import Client, Result, Share, measure, per_kind
from partnerstadt.quality.questions import Signs, load_cases, question_files, read_floors
from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings
from tests.shares import SHARES
from tests.support import DORTMUND, PROJECT, copy_of

QUESTIONS = PROJECT / "tests" / "questions"
# Training, start and all questions may fall into the set-up of one test.
SECONDS = 900


@dataclass(frozen=True)
class Bot:
    """A running bot.

    Attributes:
        settings: where its records are and where it listens.
        client: talks to it.
        log: all that its processes print.
    """

    settings: Settings
    client: Client
    log: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time for tests that wait for real servers."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


def note(config: pytest.Config, shares: Mapping[str, Share], floors: Mapping[str, float]) -> None:
    """Remember shares for the summary at the end."""
    lines = config.stash.setdefault(SHARES, {})
    for label, share in shares.items():
        lines[label] = f"{share.passed:4} of {share.turns:4} = {share.share:6.1%} ({floors.get(label, 0):.0%})"


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the present data; trained if it does not exist yet."""
    return ensure_model(Settings(PROJECT, DORTMUND))


@pytest.fixture(scope="session")
def bot(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """The bot with a copy of Dortmund's records, which tests may change if they put them back."""
    folder = tmp_path_factory.mktemp("bot")
    settings = Settings(PROJECT, copy_of(DORTMUND, folder / "dortmund"))
    log = folder / "servers.log"
    with running(settings, log) as started:
        yield Bot(started, Client(started.rasa_url), log)


@pytest.fixture(scope="session")
def signs() -> Signs:
    """The fixed texts of the bot."""
    return Signs.from_domain(PROJECT / "domain.yml")


@pytest.fixture(scope="session")
def floors() -> Mapping[str, float]:
    """The shares that must be reached."""
    return read_floors(QUESTIONS / "floors.yml")


@pytest.fixture(scope="session")
def results(bot: Bot, signs: Signs, floors: Mapping[str, float], request: pytest.FixtureRequest) -> list[Result]:
    """All turns of tests/questions, asked once; what was wrong is listed in results/wrong_answers.txt."""
    found: list[Result] = []
    for path in question_files(QUESTIONS):
        found += measure(bot.settings.rasa_url, load_cases(path), signs, path.stem)
    note(request.config, {kind.value: share for kind, share in per_kind(found).items()}, floors)
    listed = PROJECT / "results" / "wrong_answers.txt"
    listed.parent.mkdir(exist_ok=True)
    listed.write_text("\n".join(str(result) for result in found if not result.passed), encoding="utf-8")
    return found
