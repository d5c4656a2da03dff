"""The API of the chat, as its clients use it."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.front.parts import Citizen, Clock, Rasa, Served, served, until

HELLO = "Guten Tag"


def code(response: httpx.Response) -> tuple[int, str]:
    """Status and code of an error, which always comes with a sentence."""
    error = response.json()["error"]
    assert error["text"].endswith((".", "!"))
    return response.status_code, error["code"]


def test_info_says_what_a_chat_shows_first(front: Served) -> None:
    """That it is a machine, what it can do, what not to write, and how long it may be."""
    info = front.client().get("/api/info").json()
    assert info["city"] == "Musterstadt" and info["limits"] == {"characters": 1000}
    assert "Computerprogramm" in " ".join(info["greeting"]) and "persönlichen Daten" in info["notice"]
    assert len(info["suggestions"]) == 3 and info["announcement"] is None


def test_answer_has_text_source_buttons_and_picture(citizen: Citizen, rasa: Rasa) -> None:
    """One message of several that Rasa sends; nothing of Rasa's own comes with it."""
    rasa.reply = lambda _: [
        {"recipient_id": "x", "text": "Eins.", "response": "utter_a"},
        {"recipient_id": "x", "text": "Zwei.", "buttons": [{"title": "Drei?", "payload": "/geheim"}]},
        {"recipient_id": "x", "custom": {"picture": "map"}, "response": "utter_map"},
        {"recipient_id": "x", "text": "Quelle: Q.", "response": "utter_source"},
        {"about": {"intent": "ask_list", "outcome": "answered", "plain": True}},
    ]
    citizen.say("Seit wann?")
    citizen.until_answered()
    reply = citizen.http.get("/api/history")
    answer = reply.json()["events"][1]
    assert answer["text"] == "Eins.\n\nZwei." and answer["source"] == "Quelle: Q." and answer["picture"] == "map"
    assert [button["title"] for button in answer["buttons"]] == ["Drei?"] and reply.json()["plain_language"] is True
    assert "geheim" not in reply.text and "ask_list" not in reply.text and "recipient" not in reply.text


def test_button_says_its_payload_to_the_bot(front: Served, citizen: Citizen, rasa: Rasa) -> None:
    """Looked up on our side, and only for the conversation that it was offered in."""
    rasa.reply = lambda _: [{"text": "Bitte.", "buttons": [{"title": "Amiens", "payload": "seit wann Amiens"}]}]
    citizen.say(HELLO)
    citizen.until_answered()
    button = citizen.history()[1]["buttons"][0]["id"]
    assert code(Citizen(front).press(button)) == (404, "unknown_button")
    assert code(citizen.press("seit wann Amiens"[:4])) == (404, "unknown_button")
    assert citizen.press(button).json()["message"]["text"] == "Amiens"
    citizen.until_answered(2)
    assert rasa.texts == [HELLO, "seit wann Amiens"]


def test_plain_language_has_fixed_buttons(citizen: Citizen, rasa: Rasa) -> None:
    """Of the same id in every conversation."""
    for button in ("plain_on", "plain_off"):
        assert citizen.press(button).status_code == 202
    citizen.until_answered(2)
    assert all("einfache" in text.lower() for text in rasa.texts)


@pytest.mark.parametrize("text", ["/restart", " / /restart", '/ask_since{"city":"x"}', "/", "//"])
def test_text_is_never_an_order(citizen: Citizen, rasa: Rasa, text: str) -> None:
    """Rasa never sees the slash; the citizen does."""
    assert citizen.say(text).json()["message"]["text"] == text.strip()
    citizen.until_answered()
    assert not rasa.texts[0].startswith("/") and rasa.texts[0]


