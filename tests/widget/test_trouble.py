"""When something is down, slow or refused: said in words, nothing lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route

from partnerstadt.front.desk import open_desk
from partnerstadt.front.settings import FrontSettings
from tests.front.parts import QUICK, Place, Rasa, Served, served
from tests.servers import Postgres
from tests.support import MUSTERSTADT
from tests.widget.conftest import Begin
from tests.widget.parts import PICTURES, TEXTS, Visit


def test_offline(chat: Visit, rasa: Rasa) -> None:
    """Without a network a message waits, says so, and is sent once when the network is back."""
    chat.asked("Hallo")
    chat.context.set_offline(True)
    chat.ask("Ist da jemand?")
    chat.page.locator(".state").filter(has_text=TEXTS["notSent"]).wait_for()
    assert chat.page.locator(".alert").inner_text().startswith(TEXTS["offline"])
    chat.said(TEXTS["offline"])
    chat.context.set_offline(False)
    chat.answers.nth(1).wait_for()
    chat.said(TEXTS["online"])
    assert not chat.page.locator(".alert").is_visible()
    assert rasa.texts.count("Ist da jemand?") == 1
    assert chat.questions.count() == 2


def test_a_reload_while_offline_keeps_what_was_sent(chat: Visit, rasa: Rasa) -> None:
    """What was sent but not delivered survives a reload."""
    chat.asked("Hallo")
    chat.page.route("**/api/message", lambda route: route.abort())
    chat.ask("Kommt das an?")
    chat.page.locator(".state").filter(has_text=TEXTS["notSent"]).wait_for()
    chat.page.reload()
    chat.questions.nth(1).wait_for()
    chat.page.unroute("**/api/message")
    chat.button("retry").click()
    chat.answers.nth(1).wait_for()
    assert rasa.texts.count("Kommt das an?") == 1


def test_an_answer_that_gets_lost_on_the_way(chat: Visit, rasa: Rasa) -> None:
    """A message that arrived although its sender never heard so is not asked twice."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(str(route.request.post_data))
            route.fetch()
            route.abort()

    chat.page.route("**/api/message", lose)
    chat.asked("Nur einmal, bitte")
    chat.page.wait_for_timeout(1500)
    assert lost
    assert rasa.texts.count("Nur einmal, bitte") == 1
    assert chat.questions.count() == chat.answers.count() == 1


def test_a_bot_that_is_slow(chat: Visit, rasa: Rasa) -> None:
    """While an answer is late the chat says that the question is kept; afterwards that note is gone."""
    rasa.wait = 1.5
    chat.ask("Eine schwere Frage")
    chat.page.get_by_text(TEXTS["typing"]["bot"]).wait_for()
    note = chat.page.locator(".message.system .text")
    note.wait_for()
    assert "aufgehoben" in note.inner_text()
    chat.answers.first.wait_for()
    assert not note.is_visible()
    assert not chat.page.locator(".typing").is_visible()


def test_a_bot_that_is_down(chat: Visit, rasa: Rasa) -> None:
    """A question that nobody can answer now is answered when the bot is back."""
    rasa.status = 503
    chat.ask("Ist jemand zu Hause?")
    chat.page.locator(".message.system .text").wait_for()
    rasa.status = 200
    chat.answers.first.wait_for()
    assert chat.answers.all_inner_texts() == ["Ist jemand zu Hause?"]


