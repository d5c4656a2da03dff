"""Asking the bot, before a small server in place of Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from partnerstadt.front.bot import Bot, Unavailable
from partnerstadt.records.models import Records
from partnerstadt.staff.asking import Answered, Asking
from partnerstadt.staff.mail import State
from tests.front.parts import TOKEN, Rasa

MAIL = (
    "Guten Tag,\nich bin unter 0231 1234567 erreichbar. Wo liegt Leeds? Wann öffnet das Bürgerbüro?\nGruß\nKim Muster"
)


@pytest.fixture
def rasa() -> Iterator[Rasa]:
    """Answers the first message with one question and all others with none."""
    rasa = Rasa()

    def reply(_: str) -> list[dict[str, Any]]:
        question = {"text": "Wo liegt Leeds?", "intent": "ask_country", "confidence": 0.9, "outcome": "answered"}
        known = {"questions": [{**question, "said": [0], "sources": ["page"]}]} if len(rasa.asked) == 1 else {}
        return [{"about": {**known, "said": [{"response": "utter_country", "text": "In England."}]}}]

    rasa.reply = reply
    rasa.start()
    yield rasa
    rasa.stop()


def answer(rasa: Rasa, records: Records, text: str) -> Answered:
    """What the desk says to a mail."""

    async def ask() -> Answered:
        bot = Bot(rasa.url, rasa.actions_url, 5, 1, TOKEN)
        try:
            return await Asking(bot).answer(text, records)
        finally:
            await bot.close()

    # In a thread of its own: Playwright, once started for other tests, keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(ask())).result()


def test_mail_is_asked_and_forgotten(rasa: Rasa, dortmund_records: Records) -> None:
    """As a whole and then what was passed over, in one conversation that is deleted; numbers are masked before."""
    answered = answer(rasa, dortmund_records, MAIL)
    assert [(d.question, d.state) for d in answered.drafts] == [
        ("Wo liegt Leeds?", State.ANSWERED),
        ("Wann öffnet das Bürgerbüro?", State.OPEN),
    ]
    assert len(rasa.asked) == 2 and rasa.deleted == [rasa.asked[0]["sender"]] == [rasa.asked[1]["sender"]]
    assert "1234567" not in rasa.texts[0] and "Kim Muster" not in rasa.texts[0]


def test_bot_that_is_gone_is_said(rasa: Rasa, dortmund_records: Records) -> None:
    """So that the desk can say it in turn."""
    rasa.status = 503
    with pytest.raises(Unavailable):
        answer(rasa, dortmund_records, MAIL)


def test_empty_mail_is_not_asked(rasa: Rasa, dortmund_records: Records) -> None:
    """There is nothing to ask."""
    assert answer(rasa, dortmund_records, " \n ").drafts == () and rasa.texts == []
