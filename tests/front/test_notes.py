"""Notes that citizens leave: what is asked for, what is kept, and that nothing stays."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from partnerstadt.front import notes
from partnerstadt.front.texts import load_texts
from tests.front.parts import START, Clock, Served, contents

TEXT = "Bitte rufen Sie zurück, es geht um Geheimes."
FORM = {"text": TEXT, "email": "kim@example.org", "phone": ""}
ERRORS = load_texts().group("errors")


@pytest.fixture
def browser(front: Served) -> httpx.Client:
    """A browser without JavaScript."""
    return front.client(follow_redirects=True)


def filled(browser: httpx.Client, **fields: str) -> dict[str, str]:
    """The form, with the id that it brings along."""
    found = re.search(r'name="id" value="([0-9a-f]{32})"', browser.get("/nachricht").text)
    assert found
    return FORM | {"id": found[1]} | fields


def left(front: Served) -> list[notes.Note]:
    """What is kept."""
    return front.desk.store.within_reading(notes.left)


def test_page_says_what_is_kept_and_how_long(browser: httpx.Client) -> None:
    """Before anything is typed."""
    page = browser.get("/nachricht").text
    assert "spätestens nach 30 Tagen" in page and "getrennt vom Gespräch" in page and "<script" not in page


def test_note_is_kept_as_it_is(browser: httpx.Client, front: Served) -> None:
    """With the way to be reached, not masked, in no conversation; sent twice, kept once."""
    form = filled(browser)
    for _ in range(2):
        page = browser.post("/nachricht", data=form)
        assert page.status_code == 200 and load_texts().group("note")["sent"] in page.text
    assert left(front) == [notes.Note(form["id"], START, TEXT, "kim@example.org", "")]
    assert not browser.cookies and not front.desk.store.statistics()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": " "}, "note_empty"),
        ({"email": "", "phone": ""}, "note_unreachable"),
        ({"email": "kim"}, "note_email"),
        ({"email": "kim@example"}, "note_email"),
        ({"email": "kim@example.org\r\nBcc: a@example.org"}, "note_email"),
        ({"phone": "12"}, "note_phone"),
        ({"phone": "morgens"}, "note_phone"),
        ({"text": "\x00"}, "invalid"),
        ({"id": "x"}, "invalid"),
    ],
)
def test_wrong_field_is_named_and_nothing_is_lost(
    browser: httpx.Client, front: Served, fields: dict[str, str], error: str
) -> None:
    """The form comes back as it was filled in."""
    page = browser.post("/nachricht", data=filled(browser, **fields))
    assert page.status_code == 422 and ERRORS[error] in page.text and 'role="alert"' in page.text
    assert "text" in fields or TEXT in page.text
    assert left(front) == []


@pytest.mark.parametrize("phone", ["0231 1234567", "+49 231 1234567", "+44 113 4960000"])
def test_phone_alone_is_enough(browser: httpx.Client, front: Served, phone: str) -> None:
    """From here or from abroad."""
    browser.post("/nachricht", data=filled(browser, email="", phone=phone))
    assert [note.phone for note in left(front)] == [phone]


def test_markup_is_shown_as_text(browser: httpx.Client) -> None:
    """Also in the form that comes back."""
    page = browser.post("/nachricht", data=filled(browser, text='"><script>alert(1)</script>', email="x")).text
    assert "<script" not in page


def test_flood_is_held_back(browser: httpx.Client, front: Served) -> None:
    """Some at once, then slowly; the text is not lost."""
    answers = [browser.post("/nachricht", data=filled(browser)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert len(left(front)) == 3 and TEXT in answers[-1].text


def test_form_of_another_site_is_refused(browser: httpx.Client, front: Served) -> None:
    """As in the chat."""
    answer = browser.post("/nachricht", data=filled(browser), headers={"Origin": "https://www.example.net"})
    assert answer.status_code == 403 and left(front) == []


def test_old_note_goes_and_leaves_no_byte(browser: httpx.Client, front: Served, clock: Clock, tmp_path: Path) -> None:
    """By itself, even if nobody has worked it off."""
    browser.post("/nachricht", data=filled(browser))
    clock.move(days=30)
    front.run(front.desk.retention.once())
    assert TEXT.encode() in contents(tmp_path)
    clock.move(seconds=1)
    front.run(front.desk.retention.once())
    assert not any(word.encode() in contents(tmp_path) for word in (TEXT, "kim@example.org"))
