"""Another city: other records, the same code and the same trained model."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from partnerstadt.names import HTTP
from partnerstadt.quality.measure import Share, measure
from partnerstadt.quality.questions import Signs, load_cases
from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings
from tests.e2e.conftest import note
from tests.e2e.test_front_desk import Visitor, pid
from tests.support import MUSTERSTADT, PROJECT


@pytest.fixture(scope="module")
def settings(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The bot of Musterstadt, whose actions run in a server of their own."""
    models = sorted(model.parent.glob("*.tar.gz"))
    log = tmp_path_factory.mktemp("musterstadt") / "servers.log"
    with running(Settings(PROJECT, MUSTERSTADT, actions=HTTP), log) as settings:
        yield settings
    assert sorted(model.parent.glob("*.tar.gz")) == models, "a model was trained for this city"


def test_musterstadt_is_answered(
    settings: Settings, signs: Signs, floors: Mapping[str, float], request: pytest.FixtureRequest
) -> None:
    """From its own records, in all kinds of questions."""
    results = measure(
        settings.rasa_url, load_cases(PROJECT / "tests" / "questions_musterstadt.yml"), signs, "musterstadt"
    )
    share = Share(len(results), sum(result.passed for result in results))
    note(request.config, {"musterstadt": share}, floors)
    wrong = "\n".join(str(result) for result in results if not result.passed)
    assert share.turns >= 40
    assert share.share >= floors["musterstadt"], f"{share.passed} of {share.turns} turns are right.\n{wrong}"


def test_action_server_that_ended_is_waited_for(settings: Settings) -> None:
    """No apology reaches the citizen."""
    visitor = Visitor(settings)
    os.kill(pid(settings, "rasa_sdk"), signal.SIGKILL)
    assert "1966" in visitor.ask("Seit wann ist Koskelampi Partnerstadt?")["text"]
