"""Curated answers in a real browser: written, checked, live, changed, taken back; by keyboard, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from partnerstadt.front.route import Route
from partnerstadt.records.load import ANSWERS
from partnerstadt.settings import HOST
from partnerstadt.staff.app import create_app
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.parts import keep_past, log_in, open_desk, served
from tests.staff.test_pages import faults, logged_in

WORDS = texts()["answers"]
QUESTION, ANSWER = "Gibt es einen Newsletter?", "Ja, jeden Monat."


def reply(text: str) -> list[dict[str, Any]]:
    """What Rasa says to the regression questions: one explained, one in a gap."""
    outcome, intent = ("answered", "explain_participation") if "Rundbrief" in text else ("out_of_scope", "out_of_scope")
    return [{"about": {"questions": [{"text": text, "intent": intent, "confidence": 0.9, "outcome": outcome}]}}]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with past questions and regression questions."""
    rasa = Rasa()
    rasa.reply = reply
    rasa.start()
    desk = open_desk(tmp_path, rasa, Clock(), 1000)
    keep_past(desk)
    desk.tests.mkdir()
    turns = [("hat die stadt newsletter", "oos"), ("Gibt es einen Rundbrief?", "explain"), ("Wo liegt Leeds?", "fact")]
    cases = [{"id": f"Q00{i}", "turns": [{"say": say, "kind": kind}]} for i, (say, kind) in enumerate(turns)]
    (desk.tests / "some.yml").write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    yield desk
    rasa.stop()


@pytest.fixture
def url(desk: Desk) -> Iterator[str]:
    """The desk, served."""
    with served(desk) as address:
        yield address


def fill(page: Page, **values: str) -> None:
    """Fill fields of the form by their labels."""
    for name, value in values.items():
        page.get_by_label(WORDS[name], exact=True).fill(value)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
@pytest.mark.parametrize("width", [320, 1280])
def test_answer_is_written_checked_and_taken_back(
    browser: Browser, url: str, desk: Desk, width: int, scripts: bool
) -> None:
    """The whole story; axe finds nothing on any of its pages, dark on the small screen."""
    size = {"width": width, "height": 900}
    page = logged_in(
        browser, url, viewport=size, java_script_enabled=scripts, color_scheme="dark" if width == 320 else "light"
    )

    def fine() -> None:
        assert not scripts or faults(page) == []

    page.goto(f"{url}/antworten")
    page.get_by_text(WORDS["none"]).wait_for()
    fine()
    page.goto(f"{url}/antworten/neu?frage=Gibt+es+einen+Newsletter%3F&frage=Gibt+es+einen+Rundbrief")
    assert page.get_by_label(WORDS["questions"]).input_value() == f"{QUESTION}\nGibt es einen Rundbrief"
    fill(page, answer=ANSWER, plain="Ja.", owner="Büro")
    fine()
    page.get_by_role("button", name=WORDS["check"]).click()
    page.get_by_role("heading", name=WORDS["check_heading"]).wait_for()
    main = page.locator("main").inner_text()
    assert f"habt ihr newsletter ({WORDS['gap_today']})" in main
    assert f"hat die stadt newsletter ({WORDS['gap_today']})" in main and "Leeds" not in main
    assert WORDS["conflicts"] in main and "Gibt es einen Rundbrief?" in main
    fine()
    page.get_by_role("button", name=WORDS["publish"]).click()
    page.get_by_text(WORDS["confirm_missing"]).wait_for()
    assert desk.records.get().answers == ()
    page.get_by_label(WORDS["confirm"]).check()
    page.get_by_role("button", name=WORDS["publish"]).click()
    page.get_by_text(WORDS["saved"]).wait_for()
    fine()
    assert ANSWER in desk.changes.read(ANSWERS).text

    page.get_by_role("link", name=f"{WORDS['edit_link']}: {QUESTION}").click()
    fill(page, questions=QUESTION, answer="Nein.")
    fine()
    page.get_by_role("button", name=WORDS["check"]).click()
    page.get_by_role("button", name=WORDS["publish"]).click()
    page.get_by_text(WORDS["saved"]).wait_for()
    assert "Nein." in page.locator("main").inner_text()
    page.get_by_role("button", name=re.compile("zurücknehmen")).first.click()
    page.get_by_text(WORDS["undone"]).wait_for()
    assert ANSWER in page.locator("main").inner_text()

    page.get_by_role("link", name=f"{WORDS['edit_link']}: {QUESTION}").click()
    page.get_by_role("button", name=WORDS["delete"], exact=True).click()
    page.get_by_text(WORDS["deleted"]).wait_for()
    assert page.get_by_text(WORDS["none"]).is_visible()
    page.context.close()


