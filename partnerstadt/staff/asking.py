"""Asks the bot what a mail asks: through Rasa's REST channel, in a conversation that is deleted afterwards."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass

from partnerstadt.front.bot import Bot, Unavailable
from partnerstadt.front.masking import mask
from partnerstadt.records.models import Records
from partnerstadt.staff.mail import (
    Draft,
    Mail,
    State,
    drafts_of,
    in_order,
    left_over,
    read_mail,
    relevant,
)

# Asked one by one beside the questions that the mail as a whole gave; a mail with more is no inquiry.
MOST_LEFT_OVER = 8


@dataclass(frozen=True)
class Answered:
    """A mail and what the desk has to say to it."""

    mail: Mail
    drafts: tuple[Draft, ...]


class Asking:
    """The bot as the desk sees it.

    Args:
        bot: Rasa behind its REST channel.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def answer(self, text: str, records: Records) -> Answered:
        """Read a mail and draft an answer to each of its questions; neither is kept.

        The mail is asked as a whole first, because a question may lean on the sentence before it; then, in the same
        conversation, each question that the bot passed over.

        Raises:
            Unavailable: if the bot does not answer.
            Refused: if it will never answer this.
        """
        mail = read_mail(text)
        body = mask(mail.body)
        if not body:
            return Answered(mail, ())
        sender = f"staff-{uuid.uuid4().hex}"
        try:
            drafts = relevant(body, drafts_of(await self._bot.about(sender, body), records))
            for question in left_over(body, drafts)[:MOST_LEFT_OVER]:
                found = drafts_of(await self._bot.about(sender, question), records)
                drafts += [draft for draft in found if draft.state is not State.OPEN] or [Draft(question)]
        finally:
            await self._forget(sender)
        return Answered(mail, tuple(in_order(body, drafts)))

    async def _forget(self, sender: str) -> None:
        with contextlib.suppress(Unavailable):  # a bot that is gone remembers nothing
            await self._bot.forget(sender)
