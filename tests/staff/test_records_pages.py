"""Editing records in a real browser: with the source, by keyboard, by two at once, without scripts, accessible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.parts import open_desk, served
from tests.staff.test_pages import faults, faults_in_every_look, logged_in

WORDS = texts()["records"]
LEEDS = "/angaben/partnerschaft/leeds"
YEAR = WORDS["fields"]["since.year"]


@pytest.fixture
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk that is served, with records of its own."""
    rasa = Rasa()
    rasa.start()
    with served(open_desk(tmp_path_factory.mktemp("staff"), rasa, Clock(), 1000)) as address:
        yield address
    rasa.stop()


def change_year(page: Page, year: str) -> None:
    """Fill in a year and where it comes from, up to the preview."""
    page.get_by_label(YEAR, exact=True).fill(year)
    page.get_by_label(WORDS["source_new"]).check()
    page.get_by_label(f"{WORDS['fields']['title']} ({WORDS['required']})").fill("Ratsbeschluss")
    page.get_by_role("button", name=WORDS["check"]).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_year_is_changed_seen_kept_and_taken_back(browser: Browser, url: str, scripts: bool) -> None:
    """The whole story, accessible at every step (axe is a script itself)."""
    page = logged_in(browser, url, java_script_enabled=scripts)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.get_by_role("navigation").get_by_role("link", name=WORDS["nav"], exact=True).click()
    page.get_by_role("link", name="Leeds", exact=True).click()
    page.get_by_label(YEAR, exact=True).fill("1971")
    page.get_by_role("button", name=WORDS["check"]).click()
    page.get_by_role("alert").get_by_role("link", name=WORDS["faults"]["source_needed"]).wait_for()
    assert not scripts or faults(page) == []
    change_year(page, "1971")
    page.get_by_role("heading", name=WORDS["preview_heading"].format(title="Leeds")).wait_for()
    row = page.get_by_role("row", name="Seit wann ist Leeds Partnerstadt?")
    assert "1969" in row.inner_text() and "1971" in row.inner_text() and "Ratsbeschluss" in row.inner_text()
    assert not scripts or faults(page) == []
    page.get_by_role("button", name=WORDS["edit"]).click()
    assert page.get_by_label(YEAR, exact=True).input_value() == "1971"
    page.get_by_role("button", name=WORDS["check"]).click()
    page.get_by_role("button", name=WORDS["save"]).click()
    page.get_by_role("status").filter(has_text=WORDS["done"]["saved"]).wait_for()
    assert not scripts or faults(page) == []
    change = page.get_by_role("region", name=WORDS["change"].format(number=2))
    assert "administrator" in change.inner_text() and "1971" in change.inner_text()
    page.get_by_role("button", name=WORDS["undo_label"].format(number=2)).click()
    page.get_by_role("status").filter(has_text=WORDS["done"]["undone"]).wait_for()
    assert not scripts or faults(page) == []
    page.goto(url + LEEDS)
    assert page.get_by_label(YEAR, exact=True).input_value() == "1969"
    page.context.close()
    assert wrong == []


def test_of_two_clerks_the_second_is_told(browser: Browser, url: str) -> None:
    """And sees both, the own input and what is saved."""
    first, second = logged_in(browser, url), logged_in(browser, url)
    for page, year in ((first, "1971"), (second, "1972")):
        page.goto(url + LEEDS)
        change_year(page, year)
    first.get_by_role("button", name=WORDS["save"]).click()
    first.get_by_role("status").filter(has_text=WORDS["done"]["saved"]).wait_for()
    second.get_by_role("button", name=WORDS["save"]).click()
    second.get_by_role("alert").filter(has_text=WORDS["outdated"]).wait_for()
    assert second.get_by_label(YEAR, exact=True).input_value() == "1972"
    assert second.get_by_text(f"{WORDS['now_saved']} 1971").is_visible() and faults(second) == []
    second.get_by_role("button", name=WORDS["check"]).click()
    second.get_by_role("button", name=WORDS["save"]).click()
    second.get_by_role("status").filter(has_text=WORDS["done"]["saved"]).wait_for()
    first.context.close()
    second.context.close()


def focused(page: Page) -> str:
    """The name of the field that has the focus."""
    return str(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


def test_year_is_changed_by_keyboard(browser: Browser, url: str) -> None:
    """Every step by Tab, arrows, space and Enter."""
    page = logged_in(browser, url)
    page.goto(url + LEEDS)

    def to(name: str) -> None:
        for _ in range(60):
            if focused(page) == name:
                return
            page.keyboard.press("Tab")
        raise AssertionError(name)

    to("since.year")
    page.keyboard.insert_text("1971")
    to("source")
    page.keyboard.press("Space")
    to("step")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=WORDS["preview_heading"].format(title="Leeds")).wait_for()
    to("step")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text=WORDS["done"]["saved"]).wait_for()
    page.context.close()


def test_axe_finds_nothing(browser: Browser, url: str) -> None:
    """After a mistake and on the preview, small and large, light and dark."""
    page = logged_in(browser, url)
    page.goto(url + LEEDS)
    page.get_by_label(YEAR, exact=True).fill("neunzehnhundert")
    page.get_by_label("Internationale Beziehungen").check()
    page.get_by_role("button", name=WORDS["check"]).click()
    assert faults_in_every_look(page) == []
    page.get_by_label(YEAR, exact=True).fill("1971")
    page.get_by_role("button", name=WORDS["check"]).click()
    page.get_by_role("button", name=WORDS["save"]).wait_for()
    assert faults_in_every_look(page) == []
    page.context.close()