def test_client_cannot_set_what_is_not_its_own(citizen: Citizen, rasa: Rasa) -> None:
    """Sender, channel and metadata are ours."""
    body = {"text": HELLO, "sender": "x", "input_channel": "staff", "metadata": {"a": 1}, "from": "bot", "number": 9}
    assert citizen.http.post("/api/message", json=body).json()["message"]["from"] == "citizen"
    citizen.until_answered()
    assert rasa.asked[0].keys() == {"sender", "message", "id", "detail"} and rasa.asked[0]["sender"] != "x"


def test_personal_data_reaches_neither_database_nor_bot(citizen: Citizen, rasa: Rasa, tmp_path: Path) -> None:
    """It is masked before all else, comments on answers too."""
    citizen.say("Schreiben Sie an erika.mustermann@example.org")
    citizen.until_answered()
    comment = {"message": 2, "value": "down", "comment": "erika.mustermann@example.org"}
    assert citizen.http.post("/api/feedback", json=comment).status_code == 204
    assert "erika" not in citizen.http.get("/api/history").text and "erika" not in rasa.texts[0]
    assert not any(b"erika" in path.read_bytes() for path in tmp_path.iterdir())


def test_same_id_is_the_same_message(citizen: Citizen, rasa: Rasa) -> None:
    """A client that did not see our answer may send it again."""
    first = citizen.say(HELLO, id="4b8f7a52-0000")
    again = citizen.say(HELLO, id="4b8f7a52-0000")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json() and first.json()["message"]["client_id"] == "4b8f7a52-0000"
    other = citizen.say(HELLO, id="4b8f7a52-0001").json()["message"]
    citizen.until_answered(2)
    assert rasa.texts == [HELLO, HELLO] and other["id"] > first.json()["message"]["id"]


def test_same_id_at_the_same_time_is_kept_once(citizen: Citizen, rasa: Rasa) -> None:
    """However many requests race."""
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(citizen.say(HELLO, id="aaaaaaaa").status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 7 + [202]
    citizen.until_answered()
    assert rasa.texts == [HELLO]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"text": "x" * 1001}, 422, "too_long"),
        ({"text": ""}, 422, "empty"),
        ({"text": " \n\t "}, 422, "empty"),
        ({"text": "a\0b"}, 422, "invalid"),
        ({"text": "a\x1b[31mb"}, 422, "invalid"),
        ({"text": "\ud800"}, 422, "invalid"),
        ({"text": 5}, 422, "invalid"),
        ({"text": None}, 422, "invalid"),
        ({"text": ["x"]}, 422, "invalid"),
        ({"text": {"text": "x"}}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"text": "x", "button": "plain_on"}, 422, "invalid"),
        ({"button": "../x"}, 422, "invalid"),
        ({"button": 5}, 422, "invalid"),
        ({"text": "x", "id": "short"}, 422, "invalid"),
        ({"text": "x", "id": "x" * 65}, 422, "invalid"),
        ({"text": "x", "id": 12345678}, 422, "invalid"),
        ({"text": "x" * 20_000}, 413, "too_large"),
    ],
    ids=range(18),
)
def test_what_is_no_message_is_refused_in_german(
    citizen: Citizen, rasa: Rasa, body: dict[str, Any], status: int, error: str
) -> None:
    """And leaves no trace."""
    content = json.dumps(body).encode()
    sent = citizen.http.post("/api/message", content=content, headers={"Content-Type": "application/json"})
    assert code(sent) == (status, error)
    assert citizen.history() == [] and not rasa.asked


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 5000], ids=range(6))
def test_what_is_no_json_object_is_refused(citizen: Citizen, content: bytes) -> None:
    """Whatever is in it."""
    sent = citizen.http.post("/api/message", content=content, headers={"Content-Type": "application/json"})
    assert code(sent) == (422, "invalid")


def test_form_of_another_page_is_refused(citizen: Citizen) -> None:
    """Browsers send other types than JSON to any address."""
    assert code(citizen.http.post("/api/message", content=b'{"text":"x"}')) == (415, "invalid")


