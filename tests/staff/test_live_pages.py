"""A citizen in the chat and a clerk at the staff desk, each in a browser, with two desks that share the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from partnerstadt.front.texts import load_texts
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa, Served
from tests.front.parts import served as front_served
from tests.staff.parts import open_desk, served
from tests.staff.test_pages import faults, logged_in
from tests.widget.parts import TEXTS, Visit

OPEN = {"hours": ["Mo-Fr 08:00-16:00"], "land": "NW"}
HUMAN = "Ich möchte mit einem Menschen sprechen"
WORDS, NOTES = texts()["live"], texts()["notes"]
QUICKLY = 3000  # milliseconds; the front desk looks twice a second, the staff desk once
LOOKS = [(width, scheme) for width in (320, 1280) for scheme in ("light", "dark")]


def reply(text: str) -> list[dict[str, object]]:
    """A bot that knows who wants a person."""
    if text == HUMAN:
        return [{"text": "Gern."}, {"about": {"outcome": "handoff"}}]
    return [{"text": f"Antwort auf {text}"}]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, str, Served]]:
    """A staff desk, its address, and a front desk."""
    folder, rasa, clock = tmp_path_factory.mktemp("live"), Rasa(), Clock()
    rasa.reply = reply
    rasa.start()
    desk = open_desk(folder, rasa, clock, 1000, **OPEN)
    with served(desk) as address, front_served(folder, rasa, clock, notes_at_once=100, **OPEN) as front:
        yield desk, address, front
    rasa.stop()


def told(*path: str) -> str:
    """What citizens are told."""
    return load_texts().text("handover", *path, person="Mitarbeiter*in")


def transcript(visit: Visit) -> Locator:
    """What is seen of the conversation; screen readers are told the same elsewhere."""
    return visit.page.get_by_role("log")


def comes(clerk: Page, url: str) -> None:
    """Be there for citizens."""
    clerk.goto(f"{url}/gespraeche")
    button = clerk.get_by_role("button", name=WORDS["come"], exact=True)
    if button.count():
        button.click()
    clerk.get_by_text(WORDS["here"]).wait_for()


def look(page: Page, name: str, folder: Path) -> None:
    """Axe finds nothing, light and dark, small and large."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        # To hide the caret, a style would be set, and a swap just then would copy it: the policy forbids that.
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True, caret="initial")
        assert faults(page) == [], (name, width, scheme)


def test_citizen_in_the_chat_talks_to_a_clerk(
    browser: Browser, desks: tuple[Desk, str, Served], tmp_path: Path
) -> None:
    """From the question to the hand-over and back; both see at once what the other says, and who speaks."""
    _, url, front = desks
    clerk = logged_in(browser, url)
    wrong: list[str] = []
    clerk.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    comes(clerk, url)
    look(clerk, "nobody", tmp_path)
    visit = Visit(browser, front.url).go().open()
    visit.asked("Wo liegt Leeds?").asked(HUMAN)
    visit.page.get_by_role("button", name=told("person", "title")).click()
    transcript(visit).get_by_text(told("called")).wait_for()
    clerk.goto(f"{url}/mail")
    clerk.get_by_role("status").get_by_role("link", name=WORDS["count"].format(count=1)).wait_for()
    assert faults(clerk) == []
    clerk.get_by_role("link", name=WORDS["count"].format(count=1)).click()
    assert clerk.locator("q").all_inner_texts() == ["Wo liegt Leeds?"]
    look(clerk, "waiting", tmp_path)
    clerk.get_by_role("button", name=WORDS["take"]).click()
    transcript(visit).get_by_text(told("taken")).wait_for(timeout=QUICKLY)
    field = clerk.get_by_label(WORDS["reply"])
    field.fill("Was genau")
    visit.ask("Sind Sie ein Mensch?")
    log = clerk.get_by_role("log")
    log.get_by_text("Sind Sie ein Mensch?").wait_for(timeout=QUICKLY)
    below = "log => log.lastElementChild.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom"
    assert log.evaluate(below) <= 0  # what is newest is seen
    assert field.input_value() == "Was genau"
    field.fill("Ja, ich bin Kim.")
    look(clerk, "talking", tmp_path)
    clerk.get_by_role("button", name=WORDS["send"], exact=True).click()
    said = visit.page.locator(".message.staff")
    said.get_by_text("Ja, ich bin Kim.").wait_for(timeout=QUICKLY)
    assert TEXTS["speaker"]["staff"] in said.inner_text() and "Kim" not in said.locator(".who").inner_text()
    visit.said("Ja, ich bin Kim.")
    visit.page.wait_for_timeout(300)
    assert not visit.page.locator(".typing").is_visible()
    assert visit.axe() == []
    assert log.get_by_text("Sind Sie ein Mensch?").count() == log.get_by_text("Ja, ich bin Kim.").count() == 1
    clerk.get_by_role("button", name=WORDS["hand_back"]).click()
    clerk.get_by_role("status").filter(has_text=WORDS["told"]["zurueck"]).wait_for()
    transcript(visit).get_by_text(told("handed_back")).wait_for(timeout=QUICKLY)
    visit.asked("Und Amiens?")
    assert visit.answers.last.inner_text() == "Antwort auf Und Amiens?"
    visit.check()
    assert wrong == []
    visit.context.close()
    clerk.context.close()


