"""Taking conversations over at the staff desk: forms, two clerks at once, the trail, who is there."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from partnerstadt.front.texts import load_texts
from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from partnerstadt.staff.trail import steps
from tests.front.parts import Citizen, Clock, Rasa, Served, served, until
from tests.staff.parts import PASSWORD, log_in, open_desk

OPEN = {"hours": ["Mo-Fr 08:00-16:00"], "land": "NW"}
WORDS = texts()["live"]


@pytest.fixture
def desk(tmp_path: Path, rasa: Rasa, clock: Clock) -> Desk:
    """A staff desk whose office has hours."""
    return open_desk(tmp_path, rasa, clock, **OPEN)


@pytest.fixture
def front(desk: Desk, tmp_path: Path, rasa: Rasa, clock: Clock) -> Iterator[Served]:
    """The front desk with the same database."""
    rasa.reply = lambda text: [{"text": f"Antwort auf {text}"}]
    with served(tmp_path, rasa, clock, **OPEN) as started:
        yield started


@pytest.fixture
def citizen(front: Served) -> Citizen:
    """Somebody with a conversation."""
    return Citizen(front)


@pytest.fixture
def clerk(client: TestClient) -> TestClient:
    """A clerk who is there for citizens."""
    return comes(client, "agent")


def comes(client: TestClient, name: str) -> TestClient:
    """Log in, and be there."""
    assert log_in(client, name) == 303
    assert WORDS["here"] in send(client, "/gespraeche/da", available="1").text
    return client


def send(client: TestClient, path: str, **data: str) -> Response:
    """Send a form."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert csrf
    return client.post(path, data={"csrf": csrf[1]} | data)


def waiting(client: TestClient) -> str:
    """The address of the conversation that waits."""
    found = re.search(r'action="(/gespraeche/[0-9a-f]{32})/uebernehmen"', client.get("/gespraeche").text)
    assert found
    return found[1]


def actions(desk: Desk) -> list[str]:
    """What the trail holds of conversations, the latest last."""
    return [step.action for step in reversed(steps(desk.engine)) if step.action in WORDS["steps"]]


def test_conversation_is_answered_and_handed_back(clerk: TestClient, citizen: Citizen, desk: Desk) -> None:
    """By plain forms alone; each step stands in the trail, without a word of the citizen."""
    citizen.say("Wo liegt Geheimnisstadt? Meine Nummer ist 0231 1234567")
    citizen.until_answered()
    citizen.press("person")
    page = clerk.get("/gespraeche").text
    assert (
        "Geheimnisstadt" in page
        and "1234567" not in page
        and load_texts().text("handover", "person", "title") not in page
    )
    address = waiting(clerk)
    page = send(clerk, f"{address}/uebernehmen").text
    assert WORDS["states"]["mine"] in page and "Geheimnisstadt" in page
    send(clerk, f"{address}/antwort", text="Guten Tag!", key="abc")
    assert citizen.history()[-1]["text"] == "Guten Tag!" and citizen.history()[-1]["from"] == "staff"
    page = send(clerk, f"{address}/zurueck", seen=str(citizen.history()[-1]["id"])).text
    assert WORDS["told"]["zurueck"] in page and WORDS["none"] in page
    assert actions(desk) == ["available", "taken_over", "handed_back"]
    trail = steps(desk.engine)
    assert not any("Geheim" in step.subject for step in trail) and trail[0].subject == address.rpartition("/")[2][:8]


def test_new_message_is_read_before_the_conversation_ends(clerk: TestClient, citizen: Citizen, desk: Desk) -> None:
    """The clerk is told, and sees it."""
    citizen.press("person")
    address = waiting(clerk)
    send(clerk, f"{address}/uebernehmen")
    seen = citizen.history()[-1]["id"]
    citizen.say("Noch etwas!")
    page = send(clerk, f"{address}/beenden", seen=str(seen))
    assert page.status_code == 409 and WORDS["unread"] in page.text and "Noch etwas!" in page.text
    assert WORDS["told"]["beendet"] in send(clerk, f"{address}/beenden", seen=str(seen + 1)).text
    assert actions(desk)[-1] == "closed"


