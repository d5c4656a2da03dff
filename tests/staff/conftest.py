"""A staff desk and a client for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from tests.front.parts import Clock, Rasa
from tests.staff.parts import open_desk, reply
from tests.widget.parts import chromium


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests of the desk; each has a context of its own."""
    with chromium() as started:
        yield started


@pytest.fixture
def clock() -> Clock:
    """A clock that tests move."""
    return Clock()


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    """The stand-in for Rasa."""
    double = Rasa()
    double.reply = reply
    double.start()
    yield double
    double.stop()


@pytest.fixture
def desk(tmp_path: Path, rasa: Rasa, clock: Clock) -> Desk:
    """A staff desk with a database of its own."""
    return open_desk(tmp_path, rasa, clock)


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    """Somebody who is not logged in."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as started:
        yield started
