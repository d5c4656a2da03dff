"""Asks the bot what a mail asks: through Rasa's REST channel, in a conversation that is deleted afterwards."""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from partnerstadt.front.bot import DETAIL_HEADER, FORGET_SECONDS, TOKEN_HEADER
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


class Unavailable(Exception):
    """The bot does not answer now; later it will."""


@dataclass(frozen=True)
class Answered:
    """A mail and what the desk has to say to it."""

    mail: Mail
    drafts: tuple[Draft, ...]


class Asking:
    """The bot as the desk sees it.

    Args:
        http: the client to use.
        url: where Rasa's REST channel takes messages.
        token: allows to delete conversations.
    """

    def __init__(self, http: httpx.AsyncClient, url: str, token: str = "") -> None:
        self._http = http
        self._url = url
        self._token = token

    async def answer(self, text: str, records: Records) -> Answered:
        """Read a mail and draft an answer to each of its questions; neither is kept.

        The mail is asked as a whole first, because a question may lean on the sentence before it; then, in the same
        conversation, each question that the bot passed over.

        Raises:
            Unavailable: if the bot does not answer.
        """
        mail = read_mail(text)
        body = mask(mail.body)
        if not body:
            return Answered(mail, ())
        sender = f"staff-{uuid.uuid4().hex}"
        try:
            drafts = relevant(body, drafts_of(await self._ask(sender, body), records))
            for question in left_over(body, drafts)[:MOST_LEFT_OVER]:
                found = drafts_of(await self._ask(sender, question), records)
                drafts += [draft for draft in found if draft.state is not State.OPEN] or [Draft(question)]
        finally:
            await self._forget(sender)
        return Answered(mail, tuple(in_order(body, drafts)))

    async def _ask(self, sender: str, text: str) -> dict[str, Any]:
        try:
            response = await self._http.post(
                self._url, json={"sender": sender, "message": text}, headers={DETAIL_HEADER: "1"}
            )
            response.raise_for_status()
            return dict(response.json()[-1]["about"])
        except (httpx.HTTPError, ValueError, LookupError) as error:
            raise Unavailable(type(error).__name__) from None

    async def _forget(self, sender: str) -> None:
        url = f"{self._url.removesuffix('webhook')}conversations/{quote(sender)}"
        with contextlib.suppress(httpx.HTTPError):  # a bot that is gone remembers nothing
            await self._http.delete(url, headers={TOKEN_HEADER: self._token}, timeout=FORGET_SECONDS)
