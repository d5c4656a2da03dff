"""The chat in a real browser, on the demo page of the front desk, with the real bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Bot
from tests.widget.parts import Visit, chromium


@pytest.fixture
def visit(bot: Bot) -> Iterator[Visit]:
    """Somebody on the demo page; the browser ends with the test, other tests run loops of their own."""
    with chromium() as browser:
        somebody = Visit(browser, bot.settings.front_url)
        somebody.page.set_default_timeout(30_000)
        somebody.page.goto(somebody.url)
        yield somebody


def test_the_two_questions_of_the_mission(visit: Visit) -> None:
    """Both are answered from the records, with their source."""
    visit.open().asked("seit wann ist Leeds Partnerstadt?")
    assert "Leeds (Großbritannien) ist seit 1969 Partnerstadt" in visit.answers.last.inner_text()
    visit.asked("wie erreiche ich das Büro?")
    assert "44135 Dortmund" in visit.answers.last.inner_text()
    sources = visit.page.locator(".message .source").all_inner_texts()
    assert len(sources) == 2 and all(source.startswith("Quelle: ") and "Stand: " in source for source in sources)
    visit.check()


@pytest.mark.parametrize("wish", ["zeig mir die auf einer karte", "zeitstrahl bitte"])
def test_picture_on_request(visit: Visit, wish: str) -> None:
    """The bot says which picture, the chat draws it from the records."""
    visit.open().asked(wish)
    visit.page.locator(".message svg[role=img]").first.wait_for()
    assert "Schytomyr" in visit.answers.last.inner_text()
    visit.check()


def test_a_conversation_with_the_real_bot(visit: Visit) -> None:
    """Suggestions, quick replies, follow-up questions and plain language, restored after a reload."""
    visit.open().page.locator(".begins .reply").first.click()
    visit.answers.first.wait_for()
    visit.asked("Seit wann ist Leeds dabei?").asked("und Amiens?")
    assert "1960" in visit.answers.last.inner_text()
    visit.choose("plain")
    visit.answers.nth(3).wait_for()
    visit.page.reload()
    visit.answers.nth(3).wait_for()
    visit.button("menu").click()
    assert visit.page.get_by_role("switch").first.get_attribute("aria-checked") == "true"
    visit.check()