def test_bot_is_not_expected_while_a_person_answers(browser: Browser, desks: tuple[Desk, str, Served]) -> None:
    """The chat shows no sign that the bot is writing, and does not say that it takes longer."""
    desk, _, front = desks
    desk.live.set_available("agent", True)
    visit = Visit(browser, front.url).go().open()
    visit.asked(HUMAN)
    visit.page.get_by_role("button", name=told("person", "title")).click()
    transcript(visit).get_by_text(told("called")).wait_for()
    assert desk.live.take(desk.live.calls()[0].id, "agent")
    transcript(visit).get_by_text(told("taken")).wait_for(timeout=QUICKLY)
    visit.ask("Hallo?")
    visit.page.locator(".message.citizen").last.locator(".state").wait_for(state="detached")
    visit.page.wait_for_timeout(500)
    assert not visit.page.locator(".typing").is_visible()
    visit.page.get_by_role("button", name=TEXTS["menu"]).click()
    visit.page.locator(".menu button").filter(has_text=TEXTS["delete"]).click()
    visit.page.get_by_role("dialog").get_by_role("button", name=TEXTS["delete"]).last.click()
    visit.said(TEXTS["deleted"])
    assert desk.live.calls() == []
    visit.context.close()


def test_both_without_scripts(browser: Browser, desks: tuple[Desk, str, Served], tmp_path: Path) -> None:
    """As plain forms, and by keyboard alone at the staff desk."""
    _, url, front = desks
    clerk = logged_in(browser, url, java_script_enabled=False)
    comes(clerk, url)
    citizen = browser.new_context().new_page()  # the form has no scripts; axe is one
    citizen.goto(f"{front.url}/chat")
    citizen.get_by_label("Ihre Frage").fill(HUMAN)
    citizen.get_by_role("button", name="Senden").click()
    citizen.get_by_role("button", name=told("person", "title")).click()
    citizen.get_by_text(told("called")).wait_for()
    assert faults(citizen) == []
    clerk.reload()
    clerk.get_by_role("button", name=WORDS["take"]).focus()
    clerk.keyboard.press("Enter")
    clerk.get_by_label(WORDS["reply"]).focus()
    clerk.keyboard.type("Guten Tag!")
    clerk.keyboard.press("Tab")
    clerk.keyboard.press("Enter")
    clerk.get_by_role("log").get_by_text("Guten Tag!").wait_for()
    citizen.get_by_role("link", name="Neu laden").click()
    citizen.get_by_text("Guten Tag!").wait_for()
    citizen.screenshot(path=tmp_path / "chat.png", full_page=True)
    assert faults(citizen) == []
    clerk.get_by_role("button", name=WORDS["close"]).focus()
    clerk.keyboard.press("Enter")
    clerk.get_by_text(WORDS["told"]["beendet"]).wait_for()
    citizen.context.close()
    clerk.context.close()


def test_note_is_left_and_worked_off(browser: Browser, desks: tuple[Desk, str, Served], tmp_path: Path) -> None:
    """From the chat through the form to the clerk; a mistake in the form is named."""
    desk, url, front = desks
    visit = Visit(browser, front.url).go().open()
    visit.asked(HUMAN)
    visit.page.get_by_role("button", name=told("note", "title")).click()
    with visit.context.expect_page() as opened:
        visit.page.get_by_role("link", name="Nachricht an die Stadtverwaltung").click()
    form = opened.value
    look(form, "form", tmp_path)
    form.get_by_label("Ihre Nachricht").fill("Bitte rufen Sie zurück.")
    form.keyboard.press("Tab")
    form.keyboard.press("Tab")
    form.keyboard.type("12")
    form.keyboard.press("Enter")
    form.get_by_role("alert").filter(has_text="Telefonnummer").wait_for()
    look(form, "mistake", tmp_path)
    form.get_by_label("Telefonnummer").fill("0231 1234567")
    form.get_by_role("button", name="Nachricht senden").click()
    form.get_by_role("status").filter(has_text="angekommen").wait_for()
    look(form, "sent", tmp_path)
    clerk = logged_in(browser, url)
    clerk.goto(f"{url}/nachrichten")
    look(clerk, "notes", tmp_path)
    clerk.get_by_role("link", name=NOTES["open"]).click()
    clerk.get_by_text("Bitte rufen Sie zurück.").wait_for()
    look(clerk, "note", tmp_path)
    clerk.get_by_role("button", name=NOTES["done"]).click()
    clerk.get_by_text(NOTES["is_done"]).wait_for()
    assert desk.notes.left() == [] and clerk.get_by_text(NOTES["none"]).count() == 1
    visit.context.close()
    clerk.context.close()
