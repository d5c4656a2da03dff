"""Pages without JavaScript: the same conversation, the same rules."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
import pytest

from tests.front.parts import Rasa, Served, served, until

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def ask(client: httpx.Client, text: str, **more: str) -> httpx.Response:
    """Send the form, and follow to the page."""
    return client.post("/chat", data={"text": text} | more)


@pytest.fixture
def browser(front: Served) -> httpx.Client:
    """A browser without JavaScript."""
    return front.client(follow_redirects=True)


def test_question_gets_its_answer(browser: httpx.Client) -> None:
    """On one page, and it is still there after a reload."""
    page = ask(browser, "Seit wann?")
    assert page.status_code == 200 and "Antwort auf Seit wann?" in page.text
    assert "Antwort auf Seit wann?" in browser.get("/chat").text


def test_cookie_is_for_this_page_only(front: Served) -> None:
    """Not for scripts, not for other sites, and not before the first question."""
    client = front.client()
    assert "set-cookie" not in client.get("/chat").headers
    cookie = ask(client, "Seit wann?").headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/chat"))
    assert "max-age" not in cookie and "expires" not in cookie


def test_page_before_the_first_question_says_what_it_is(browser: httpx.Client) -> None:
    """A machine, no personal data, examples."""
    page = browser.get("/chat").text
    assert "Computerprogramm" in page and "persönlichen Daten" in page and "Zum Beispiel" in page
    assert '<html lang="de">' in page and "<script" not in page and "style=" not in page


@pytest.mark.parametrize("from_bot", [False, True])
def test_markup_is_shown_as_text(browser: httpx.Client, rasa: Rasa, from_bot: bool) -> None:
    """Whoever wrote it."""
    if from_bot:
        rasa.reply = lambda _: [{"text": EVIL, "buttons": [{"title": EVIL, "payload": EVIL}]}]
    page = ask(browser, "x" if from_bot else EVIL).text
    assert html.escape(EVIL, quote=False) in page or html.escape(EVIL) in page
    assert "<script>alert" not in page and "<img" not in page


def test_buttons_work(browser: httpx.Client, rasa: Rasa) -> None:
    """Those of the bot and the switch of plain language."""
    works = rasa.reply
    rasa.reply = lambda _: [{"text": "Bitte.", "buttons": [{"title": "Amiens", "payload": "seit wann Amiens"}]}]
    button = re.search(r'name="button" value="([^"]+)"[^>]*>Amiens', ask(browser, "x").text)
    assert button
    rasa.reply = works
    assert "Antwort auf seit wann Amiens" in browser.post("/chat", data={"button": button[1]}).text
    assert "einfacher Sprache" in browser.post("/chat", data={"button": "plain_on"}).text


def test_late_answer_can_be_fetched(tmp_path: Path, rasa: Rasa, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page does not wait for ever, and says so."""
    monkeypatch.setattr("partnerstadt.front.pages.WAIT_SECONDS", 0.2)
    rasa.wait = 0.6
    with served(tmp_path, rasa) as front, front.client(follow_redirects=True) as client:
        page = ask(client, "Seit wann?").text
        assert "Antwort kommt noch" in page and "Neu laden" in page
        until(lambda: "Antwort auf Seit wann?" in client.get("/chat").text)
        assert "Antwort kommt noch" not in client.get("/chat").text


def test_form_sent_twice_is_one_question(browser: httpx.Client, rasa: Rasa) -> None:
    """A double click or a reload."""
    for _ in range(2):
        ask(browser, "Seit wann?", id="abcdefgh")
    assert rasa.texts == ["Seit wann?"]


def test_conversation_can_be_deleted(browser: httpx.Client, rasa: Rasa) -> None:
    """Cookie, texts and Rasa's part; the job for what is left may tell Rasa as well."""
    ask(browser, "geheim")
    page = browser.post("/chat", data={"delete": "1"})
    assert "gelöscht" in page.text and "geheim" not in page.text and not browser.cookies
    assert set(rasa.deleted) == {rasa.asked[0]["sender"]}


@pytest.mark.parametrize(
    ("data", "status"), [({"text": ""}, 422), ({"text": "x" * 1001}, 422), ({}, 422), ({"button": "nothing"}, 404)]
)
def test_error_is_a_page_with_the_form(browser: httpx.Client, data: dict[str, str], status: int) -> None:
    """In German, to try again."""
    page = browser.post("/chat", data=data)
    assert page.status_code == status and 'role="alert"' in page.text and "<textarea" in page.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://www.example.net"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_form_of_another_site_is_refused(browser: httpx.Client, rasa: Rasa, headers: dict[str, str]) -> None:
    """Also by the address, not only by the cookie."""
    assert browser.post("/chat", data={"text": "x"}, headers=headers).status_code == 403
    assert not rasa.asked


def test_example_of_a_citys_page_comes_from_the_records(browser: httpx.Client) -> None:
    """Its cities with their source, the chat in one tag, nothing from elsewhere, no links that lead nowhere."""
    page = browser.get("/").text
    assert "Stadt Musterstadt" in page and "<partnerstadt-chat" in page and "Quelle: " in page
    assert page.count("<script") == 1 and '<script src="/widget/partnerstadt-chat.js"' in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page) and "Impressum" not in page


def test_footer_has_the_links_the_city_has_named(tmp_path: Path, rasa: Rasa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those."""
    from tests.front import parts
    from tests.support import MUSTERSTADT, change, copy_of

    records = copy_of(MUSTERSTADT, tmp_path / "records")
    change(records / "city.yml", lambda raw: raw.update(links={"imprint": "https://www.example.org/impressum"}))
    monkeypatch.setattr(parts, "MUSTERSTADT", records)
    with served(tmp_path / "state", rasa) as front, front.client() as client:
        links = client.get("/api/info").json()["links"]
        assert links == {"imprint": {"title": "Impressum", "url": "https://www.example.org/impressum"}}
        page = client.get("/").text
        assert '<a href="https://www.example.org/impressum">Impressum</a>' in page and "Datenschutz</a>" not in page
