"""Questions reach the bot in order, and answers come back: none lost, none doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from partnerstadt.front.store import Store
from partnerstadt.quality.servers import free_ports
from tests.front.parts import Citizen, Clock, Rasa, Served, served, until
from tests.support import MUSTERSTADT, PROJECT

FAILED = [{"text": "Entschuldigung."}, {"about": {"outcome": "failed"}}]


def test_answer_belongs_to_its_question(citizen: Citizen, rasa: Rasa) -> None:
    """And Rasa is asked with the id of the conversation, not with the token."""
    asked = citizen.say("Seit wann?").json()["message"]
    citizen.until_answered()
    question, answer = citizen.history()
    assert question == asked and answer["answers"] == asked["id"]
    assert answer["text"] == "Antwort auf Seit wann?" and answer["from"] == "bot"
    assert rasa.asked[0]["sender"] not in citizen.token and rasa.asked[0]["detail"] == "1"


def test_questions_of_a_conversation_are_asked_in_order(citizen: Citizen, rasa: Rasa) -> None:
    """One after the other, however fast they are typed."""
    rasa.wait = 0.05
    for number in range(5):
        assert citizen.say(f"Frage {number}").status_code == 202
    assert citizen.until_answered(5) == [f"Antwort auf Frage {number}" for number in range(5)]
    assert rasa.texts == [f"Frage {number}" for number in range(5)]


def test_slow_bot_is_told_of_once(citizen: Citizen, rasa: Rasa) -> None:
    """The status comes in time, goes with the answer, and the question is asked once."""
    rasa.wait = 1.0
    begun = time.monotonic()
    asked = citizen.say("Seit wann?").json()["message"]
    after, seen = asked["id"], []
    while "message" not in [event["type"] for event in seen]:
        news = citizen.poll(after)
        after, seen = news["last"], seen + news["events"]
        if seen[-1]["type"] == "status":
            assert time.monotonic() - begun < 0.9
    told = [event for event in seen if event["type"] == "status"]
    assert [event["answers"] for event in told] == [asked["id"]] and told[0]["state"] == "delayed"
    assert [event["type"] for event in citizen.history()] == ["message", "message"]
    assert rasa.texts == ["Seit wann?"]


def test_bot_that_is_down_answers_when_it_is_back(citizen: Citizen, rasa: Rasa) -> None:
    """The citizen is told, the question is kept."""
    rasa.stop()
    for text in ("erstens", "zweitens"):
        assert citizen.say(text).status_code == 202
    until(lambda: [event["type"] for event in citizen.history()].count("status") == 1)
    rasa.start()
    assert citizen.until_answered(2) == ["Antwort auf erstens", "Antwort auf zweitens"]
    assert [event["type"] for event in citizen.history()].count("status") == 0
    assert rasa.texts == ["erstens", "zweitens"]


@pytest.mark.parametrize("status", [500, 502, 503])
def test_bot_that_starts_is_asked_again(citizen: Citizen, rasa: Rasa, status: int) -> None:
    """With the same id, so that it can tell the same question from a new one."""
    rasa.status = status
    citizen.say("Seit wann?")
    until(lambda: len(rasa.asked) >= 2)
    rasa.status = 200
    assert citizen.until_answered() == ["Antwort auf Seit wann?"]
    assert len({(body["sender"], body["id"]) for body in rasa.asked}) == 1


def test_bot_that_hangs_up_is_asked_again(citizen: Citizen, rasa: Rasa) -> None:
    """It may have been killed in the middle of a turn."""
    rasa.wait = 0.5
    citizen.say("Seit wann?")
    until(lambda: rasa.asked)
    rasa.stop()
    rasa.wait = 0
    rasa.start()
    assert citizen.until_answered() == ["Antwort auf Seit wann?"]


def test_action_server_that_is_down_is_waited_for(citizen: Citizen, rasa: Rasa) -> None:
    """Rasa's apology is no answer as long as there will be one."""
    works, rasa.reply, rasa.actions_status = rasa.reply, lambda _: FAILED, 503
    citizen.say("Seit wann?")
    until(lambda: len(rasa.asked) >= 5)
    assert not citizen.answers()
    rasa.reply, rasa.actions_status = works, 200
    assert citizen.until_answered() == ["Antwort auf Seit wann?"]


def test_question_that_always_fails_gets_the_apology(citizen: Citizen, rasa: Rasa) -> None:
    """When everything is running, the question itself is the trouble."""
    works, rasa.reply = rasa.reply, lambda _: FAILED
    citizen.say("Seit wann?")
    assert citizen.until_answered() == ["Entschuldigung."]
    assert len(rasa.asked) == 3
    rasa.reply = works
    citizen.say("Und jetzt?")
    assert citizen.until_answered(2)[1] == "Antwort auf Und jetzt?"


