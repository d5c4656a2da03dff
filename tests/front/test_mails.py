"""Mails that the gateway to e-mail puts before the staff, and answers on their way back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from partnerstadt.front import gateway, mails
from tests.front.parts import START, Clock, Served, contents

SENT = {
    "message_id": "<1@example.org>",
    "sender": "kim@example.org",
    "name": "Kim Muster",
    "subject": "Partnerstädte",
    "text": "Seit wann ist Leeds Geheimes?",
}
ID = mails.id_of("<1@example.org>")


@pytest.fixture
def entering(front: Served) -> httpx.Client:
    """The gateway."""
    return front.client(headers={gateway.HEADER: gateway.token(front.desk.gateway_secret)})


def waiting(front: Served) -> list[mails.Mail]:
    """What the staff see."""
    return front.desk.store.within_reading(mails.waiting)


def test_mail_is_put_before_the_staff_once(entering: httpx.Client, front: Served) -> None:
    """As it was written, in no conversation, however often the gateway brings it, also when it is done."""
    for _ in range(2):
        assert entering.put("/api/mails", json=SENT).status_code == 204
    assert waiting(front) == [mails.Mail(id=ID, time=START, **SENT)]
    assert not front.desk.store.statistics()
    assert front.desk.store.within(mails.done, ID) and not front.desk.store.within(mails.done, ID)
    entering.put("/api/mails", json=SENT)
    assert waiting(front) == []


def test_answer_goes_back_and_leaves_nothing(entering: httpx.Client, front: Served, tmp_path: Path) -> None:
    """Only one clerk can answer; when the gateway has sent it, no byte of mail and answer is left."""
    entering.put("/api/mails", json=SENT)
    assert front.desk.store.within(mails.reply, ID, "Seit 1969 (vertraulich).")
    assert not front.desk.store.within(mails.reply, ID, "zu spät") and waiting(front) == []
    [reply] = entering.get("/api/mails/replies").json()["replies"]
    assert reply == {
        "id": ID,
        "message_id": "<1@example.org>",
        "sender": "kim@example.org",
        "subject": "Partnerstädte",
        "reply": "Seit 1969 (vertraulich).",
    }
    assert entering.delete(f"/api/mails/replies/{ID}").status_code == 204
    assert entering.delete(f"/api/mails/replies/{ID}").status_code == 404
    assert entering.get("/api/mails/replies").json() == {"replies": []}
    assert not any(word in contents(tmp_path) for word in (b"Geheimes", b"kim@example.org", b"vertraulich"))


def test_mail_of_another_form_is_refused(entering: httpx.Client, front: Served) -> None:
    """What is too long is cut."""
    assert entering.put("/api/mails", json=SENT | {"text": 1}).status_code == 422
    assert entering.put("/api/mails", json=SENT | {"subject": "x" * 1000}).status_code == 204
    assert len(waiting(front)[0].subject) == 300


@pytest.mark.parametrize("headers", [{}, {gateway.HEADER: "guessed"}])
def test_nobody_else_finds_mails(front: Served, headers: dict[str, str]) -> None:
    """Neither citizens nor somebody who guesses a token."""
    stranger = front.client(headers=headers)
    replies = [
        stranger.put("/api/mails", json=SENT),
        stranger.get("/api/mails/replies"),
        stranger.delete(f"/api/mails/replies/{ID}"),
    ]
    assert {reply.status_code for reply in replies} == {401 if headers else 404}
    assert waiting(front) == []


def test_old_mails_are_deleted(entering: httpx.Client, front: Served, clock: Clock) -> None:
    """As long after as notes."""
    entering.put("/api/mails", json=SENT)
    clock.move(days=29)
    front.run(front.desk.retention.once())
    assert waiting(front)
    clock.move(days=2)
    front.run(front.desk.retention.once())
    assert waiting(front) == []
