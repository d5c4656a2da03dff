"""A citizen asks for a person: what is said, who answers, and that nothing is lost on the way there and back."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from partnerstadt.front import handover as h
from partnerstadt.front.handover import Done
from partnerstadt.front.texts import load_texts
from tests.front.parts import Citizen, Clock, Rasa, Served, served, until

OPEN = {"hours": ["Mo-Fr 08:00-16:00"], "land": "NW"}
HUMAN = "Ich möchte mit einem Menschen sprechen"
TEXTS = load_texts()


def text(*path: str, **values: object) -> str:
    """What is said at a step."""
    return TEXTS.text("handover", *path, **values)


@pytest.fixture
def rasa(rasa: Rasa) -> Rasa:
    """A bot that knows who wants a person."""
    works = rasa.reply
    rasa.reply = lambda said: [{"text": "Gern."}, {"about": {"outcome": "handoff"}}] if said == HUMAN else works(said)
    return rasa


@pytest.fixture
def front(tmp_path: Path, rasa: Rasa, clock: Clock, database: str | None) -> Iterator[Served]:
    """A front desk in its office hours."""
    with served(tmp_path, rasa, clock, database, **OPEN) as desk:
        yield desk


class Clerk:
    """Somebody at another process, with the same database."""

    def __init__(self, front: Served, clock: Clock, name: str = "kim") -> None:
        self.front, self.clock, self.name = front, clock, name

    def do(self, step: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """A step in a transaction."""
        return self.front.desk.store.within(lambda connection: step(connection, *arguments, **named))

    def comes(self, minutes: float = 30) -> Clerk:
        """Be there."""
        now = self.clock()
        self.do(h.is_here, self.name, now, now + dt.timedelta(minutes=minutes), True)
        return self

    def calls(self) -> list[h.Call]:
        """Who waits or is with somebody."""
        return list(self.do(h.calls, self.clock()))

    def takes(self) -> str:
        """Take the first one over."""
        id = self.calls()[0].id
        assert self.do(self.front.desk.handover.take, id, self.name, self.clock())
        return id

    def says(self, id: str, said: str, key: str = "") -> Done:
        """Say something."""
        step = self.front.desk.handover.reply
        return Done(self.do(step, id, self.name, said, key or f"key {said}", self.clock()))

    def ends(self, id: str, seen: int = 1000, closed: bool = False) -> Done:
        """Hand back or close."""
        return Done(self.do(self.front.desk.handover.end, id, self.name, seen, self.clock(), closed=closed))


@pytest.fixture
def clerk(front: Served, clock: Clock) -> Clerk:
    """A clerk who has not said that she is there."""
    return Clerk(front, clock)


def offered(citizen: Citizen) -> tuple[str, list[str]]:
    """Ask for a person: what is said, and the buttons."""
    before = len(citizen.history())
    assert citizen.say(HUMAN).status_code == 202
    until(lambda: len(citizen.history()) >= before + 2)
    answer = citizen.history()[-1]
    return answer["text"], [button["id"] for button in answer["buttons"]]


def last(citizen: Citizen) -> str:
    """What was said last."""
    return str(citizen.history()[-1]["text"])


def state(citizen: Citizen) -> str:
    """Who answers."""
    return str(citizen.http.get("/api/history").json()["handover"])


def test_somebody_is_there(citizen: Citizen, clerk: Clerk) -> None:
    """Both ways are offered, and the bot's own words stay."""
    clerk.comes()
    said, buttons = offered(citizen)
    assert said == f"Gern.\n\n{text('reach', 'here')}" and buttons == ["person", "note"]


