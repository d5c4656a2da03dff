"""The table of faults in docs/betrieb.md agrees with the tests, and says that nothing was lost."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.table import PAGE, rows_of, words

FAULTS = Path(__file__).parents[1] / "faults"


def test_every_fault_test_has_a_row() -> None:
    """And every row a test."""
    machines = ("test_one_machine.py", "test_two_machines.py")
    tests = re.findall(r"^def test_(\w+)", "".join((FAULTS / name).read_text() for name in machines), re.MULTILINE)
    assert set(tests) == words()[1].keys()
    assert [row[0] for row in rows_of(PAGE.read_text(encoding="utf-8"))] == list(words()[1].values())


def test_nothing_was_lost_doubled_or_misdirected() -> None:
    """In any row, and every question has its answer."""
    for title, asked, once, _, *bad in rows_of(PAGE.read_text(encoding="utf-8")):
        assert int(asked) > 48 and once == asked and bad == ["0", "0", "0"], title