def test_a_slow_network(chat: Visit) -> None:
    """With a second for every request everything still happens, once."""
    slow = {"offline": False, "latency": 1000, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    chat.context.new_cdp_session(chat.page).send("Network.emulateNetworkConditions", slow)
    chat.ask("Langsam")
    chat.page.locator(".state").filter(has_text=TEXTS["sending"]).wait_for()
    chat.answers.first.wait_for()
    assert chat.questions.count() == chat.answers.count() == 1


def test_a_front_desk_that_restarts(begin: Begin, rasa: Rasa, state: Path) -> None:
    """A chat that is open while the front desk restarts goes on by itself."""
    with served(state, rasa) as front:
        visit = begin(url=front.url).go().open().asked("Vorher")
        front.stop()
        visit.ask("Währenddessen")
        visit.page.locator(".state").filter(has_text=TEXTS["notSent"]).wait_for()
        place = Place(MUSTERSTADT, state, rasa.url, rasa.actions_url)
        again = Served(open_desk(FrontSettings(**QUICK), place), int(front.url.rpartition(":")[2]))
        try:
            visit.answers.nth(1).wait_for()
            visit.asked("Nachher")
            assert visit.questions.all_inner_texts() == ["Vorher", "Währenddessen", "Nachher"]
            assert visit.answers.all_inner_texts() == ["Vorher", "Währenddessen", "Nachher"]
        finally:
            again.stop()


def test_no_front_desk_at_the_beginning(visit: Visit) -> None:
    """Without a front desk the notice is still there, with a sentence and a button to try again."""
    visit.page.route("**/api/info", lambda route: route.abort())
    visit.go().launcher.click()
    visit.said(TEXTS["offline"])
    assert visit.page.locator(".notice").inner_text() == TEXTS["notice"]
    visit.page.unroute("**/api/info")
    visit.button("retry").click()
    visit.ready()
    assert not visit.page.locator(".alert").is_visible()


def test_too_many_messages(begin: Begin, rasa: Rasa, state: Path) -> None:
    """Who writes too fast is told so by the front desk's own words; the message goes out later."""
    with served(state, rasa, messages_at_once=1, messages_per_minute=40) as front:
        visit = begin(url=front.url).go().open().asked("Eins")
        visit.ask("Zwei")
        visit.page.locator(".alert").filter(has_text="viele Nachrichten").wait_for()
        visit.answers.nth(1).wait_for()
        assert visit.answers.all_inner_texts() == ["Eins", "Zwei"]
        assert not visit.page.locator(".alert").is_visible()


def test_a_conversation_that_has_ended(chat: Visit, front: Served) -> None:
    """Who writes into a conversation that is over gets a new one, and is told so."""
    chat.page.route("**/api/events*", lambda route: route.abort())
    with chat.page.expect_response("**/api/session") as opened:
        chat.ask("Hallo")
    token = opened.value.json()["token"]
    chat.questions.first.wait_for()
    assert httpx.delete(f"{front.url}/api/session", headers={"Authorization": f"Bearer {token}"}).status_code == 204
    chat.page.unroute("**/api/events*")
    chat.ask("Noch da?")
    chat.said(TEXTS["expired"])
    chat.answers.first.wait_for()
    assert chat.questions.all_inner_texts() == ["Noch da?"]


def test_a_message_that_is_refused(chat: Visit) -> None:
    """The reason stands under a refused message, which can be put back into the field."""
    refusal = {"error": {"code": "invalid", "text": "Das geht so nicht."}}
    chat.page.route("**/api/message", lambda route: route.fulfill(status=422, json=refusal))
    chat.ask("Etwas Unmögliches")
    reason = TEXTS["refused"].format(reason="Das geht so nicht.")
    chat.said(reason)
    assert chat.page.locator(".state").inner_text() == reason
    chat.button("edit").click()
    assert chat.field.input_value() == "Etwas Unmögliches"
    assert chat.focused().startswith("textarea")


def test_a_network_without_streams(chat: Visit) -> None:
    """Where something on the way answers instead of the stream, the chat asks for news instead."""

    def no_stream(route: Route) -> None:
        if "event-stream" in route.request.headers["accept"]:
            route.fulfill(status=200, content_type="text/html", body="<p>Anmeldung</p>")
        else:
            route.continue_()

    chat.page.route("**/api/events*", no_stream)
    chat.asked("Geht das?").asked("Und noch einmal?")
    assert any("wait=" in url for url in chat.requests)


def test_a_network_that_holds_streams_back(chat: Visit) -> None:
    """Where a stream is opened but nothing comes through, the chat asks for news after some seconds."""

    def held_back(route: Route) -> None:
        if "event-stream" not in route.request.headers["accept"]:
            route.continue_()

    chat.page.route("**/api/events*", held_back)
    chat.asked("Geht das?")
    assert chat.answers.count() == 1


def test_a_picture_that_does_not_come(chat: Visit) -> None:
    """When the pictures cannot be loaded the chat says so and tries again when asked to."""
    chat.page.route("**/api/pictures.json", lambda route: route.abort())
    chat.choose("mapTitle")
    chat.page.get_by_text(TEXTS["pictureFailed"]).wait_for()
    chat.page.unroute("**/api/pictures.json")
    chat.page.route("**/api/pictures.json", lambda route: route.fulfill(json=PICTURES))
    chat.page.locator(".picture").get_by_role("button", name=TEXTS["retry"]).click()
    chat.page.locator("figure svg").first.wait_for()


def test_a_page_that_is_hidden(chat: Visit) -> None:
    """A hidden page holds no connection, and catches up when it is shown."""
    chat.asked("Hallo")
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    with chat.page.expect_event("requestfailed", lambda request: "/api/events" in request.url):
        chat.page.evaluate(hide, True)
    chat.ask("Verborgen")
    chat.page.wait_for_timeout(500)
    assert chat.answers.count() == 1
    chat.page.evaluate(hide, False)
    chat.answers.nth(1).wait_for()
    assert chat.answers.all_inner_texts() == ["Hallo", "Verborgen"]


def test_a_front_desk_without_its_database(
    begin: Begin, state: Path, rasa: Rasa, postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message waits in the chat, which says so; it is sent once by itself when the database is back."""
    monkeypatch.setattr("partnerstadt.front.app.RETRY_SECONDS", 1)
    with served(state, rasa, database=postgresql.database()) as front:
        chat = begin(url=front.url).go().open()
        chat.asked("Hallo")
        postgresql.stop()
        try:
            chat.ask("Ist da jemand?")
            chat.page.locator(".state").filter(has_text=TEXTS["notSent"]).wait_for()
            assert chat.page.locator(".alert").inner_text().startswith(TEXTS["offline"])
        finally:
            postgresql.start()
        chat.answers.nth(1).wait_for()
        assert rasa.texts.count("Ist da jemand?") == 1 and not chat.page.locator(".alert").is_visible()
