"""Nothing that is said can become more than text, and nothing leaves for anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from tests.front.parts import Rasa
from tests.widget.conftest import Begin
from tests.widget.parts import HERE, PROJECT, TEXTS, WIDGET, Visit

RAW = yaml.safe_load((HERE / "hostile.yml").read_text(encoding="utf-8"))


def hostile() -> Iterator[str]:
    """All hostile texts, each once."""
    for texts in RAW["families"].values():
        for text in texts:
            scripts = RAW["scripts"] if "{js}" in text else [""]
            yield from (text.format(js=script) for script in scripts)


HOSTILE = sorted({text.strip() for text in hostile()})


def test_there_are_enough_of_them() -> None:
    """At least 200 hostile texts of many kinds."""
    assert len(HOSTILE) >= 200


def test_hostile_texts_are_seen_as_text(chat: Visit, rasa: Rasa) -> None:
    """Said by a person and repeated by the bot, each is seen letter by letter and does nothing."""
    wrong = []
    for text in HOSTILE:
        rasa.reply = lambda said: [{"text": said, "buttons": [{"title": said, "payload": "x"}]}]
        chat.asked(text)
        # White space is laid out anew, and what the front desk leaves out it leaves out for good reasons.
        asked, answered = chat.questions.last.text_content(), chat.answers.last.text_content()
        offered = chat.page.locator(".message .reply").last.text_content()
        if flat(asked) != flat(text) or flat(offered) != flat(text):
            wrong.append(f"asked as {asked!r}, offered as {offered!r}: {text!r}")
        if flat(answered) != flat(text) and flat(answered) != flat(text.replace("**", "")):
            wrong.append(f"answered as {answered!r}: {text!r}")
    assert wrong == []
    assert (
        chat.page.locator(".log a, .log img, .log script, .log iframe, .log style, .log object, .log form").count() == 0
    )
    assert chat.page.evaluate("document.body.dataset.hacked") is None
    chat.page.reload()
    chat.answers.nth(len(HOSTILE) - 1).wait_for()
    assert chat.page.evaluate("document.body.dataset.hacked") is None
    chat.check()


def flat(text: str | None) -> str:
    """A text without white space and marks of direction."""
    return re.sub(r"[\s\u200b\u202d\u202e]", "", text or "")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://www.example.org/a?b=c#d", True),
        ("http://www.example.org", True),
        ("https://de.wikipedia.org/wiki/Leeds_(Stadt)", True),
        ("mailto:stadt@example.org", True),
        ("tel:+4923150", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://stadt@boese.example", False),
        ("/relativ", False),
    ],
)
def test_addresses_of_links(chat: Visit, rasa: Rasa, address: str, safe: bool) -> None:
    """Only addresses for reading, writing and calling become links, and those tell nothing of where they stood."""
    rasa.reply = lambda _: [{"text": f"Siehe [hier]({address})."}]
    chat.asked("Wo?")
    links = chat.answers.locator("a")
    assert links.count() == safe
    if not safe:
        assert chat.answers.inner_text() == f"Siehe [hier]({address})."
    elif address.startswith("http"):
        assert links.get_attribute("rel") == "noopener noreferrer"
        assert links.get_attribute("target") == "_blank"
        assert TEXTS["newWindow"] in (links.text_content() or "")


def test_nothing_leaves_for_anywhere_else(begin: Begin) -> None:
    """A whole visit, with pictures, feedback and deletion, asks only the front desk and breaks no policy."""
    visit = begin().go().open()
    visit.asked("Welche Partnerstädte gibt es?").asked("Zeig die Karte").asked("Zeig den Zeitstrahl")
    visit.page.locator("svg.timeline").wait_for()
    visit.page.get_by_role("button", name=f"{TEXTS['helpful']} {TEXTS['up']}").first.click()
    visit.choose("print")
    visit.choose("delete")
    visit.page.locator(".confirm .primary").click()
    visit.said(TEXTS["deleted"])
    visit.check()


def test_the_page_of_the_front_desk_keeps_its_policy(begin: Begin) -> None:
    """The demo page works under the policy that the front desk itself sends."""
    visit = begin()
    visit.page.goto(visit.url)
    visit.open().asked("Hallo")
    visit.check()


@pytest.mark.parametrize(
    "word",
    [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "new Function",
        "localStorage",
        "document.cookie",
        'setTimeout("',
        "http://",
        "https://",
    ],
)
def test_words_that_the_source_does_not_have(word: str) -> None:
    """The source makes no markup or code of text, keeps nothing longer than the tab lives and knows no address."""
    sources = [path for path in (WIDGET / "src").rglob("*") if path.suffix in (".ts", ".css")]
    assert len(sources) > 20
    allowed = {"dom.ts": ["http://www.w3.org/2000/svg"]}
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for phrase in allowed.get(path.name, []):
            text = text.replace(phrase, "")
        assert word not in text, path


def test_no_city_is_named() -> None:
    """Neither sources nor built files know a city."""
    names = re.compile("|".join(path.name for path in (PROJECT / "records").glob("*/") if path.name != "world"), re.I)
    built = (PROJECT / "partnerstadt" / "front" / "static").glob("*.js")
    for path in [*(p for p in (WIDGET / "src").rglob("*") if p.is_file()), *built]:
        assert not names.search(path.read_text(encoding="utf-8")), path
