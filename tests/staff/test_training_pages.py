"""Training suggestions in a real browser, with a Rasa that only pretends to train."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from partnerstadt.front.times import now
from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import State
from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.inquiries import asked
from tests.staff.parts import log_in, open_desk, served
from tests.staff.project import small_project
from tests.staff.test_app import csrf
from tests.staff.test_pages import faults, logged_in

WORDS = texts()["training"]


@pytest.fixture
def desk(tmp_path: Path, rasa: Rasa) -> Desk:
    """A desk with two sentences to look at."""
    clock = Clock(now())  # the process that trains has the real one
    settings = small_project(tmp_path / "project")
    desk = open_desk(settings.state, rasa, clock, 1000, project=settings.project)
    for text in ("Wo sitzt das Büro für Leeds?", "wo sitzt das büro für leeds"):
        asked(desk.store, clock, text)
    desk.inbox.update()
    for group in desk.inbox.groups(State.OPEN)[0]:
        desk.inbox.decide(group.id, State.OPEN, State.ASSIGNED, "editor", "ask_contact")
    return desk


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    """The desk, served."""
    with served(desk) as address:
        yield address


def test_model_is_trained_activated_and_rolled_back_by_keyboard(
    browser: Browser, url: str, desk: Desk, tmp_path: Path
) -> None:
    """One sentence is confirmed, another is not; progress and comparison come by themselves; axe finds nothing."""
    page = logged_in(browser, url)
    page.get_by_role("navigation").get_by_role("link", name=WORDS["nav"]).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=WORDS["models"]).wait_for()
    assert faults(page) == []
    first = page.get_by_role("group", name=WORDS["sentence"].format(number=1))
    text = first.get_by_label(WORDS["text"], exact=True)
    assert "[Musterhausen](city)" in text.input_value()
    first.get_by_role("button", name=WORDS["confirm"]).press("Enter")
    page.get_by_role("alert").filter(has_text=WORDS["refused"]["unchecked"]).wait_for()
    assert faults(page) == []
    text.fill("Wo ist das zauberwort?")
    first.get_by_label(WORDS["checked"]).press("Space")
    first.get_by_role("button", name=WORDS["confirm"]).press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["confirmed"]).wait_for()
    first.get_by_role("button", name=WORDS["leave_out"]).press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["left_out"]).wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name=WORDS["patch"]).press("Enter")
    assert "+    - Wo ist das zauberwort?" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name=WORDS["start"]).press("Enter")
    page.get_by_role("heading", name=f"{WORDS['run'].format(id=1)}: {WORDS['runs']['running']}").wait_for()
    assert faults(page) == []
    page.get_by_role("status").filter(has_text=WORDS["runs"]["done"]).wait_for(timeout=120_000)
    assert faults(page) == []
    page.get_by_text(WORDS["won"].format(count=1)).press("Enter")
    page.locator("details").get_by_text("neu", exact=True).wait_for()
    page.get_by_role("button", name=WORDS["activate"]).press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["activated"]).wait_for()
    assert desk.training.active() == desk.training.runs()[0].model
    for width, dark in ((320, True), (1280, False), (320, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if dark else "light")
        assert faults(page) == [], (width, dark)
    page.get_by_role("button", name=WORDS["roll_back"]).press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["told"]["rolled_back"]).wait_for()
    assert desk.training.active() == desk.training.runs()[0].base
    page.context.close()


def test_sentence_is_confirmed_without_scripts(browser: Browser, url: str, desk: Desk) -> None:
    """And taken back."""
    page = logged_in(browser, url, java_script_enabled=False)
    page.goto(f"{url}/training")
    first = page.get_by_role("group", name=WORDS["sentence"].format(number=1))
    first.get_by_label(WORDS["checked"]).check()
    first.get_by_role("button", name=WORDS["confirm"]).click()
    page.get_by_role("status").filter(has_text=WORDS["told"]["confirmed"]).wait_for()
    assert [c.state for c in desk.training.confirmed()] == ["new"]
    page.get_by_role("button", name=WORDS["remove"]).click()
    assert desk.training.confirmed() == []
    page.goto(f"{url}/training/lauf")
    page.get_by_role("heading", name=WORDS["nav"], exact=True).wait_for()
    page.context.close()


def test_editor_may_train_but_not_activate(desk: Desk, rasa: Rasa) -> None:
    """That is left to the administrator, and what stands against it is told."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        word = {"csrf": csrf(client)}
        assert WORDS["refused"]["nothing"] in client.post("/training/start", data=word).text
        assert client.post("/training/aktivieren", data=word | {"id": "1"}).status_code == 403
        assert client.post("/training/zurueck", data=word).status_code == 403
        log_in(client, "administrator")
        word = {"csrf": csrf(client)}
        answer = client.post("/training/aktivieren", data=word | {"id": "1"})
        assert answer.status_code == 409 and WORDS["refused"]["unfinished"] in answer.text
        answer = client.post("/training/zurueck", data=word)
        assert answer.status_code == 409 and WORDS["refused"]["no_before"] in answer.text
        assert client.post("/training", data=word | {"number": "x"}).status_code == 400
