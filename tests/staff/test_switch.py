"""The emergency switch, with a front desk beside it: two processes' worth of parts on one database."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from partnerstadt.front.notices import READ_SECONDS
from partnerstadt.staff.app import create_app
from partnerstadt.staff.switch import MOST_CHARACTERS
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from tests.front.parts import Citizen, Clock, Rasa, served, until
from tests.staff.parts import log_in, open_desk
from tests.staff.test_app import csrf

PATH = "/notschalter"


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    """A stand-in for Rasa that answers everything."""
    double = Rasa()
    double.start()
    yield double
    double.stop()


def turn(client: TestClient, **sent: str) -> int:
    """Send one of the forms; the status."""
    answer = client.post(PATH, data={"csrf": csrf(client)} | sent, follow_redirects=False)
    return int(answer.status_code)


def test_paused_bot_is_not_asked(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """Within five seconds, without a restart, everybody reads the notice instead; then it goes on, nothing is lost."""
    desk = open_desk(tmp_path, rasa, clock)
    with served(tmp_path, rasa) as front, TestClient(create_app(desk), base_url="http://127.0.0.1") as client:
        log_in(client, "editor")
        citizen = Citizen(front)
        citizen.say("Wo liegt Leeds?")
        citizen.until_answered(1)
        text = "Wir machen <b>Pause</b> & kommen wieder."
        desk.clock.now = dt.datetime.now(dt.timezone.utc)  # type: ignore[attr-defined]
        log_in(client, "editor")
        begun = time.monotonic()
        assert turn(client, do="pause", text=text) == 303
        until(lambda: front.client().get("/readyz").json()["paused"], 5)
        assert time.monotonic() - begun < 5
        asked = len(rasa.asked)
        citizen.say("Und seit wann?")
        until(lambda: citizen.history()[-1]["text"] == text)
        assert citizen.history()[-1]["from"] == "system" and len(rasa.asked) == asked
        assert front.client().get("/api/info").json()["announcement"] == {"text": text}
        assert "Wir machen &lt;b&gt;Pause&lt;/b&gt; &amp; kommen wieder." in front.client().get("/chat").text
        assert front.client().get("/readyz").status_code == 200
        assert turn(client, do="resume") == 303
        until(lambda: not front.client().get("/readyz").json()["paused"], READ_SECONDS + 3)
        citizen.say("Und Amiens?")
        citizen.until_answered(2)
        said = [event["text"] for event in citizen.history() if event["from"] == "citizen"]
        assert said == ["Wo liegt Leeds?", "Und seit wann?", "Und Amiens?"]
        assert front.client().get("/api/info").json()["announcement"] is None
        kept = [(s.account, s.action) for s in steps(desk.engine)]
        assert ("editor", "bot_paused") in kept and ("editor", "bot_resumed") in kept


def test_question_that_waits_is_answered_by_the_notice(tmp_path: Path, rasa: Rasa) -> None:
    """Also one that was asked while the bot was gone."""
    desk = open_desk(tmp_path, rasa, Clock(dt.datetime.now(dt.timezone.utc)))
    with served(tmp_path, rasa) as front:
        rasa.stop()
        citizen = Citizen(front)
        citizen.say("Wo liegt Leeds?")
        desk.switch.pause("Pause.", "editor")
        until(lambda: any(event["text"] == "Pause." for event in citizen.history()), 6)


def test_notice_is_shown_for_some_time(tmp_path: Path, rasa: Rasa) -> None:
    """Above the chat and above the plain form, from a minute to a minute; the bot answers meanwhile."""
    clock = Clock()
    desk = open_desk(tmp_path, rasa, clock)
    with served(tmp_path, rasa, clock, announcement="Immer.") as front:
        begins, ends = clock.now + dt.timedelta(hours=1), clock.now + dt.timedelta(hours=2)
        desk.switch.announce("Wartung am Abend.", begins, ends, "editor")

        def above() -> str:
            shown: str = front.client().get("/api/info").json()["announcement"]["text"]
            return shown

        assert above() == "Immer."
        clock.move(hours=1)
        until(lambda: above() == "Wartung am Abend.\n\nImmer.", 5)
        assert "Wartung am Abend." in front.client().get("/chat").text
        citizen = Citizen(front)
        citizen.say("Wo liegt Leeds?")
        assert citizen.until_answered(1)
        clock.move(hours=1)
        assert above() == "Immer." and desk.switch.state() == {}


def test_times_are_those_of_the_zone(client: TestClient, clock: Clock) -> None:
    """What a clerk types at noon means noon here."""
    log_in(client, "editor")
    sent = {"do": "announce", "text": "Wartung", "begins": "2026-11-24T18:30", "ends": "2026-11-24T19:30"}
    assert turn(client, **sent) == 303
    page = client.get(PATH).text
    assert "24.11.2026 18:30" in page and "24.11.2026 19:30" in page
    assert turn(client, do="withdraw") == 303
    assert texts()["switch"]["notice_none"] in client.get(PATH).text


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"do": "pause", "text": " \n"}, "empty"),
        ({"do": "pause", "text": "x" * (MOST_CHARACTERS + 1)}, "long"),
        ({"do": "announce", "text": "x", "ends": "2026-11-23T10:00"}, "over"),
        ({"do": "announce", "text": "x", "begins": "2026-12-02T10:00", "ends": "2026-12-01T10:00"}, "over"),
        ({"do": "announce", "text": "x", "begins": "morgen"}, "moment"),
    ],
)
def test_notice_that_makes_no_sense_is_told(client: TestClient, sent: dict[str, str], reason: str) -> None:
    """And nothing is set; what was typed is still there."""
    log_in(client, "editor")
    answer = client.post(PATH, data={"csrf": csrf(client)} | sent)
    assert answer.status_code == 422 and texts()["switch"]["unfit"][reason] in answer.text
    assert sent["text"] in answer.text and texts()["switch"]["running"] in answer.text
