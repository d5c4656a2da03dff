"""Notes that citizens have left: opened, worked off, gone without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from partnerstadt.front import notes
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from tests.front.parts import START, contents
from tests.staff.parts import log_in
from tests.staff.test_live import send

WORDS = texts()["notes"]
TEXT = "Bitte <b>rufen</b> Sie zurück: Geheimes."
NOTE = notes.Note("0123456789abcdef" * 2, START, TEXT, "kim@example.org", "0231 1234567")


@pytest.fixture
def clerk(client: TestClient, desk: Desk) -> TestClient:
    """A clerk, and a note."""
    desk.store.within(notes.leave, NOTE)
    log_in(client, "agent")
    return client


def test_list_says_nothing_of_what_is_in_it(clerk: TestClient) -> None:
    """Neither text nor address; the time is that of the office."""
    page = clerk.get("/nachrichten").text
    assert "24.11.2026 13:00" in page and WORDS["new"] in page
    assert "Geheimes" not in page and "kim@" not in page and NOTE.phone not in page


def test_note_is_opened_and_done(clerk: TestClient, desk: Desk, tmp_path: Path) -> None:
    """Both stand in the trail, once; no byte of it is left, not even in the log of the database."""
    for _ in range(2):
        page = clerk.get(f"/nachrichten/{NOTE.id}").text
        assert "&lt;b&gt;" in page and 'href="mailto:kim@example.org"' in page and "24.12.2026" in page
    assert WORDS["read"].format(reader="agent") in clerk.get("/nachrichten").text
    assert b"Geheimes" in contents(tmp_path)
    assert WORDS["is_done"] in send(clerk, f"/nachrichten/{NOTE.id}/erledigt").text
    assert not any(word in contents(tmp_path) for word in (b"Geheimes", b"kim@example.org", b"0231 1234567"))
    kept = [(step.action, step.subject) for step in reversed(steps(desk.engine)) if step.action in WORDS["steps"]]
    assert kept == [("note_read", NOTE.id[:8]), ("note_done", NOTE.id[:8])]


def test_note_that_somebody_else_has_done_is_gone(clerk: TestClient, desk: Desk) -> None:
    """The clerk is told."""
    desk.notes.done(NOTE.id, "kim")
    assert WORDS["is_gone"] in clerk.get(f"/nachrichten/{NOTE.id}").text
    assert WORDS["is_gone"] in send(clerk, f"/nachrichten/{NOTE.id}/erledigt").text