def test_nobody_is_there(citizen: Citizen, clerk: Clerk, clock: Clock) -> None:
    """Not though it is time; nor when the one who was there has not been heard of."""
    expected = f"Gern.\n\n{text('reach', 'away')}", ["note"]
    assert offered(citizen) == expected
    clerk.comes(minutes=30)
    clock.move(minutes=31)
    assert offered(citizen) == expected


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (dt.datetime(2026, 11, 24, 6, 59, tzinfo=dt.timezone.utc), "closed"),
        (dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.timezone.utc), "closed"),
        (dt.datetime(2025, 10, 3, 10, 0, tzinfo=dt.timezone.utc), "holiday"),
        (dt.datetime(2026, 6, 4, 10, 0, tzinfo=dt.timezone.utc), "holiday"),
    ],
)
def test_office_is_closed(citizen: Citizen, clerk: Clerk, clock: Clock, moment: dt.datetime, said: str) -> None:
    """Before and after hours and on holidays, even if a clerk is there."""
    citizen.http.delete("/api/session")
    clock.now = moment
    clerk.comes()
    citizen = Citizen(clerk.front)
    told, buttons = offered(citizen)
    names = {"holiday": "Fronleichnam" if moment.month == 6 else "Tag der Deutschen Einheit"}
    assert text("reach", said, times="Mo-Fr 08:00-16:00", **names) in told and buttons == ["note"]
    citizen.press("person")
    assert state(citizen) == "bot" and clerk.calls() == []


