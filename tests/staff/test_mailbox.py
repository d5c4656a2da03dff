"""Mails that have come by themselves: read with a drafted answer, answered, put away; nothing stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from partnerstadt.front import mails
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import State
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from tests.front.parts import START, Rasa, contents
from tests.staff.parts import log_in
from tests.staff.test_live import send

WORDS = texts()["mail"]
MAIL = mails.Mail(
    id=mails.id_of("<1@example.org>"),
    message_id="<1@example.org>",
    sender="kim@example.org",
    name="Kim <b>Muster</b>",
    time=START,
    subject="Leeds & Geheimes",
    text="Guten Tag,\n\nseit wann ist Leeds Partnerstadt?\n\nMit freundlichen Grüßen\nKim Muster",
)
PATH = f"/mail/{MAIL.id}"


@pytest.fixture
def clerk(client: TestClient, desk: Desk) -> TestClient:
    """A clerk, and a mail."""
    desk.store.within(mails.put, MAIL)
    log_in(client, "agent")
    return client


def replies(desk: Desk) -> list[str]:
    """What is on its way to citizens."""
    return [reply["reply"] for reply in desk.store.within_reading(mails.replies)]


def test_mail_is_listed_above_the_form(clerk: TestClient) -> None:
    """With its time in the zone of the office and whether somebody has opened it; without its text."""
    page = clerk.get("/mail").text
    assert "24.11.2026 13:00" in page and "Leeds &amp; Geheimes" in page and WORDS["new"] in page
    assert "kim@" not in page and 'name="mail"' in page
    clerk.get(PATH)
    assert WORDS["read"].format(reader="agent") in clerk.get("/mail").text


def test_mail_comes_with_a_draft(clerk: TestClient) -> None:
    """Made now, so never older than the records; nothing of the mail is taken for markup."""
    page = clerk.get(PATH).text
    assert "Kim &lt;b&gt;Muster&lt;/b&gt;" in page and "kim@example.org" in page and "24.12.2026" in page
    assert "Guten Tag Kim Muster," in page and "Leeds" in page.partition('name="reply"')[2]


def test_mail_is_shown_while_the_bot_is_gone(clerk: TestClient, rasa: Rasa) -> None:
    """The clerk can answer all the same."""
    rasa.stop()
    page = clerk.get(PATH).text
    assert WORDS["unavailable"] in page and "seit wann ist Leeds" in page and 'name="reply"' in page


def test_answer_is_sent(clerk: TestClient, desk: Desk, tmp_path: Path) -> None:
    """As the clerk has left it; both steps stand in the trail; the mail is gone from here."""
    clerk.get(PATH)
    page = send(clerk, f"{PATH}/antwort", reply="Guten Tag,\r\n\r\nseit 1969.")
    assert WORDS["is_sent"] in page.text and "Leeds &amp;" not in page.text
    assert replies(desk) == ["Guten Tag,\n\nseit 1969."]
    assert b"seit wann ist Leeds" not in contents(tmp_path)
    kept = [(step.action, step.subject) for step in reversed(steps(desk.engine)) if step.action in WORDS["steps"]]
    assert kept == [("mail_read", MAIL.id[:8]), ("mail_replied", MAIL.id[:8])]
    assert desk.inbox.groups(State.OPEN)[0] == []


def test_questions_are_kept_only_if_wished(clerk: TestClient, desk: Desk) -> None:
    """Masked, where the inbox and the statistics find them."""
    assert not desk.store.statistics()
    send(clerk, f"{PATH}/antwort", reply="Seit 1969.", keep="yes")
    assert {key[1] for key in desk.store.statistics()} == {"email"}


@pytest.mark.parametrize(
    ("reply", "key"),
    [("  ", "reply_empty"), ("Hallo [Bitte ergänzen: wann?]", "reply_unfinished"), ("x" * 20_001, "reply_too_long")],
)
def test_unfinished_answer_is_not_sent(clerk: TestClient, desk: Desk, reply: str, key: str) -> None:
    """The clerk is told why, and finds what was written."""
    page = send(clerk, f"{PATH}/antwort", reply=reply)
    assert page.status_code == 422 and WORDS[key] in page.text and reply.strip() in page.text
    assert replies(desk) == [] and len(desk.mailbox.waiting()) == 1


def test_mail_is_put_away(clerk: TestClient, desk: Desk, tmp_path: Path) -> None:
    """Nothing is sent and nothing of it stays."""
    assert WORDS["is_done"] in send(clerk, f"{PATH}/erledigt").text
    assert replies(desk) == [] and b"Geheimes" not in contents(tmp_path)


def test_mail_that_somebody_else_has_answered_is_gone(clerk: TestClient, desk: Desk) -> None:
    """The clerk is told, whatever she does; the first answer counts."""
    desk.mailbox.reply(MAIL.id, "Die erste.", "kim")
    assert WORDS["is_gone"] in clerk.get(PATH).text
    assert WORDS["is_gone"] in send(clerk, f"{PATH}/antwort", reply="Die zweite.").text
    assert WORDS["is_gone"] in send(clerk, f"{PATH}/erledigt").text
    assert replies(desk) == ["Die erste."]
