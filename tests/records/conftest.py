"""Fixtures of the records' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.records.small_city import SmallCity


@pytest.fixture
def city(tmp_path: Path) -> SmallCity:
    """A very small, valid city in a folder of its own."""
    return SmallCity(tmp_path)
