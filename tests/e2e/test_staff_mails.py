"""The made-up mails of tests/staff, answered by the staff desk with the real bot."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from partnerstadt.front.bot import Bot as Client
from partnerstadt.quality.measure import SECONDS, Share
from partnerstadt.records.load import load_records
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.mail import Draft, State
from tests.e2e.conftest import Bot, note
from tests.staff.mails import Asked, Case, load_mails
from tests.support import TODAY

RIGHT, WRONG = 0.9, 0.01


async def _drafts(bot: Bot) -> list[tuple[Case, tuple[Draft, ...]]]:
    records = load_records(bot.settings.records, TODAY)
    client = Client(bot.settings.rasa_url, bot.settings.actions_url, SECONDS, 1)
    try:
        asking = Asking(client)
        return [(case, (await asking.answer(case.mail, records)).drafts) for case in load_mails()]
    finally:
        await client.close()


def _judged(case: Case, drafts: tuple[Draft, ...]) -> Iterator[tuple[str, str]]:
    """What became of each question asked, and each draft that answers what nobody asked."""
    found = [(asked, asked.found_in(drafts)) for asked in case.questions]
    for asked, draft in found:
        yield _verdict(asked, draft), f"{case.id}: {asked.of} -> {draft}"
    for draft in drafts:
        if draft.state is State.ANSWERED and all(draft is not other for _, other in found):
            yield "needless", f"{case.id}: {draft}"


def _verdict(asked: Asked, draft: Draft | None) -> str:
    if draft is None:
        return "missed"
    if asked.is_right(draft):
        return "right"
    return "open" if draft.state is State.OPEN else "wrong"


def test_mails_are_answered(bot: Bot, request: pytest.FixtureRequest) -> None:
    """Nine of ten questions are drafted rightly, hardly any wrongly; the rest is marked as open."""
    judged = [verdict for case, drafts in asyncio.run(_drafts(bot)) for verdict in _judged(case, drafts)]
    counts = Counter(verdict for verdict, _ in judged)
    total = sum(len(case.questions) for case in load_mails())
    shares = {
        "mails: found": Share(total, total - counts["missed"]),
        "mails: right": Share(total, counts["right"]),
        "mails: wrong": Share(total, counts["wrong"] + counts["needless"]),
    }
    note(request.config, shares, {"mails: right": RIGHT, "mails: wrong": WRONG})
    listed = "\n".join(f"{verdict}: {what}" for verdict, what in judged if verdict != "right")
    assert shares["mails: right"].share >= RIGHT, listed
    assert shares["mails: wrong"].share <= WRONG, listed


def test_there_are_enough_mails() -> None:
    """At least forty, of one to four questions each."""
    assert len(load_mails()) >= 40 and all(1 <= len(case.questions) <= 4 for case in load_mails())
    assert len({case.id for case in load_mails()}) == len(load_mails())
