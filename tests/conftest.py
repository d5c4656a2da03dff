"""Fixtures that several folders of tests use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from partnerstadt.question.lexicon import Lexicon, load_lexicon
from partnerstadt.question.lexis import build_lexis
from partnerstadt.question.names import Lexis
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests import shares
from tests.servers import Postgres, Redis, postgres, running_redis
from tests.support import DORTMUND, MUSTERSTADT, TODAY, Town

FOLDER = Path(__file__).parent
# What takes longest begins first, so that no worker is left alone with it in the end.
LONGEST = ("e2e", "widget", "staff", "faults", "gateways", "front")

# The same examples in every run, and no deadline: a busy machine is no error.
settings.register_profile("calm", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("calm")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a folder share their servers, so one worker runs them all."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_folder_of(item)))
    order = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(_folder_of(item), len(order)))


def _folder_of(item: pytest.Item) -> str:
    return item.path.relative_to(FOLDER).parts[0]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a worker measured goes to the process that prints."""
    shares.hand_over(session)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended."""
    shares.take_over(node.config, getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The shares of right answers."""
    shares.show(terminalreporter, config)


@pytest.fixture(scope="session")
def lexis() -> Lexis:
    """The real words and places; built once, because it takes seconds."""
    return build_lexis()


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The real word lists."""
    return load_lexicon()


@pytest.fixture(scope="session")
def dortmund_records() -> Records:
    """Dortmund's records as they are."""
    return load_records(DORTMUND, TODAY)


@pytest.fixture(scope="session")
def dortmund(dortmund_records: Records, lexis: Lexis) -> Town:
    """Dortmund with the real words and places."""
    return Town(dortmund_records, lexis)


@pytest.fixture(scope="session")
def musterstadt(lexis: Lexis) -> Town:
    """The made-up city with the real words and places."""
    return Town(load_records(MUSTERSTADT, TODAY), lexis)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL, started once; each test makes a database of its own in it."""
    with postgres(_open(tmp_path_factory.mktemp("postgres"))) as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A real Redis, started once."""
    with running_redis(_open(tmp_path_factory.mktemp("redis"))) as server:
        yield server


def _open(folder: Path) -> Path:
    """A folder that the user of the servers can enter; pytest keeps those above to itself."""
    above = Path(tempfile.gettempdir()).resolve()
    for parent in (folder, *folder.parents):
        if above not in parent.parents:
            break
        parent.chmod(0o711)
    folder.chmod(0o777)
    return folder
