"""The inbox in a real browser: read, decided and named by keyboard and without scripts, accessible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from starlette.testclient import TestClient

from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import State
from partnerstadt.staff.pages.inbox import NEW_ANSWER
from partnerstadt.staff.pages.lookup import find
from partnerstadt.staff.texts import texts
from partnerstadt.staff.web import EDITORS, Page
from tests.front.parts import Clock, Rasa
from tests.staff.inquiries import asked
from tests.staff.parts import log_in, open_desk, served
from tests.staff.test_app import csrf
from tests.staff.test_pages import faults_in_every_look, logged_in

WORDS = texts()["inbox"]
VISA = "Brauche ich ein Visum für die Reise?"
OTHER_VISA = "Muss man für die Reise ein Visum haben?"
WEATHER = "Wie wird das Wetter morgen?"
HOSTILE = "<script>alert(1)</script> Springbrunnen"


def filled(folder: Path, rasa: Rasa) -> Desk:
    """A desk with a group that rises, one that falls, and one with a thumb down."""
    clock = Clock()
    desk = open_desk(folder, rasa, clock, 1000)
    asked(desk.store, clock, WEATHER, outcome="out_of_scope")
    clock.move(days=7)
    for text in (VISA, OTHER_VISA):
        asked(desk.store, clock, text, thumb="down")
    asked(desk.store, clock, HOSTILE)
    desk.inbox.update()
    return desk


@pytest.fixture
def desk(tmp_path: Path, rasa: Rasa) -> Desk:
    """A desk with something in its inbox."""
    return filled(tmp_path, rasa)


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    """The desk, served."""
    with served(desk) as address:
        yield address


def group_named(desk: Desk, text: str, state: State = State.OPEN) -> int:
    """The number of a group."""
    return next(group.id for group in desk.inbox.groups(state)[0] if group.name == text)


def test_axe_finds_nothing(browser: Browser, url: str, desk: Desk) -> None:
    """On a list of decided groups, a group that is decided and one whose texts are gone."""
    page = logged_in(browser, url)
    weather = group_named(desk, WEATHER)
    visa = next(g for g in desk.inbox.groups(State.OPEN)[0] if g.count == 2)
    conversation = desk.inbox.sentences(visa.id)[0].conversation
    desk.inbox.decide(weather, State.OPEN, State.ASSIGNED, "editor", "ask_contact")
    for path in ("/eingang?stand=assigned", f"/eingang/{weather}"):
        page.goto(url + path)
        assert faults_in_every_look(page) == [], path
    desk.store.delete(conversation)
    desk.store.forget(desk.clock().replace(year=2027))
    page.goto(f"{url}/eingang/{weather}")
    page.get_by_text(WORDS["list_none"]).wait_for()
    assert faults_in_every_look(page) == []
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_group_is_assigned_by_keyboard(browser: Browser, url: str, desk: Desk, scripts: bool) -> None:
    """From the list, over its conversation, to the question kind; then it is out of the list and can come back."""
    page = logged_in(browser, url, java_script_enabled=scripts)
    page.get_by_role("navigation").get_by_role("link", name=WORDS["nav"]).focus()
    page.keyboard.press("Enter")
    first = page.locator(".entries a").first
    expect(first).to_have_text(desk.inbox.groups(State.OPEN)[0][0].name)
    first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"{WORDS['open_conversation']}: {VISA}").focus()
    page.keyboard.press("Enter")
    page.get_by_text(WORDS["asked"]).wait_for()
    page.get_by_text("So war das nicht gemeint.").wait_for()
    page.get_by_role("link", name=WORDS["to_group"]).focus()
    page.keyboard.press("Enter")
    page.get_by_label(WORDS["assign_to"]).focus()
    page.keyboard.type(texts()["intents"]["ask_contact_detail"][:6])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["assigned"]).wait_for()
    page.get_by_role("link", name=WORDS["back"]).click()
    assert page.get_by_text(VISA).count() == page.get_by_text(OTHER_VISA).count() == 0
    page.get_by_role("link", name=WORDS["states"]["assigned"]).click()
    page.locator(".entries a").first.click()
    page.get_by_role("button", name=WORDS["reopen"]).press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["open"]).wait_for()
    page.context.close()


def test_second_clerk_is_told(desk: Desk, rasa: Rasa) -> None:
    """Who decides on an old page sees what the other has decided."""
    group = group_named(desk, WEATHER)
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        data = {"csrf": csrf(client), "seen": "open"}
        answer = client.post(f"/eingang/{group}", data=data | {"state": "off"}, follow_redirects=False)
        assert answer.status_code == 303
        answer = client.post(f"/eingang/{group}", data=data | {"state": "dismissed"})
        assert answer.status_code == 409 and WORDS["decided_already"] in answer.text
        assert WORDS["states"]["off"] in answer.text
        answer = client.post(f"/eingang/{group}", data=data | {"state": "assigned", "intent": "ask_everything"})
        assert answer.status_code == 422 and WORDS["which"] in answer.text
        assert client.post(f"/eingang/{group}", data=data | {"state": "x"}).status_code == 400


def test_name_is_kept_only_when_it_was_checked(desk: Desk, rasa: Rasa) -> None:
    """And not with an address in it; an empty one lets the group go by its sentences again."""
    group = group_named(desk, WEATHER)
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        path, data = f"/eingang/{group}/name", {"csrf": csrf(client), "name": "Wetter"}
        assert client.post(path, data=data).status_code == 422
        assert client.post(path, data=data | {"name": "an kim@example.org", "checked": "yes"}).status_code == 422
        assert WORDS["told"]["named"] in client.post(path, data=data | {"checked": "yes"}).text
        assert group_named(desk, "Wetter") == group
        client.post(path, data=data | {"name": ""})
        assert group_named(desk, WEATHER) == group


def test_answer_is_written_with_the_sentences_of_the_group(desk: Desk, rasa: Rasa) -> None:
    """Where the desk has the page for it."""
    group = next(g for g in desk.inbox.groups(State.OPEN)[0] if g.count == 2)
    with TestClient(app := create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        app.state.pages = (*app.state.pages, Page(NEW_ANSWER, "GET", find, EDITORS))
        text = client.get(f"/eingang/{group.id}").text
        assert f'href="{NEW_ANSWER}?frage=' in text and text.count("frage=") == 2


def test_what_people_wrote_is_escaped(desk: Desk, rasa: Rasa) -> None:
    """In the list, the group and the conversation."""
    group = group_named(desk, HOSTILE)
    conversation = desk.inbox.sentences(group)[0].conversation
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        for path in ("/eingang", f"/eingang/{group}", f"/eingang/{group}/{conversation}"):
            page = client.get(path).text
            assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@pytest.mark.parametrize("path", ["/eingang/99", "/eingang/x", "/eingang/1/abc", "/eingang/9999999999999999999"])
def test_what_is_not_there_is_not_found(path: str, desk: Desk, rasa: Rasa) -> None:
    """No error of the server."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        assert client.get(path).status_code == 404


def test_new_messages_come_in_while_the_desk_runs(tmp_path: Path, rasa: Rasa, clock: Clock) -> None:
    """In the background, without a page being asked for."""
    import time

    desk = open_desk(tmp_path, rasa, clock)
    asked(desk.store, clock, WEATHER)
    with TestClient(create_app(desk), base_url=f"http://{HOST}"):
        deadline = time.monotonic() + 20
        while not desk.inbox.groups(State.OPEN)[1]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
