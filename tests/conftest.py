"""Fixtures that several folders of tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from partnerstadt.question.lexicon import Lexicon, load_lexicon
from partnerstadt.question.lexis import build_lexis
from partnerstadt.question.names import Lexis
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests.servers import Postgres, postgres
from tests.support import DORTMUND, MUSTERSTADT, TODAY, Town

# The same examples in every run, and no deadline: a busy machine is no error.
settings.register_profile("calm", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("calm")


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
    # Its user must be able to enter the folders above, which pytest keeps to itself.
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *list(folder.parents)[:2]):
        parent.chmod(0o711)
    with postgres(folder) as server:
        yield server