def test_two_clerks_want_the_same_conversation(desk: Desk, clerk: TestClient, citizen: Citizen) -> None:
    """At the same moment, again and again: one has it, all others are told."""
    accounts = [f"kim{number}" for number in range(4)]
    for name in accounts:
        desk.accounts.add(name, PASSWORD, Role.AGENT)
    for _ in range(5):
        citizen.press("person")
        id = desk.live.calls()[0].id
        start = threading.Barrier(len(accounts))
        won: list[str] = []

        def take(name: str, id: str = id, start: threading.Barrier = start, won: list[str] = won) -> None:
            start.wait()
            if desk.live.take(id, name):
                won.append(name)

        threads = [threading.Thread(target=take, args=(name,)) for name in accounts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1 and desk.live.calls()[0].clerk == won[0]
        citizen.press("bot")
    assert actions(desk).count("taken_over") == 5


def test_clerk_who_is_late_is_told(desk: Desk, clerk: TestClient, citizen: Citizen) -> None:
    """On the list, without the other's conversation; and what she types there is not lost."""
    citizen.press("person")
    address = waiting(clerk)
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as second:
        comes(second, "administrator")
        assert WORDS["states"]["mine"] in send(second, f"{address}/uebernehmen").text
        late = send(clerk, f"{address}/uebernehmen")
        assert late.status_code == 409 and WORDS["too_late"] in late.text
        page = clerk.get(address).text
        assert WORDS["states"]["other"].format(clerk="administrator") in page and 'role="log"' not in page
        refused = send(clerk, f"{address}/antwort", text="Mein langer Text", key="abc")
        assert refused.status_code == 409 and WORDS["gone"] in refused.text and "Mein langer Text" in refused.text
    assert "Mein langer Text" not in [event["text"] for event in citizen.history()]


def test_citizen_deletes_the_conversation(clerk: TestClient, citizen: Citizen) -> None:
    """The clerk is told, on the page and at the next step."""
    citizen.press("person")
    address = waiting(clerk)
    send(clerk, f"{address}/uebernehmen")
    citizen.http.delete("/api/session")
    page = clerk.get(address)
    assert page.status_code == 404 and WORDS["states"]["gone"] in page.text
    assert send(clerk, f"{address}/antwort", text="Hallo?", key="abc").status_code == 409


def test_news_come_once(clerk: TestClient, citizen: Citizen) -> None:
    """A page that asks gets what is new and nothing else."""
    citizen.press("person")
    address = waiting(clerk)
    send(clerk, f"{address}/uebernehmen")
    last = citizen.history()[-1]["id"]
    news = {"after": str(last), "state": "mine"}
    assert clerk.get(f"{address}/neues", params=news).status_code == 204
    citizen.say("Sind Sie da?")
    part = clerk.get(f"{address}/neues", params=news)
    assert part.status_code == 200 and "Sind Sie da?" in part.text and "<html" not in part.text
    assert f"after={last + 1}" in part.text and part.text.count("<li") == 1
    citizen.press("bot")
    assert WORDS["states"]["bot"] in clerk.get(f"{address}/neues", params=news | {"after": str(last + 1)}).text
    mark = re.search(r"mark=(\w+)", clerk.get("/gespraeche").text)
    assert mark and clerk.get(f"/gespraeche/liste?mark={mark[1]}").status_code == 204
    assert clerk.get("/gespraeche/liste?mark=x").status_code == 200
    assert clerk.get("/gespraeche/anzahl?known=0").status_code == 204
    citizen.press("person")
    assert WORDS["count"].format(count=1) in clerk.get("/gespraeche/anzahl?known=0").text


@pytest.mark.parametrize(("text", "error"), [("", "empty"), (" \n", "empty"), ("x" * 2001, "unfit")])
def test_reply_that_cannot_be_sent_is_kept(clerk: TestClient, citizen: Citizen, text: str, error: str) -> None:
    """In its field."""
    citizen.press("person")
    address = waiting(clerk)
    send(clerk, f"{address}/uebernehmen")
    page = send(clerk, f"{address}/antwort", text=text, key="abc")
    assert page.status_code == 422 and WORDS[error] in page.text and text.strip() in page.text


def test_what_a_citizen_types_is_escaped(clerk: TestClient, citizen: Citizen) -> None:
    """On the list and in the conversation."""
    citizen.say("<script>alert(1)</script>")
    citizen.press("person")
    page = clerk.get("/gespraeche").text + clerk.get(waiting(clerk)).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_who_logs_out_is_gone(clerk: TestClient, citizen: Citizen, desk: Desk) -> None:
    """Who waits is told; who was with her gets the bot."""
    citizen.press("person")
    send(clerk, f"{waiting(clerk)}/uebernehmen")
    send(clerk, "/abmelden")
    until(lambda: citizen.history()[-1]["text"] == load_texts().text("handover", "lost"))


def test_being_there_ends_with_the_session(clerk: TestClient, desk: Desk, clock: Clock) -> None:
    """A page that asks by itself keeps neither alive; who logs in again has to say it again."""
    for _ in range(20):
        clock.move(minutes=2)
        answer = clerk.get("/gespraeche/anzahl", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    clock.move(minutes=4)
    assert not desk.live.available("agent")
    log_in(clerk, "agent")
    assert WORDS["away"] in clerk.get("/gespraeche").text


def test_closed_window_is_noticed(clerk: TestClient, desk: Desk, clock: Clock) -> None:
    """A page with scripts is heard of every few seconds, one without as long as the session lasts."""
    clock.move(minutes=20)
    assert desk.live.available("agent")
    clerk.get("/gespraeche/anzahl")
    clock.move(minutes=4)
    assert not desk.live.available("agent")


def test_clerk_says_that_she_is_gone(clerk: TestClient, desk: Desk) -> None:
    """And has a look at what citizens are told."""
    assert WORDS["reach"]["here"] in clerk.get("/gespraeche").text
    page = send(clerk, "/gespraeche/da", available="0").text
    assert WORDS["away"] in page and WORDS["reach"]["away"] in page
    assert actions(desk) == ["available", "unavailable"]