def test_thousand_characters_are_allowed(citizen: Citizen) -> None:
    """Counted as people count them."""
    assert citizen.say("ä" * 1000).status_code == 202


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Bearer {id}", "Bearer {token}x", "Basic {token}", "{token}", "Bearer {foreign}"],
)
def test_without_the_token_there_is_no_conversation(front: Served, citizen: Citizen, rasa: Rasa, header: str) -> None:
    """Not even with its id, which a signature made by somebody else does not help."""
    from partnerstadt.front.sessions import Tokens

    citizen.say("geheim")
    citizen.until_answered()
    id = rasa.asked[0]["sender"]
    value = header.format(id=id, token=citizen.token, foreign=Tokens("x" * 40).make(id))
    with front.client(headers={"Authorization": value} if value else {}) as other:
        for reply in (
            other.get("/api/history"),
            other.get("/api/events", headers={"Accept": "application/json"}),
            other.get("/api/events"),
            other.post("/api/message", json={"text": "x"}),
            other.post("/api/feedback", json={"message": 2, "value": "up"}),
            other.delete("/api/session"),
        ):
            assert code(reply) == (401, "unauthorized") and "geheim" not in reply.text
    assert len(citizen.history()) == 2


def test_second_citizen_sees_nothing_of_the_first(front: Served, citizen: Citizen) -> None:
    """Neither messages nor buttons nor answers to rate."""
    citizen.say("geheim")
    citizen.until_answered()
    other = Citizen(front)
    assert other.history() == [] and other.poll(0, 0)["events"] == []
    assert code(other.http.post("/api/feedback", json={"message": 2, "value": "up"})) == (404, "unknown_message")


def test_session_ends_by_itself(citizen: Citizen, clock: Clock) -> None:
    """After the hours that are set."""
    clock.move(hours=25)
    assert code(citizen.http.get("/api/history")) == (401, "unauthorized")
    assert code(citizen.say("x")) == (401, "unauthorized")


def test_stream_tells_all_in_order(citizen: Citizen, rasa: Rasa) -> None:
    """What is kept has an id, what is only for the moment has none."""
    rasa.wait = 0.3
    with citizen.stream() as events:
        citizen.say(HELLO)
        seen = [next(events) for _ in range(4)]
    kinds = [(event["event"], event.get("id")) for event in seen]
    assert [kind for kind in kinds if kind[0] == "message"] == [("message", "1"), ("message", "2")]
    assert [event["data"]["on"] for event in seen if event["event"] == "typing"] == [True, False]


def test_stream_goes_on_where_it_broke_off(citizen: Citizen) -> None:
    """By the id of the last event, in the header or in the query; the header is newer."""
    citizen.say(HELLO)
    citizen.until_answered()
    for after, headers, first in ((None, {}, "1"), (1, {}, "2"), (None, {"Last-Event-ID": "1"}, "2")):
        with citizen.stream(after, **headers) as events:
            assert next(events)["id"] == first
    with citizen.stream(0, **{"Last-Event-ID": "1"}) as events:
        assert next(events)["id"] == "2"


def test_two_windows_see_the_same(citizen: Citizen) -> None:
    """A question typed in one appears in the other."""
    with citizen.stream() as one, citizen.stream() as two:
        citizen.say(HELLO)
        for events in (one, two):
            texts = []
            while len(texts) < 2:
                event = next(events)
                texts += [event["data"]["text"]] if event["event"] == "message" else []
            assert texts == [HELLO, f"Antwort auf {HELLO}"]


def test_number_of_windows_is_limited(tmp_path: Path, rasa: Rasa) -> None:
    """And a closed one makes room."""
    with served(tmp_path, rasa, streams_per_session=1) as front:
        citizen = Citizen(front)
        with citizen.stream():
            assert code(citizen.http.get("/api/events")) == (429, "too_many_streams")
        until(lambda: front.desk.hub.followers() == 0)
        with citizen.stream():
            pass


