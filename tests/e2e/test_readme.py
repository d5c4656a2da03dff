"""The examples of the README are what the bot really says."""

from __future__ import annotations

import re

import pytest

from partnerstadt.quality.measure import new_sender
from tests.e2e.conftest import Bot
from tests.support import PROJECT

ROW = re.compile(
    r"^\| [^|]+ \| (?:\*\(nach „(?P<before>[^“]+)“\)\* )?(?P<say>[^|*]+) \| (?P<answer>[^|*-][^|]*) \|$", re.M
)


def examples() -> list[tuple[str | None, str, str]]:
    """What was said before, the question and the answer of each row; answers in italics only describe."""
    page = (PROJECT / "README.md").read_text(encoding="utf-8")
    tables = page[page.index("## Was er kann") : page.index("## Die eigene Stadt")]
    rows = ((row["before"], row["say"], row["answer"]) for row in ROW.finditer(tables))
    return [row for row in rows if row[1] != "Frage"]


def test_there_are_examples() -> None:
    """Of what it can answer and of what it cannot."""
    assert len(examples()) >= 15


@pytest.mark.parametrize(("before", "say", "answer"), examples(), ids=[say for _, say, _ in examples()])
def test_example_is_true(bot: Bot, before: str | None, say: str, answer: str) -> None:
    """The reply holds the answer, whatever lines follow it."""
    sender = new_sender()
    if before:
        bot.client.say(before, sender)
    reply = " ".join(bot.client.text(say, sender).split())
    assert answer in reply
