"""The statistics in a real browser: readable by everybody, with and without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from partnerstadt.staff.texts import texts
from tests.front.parts import START, Clock, Rasa
from tests.staff.parts import fill, open_desk, served
from tests.staff.test_pages import faults, faults_in_every_look, logged_in

WORDS = texts()["statistics"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk that has counted something on some days."""
    desk = open_desk(tmp_path_factory.mktemp("statistics"), Rasa(), Clock(), 1000)
    for days in (0, 1, 1, 4, 5, 5, 5, 20):
        fill(desk.store, START - dt.timedelta(days=days))
    with served(desk) as address:
        yield address


def test_axe_finds_nothing(browser: Browser, url: str) -> None:
    """Without figures, for a year and after a mistake; nothing breaks the policy."""
    page = logged_in(browser, url)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if "422" not in message.text else None)
    page.on("request", lambda request: None if request.url.startswith((url, "data:")) else wrong.append(request.url))
    queries = ("?von=2026-01-01&bis=2026-12-31", "?von=2020-01-01&bis=2020-01-07", "?von=2026-12-01&bis=2026-01-01")
    for query in queries:
        page.goto(f"{url}/statistik{query}")
        # The table of a year has many rows, but none that the table of a month does not have.
        look = faults if "01-01&bis=2026-12-31" in query else faults_in_every_look
        assert look(page) == [], query
    page.context.close()
    assert wrong == []


@pytest.mark.parametrize("scripts", [True, False])
def test_period_and_channel_are_chosen_by_keyboard(browser: Browser, url: str, scripts: bool) -> None:
    """And the figures of a chart are those of the table below it."""
    page = logged_in(browser, url, java_script_enabled=scripts)
    page.goto(f"{url}/statistik")
    page.get_by_label(WORDS["first"], exact=True).fill("2026-11-23")
    page.get_by_label(WORDS["channel"], exact=True).select_option("web")
    page.get_by_role("button", name=WORDS["show"]).focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="23.11.2026 bis 24.11.2026: 12 Fragen.").wait_for()
    drawn = page.locator("svg[aria-labelledby^=day-chart] rect + text").all_text_contents()
    listed = page.locator("table:has(#day-caption) tbody td:nth-of-type(2)").all_text_contents()
    assert drawn == listed == ["8", "4"]
    page.get_by_role("link", name=WORDS["presets"]["week"]).click()
    page.get_by_role("status").filter(has_text="18.11.2026 bis 24.11.2026: 28 Fragen.").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{WORDS['csv']}: {WORDS['csv_days']}").click()
    assert download.value.suggested_filename == "statistik-tage-2026-11-18-2026-11-24.csv"
    page.context.close()