def test_poll_waits_for_news(citizen: Citizen, rasa: Rasa) -> None:
    """But not longer than the client wants."""
    begun = time.monotonic()
    assert citizen.poll(0, 1) == {"events": [], "last": 0, "more": False}
    assert 0.9 < time.monotonic() - begun < 3
    rasa.wait = 0.2
    citizen.say(HELLO)
    news = citizen.poll(1)
    while not any("id" in event for event in news["events"]):
        news = citizen.poll(news["last"])
    assert news["last"] == 2 and news["events"][-1]["answers"] == 1


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1.5", "after=٣", "after=99999999999", "wait=-1"])
def test_odd_numbers_are_refused(citizen: Citizen, query: str) -> None:
    """Instead of guessed."""
    headers = {"Accept": "application/json"}
    assert code(citizen.http.get(f"/api/events?{query}", headers=headers)) == (422, "invalid")


def test_feedback_can_be_given_changed_and_taken_back(front: Served, citizen: Citizen) -> None:
    """On answers of the bot only."""
    citizen.say(HELLO)
    citizen.until_answered()
    kept = []
    for value in ("up", "down", None):
        assert citizen.http.post("/api/feedback", json={"message": 2, "value": value}).status_code == 204
        counted = front.desk.store.statistics()
        kept.append({name for (_, _, kind, name), number in counted.items() if kind == "feedback" and number})
    assert kept == [{"up"}, {"down"}, set()]
    for message in (1, 3, 2**31 - 1):
        body = {"message": message, "value": "up"}
        assert code(citizen.http.post("/api/feedback", json=body)) == (404, "unknown_message")


@pytest.mark.parametrize(
    "body",
    [
        {"message": 2, "value": "good"},
        {"message": "2", "value": "up"},
        {"message": True, "value": "up"},
        {"message": 2**40, "value": "up"},
        {"message": 2, "value": "up", "comment": "x" * 501},
        {"message": 2, "value": "up", "comment": 5},
        {"value": "up"},
    ],
    ids=range(7),
)
def test_odd_feedback_is_refused(citizen: Citizen, body: dict[str, Any]) -> None:
    """Before anything is looked up."""
    assert citizen.http.post("/api/feedback", json=body).status_code == 422


def test_deleted_session_is_dead(front: Served, citizen: Citizen, rasa: Rasa) -> None:
    """Here, in other windows and in Rasa."""
    citizen.say(HELLO)
    citizen.until_answered()
    with citizen.stream(2) as events:
        assert citizen.http.delete("/api/session").status_code == 204
        assert [event["event"] for event in events] == ["deleted"]
    assert code(citizen.http.get("/api/history")) == (401, "unauthorized")
    assert code(citizen.http.delete("/api/session")) == (401, "unauthorized")
    assert rasa.deleted == [rasa.asked[0]["sender"]] and front.desk.store.to_forget() == []


def test_rasa_forgets_later_what_it_cannot_now(front: Served, citizen: Citizen, rasa: Rasa) -> None:
    """The citizen need not wait for it."""
    citizen.say(HELLO)
    citizen.until_answered()
    rasa.status = 503
    assert citizen.http.delete("/api/session").status_code == 204
    assert front.desk.store.to_forget() == [rasa.asked[0]["sender"]]
    rasa.status = 200
    assert Citizen(front).http.delete("/api/session").status_code == 204
    until(lambda: rasa.deleted == [rasa.asked[0]["sender"]])


def test_question_is_not_asked_after_its_deletion(citizen: Citizen, rasa: Rasa) -> None:
    """Although it was waiting for the bot."""
    rasa.status = 503
    citizen.say(HELLO)
    until(lambda: rasa.asked)
    citizen.http.delete("/api/session")
    count = len(rasa.asked)
    rasa.status = 200
    time.sleep(0.5)
    assert len(rasa.asked) == count
