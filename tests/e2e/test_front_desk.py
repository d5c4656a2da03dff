"""The front desk before the real bot: the questions of the mission, privacy, deletion."""

from __future__ import annotations

import base64
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from partnerstadt.front.database import NAME
from partnerstadt.run import START_SECONDS
from partnerstadt.settings import Settings
from tests.e2e.conftest import Bot
from tests.front.parts import contents, until

SECRET, OTHER_SECRET = "Kronjuwelenkoffer", "Bernsteinzimmer"
BOTH = (
    ("Wozu gibt es Städtepartnerschaften?", "Austausch"),
    ("Welche Partnerstädte hat Dortmund?", "Leeds"),
)


class Visitor:
    """Somebody with a browser."""

    def __init__(self, settings: Settings) -> None:
        url = settings.front_url
        self.http = httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30)
        self.token = str(self.http.post("/api/session", json={}).json()["token"])
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def history(self) -> dict[str, Any]:
        """All that is kept."""
        return dict(self.http.get("/api/history").json())

    def ask(self, text: str) -> dict[str, Any]:
        """The bot's answer to a question."""
        sent = self.http.post("/api/message", json={"text": text})
        assert sent.status_code == 202, sent.text
        number = sent.json()["message"]["id"]

        def answers() -> list[dict[str, Any]]:
            return [event for event in self.history()["events"] if event.get("answers") == number]

        until(lambda: [event for event in answers() if event["type"] == "message"], 60)
        return answers()[0]


def test_questions_of_the_mission_are_answered(bot: Bot) -> None:
    """With the source apart from the text."""
    visitor = Visitor(bot.settings)
    for question, expected in BOTH:
        answer = visitor.ask(question)
        assert expected in answer["text"] and answer["source"].startswith("Quelle: ")
        assert "Quelle: " not in answer["text"]


def test_conversation_goes_on(bot: Bot) -> None:
    """The memory is Rasa's; buttons and plain language work."""
    visitor = Visitor(bot.settings)
    visitor.ask("Seit wann ist Leeds Partnerstadt?")
    assert "1960" in visitor.ask("und Amiens?")["text"]
    button = visitor.ask("Guten Tag")["buttons"][0]
    sent = visitor.http.post("/api/message", json={"button": button["id"]})
    assert sent.json()["message"]["text"] == button["title"]
    for switch, plain in (("plain_on", True), ("plain_off", False)):
        visitor.http.post("/api/message", json={"button": switch})
        until(lambda plain=plain: visitor.history()["plain_language"] is plain)


def test_desk_learns_intent_and_records(bot: Bot) -> None:
    """For statistics; no citizen ever sees them."""
    visitor = Visitor(bot.settings)
    visitor.ask("Seit wann ist Leeds Partnerstadt?")
    wanted = "SELECT confidence > 0.3, records, outcome FROM messages WHERE intent = 'ask_since'"
    with closing(sqlite3.connect(bot.settings.state / NAME)) as connection:
        assert (1, '["leeds"]', "answered") in list(connection.execute(wanted))


def test_second_visitor_gets_nothing_of_the_first(bot: Bot) -> None:
    """With nothing that it can see or guess, and not through Rasa's own address either."""
    first, second = Visitor(bot.settings), Visitor(bot.settings)
    first.ask(f"{SECRET} seit wann ist Leeds dabei?")
    payload = first.token.partition(".")[0]
    guesses = ["x", payload, f"{payload}.", f"{payload}.{second.token.partition('.')[2]}", first.token[:-2], "null"]
    for guess in guesses:
        headers = {"Authorization": f"Bearer {guess}"}
        for method, path, body in (
            ("GET", "/api/history", None),
            ("GET", "/api/events", None),
            ("POST", "/api/message", {"text": "x"}),
            ("POST", "/api/feedback", {"message": 2, "value": "up"}),
            ("DELETE", "/api/session", None),
        ):
            reply = second.http.request(method, path, json=body, headers=headers)
            assert reply.status_code == 401 and SECRET not in reply.text
    own = second.http.get("/api/history", params={"sender": payload, "conversation": payload, "token": first.token})
    assert own.json()["events"] == []
    second.http.post("/api/message", json={"text": "x", "sender": payload, "conversation": payload})
    assert len(first.history()["events"]) == 2


def test_deletion_leaves_no_byte(bot: Bot) -> None:
    """In the database, in Rasa's tracker store, in the logs."""
    visitor = Visitor(bot.settings)
    visitor.ask(f"{OTHER_SECRET} seit wann ist Leeds dabei?")
    assert OTHER_SECRET.encode() in contents(bot.settings.state)
    assert visitor.http.delete("/api/session").status_code == 204
    assert OTHER_SECRET.encode() not in contents(bot.settings.state)
    assert OTHER_SECRET not in bot.log.read_text(encoding="utf-8")
    part = visitor.token.partition(".")[0]
    sender = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode().strip('"')
    body = {"sender": sender, "message": "wiederhole das"}
    gone = httpx.post(bot.settings.rasa_url, json=body, trust_env=False, timeout=30)
    assert gone.status_code == 410
    assert visitor.http.get("/api/history").status_code == 401


def test_plain_form_answers(bot: Bot) -> None:
    """Without a line of JavaScript."""
    url = bot.settings.front_url
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=30) as browser:
        page = browser.post("/chat", data={"text": BOTH[1][0]})
        assert "Leeds" in page.text and "Quelle: " in page.text
        assert "Stadt Dortmund" in browser.get("/").text


def test_question_outlasts_the_end_of_rasa(bot: Bot) -> None:
    """The citizen is told within eight seconds, and answered when Rasa is back."""
    visitor = Visitor(bot.settings)
    os.kill(pid(bot.settings, "rasa run"), signal.SIGKILL)
    begun = time.monotonic()
    visitor.http.post("/api/message", json={"text": "Seit wann ist Leeds Partnerstadt?"})
    events: list[dict[str, Any]] = []
    while not any(event["type"] == "status" for event in events):
        assert time.monotonic() - begun < 8
        asked = visitor.http.get("/api/events?after=1&wait=8", headers={"Accept": "application/json"})
        events += asked.json()["events"]
    until(lambda: len([e for e in visitor.history()["events"] if e["type"] == "message"]) == 2, START_SECONDS)
    assert "1969" in visitor.history()["events"][-1]["text"]


def pid(settings: Settings, words: str) -> int:
    """The process of our own bot whose command has these words and one of our ports."""
    ports = {str(settings.rasa_port), str(settings.actions_port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words in " ".join(command) and ports & set(command):
            return int(process.name)
    raise AssertionError(f"no process {words}")
