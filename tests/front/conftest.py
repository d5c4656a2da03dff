"""A front desk for each test, before a stand-in for Rasa."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front.parts import Citizen, Clock, Rasa, Served, served


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    """A stand-in for Rasa that answers at once."""
    double = Rasa()
    double.start()
    yield double
    double.stop()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until a test moves it."""
    return Clock()


@pytest.fixture
def database() -> str | None:
    """Address of the database; None means a file in the state folder. test_postgresql.py has another one."""
    return None


@pytest.fixture
def front(tmp_path: Path, rasa: Rasa, clock: Clock, database: str | None) -> Iterator[Served]:
    """A front desk."""
    with served(tmp_path, rasa, clock, database) as desk:
        yield desk


@pytest.fixture
def citizen(front: Served) -> Citizen:
    """Somebody with a conversation."""
    return Citizen(front)
