"""What the runner says itself, and what it does not read as a question."""

from __future__ import annotations

import pytest

from partnerstadt.gateways.client import City, Event, Welcome
from partnerstadt.gateways.contract import Button, Form
from partnerstadt.gateways.words import DELETE, HELP, Words, chosen

CHOICES = (Button("a", "Mit Mitarbeiter*in sprechen"), Button("b", "Nachricht hinterlassen"))
KEY = "0" * 32


@pytest.fixture
def words() -> Words:
    """Of a messenger without buttons."""
    return Words(Form(longest=200))


@pytest.mark.parametrize("text", ["2", " 2 ", "2.", "(2)", "2)", "Nachricht hinterlassen", "nachricht  HINTERLASSEN!"])
def test_choice_by_number_or_words(text: str) -> None:
    """However it is written."""
    assert chosen(text, CHOICES, by_number=True) == CHOICES[1]


@pytest.mark.parametrize("text", ["3", "0", "22", "2 Städte", "1989", "", "…", "Nachricht"])
def test_what_is_no_choice(text: str) -> None:
    """A question about two cities, a year."""
    assert chosen(text, CHOICES, by_number=True) is None


def test_number_is_none_where_it_does_not_count() -> None:
    """Words always are."""
    assert chosen("1", CHOICES, by_number=False) is None
    assert chosen("mit mitarbeiter in sprechen", CHOICES, by_number=False) == CHOICES[0]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Gespräch löschen", DELETE),
        ("gespräch  löschen.", DELETE),
        ("/loeschen", DELETE),
        ("/start", HELP),
        ("Hilfe!", HELP),
        ("Hilfe für Dortmund", None),
        ("löschen", None),
    ],
)
def test_commands(words: Words, text: str, command: str | None) -> None:
    """Only when nothing else is said."""
    assert words.command(text) == command


def test_choices_are_numbered_where_there_are_no_buttons(words: Words) -> None:
    """Below the text."""
    (message,) = words.messages(KEY, "Wie möchten Sie weitermachen?", CHOICES)
    assert message.text.endswith("1) Mit Mitarbeiter*in sprechen\n2) Nachricht hinterlassen") and not message.buttons


def test_buttons_stand_under_the_last_part() -> None:
    """And nothing is numbered."""
    parts = Words(Form(longest=40, buttons=True)).messages(KEY, "Ein Satz. " * 10, CHOICES)
    assert len(parts) > 1
    assert [part.buttons for part in parts] == [()] * (len(parts) - 1) + [CHOICES]
    assert not any("1)" in part.text for part in parts)


def test_every_part_has_a_lasting_key_of_its_own(words: Words) -> None:
    """So that a part is known when it is made again."""
    first, again = (words.messages(KEY, "Ein Satz. " * 100) for _ in range(2))
    assert first == again and len({part.key for part in first}) == len(first) > 3


def test_picture_is_also_a_list(words: Words) -> None:
    """With the year, where there is one; the source comes last. Where there is no picture, that is said."""
    cities = [City("Leer", "Land", 1969), City("Neu", "Land", None)]
    event = Event(2, "message", "bot", "Auf der Karte.", "Quelle: x.", picture="map")
    for shown in (True, False):
        text = words.answer(event, cities, shown)
        assert text.startswith("Auf der Karte.\n\n") and text.endswith("\n\nQuelle: x.")
        assert "- Leer (Land), seit 1969\n- Neu (Land)\n" in text
        assert (words.text("no_picture") in text) is not shown


def test_city_that_is_named_already_is_not_listed_again(words: Words) -> None:
    """Only what else is on the picture; nothing, if all are named."""
    cities = [City("Leer", "Land", 1969), City("Neu", "Land", None)]
    some, both = (Event(2, "message", "bot", text, picture="map") for text in ("- Leer (1969)", "Leer und Neu"))
    assert words.answer(some, cities) == "- Leer (1969)\n\nAußerdem:\n- Neu (Land)"
    assert words.answer(both, cities) == "Leer und Neu"


def test_picture_comes_before_the_text_or_with_it() -> None:
    """As a message of its own where several are usual; else with the first part. It may be left away."""
    for apart in (True, False):
        words = Words(Form(longest=40, apart=apart))
        picture = words.picture("map", b"png")
        messages = words.messages(KEY, "Ein Satz. " * 10, picture=picture)
        assert [message.picture for message in messages] == [picture] + [None] * (len(messages) - 1)
        assert (messages[0].text == picture.words) is apart and picture.words
        assert len({message.key for message in messages}) == len(messages)
        instead = words.without_picture(messages[0])
        assert instead.picture is None and instead.key == messages[0].key
        assert instead.text == (words.text("no_picture") if apart else messages[0].text)


def test_greeting_names_what_the_law_wants(words: Words) -> None:
    """A machine, the notice, the links; questions only for those who have none yet."""
    links = (("Impressum", "https://example.org/i"),)
    welcome = Welcome(("Hier antwortet ein Computerprogramm.",), "Keine Daten.", "Heute geschlossen.", ("A?",), links)
    text, choices = words.greeting(welcome, ask=True)
    assert text.startswith("Heute geschlossen.\n\nHier antwortet ein Computerprogramm.\n\nKeine Daten. ")
    assert "[Impressum](https://example.org/i)" in text and choices == (Button("ask-0", "A?"),)
    assert words.greeting(welcome, ask=False)[1] == ()
