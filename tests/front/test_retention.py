"""What is too old is deleted by itself; counts stay."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from partnerstadt.cli import main
from partnerstadt.database import leave_no_trace
from partnerstadt.front.database import NAME, open_database
from partnerstadt.front.retention import INTERVAL, forget
from partnerstadt.front.store import Question, Reply, Store
from partnerstadt.settings import Settings
from tests.front.parts import START, Citizen, Clock, Rasa, Served, contents, served, until
from tests.support import MUSTERSTADT, PROJECT

SECRET = "Kronjuwelen"


def test_deletion_leaves_no_byte(front: Served, citizen: Citizen, rasa: Rasa, tmp_path: Path) -> None:
    """In no file of the state, while the desk runs and somebody else is talking."""
    rasa.reply = lambda text: [{"text": f"Antwort {text}", "buttons": [{"title": f"{text}?", "payload": text}]}]
    other = Citizen(front)
    with other.stream():
        for number in range(30):
            citizen.say(f"{SECRET} {number} " + "x" * 900)
            other.say(f"Anderes {number}")
        citizen.until_answered(30)
        other.until_answered(30)
        body = {"message": citizen.history()[1]["id"], "value": "down", "comment": SECRET}
        citizen.http.post("/api/feedback", json=body)
        assert SECRET.encode() in contents(tmp_path)
        assert citizen.http.delete("/api/session").status_code == 204
        assert SECRET.encode() not in contents(tmp_path)
        assert b"Anderes" in contents(tmp_path) and len(other.history()) == 60


def test_rows_that_grew_leave_no_byte_either(tmp_path: Path) -> None:
    """SQLite moves them to other pages and keeps copies where they were."""
    engine, chance = create_engine(f"sqlite:///{tmp_path / 'grown'}"), random.Random(11)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
        connection.exec_driver_sql("CREATE TABLE said (id INTEGER PRIMARY KEY, ours BOOLEAN, text TEXT, reply TEXT)")
        waiting: list[int] = []
        for id in range(1, 301):
            ours = chance.random() < 0.5
            text = (SECRET if ours else "anders") + " x" * chance.randint(100, 450)
            connection.exec_driver_sql("INSERT INTO said (id, ours, text) VALUES (?, ?, ?)", (id, ours, text))
            waiting.append(id)
            if chance.random() < 0.8:
                answered = waiting.pop(chance.randrange(len(waiting)))
                reply = "y" * chance.randint(10, 900)
                connection.exec_driver_sql("UPDATE said SET reply = ? WHERE id = ?", (reply, answered))
        connection.exec_driver_sql("DELETE FROM said WHERE ours")
    assert SECRET.encode() in contents(tmp_path)
    assert leave_no_trace(engine)
    assert SECRET.encode() not in contents(tmp_path)


def test_traces_stay_for_a_moment_while_somebody_writes(tmp_path: Path) -> None:
    """It is no error: the next time is soon."""
    engine = create_engine(f"sqlite:///{tmp_path / 'busy'}", connect_args={"timeout": 0.1})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE said (id INTEGER PRIMARY KEY)")
    writer = sqlite3.connect(tmp_path / "busy", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert not leave_no_trace(engine)
    writer.execute("COMMIT")
    assert leave_no_trace(engine)


def test_old_texts_go_and_counts_stay(
    front: Served, citizen: Citizen, clock: Clock, rasa: Rasa, tmp_path: Path
) -> None:
    """With the clock moved on, and in Rasa too."""
    citizen.say(SECRET)
    citizen.until_answered()
    citizen.http.post("/api/feedback", json={"message": 2, "value": "up", "comment": SECRET})
    before = front.desk.store.statistics()
    clock.move(days=29)
    assert front.run(front.desk.retention.once()) == 0 and SECRET.encode() in contents(tmp_path)
    assert rasa.deleted == [rasa.asked[0]["sender"]]  # the conversation is over
    clock.move(days=1, seconds=1)
    assert front.run(front.desk.retention.once()) == 2
    assert SECRET.encode() not in contents(tmp_path)
    day = START.date().isoformat()
    assert (
        front.desk.store.statistics()
        == before
        == {
            (day, "web", "conversations", ""): 1,
            (day, "web", "questions", ""): 1,
            (day, "web", "outcomes", "answered"): 1,
            (day, "web", "intents", "ask_since"): 1,
            (day, "web", "feedback", "up"): 1,
            (day, "web", "milliseconds", "100"): 1,
        }
    )


def test_desk_does_it_without_being_asked(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """The job runs as long as the desk does, at least once an hour."""
    assert INTERVAL <= 3600
    with served(tmp_path, rasa, clock) as front:
        citizen = Citizen(front)
        citizen.say(SECRET)
        citizen.until_answered()
    clock.move(days=31)
    with served(tmp_path, rasa, clock):
        until(lambda: SECRET.encode() not in contents(tmp_path))


def test_young_conversation_is_left_alone(front: Served, citizen: Citizen, clock: Clock) -> None:
    """Only what is old goes."""
    citizen.say("alt")
    citizen.until_answered()
    clock.move(days=30, seconds=1)
    young = Citizen(front)
    young.say("neu")
    young.until_answered()
    front.run(front.desk.retention.once())
    assert [event["text"] for event in young.history()] == ["neu", "Antwort auf neu"]


def test_command_deletes_old_texts(tmp_path: Path) -> None:
    """Also while no front desk is running."""
    store = Store(open_database(None, tmp_path))
    opened = store.open("web", START, START + dt.timedelta(hours=24))
    store.say(opened.id, SECRET, START)
    store.answer(Question(opened.id, 1, SECRET), Reply(SECRET), START)
    store.close()
    settings = Settings(PROJECT, MUSTERSTADT, state=tmp_path)
    assert forget(settings, lambda: START + dt.timedelta(days=30)) == 0
    assert SECRET.encode() in contents(tmp_path)
    assert forget(settings, lambda: START + dt.timedelta(days=30, seconds=1)) == 2
    assert SECRET.encode() not in contents(tmp_path) and (tmp_path / NAME).exists()


def test_command_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`partnerstadt forget` says what it did."""
    monkeypatch.setenv("PARTNERSTADT_STATE", str(tmp_path))
    assert main(["forget"]) == 0
    assert capsys.readouterr().out == "no messages deleted\n"