def test_question_that_is_refused_gets_one_sentence(citizen: Citizen, rasa: Rasa) -> None:
    """And does not stand in the way of the next one."""
    rasa.status = 400
    citizen.say("Seit wann?")
    until(lambda: len(citizen.history()) == 2)
    assert citizen.history()[1]["from"] == "system" and len(rasa.asked) == 1
    rasa.status = 200
    citizen.say("Und jetzt?")
    assert citizen.until_answered() == ["Antwort auf Und jetzt?"]


@pytest.mark.parametrize("reply", [[], [{"recipient_id": "x"}], ["x"], {"text": "x"}], ids=range(4))
def test_reply_in_an_odd_form_harms_nobody(citizen: Citizen, rasa: Rasa, reply: Any) -> None:
    """The conversation goes on, and no message is empty."""
    works, rasa.reply = rasa.reply, lambda _: reply
    citizen.say("Seit wann?")
    time.sleep(0.2)
    rasa.reply = works
    citizen.say("Und jetzt?")
    until(lambda: citizen.answers()[-1:] == ["Antwort auf Und jetzt?"])
    assert all(event["text"] for event in citizen.history())


def test_conversations_do_not_wait_for_each_other(front: Served, rasa: Rasa) -> None:
    """One whose question fails holds nobody up."""
    works = rasa.reply
    rasa.actions_status = 503
    rasa.reply = lambda text: FAILED if text == "kaputt" else works(text)
    first, second = Citizen(front), Citizen(front)
    first.say("kaputt")
    second.say("Seit wann?")
    assert second.until_answered() == ["Antwort auf Seit wann?"]
    assert not first.answers()


def test_question_outlasts_a_restart_of_the_desk(tmp_path: Path, rasa: Rasa) -> None:
    """It is taken up again by itself, with the same token."""
    rasa.stop()
    with served(tmp_path, rasa) as front:
        citizen = Citizen(front)
        citizen.say("Seit wann?")
    rasa.start()
    with served(tmp_path, rasa) as front:
        until(lambda: rasa.texts == ["Seit wann?"])
        headers = {"Authorization": f"Bearer {citizen.token}"}
        with front.client(headers=headers) as client:
            until(lambda: len(client.get("/api/history").json()["events"]) == 2)


def test_answer_that_was_kept_unheard_is_told(citizen: Citizen, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database kept it and went before it could say so; whoever waits hears of it when the database is back."""
    stock = Store.answer

    def unheard(self: Store, *arguments: Any) -> None:
        stock(self, *arguments)
        monkeypatch.setattr(Store, "answer", stock)
        raise OperationalError("COMMIT", {}, Exception())

    monkeypatch.setattr(Store, "answer", unheard)
    with citizen.stream(after=0) as events:
        citizen.say("Seit wann?")
        told = next(event for event in events if event["data"].get("from") == "bot" and "id" in event)
    assert told["data"]["text"] == "Antwort auf Seit wann?" and len(citizen.answers()) == 1


def test_question_outlasts_a_clock_that_is_set_back(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """It was asked an hour from now, before the desk ended: after its start it is answered all the same."""
    rasa.stop()
    with served(tmp_path, rasa, clock) as front:
        Citizen(front).say("Seit wann?")
    clock.move(hours=-1)
    rasa.start()
    with served(tmp_path, rasa, clock):
        until(lambda: rasa.texts == ["Seit wann?"])


def test_killed_desk_loses_and_doubles_nothing(tmp_path: Path, rasa: Rasa) -> None:
    """Every question that was accepted has one answer in the end."""
    rasa.wait = 0.1
    port = free_ports(1)[0]
    environment = os.environ | {
        "PARTNERSTADT_RECORDS": str(MUSTERSTADT),
        "PARTNERSTADT_STATE": str(tmp_path),
        "PARTNERSTADT_RASA_PORT": str(rasa.port),
        "PARTNERSTADT_ACTIONS_PORT": str(rasa.port),
        "PARTNERSTADT_FRONT_PORT": str(port),
        "PARTNERSTADT_FRONT_MESSAGES_AT_ONCE": "100",
    }

    def start() -> subprocess.Popen[bytes]:
        desk = subprocess.Popen([sys.executable, "-m", "partnerstadt.front"], cwd=PROJECT, env=environment)
        until(lambda: _lives(port), 30)
        return desk

    accepted = 0
    desk = start()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        token = client.post("/api/session", json={}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        for _ in range(2):
            for _ in range(6):
                accepted += client.post("/api/message", json={"text": f"Frage {accepted}"}).status_code == 202
            desk.send_signal(signal.SIGKILL)
            desk.wait()
            desk = start()
        try:
            until(lambda: len(client.get("/api/history").json()["events"]) == 2 * accepted)
            time.sleep(0.3)
            events = client.get("/api/history").json()["events"]
        finally:
            desk.terminate()
            desk.wait()
    answers = [event["text"] for event in events if event["from"] == "bot"]
    assert accepted == 12 and answers == [f"Antwort auf Frage {number}" for number in range(12)]


def _lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
