"""A browser, and the real front desk with a stand-in for Rasa that says what a test wants to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.front.parts import Rasa, Served, served
from tests.widget.parts import Visit, chromium

SOURCE = "Quelle: Stadt Musterstadt, „Partnerschaften“. Stand: November 2026."


def reply(text: str) -> list[dict[str, Any]]:
    """One answer of each kind, by a word of the question; anything else comes back as it is."""
    if "Karte" in text:
        return [{"text": "Das ist die Karte.", "custom": {"picture": "map"}}]
    if "Zeit" in text:
        return [{"text": "Das ist der Zeitstrahl.", "custom": {"picture": "timeline"}}]
    if "Welche" in text:
        return [
            {
                "text": "Zwei Partnerstädte:\n\n- **Sturmwick** (seit 1958)\n- **Brunnac** (seit 1960)\n\n"
                "Mehr auf der [Seite der Stadt](https://www.example.org/partner).",
                "buttons": [
                    {"title": "Sturmwick", "payload": "Seit wann Sturmwick?"},
                    {"title": "Brunnac", "payload": "Seit wann Brunnac?"},
                ],
            },
            {"text": SOURCE, "response": "utter_source"},
        ]
    if "einfach" in text:
        return [{"text": "Gern."}, {"about": {"outcome": "talk", "plain": "aus" not in text}}]
    return [{"text": text}]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rasa, Served]]:
    rasa = Rasa()
    rasa.start()
    plenty = {"messages_at_once": 10_000, "requests_at_once": 100_000, "sessions_at_once": 10_000}
    with served(tmp_path_factory.mktemp("front"), rasa, **plenty) as front:
        yield rasa, front
    rasa.stop()


@pytest.fixture
def rasa(_shared: tuple[Rasa, Served]) -> Iterator[Rasa]:
    """The stand-in for Rasa, well again after each test and without what earlier tests asked."""
    double = _shared[0]
    double.asked.clear()
    double.reply = reply
    yield double
    double.wait, double.status = 0.0, 200


@pytest.fixture
def front(_shared: tuple[Rasa, Served], rasa: Rasa) -> Served:
    """The front desk of most tests."""
    return _shared[1]


Begin = Callable[..., Visit]


@pytest.fixture
def begin(browser: Browser, front: Served) -> Iterator[Begin]:
    """Begin a visit; options are those of a browser context, `context` shares one."""
    visits: list[Visit] = []

    def start(**options: Any) -> Visit:
        visits.append(Visit(browser, options.pop("url", front.url), **options))
        return visits[-1]

    yield start
    for visit in visits:
        visit.context.close()


@pytest.fixture
def visit(begin: Begin) -> Visit:
    """A person with a large screen."""
    return begin()


@pytest.fixture
def chat(visit: Visit) -> Visit:
    """An open chat."""
    return visit.go().open()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder for a front desk of one's own."""
    return tmp_path
