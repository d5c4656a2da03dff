"""Another city: other records, the same code and the same trained model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from partnerstadt.quality.measure import Share, measure
from partnerstadt.quality.questions import Signs, load_cases
from partnerstadt.quality.servers import running
from partnerstadt.settings import Settings
from tests.e2e.conftest import note
from tests.support import MUSTERSTADT, PROJECT


@pytest.fixture(scope="module")
def url(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the bot of Musterstadt listens."""
    models = sorted(model.parent.glob("*.tar.gz"))
    with running(Settings(PROJECT, MUSTERSTADT), tmp_path_factory.mktemp("musterstadt") / "servers.log") as settings:
        yield settings.rasa_url
    assert sorted(model.parent.glob("*.tar.gz")) == models, "a model was trained for this city"


def test_musterstadt_is_answered(
    url: str, signs: Signs, floors: Mapping[str, float], request: pytest.FixtureRequest
) -> None:
    """From its own records, in all kinds of questions."""
    results = measure(url, load_cases(PROJECT / "tests" / "questions_musterstadt.yml"), signs, "musterstadt")
    share = Share(len(results), sum(result.passed for result in results))
    note(request.config, {"musterstadt": share}, floors)
    wrong = "\n".join(str(result) for result in results if not result.passed)
    assert share.turns >= 40
    assert share.share >= floors["musterstadt"], f"{share.passed} of {share.turns} turns are right.\n{wrong}"
