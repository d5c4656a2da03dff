"""What all faults have in common: people who ask before, during and after, and a row in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.faults.people import People
from tests.faults.table import keep

# Training and start of the machines may fall into the set-up of one test.
SECONDS = 600

UnderLoad = Callable[..., AbstractContextManager[People]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time for tests that wait for whole machines."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.fixture
def under_load(request: pytest.FixtureRequest) -> UnderLoad:
    """What happens in the block happens while people ask; every question must have its one answer in the end."""

    @contextmanager
    def load(doors: Sequence[str], follow_ups: bool = True) -> Iterator[People]:
        people = People(doors, follow_ups)
        people.begin()
        try:
            people.talk_on()
            yield people
            people.talk_on(2)  # the first may be the answer to what was asked before
        finally:
            counted = people.end()
        keep(request.node.name.removeprefix("test_"), counted)
        assert counted.once == counted.asked, people.trouble()
        assert (counted.doubled, counted.lost, counted.misdirected) == (0, 0, 0), people.trouble()
        assert counted.asked > 2 * people.number

    return load
