"""One text in the form of each channel, and cut where it is too long."""

from __future__ import annotations

import html as entities
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerstadt.gateways.render import MARKED, html, html_lines, markdown, plain, split

TEXT = "Seit **1969**: [die Seite](https://example.org/a?b=1&c=2) & <mehr>.\n- eins\n- zwei\n\nEnde"


def test_plain_shows_where_a_link_leads() -> None:
    """An address that is its own words is shown once."""
    assert plain(TEXT) == "Seit 1969: die Seite (https://example.org/a?b=1&c=2) & <mehr>.\n- eins\n- zwei\n\nEnde"
    assert plain("[a@example.org](mailto:a@example.org)") == "a@example.org"
    assert plain("[anrufen](tel:+49231)") == "anrufen (+49231)"


def test_html_has_paragraphs_and_lists() -> None:
    """What is no markup of ours is shown as it stands."""
    link = '<a href="https://example.org/a?b=1&amp;c=2">die Seite</a>'
    start = f"Seit <strong>1969</strong>: {link} &amp; &lt;mehr&gt;."
    assert html(TEXT) == f"<p>{start}</p><ul><li>eins</li><li>zwei</li></ul><p>Ende</p>"


def test_html_of_lines_knows_neither() -> None:
    """As Telegram wants it."""
    link = '<a href="https://example.org/a?b=1&amp;c=2">die Seite</a>'
    assert html_lines(TEXT) == f"Seit <b>1969</b>: {link} &amp; &lt;mehr&gt;.\n• eins\n• zwei\n\nEnde"


def test_markdown_escapes_what_means_something_there() -> None:
    """A number with a point at the beginning of a line is no list."""
    assert markdown("3. Oktober, *so* _oder_ `so`") == r"3\. Oktober, \*so\* \_oder\_ \`so\`"
    assert markdown("**fett**\n- [Seite](https://example.org)") == "**fett**\n- [Seite](https://example.org)"


def test_bold_words_may_hold_a_star() -> None:
    """Gender-fair words do."""
    assert html_lines("**Mitarbeiter*in:** ja") == "<b>Mitarbeiter*in:</b> ja"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "//example.org"])
def test_link_to_anything_else_is_no_link(address: str) -> None:
    """Only the web, mail and telephones."""
    assert "<a" not in html(f"[hier]({address})")


def test_cut_prefers_paragraphs_then_lines_then_sentences() -> None:
    """Whatever leaves a piece that is not nearly empty."""
    assert split("Erster Absatz.\n\nZweiter Absatz.", 20, len) == ["Erster Absatz.", "Zweiter Absatz."]
    assert split("Eine Zeile hier\nnoch eine Zeile", 20, len) == ["Eine Zeile hier", "noch eine Zeile"]
    assert split("Ein Satz hier. Noch ein Satz.", 20, len) == ["Ein Satz hier.", "Noch ein Satz."]
    assert split("nur lauter Wörter ohne Ende", 12, len) == ["nur lauter", "Wörter ohne", "Ende"]


def test_sentence_does_not_end_after_a_number_or_an_abbreviation() -> None:
    """3. Oktober, z. B., Dr."""
    text = "Das war am 3. Oktober, z. B. bei Dr. Meier."
    assert all(not part.endswith(("3.", "z.", "Dr.")) for part in split(f"{text} {text}", 50, len))


def test_link_stays_whole() -> None:
    """Also one with spaces in its words."""
    link = "[die lange Seite der Stadt](https://example.org/seite)"
    parts = split(f"Vorher stehen Wörter {link} und nachher auch", 60, len)
    assert len(parts) > 1 and any(link in part for part in parts)


@given(st.text(alphabet=" \nab.!?*[](),äöü😀-", max_size=400), st.integers(20, 80))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, longest: int) -> None:
    """Whatever the text."""
    parts = split(text, longest, len)
    assert all(0 < len(part) <= longest for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@given(st.lists(st.text(alphabet="abcäöü", min_size=1, max_size=19), max_size=60))
def test_no_word_is_cut(words: list[str]) -> None:
    """As long as it fits at all."""
    parts = split(" ".join(words), 20, len)
    assert " ".join(parts).split() == words


@given(st.text(alphabet="ab <>&;\"'*[]()/:-\nhtps#", max_size=200))
def test_html_shows_every_character(text: str) -> None:
    """What somebody wrote never becomes markup that swallows it."""
    shown = entities.unescape(re.sub(r"</?(b|a)( href=\"[^\"]*\")?>", "", html_lines(text)))
    wanted = MARKED.sub(lambda found: found["bold"] or found["words"], text)
    shown_lines = [line.removeprefix("• ") for line in shown.split("\n")]
    assert shown_lines == [line.removeprefix("- ") for line in wanted.split("\n")]