def test_city_that_names_no_hours_promises_nothing(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """Whoever may be there."""
    with served(tmp_path / "x", rasa, clock) as front:
        Clerk(front, clock).comes()
        assert offered(Citizen(front)) == (f"Gern.\n\n{text('reach', 'never')}", ["note"])


def test_conversation_goes_to_a_person_and_back(citizen: Citizen, clerk: Clerk, rasa: Rasa) -> None:
    """The bot answers while somebody waits, is silent while a person answers, and answers again in the same session."""
    clerk.comes()
    offered(citizen)
    assert citizen.press("person").status_code == 202
    assert last(citizen) == text("called") and state(citizen) == "waiting"
    citizen.say("Seit wann?")
    assert citizen.until_answered(2)[-1] == "Antwort auf Seit wann?"
    id = clerk.takes()
    assert last(citizen) == text("taken", person="Mitarbeiter*in") and state(citizen) == "staff"
    asked = len(rasa.asked)
    assert citizen.say("Sind Sie ein Mensch?").json()["message"]["to"] == "staff"
    assert clerk.says(id, "Ja.") is Done.YES
    citizen.say("Danke")
    time.sleep(0.3)
    assert len(rasa.asked) == asked
    told = [(event["from"], event["text"]) for event in citizen.history()[-3:]]
    assert told == [("citizen", "Sind Sie ein Mensch?"), ("staff", "Ja."), ("citizen", "Danke")]
    assert clerk.ends(id) is Done.YES
    assert last(citizen) == text("handed_back") and state(citizen) == "bot"
    citizen.say("Und Amiens?")
    citizen.until_answered(3)
    assert len({body["sender"] for body in rasa.asked}) == 1 and rasa.texts[-1] == "Und Amiens?"


def test_word_of_a_clerk_is_there_within_a_second(citizen: Citizen, clerk: Clerk) -> None:
    """Though another process wrote it: in a stream, and when polled."""
    clerk.comes()
    citizen.press("person")
    id = clerk.takes()
    with citizen.stream(citizen.history()[-1]["id"]) as events:
        begun = time.monotonic()
        clerk.says(id, "Guten Tag")
        assert next(events)["data"]["text"] == "Guten Tag" and time.monotonic() - begun < 1.5
    after = citizen.history()[-1]["id"]
    clerk.says(id, "Noch etwas")
    begun = time.monotonic()
    assert citizen.poll(after)["events"][0]["text"] == "Noch etwas" and time.monotonic() - begun < 1.5
    clerk.ends(id)
    assert citizen.poll(after + 1)["events"][0]["text"] == text("handed_back")


def test_answer_of_the_bot_that_comes_too_late_is_not_said(citizen: Citizen, clerk: Clerk, rasa: Rasa) -> None:
    """The clerk has the question before her; the bot is silent."""
    clerk.comes()
    citizen.press("person")
    rasa.wait = 0.8
    citizen.say("Seit wann?")
    until(lambda: rasa.asked)
    clerk.takes()
    time.sleep(1.2)
    assert citizen.answers() == [] and [e["type"] for e in citizen.history()] == ["message"] * 4
    assert citizen.history()[2]["to"] == "staff"


def test_one_of_two_clerks_wins(citizen: Citizen, clerk: Clerk, front: Served, clock: Clock) -> None:
    """The other one's words do not get through."""
    clerk.comes()
    citizen.press("person")
    id = clerk.takes()
    other = Clerk(front, clock, "toni").comes()
    assert not other.do(front.desk.handover.take, id, "toni", clock())
    assert other.says(id, "Hallo?") is Done.GONE and other.ends(id) is Done.GONE
    assert "Hallo?" not in [event["text"] for event in citizen.history()]


def test_word_sent_twice_is_said_once(citizen: Citizen, clerk: Clerk) -> None:
    """A double click of the clerk, or of the citizen."""
    clerk.comes()
    for _ in range(2):
        citizen.http.post("/api/message", json={"button": "person", "id": "abcdefgh"})
    id = clerk.takes()
    for _ in range(2):
        assert clerk.says(id, "Ja.", "same") is Done.YES
    texts = [event["text"] for event in citizen.history()]
    assert texts.count("Ja.") == 1 and texts.count(text("person", "title")) == 1


def test_what_the_clerk_has_not_seen_is_not_handed_back(citizen: Citizen, clerk: Clerk) -> None:
    """Else nobody would ever answer it."""
    clerk.comes()
    citizen.press("person")
    id = clerk.takes()
    seen = citizen.history()[-1]["id"]
    citizen.say("Noch eine Frage!")
    assert clerk.ends(id, seen) is Done.UNREAD and clerk.ends(id, seen, closed=True) is Done.UNREAD
    assert clerk.ends(id, seen + 1, closed=True) is Done.YES and state(citizen) == "closed"
    assert last(citizen) == text("closed_by_staff")
    citizen.say("Und Amiens?")
    assert citizen.until_answered() == ["Antwort auf Und Amiens?"] and state(citizen) == "bot"


def test_nobody_comes(citizen: Citizen, clerk: Clerk, clock: Clock) -> None:
    """After five minutes the citizen is told, and can leave a note."""
    clerk.comes()
    citizen.press("person")
    clock.move(minutes=4, seconds=59)
    time.sleep(0.7)
    assert state(citizen) == "waiting"
    clock.move(seconds=1)
    until(lambda: state(citizen) == "bot")
    assert last(citizen) == text("missed")
    assert [button["id"] for button in citizen.history()[-1]["buttons"]] == ["note"]


def test_last_clerk_leaves_while_somebody_waits(citizen: Citizen, clerk: Clerk) -> None:
    """Waiting on would be in vain."""
    clerk.comes()
    citizen.press("person")
    clerk.do(h.is_gone, "kim")
    until(lambda: last(citizen) == text("missed"))


def test_clerk_vanishes(citizen: Citizen, clerk: Clerk, clock: Clock, rasa: Rasa) -> None:
    """The citizen is told, and the bot answers what the clerk has not; what she has is not answered twice."""
    clerk.comes(minutes=3)
    citizen.press("person")
    id = clerk.takes()
    citizen.say("Wer sind Sie?")
    clerk.says(id, "Kim.")
    citizen.say("Seit wann?")
    clock.move(minutes=4)
    assert citizen.until_answered() == ["Antwort auf Seit wann?"]
    assert text("lost") in [event["text"] for event in citizen.history()] and rasa.texts == ["Seit wann?"]
    assert clerk.says(id, "Bin wieder da") is Done.GONE


@pytest.mark.parametrize("taken", [False, True])
def test_citizen_wants_the_bot_again(citizen: Citizen, clerk: Clerk, taken: bool) -> None:
    """While waiting and while a person answers."""
    clerk.comes()
    citizen.press("person")
    if taken:
        clerk.takes()
    citizen.press("bot")
    assert last(citizen) == text("bot_again") and state(citizen) == "bot" and clerk.calls() == []


def test_who_waits_is_not_called_for_twice(citizen: Citizen, clerk: Clerk) -> None:
    """Neither by the button nor by words."""
    clerk.comes()
    citizen.press("person")
    citizen.press("person")
    assert last(citizen) == text("called_before") and len(clerk.calls()) == 1
    assert offered(citizen) == (f"Gern.\n\n{text('called_before')}", ["bot"])
    clerk.takes()
    citizen.press("person")
    assert last(citizen) == text("taken_before") and state(citizen) == "staff"


def test_deleted_conversation_is_gone_for_the_clerk(citizen: Citizen, clerk: Clerk) -> None:
    """And what was said in it."""
    clerk.comes()
    citizen.press("person")
    id = clerk.takes()
    assert citizen.http.delete("/api/session").status_code == 204
    assert clerk.calls() == [] and clerk.says(id, "Hallo?") is Done.GONE and clerk.ends(id) is Done.GONE


def test_hand_over_outlasts_a_restart(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """While waiting, with a person, and what was said meanwhile."""
    folder = tmp_path / "state"
    with served(folder, rasa, clock, **OPEN) as front:
        Clerk(front, clock).comes()
        citizen = Citizen(front)
        citizen.press("person")
    with served(folder, rasa, clock, **OPEN) as front:
        clerk = Clerk(front, clock)
        id = clerk.takes()
        citizen.http = front.client(headers={"Authorization": f"Bearer {citizen.token}"})
        citizen.say("Sind Sie da?")
    with served(folder, rasa, clock, **OPEN) as front:
        clerk = Clerk(front, clock)
        clerk.says(id, "Ja.")
        citizen.http = front.client(headers={"Authorization": f"Bearer {citizen.token}"})
        texts = [event["text"] for event in citizen.history()]
    assert texts[-2:] == ["Sind Sie da?", "Ja."] and rasa.asked == []


def test_link_to_the_form_is_one_that_works(citizen: Citizen, front: Served) -> None:
    """It is that of the front desk, as the citizen finds it."""
    citizen.press("note")
    address = last(citizen).rpartition("(")[2].rstrip(")")
    assert address == f"{front.url}/nachricht"
    assert citizen.http.get(address).status_code == 200


def test_steps_are_counted_without_texts(citizen: Citizen, clerk: Clerk, front: Served) -> None:
    """For the statistics, also when the conversation is deleted."""
    clerk.comes()
    citizen.press("person")
    clerk.takes()
    citizen.http.delete("/api/session")
    counted = {key[3]: number for key, number in front.desk.store.statistics().items() if key[2] == "handover"}
    assert counted == {"called": 1, "taken": 1}


def test_name_of_a_team_may_be_set(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """Instead of the word for any clerk."""
    with served(tmp_path / "x", rasa, clock, person="Team Internationales", **OPEN) as front:
        clerk = Clerk(front, clock).comes()
        citizen = Citizen(front)
        citizen.press("person")
        clerk.takes()
        assert "Team Internationales" in last(citizen)


def test_plain_form_works_alike(front: Served, clerk: Clerk) -> None:
    """Calling, waiting, the person's words, and nothing says that an answer of the bot is due."""
    clerk.comes()
    with front.client(follow_redirects=True) as browser:
        assert text("reach", "here") in browser.post("/chat", data={"text": HUMAN}).text
        page = browser.post("/chat", data={"button": "person"}).text
        assert text("called") in page and TEXTS.group("chat")["handover_waiting"] in page
        id = clerk.takes()
        clerk.says(id, "Guten Tag!")
        page = browser.post("/chat", data={"text": "Danke"}).text
        assert "Guten Tag!" in page and TEXTS.group("chat")["handover_staff"] in page
        assert "Mitarbeiter*in:" in page and TEXTS.group("chat")["waiting"] not in page
        assert browser.post("/chat", data={"button": "note"}).url.path == "/nachricht"
