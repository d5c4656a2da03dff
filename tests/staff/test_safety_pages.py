"""Accounts, trail and emergency switch in a real browser: as stories, by keyboard, accessible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from partnerstadt.staff.texts import texts
from tests.front.parts import Clock, Rasa
from tests.staff.parts import open_desk, served
from tests.staff.test_pages import faults, faults_in_every_look, logged_in


@pytest.fixture
def url(tmp_path: Path, rasa: Rasa, clock: Clock) -> Iterator[str]:
    """A desk that is served."""
    with served(open_desk(tmp_path, rasa, clock, 1000)) as address:
        yield address


def press(page: Page, name: str) -> None:
    """Reach a button or link by the keyboard alone, and press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.ariaLabel ?? document.activeElement.textContent).trim()") == name:
            page.keyboard.press("Enter")
            page.wait_for_load_state()
            return
    raise AssertionError(f"no Tab leads to '{name}'")


def test_axe_finds_nothing(browser: Browser, url: str) -> None:
    """With the menu open, and while the bot is paused; small and large, light and dark."""
    page = logged_in(browser, url)
    page.goto(f"{url}/notschalter")
    page.set_viewport_size({"width": 320, "height": 800})
    page.locator("summary").click()
    assert faults_in_every_look(page) == []
    page.get_by_role("button", name=texts()["switch"]["notice_send"]).click()
    page.get_by_role("button", name=texts()["switch"]["pause_send"]).click()
    page.get_by_role("button", name=texts()["switch"]["resume"]).wait_for()
    assert faults_in_every_look(page) == []
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_account_from_the_first_to_the_last_day(browser: Browser, url: str, scripts: bool) -> None:
    """Made by an administrator, its password changed by its owner, locked: by keyboard, with and without scripts."""
    words = texts()["accounts"]
    admin = logged_in(browser, url, java_script_enabled=scripts)
    admin.goto(f"{url}/konten")
    admin.get_by_label(words["name"], exact=True).focus()
    admin.keyboard.type("kim")
    admin.keyboard.press("Tab")
    admin.keyboard.press("ArrowDown")  # the second role
    admin.keyboard.press("Enter") if scripts else None
    press(admin, words["add_send"])
    once = admin.locator("#once").inner_text()
    assert len(once) == 19 and (not scripts or faults(admin) == [])

    own = browser.new_context(java_script_enabled=scripts).new_page()
    own.goto(url)
    own.get_by_label(texts()["name"]).fill("kim")
    own.get_by_label(texts()["password"]).fill(once)
    own.keyboard.press("Enter")
    own.get_by_text(words["must_change"]).wait_for()
    own.goto(f"{url}/mail")
    own.get_by_text(words["must_change"]).wait_for()
    for label, typed in ((words["old_password"], once), (words["new_password"], "kurz"), (words["new_again"], "kurz")):
        own.get_by_label(label, exact=True).fill(typed)
    own.keyboard.press("Enter")
    assert "12 bis 200" in own.get_by_role("alert").inner_text()
    new = "vier blaue Brücken"
    for label, typed in ((words["old_password"], once), (words["new_password"], new), (words["new_again"], new)):
        own.get_by_label(label, exact=True).fill(typed)
    own.keyboard.press("Enter")
    own.get_by_role("status").filter(has_text=words["told"]["changed"]).wait_for()

    admin.goto(f"{url}/konten/konto?name=kim")
    press(admin, words["lock"])
    admin.get_by_role("status").filter(has_text=words["told"]["lock"]).wait_for()
    own.reload()
    own.get_by_role("heading", name=texts()["log_in"], exact=True).wait_for()
    admin.goto(f"{url}/konten/konto?name=administrator")
    press(admin, words["lock"])
    assert "letzte" in admin.get_by_role("alert").inner_text()
    admin.goto(f"{url}/protokoll")
    admin.get_by_label(texts()["trail"]["action"]).select_option("account_locked")
    admin.get_by_role("button", name=texts()["trail"]["send"]).click()
    admin.get_by_role("status").filter(has_text=texts()["trail"]["found_one"]).wait_for()
    own.context.close()
    admin.context.close()


def test_bot_is_paused_by_keyboard(browser: Browser, url: str) -> None:
    """With the text that stands there, and goes on again."""
    words = texts()["switch"]
    page = logged_in(browser, url)
    page.goto(f"{url}/notschalter")
    press(page, words["pause_send"])
    page.get_by_role("status").filter(has_text=words["told"]["pause"]).wait_for()
    press(page, words["resume"])
    page.get_by_role("status").filter(has_text=words["told"]["resume"]).wait_for()
    page.context.close()
