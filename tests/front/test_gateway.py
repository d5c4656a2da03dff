"""The front desk and its own gateways: the channel can be trusted, the name of a conversation opens it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from partnerstadt.front import gateway
from tests.front.parts import Citizen, Clock, Rasa, Served, served, until

NAME = "0123456789abcdef" * 2


class Entering:
    """A gateway at a front desk."""

    def __init__(self, front: Served) -> None:
        token = gateway.token(front.desk.gateway_secret)
        self.http = front.client(headers={gateway.HEADER: token})

    def enter(self, channel: Any = "xmpp", conversation: Any = NAME) -> httpx.Response:
        """Open a conversation by its name."""
        return self.http.post("/api/session", json={"channel": channel, "conversation": conversation})

    def use(self, token: str) -> None:
        """Speak in a conversation from now on."""
        self.http.headers["Authorization"] = f"Bearer {token}"

    def poll(self, after: int = 0, wait: int = 5) -> dict[str, Any]:
        """What happens next."""
        asked = {"after": after, "wait": wait}
        return dict(self.http.get("/api/events", params=asked, headers={"Accept": "application/json"}).json())


@pytest.fixture
def entering(front: Served) -> Entering:
    """A gateway at the front desk of the test."""
    return Entering(front)


def test_the_same_name_opens_the_same_conversation(entering: Entering, front: Served) -> None:
    """It is counted once, under the channel of the gateway."""
    first, again = entering.enter(), entering.enter()
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    counted = {key[1:3]: number for key, number in front.desk.store.statistics().items()}
    assert counted == {("xmpp", "conversations"): 1}


def test_conversation_that_is_over_is_not_opened_again(entering: Entering, clock: Clock) -> None:
    """The gateway has to choose another name."""
    entering.enter()
    clock.move(hours=25)
    assert entering.enter().status_code == 410
    assert entering.enter(conversation="f" * 32).status_code == 201


def test_gateway_deletes_also_what_is_over(entering: Entering, front: Served, clock: Clock) -> None:
    """Somebody may want that later; nobody else can."""
    entering.use(entering.enter().json()["token"])
    entering.http.post("/api/message", json={"text": "geheim"})
    until(lambda: len(front.desk.store.events(NAME)) == 2)
    clock.move(hours=25)
    named = {"channel": "xmpp", "conversation": NAME}
    assert front.client().request("DELETE", "/api/session", json=named).status_code == 401
    assert entering.http.request("DELETE", "/api/session", json=named).status_code == 204
    assert front.desk.store.events(NAME) == []


def test_name_is_of_one_channel_only(entering: Entering) -> None:
    """Another channel cannot take it over."""
    entering.enter("xmpp")
    assert entering.enter("telegram").status_code == 410


@pytest.mark.parametrize("named", [("web", NAME), ("XMPP", NAME), ("xmpp", "short"), (None, NAME), ("xmpp", 7)])
def test_nonsense_of_a_gateway_is_refused(entering: Entering, named: tuple[Any, Any]) -> None:
    """Also the channel of the chat in a browser."""
    assert entering.enter(*named).status_code == 422


def test_citizen_cannot_choose_channel_or_name(front: Served) -> None:
    """Without the token both are passed over, with a wrong one all is refused."""
    asked = {"channel": "xmpp", "conversation": NAME}
    assert front.client().post("/api/session", json=asked).status_code == 201
    assert {key[1] for key in front.desk.store.statistics()} == {"web"}
    assert front.desk.store.conversation(NAME, front.desk.clock()) is None
    for wrong in ("", "x", "ü", front.desk.gateway_secret):
        refused = front.client(headers={gateway.HEADER.encode(): wrong.encode()})
        assert refused.post("/api/session", json=asked).status_code == 401


def test_gateway_is_not_limited_like_an_address(tmp_path: Path, rasa: Rasa) -> None:
    """All who write in a messenger come from the same one."""
    with served(tmp_path, rasa, requests_at_once=3, requests_per_minute=1, sessions_at_once=1) as front:
        entering = Entering(front)
        assert {entering.enter(conversation=f"{number:032x}").status_code for number in range(20)} == {201}
        assert [front.client().get("/api/info").status_code for _ in range(4)][-1] == 429


def test_more_is_true_until_the_answer_has_come(entering: Entering, rasa: Rasa) -> None:
    """Whoever waits for it knows when to stop."""
    rasa.wait = 0.5
    entering.use(entering.enter().json()["token"])
    assert entering.poll(wait=0)["more"] is False
    entering.http.post("/api/message", json={"text": "Hallo"})
    news = entering.poll()
    assert [event["from"] for event in news["events"] if "id" in event] == ["citizen"] and news["more"] is True
    seen: list[str] = []
    while news["more"]:
        news = entering.poll(news["last"], 1)
        seen += [event["text"] for event in news["events"] if event.get("from") == "bot" and "id" in event]
    assert seen == ["Antwort auf Hallo"]


def test_more_is_true_while_a_person_is_asked_for(entering: Entering, front: Served, rasa: Rasa) -> None:
    """Something may come at any time."""
    entering.use(entering.enter().json()["token"])
    entering.http.post("/api/message", json={"text": "Hallo"})
    until(lambda: not entering.poll(wait=0)["more"])
    from partnerstadt.front.handover import _become

    front.desk.store.within(_become, NAME, "staff")
    assert entering.poll(wait=0)["more"] is True


@pytest.mark.parametrize("public_url", [None, "https://chat.example.org", "https://chat.example.org/"])
def test_note_in_a_messenger_leads_to_the_public_form(tmp_path: Path, rasa: Rasa, public_url: str | None) -> None:
    """Never to the address by which a gateway calls the front desk."""
    with served(tmp_path, rasa, public_url=public_url) as front:
        entering, citizen = Entering(front), Citizen(front)
        entering.use(entering.enter().json()["token"])
        entering.http.post("/api/message", json={"button": "note"})
        text = entering.poll()["events"][-1]["text"]
        assert front.url not in text
        assert ("(https://chat.example.org/nachricht)" in text) == (public_url is not None)
        citizen.press("note")
        assert f"({front.url}/nachricht)" in citizen.history()[-1]["text"]


def test_names_are_opaque_and_lasting() -> None:
    """The same for the same parts and secret; parts do not run into each other."""
    assert gateway.name("s", "telegram", "12") == gateway.name("s", "telegram", "12")
    names = {gateway.name("s", "a", "bc"), gateway.name("s", "ab", "c"), gateway.name("t", "a", "bc")}
    assert len(names) == 3 and all(gateway.CONVERSATION.fullmatch(name) for name in names)
    assert gateway.token("s") != gateway.token("t")