def test_answer_is_written_by_keyboard_alone(browser: Browser, url: str, desk: Desk) -> None:
    """From field to field with the tabulator."""
    page = logged_in(browser, url)
    page.goto(f"{url}/antworten/neu")
    page.get_by_label(WORDS["questions"]).focus()
    page.keyboard.type("Wo steht der Wegweiser?")
    page.keyboard.press("Tab")
    page.keyboard.type("Am Markt.")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == WORDS["check"]:
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=WORDS["check_heading"]).wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == WORDS["publish"]:
            break
    page.keyboard.press("Enter")
    page.get_by_text(WORDS["saved"]).wait_for()
    assert [answer.answer for answer in desk.changes.check(ANSWERS, desk.changes.read(ANSWERS).text).answers] == [
        "Am Markt."
    ]
    page.context.close()


def csrf(client: TestClient) -> str:
    """What forms of this session carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert found
    return found[1]


def write(client: TestClient, desk: Desk, **changed: str) -> int:
    """Send the form as the check page does; the status."""
    values = {"questions": QUESTION, "answer": ANSWER, "source": "page", "owner": "Büro", "review_by": "2099-12-31"}
    sent = values | {"csrf": csrf(client), "mark": desk.changes.read(ANSWERS).mark, "step": "save", "confirm": "1"}
    return int(client.post("/antworten/neu", data=sent | changed, follow_redirects=False).status_code)


def test_second_clerk_is_told_and_loses_nothing(desk: Desk) -> None:
    """What was typed is still there, and can be published then."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        old = desk.changes.read(ANSWERS).mark
        assert write(client, desk, questions="Wo steht der Wegweiser?") == 303
        assert write(client, desk, mark=old) == 409
        assert write(client, desk) == 303


def test_what_is_wrong_is_named_in_the_words_of_the_form(desk: Desk) -> None:
    """And what was typed stays, escaped."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        sent = {"csrf": csrf(client), "questions": "<b>Wo?</b>", "answer": "", "review_by": "bald", "step": "check"}
        answer = client.post("/antworten/neu", data=sent)
        assert answer.status_code == 422 and "&lt;b&gt;Wo?&lt;/b&gt;" in answer.text and "<b>Wo" not in answer.text
        for expected in (f"{WORDS['answer']}: darf nicht leer sein", f"{WORDS['review_by']}: kein Datum"):
            assert expected in answer.text


def test_bot_that_is_away_is_told(desk: Desk) -> None:
    """The clerk may still publish; the records are checked by the desk itself."""
    desk.bot._route = Route(["http://127.0.0.1:9/"])
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        values = {"questions": QUESTION, "answer": ANSWER, "source": "page", "owner": "Büro", "review_by": "2099-12-31"}
        sent = values | {"csrf": csrf(client), "step": "check"}
        assert WORDS["tests_unknown"] in client.post("/antworten/neu", data=sent).text


def test_files_can_be_kept(desk: Desk) -> None:
    """The file itself, and a table for German Excel in which nothing is a formula."""
    with TestClient(create_app(desk), base_url=f"http://{HOST}") as client:
        log_in(client, "editor")
        assert write(client, desk, answer="=1+1") == 303
        assert client.get("/antworten.yml").text == desk.changes.read(ANSWERS).text
        table = client.get("/antworten.csv").content
        assert table.startswith(b"\xef\xbb\xbf") and f"{QUESTION};'=1+1;".encode() in table
        log_in(client, "agent")
        page = client.get("/antworten").text
        assert QUESTION in page and WORDS["edit_link"] not in page and WORDS["undo"] not in page
        assert client.get("/antworten.csv").status_code == 200
