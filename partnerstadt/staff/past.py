"""Questions of citizens that were answered, as long as the front desk keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.engine import Engine

from partnerstadt.front import tables as front
from partnerstadt.front.store import BOT, CITIZEN

ANSWERED, DOWN = "answered", "down"
# As many are looked through: more would keep somebody waiting who is still typing.
MOST = 1000


@dataclass(frozen=True)
class Past:
    """A question and what was said to it.

    Attributes:
        question: as it was typed, personal data masked.
        answer: of the bot.
        source: the line that names the answer's source, or nothing.
        time: when it was said; the records may say something else by now.
    """

    question: str
    answer: str
    source: str
    time: dt.datetime


def answered(engine: Engine, most: int = MOST) -> list[Past]:
    """The latest questions that the bot has answered and nobody found wrong, each wording once, the newest first."""
    m, reply, thumb = front.messages.c, front.messages.alias().c, front.feedback.c
    down = exists().where(thumb.conversation == reply.conversation, thumb.number == reply.number, thumb.value == DOWN)
    query = (
        select(m.text, reply.text.label("answer"), reply.source, reply.time)
        .where(m.sender == CITIZEN, reply.sender == BOT, reply.conversation == m.conversation)
        .where(reply.answers == m.number, reply.outcome == ANSWERED, ~down)
        .order_by(m.time.desc(), m.number.desc())
        .limit(most)
    )
    with engine.begin() as connection:
        return list(_once(Past(row.text, row.answer, row.source or "", row.time) for row in connection.execute(query)))


def _once(found: Iterator[Past]) -> Iterator[Past]:
    seen: set[str] = set()
    for past in found:
        key = past.question.casefold()
        if key not in seen:
            seen.add(key)
            yield past
