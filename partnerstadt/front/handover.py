"""Handing a conversation over to a person and back: its states, who may change them, what the citizen is told.

The bot answers until a person has taken over, and again afterwards:

    bot -> waiting     a citizen asks for a person, and there is one; the bot goes on answering
    waiting -> staff   a clerk takes over; from now on what the citizen says goes to the clerk alone
    waiting -> bot     the citizen waits no longer, nobody comes in time, or nobody is there any more
    staff -> bot       the clerk hands back or is gone, or the citizen wants the bot
    staff -> closed    the clerk has finished; whatever the citizen says next goes to the bot

Every step is one transaction, which the caller has begun and may do more in. Both desks take them, each in its own
process: what the one has done, the other finds in the database (watch.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from partnerstadt.front import tables as t
from partnerstadt.front.hours import Hours
from partnerstadt.front.store import (
    BOT,
    CITIZEN,
    CLOSED,
    PENDING,
    STAFF,
    SYSTEM,
    WAITING,
    Button,
    Event,
    Reply,
    append,
    count,
    held,
    said_before,
)
from partnerstadt.front.texts import Texts

HANDOFF = "handoff"  # the outcome of an answer to somebody who wants a person
COUNTED = "handover"


class Wish(str, Enum):
    """What the buttons of a hand-over say; each value is the id of a button and a key of the texts."""

    PERSON = "person"
    NOTE = "note"
    BOT = "bot"


class Reach(str, Enum):
    """Whether a person can be reached now, and if not, why; each value is a key of the texts."""

    HERE = "here"
    AWAY = "away"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    NEVER = "never"


class Done(str, Enum):
    """What became of a clerk's step."""

    YES = "yes"
    GONE = "gone"  # the conversation is deleted, over, or not this clerk's any more
    UNREAD = "unread"  # the citizen has said something that the clerk has not seen


@dataclass(frozen=True)
class Call:
    """A conversation that waits for a person or is with one.

    Attributes:
        id: of the conversation.
        channel: where the citizen is.
        state: waiting or staff.
        called: since when somebody waits or waited.
        clerk: the account that has taken over.
        last: the number of the newest event.
        until: so long the clerk is there for sure.
    """

    id: str
    channel: str
    state: str
    called: dt.datetime
    clerk: str | None
    last: int
    until: dt.datetime | None


class Handover:
    """The rules.

    Args:
        texts: what citizens are told.
        hours: when somebody may be reached.
        person: who answers, as citizens read it; not the name of a clerk.
    """

    def __init__(self, texts: Texts, hours: Hours, person: str | None = None) -> None:
        self._texts, self._hours = texts, hours
        self.person = person or texts.text("handover", "person_name")

    # --- who is there ---

    def reach(self, connection: Connection, now: dt.datetime) -> Reach:
        """Whether a person can be reached."""
        if not self._hours.texts:
            return Reach.NEVER
        if self._hours.open(now):
            return Reach.HERE if somebody_is_there(connection, now) else Reach.AWAY
        return Reach.HOLIDAY if self._hours.holiday(now) else Reach.CLOSED

    def _told(self, reach: Reach, now: dt.datetime) -> str:
        times = ", ".join(self._hours.texts)
        return self._text("reach", reach.value, times=times, holiday=self._hours.holiday(now))

    def offer(self, connection: Connection, id: str, reply: Reply, now: dt.datetime) -> Reply:
        """The bot's answer to somebody who wants a person, with what is possible now."""
        conversation = held(connection, id)
        if conversation is None or conversation.handover == STAFF:
            return reply
        if conversation.handover == WAITING:
            text, wishes = self._text("called_before"), [Wish.BOT]
        else:
            reach = self.reach(connection, now)
            text, wishes = self._told(reach, now), [Wish.PERSON] * (reach is Reach.HERE) + [Wish.NOTE]
        return replace(reply, text=f"{reply.text}\n\n{text}".strip(), buttons=(*reply.buttons, *self._offers(wishes)))

    # --- what a citizen wants ---

    def title(self, wish: Wish) -> str:
        """What a button says."""
        return self._text(wish.value, "title")

    def wish(
        self, connection: Connection, id: str, wish: Wish, now: dt.datetime, client_id: str | None, form: str | None
    ) -> tuple[Event, Event | None] | None:
        """Do what a button of the hand-over says.

        Args:
            connection: a transaction.
            id: of the conversation.
            wish: what was pressed.
            now: the time.
            client_id: by which a client sends the same again.
            form: the address of the form for notes, if it is known.

        Returns:
            What was said, and what is said to it; the latter is None if it was done before. None if the conversation
            is over or deleted.
        """
        conversation = held(connection, id)
        if conversation is None or conversation.expires <= now:
            return None
        if client_id is not None and (before := said_before(connection, id, client_id)):
            return before, None
        said = append(connection, id, CITIZEN, self.title(wish), now, client_id=client_id)
        if wish is Wish.NOTE:
            text = self._text("form", address=form) if form else self._text("form_elsewhere")
            offers = list[Wish]()
        elif wish is Wish.BOT:
            _become(connection, id, BOT)
            text, offers = self._text("bot_again"), []
        else:
            text, offers = self._call(connection, conversation, now)
        return said, self._tell(connection, id, text, offers, now, answers=said["id"])

    def _call(self, connection: Connection, conversation: Any, now: dt.datetime) -> tuple[str, list[Wish]]:
        if conversation.handover == STAFF:
            return self._text("taken_before"), [Wish.BOT]
        if conversation.handover == WAITING:
            return self._text("called_before"), [Wish.BOT]
        reach = self.reach(connection, now)
        if reach is not Reach.HERE:
            return self._told(reach, now), [Wish.NOTE]
        _become(connection, conversation.id, WAITING, called=now)
        count(connection, now, conversation.channel, COUNTED, "called")
        return self._text("called"), [Wish.BOT]

    # --- what a clerk does ---

    def take(self, connection: Connection, id: str, clerk: str, now: dt.datetime) -> bool:
        """Take a waiting conversation over; False if somebody else was first or nobody waits there any more."""
        conversation = held(connection, id)
        if conversation is None or conversation.handover != WAITING or conversation.expires <= now:
            return False
        _become(connection, id, STAFF, called=conversation.called, clerk=clerk)
        # What the bot has not answered yet is the clerk's now; an answer that still comes is not kept.
        m = t.messages.c
        connection.execute(update(t.messages).where(m.conversation == id, m.state == PENDING).values(state=STAFF))
        connection.execute(delete(t.messages).where(m.conversation == id, m.type == "status"))
        self._tell(connection, id, self._text("taken", person=self.person), [Wish.BOT], now)
        count(connection, now, conversation.channel, COUNTED, "taken")
        return True

    def reply(self, connection: Connection, id: str, clerk: str, text: str, client_id: str, now: dt.datetime) -> Done:
        """Say something to the citizen; the same sent twice is said once."""
        if not _is_with(held(connection, id), clerk, now):
            return Done.GONE
        if said_before(connection, id, client_id) is None:
            append(connection, id, STAFF, text, now, client_id=client_id)
        return Done.YES

    def end(
        self, connection: Connection, id: str, clerk: str, seen: int, now: dt.datetime, closed: bool = False
    ) -> Done:
        """Hand a conversation back to the bot, or close it.

        Args:
            connection: a transaction.
            id: of the conversation.
            clerk: the account that has taken over.
            seen: the number of the last event that the clerk has seen.
            now: the time.
            closed: whether all is said.
        """
        if not _is_with(held(connection, id), clerk, now):
            return Done.GONE
        m = t.messages.c
        unread = select(m.number).where(m.conversation == id, m.sender == CITIZEN, m.number > seen)
        if connection.execute(unread).first() is not None:
            return Done.UNREAD
        _become(connection, id, CLOSED if closed else BOT)
        self._tell(connection, id, self._text("closed_by_staff" if closed else "handed_back"), [], now)
        return Done.YES

    # --- what happens by itself ---

    def give_up(self, connection: Connection, id: str, now: dt.datetime) -> None:
        """Nobody has come: tell the citizen."""
        conversation = held(connection, id)
        if conversation is not None and conversation.handover == WAITING:
            _become(connection, id, BOT)
            self._tell(connection, id, self._text("missed"), [Wish.NOTE], now)
            count(connection, now, conversation.channel, COUNTED, "missed")

    def lose(self, connection: Connection, id: str, now: dt.datetime) -> None:
        """The clerk is gone: tell the citizen; the bot answers what was asked since the clerk's last word."""
        conversation = held(connection, id)
        if conversation is None or conversation.handover != STAFF:
            return
        _become(connection, id, BOT, in_rasa=True)
        m = t.messages.c
        said = select(func.coalesce(func.max(m.number), 0)).where(m.conversation == id, m.sender == STAFF)
        last = connection.execute(said).scalar()
        open_ = and_(m.conversation == id, m.state == STAFF, m.number > last)
        connection.execute(update(t.messages).where(open_).values(state=PENDING))
        self._tell(connection, id, self._text("lost"), [Wish.NOTE], now)
        count(connection, now, conversation.channel, COUNTED, "lost")

    # --- words ---

    def _text(self, *path: str, **values: object) -> str:
        return self._texts.text("handover", *path, **values)

    def _offers(self, wishes: list[Wish]) -> list[Button]:
        return [Button(self.title(wish), id=wish.value) for wish in wishes]

    def _tell(
        self, connection: Connection, id: str, text: str, wishes: list[Wish], now: dt.datetime, **more: Any
    ) -> Event:
        buttons = [{"id": button.id, "title": button.title} for button in self._offers(wishes)]
        return append(connection, id, SYSTEM, text, now, buttons=buttons, **more)


def _become(connection: Connection, id: str, state: str, **more: Any) -> None:
    values = {"handover": state, "called": None, "clerk": None} | more
    connection.execute(update(t.conversations).where(t.conversations.c.id == id).values(values))


def _is_with(conversation: Any, clerk: str, now: dt.datetime) -> bool:
    if conversation is None or conversation.expires <= now:
        return False
    return bool(conversation.handover == STAFF and conversation.clerk == clerk)


def calls(connection: Connection, now: dt.datetime) -> list[Call]:
    """The conversations that wait for a person or are with one; who has waited longest comes first."""
    c, k = t.conversations.c, t.clerks.c
    joined = t.conversations.outerjoin(t.clerks, k.account == c.clerk)
    query = (
        select(t.conversations, k.until).select_from(joined).where(c.handover.in_((WAITING, STAFF)), c.expires > now)
    )
    return [
        Call(row.id, row.channel, row.handover, row.called, row.clerk, row.last, row.until)
        for row in connection.execute(query.order_by(c.called, c.id))
    ]


def asked_last(connection: Connection, id: str) -> str:
    """What a citizen asked last; neither the wish for a person nor buttons of the hand-over count."""
    m = t.messages.c
    wishes = select(m.answers).where(m.conversation == id, m.outcome == HANDOFF, m.answers.isnot(None))
    query = select(m.text).where(m.conversation == id, m.sender == CITIZEN, m.state.isnot(None), ~m.number.in_(wishes))
    row = connection.execute(query.order_by(m.number.desc()).limit(1)).first()
    return str(row.text) if row is not None else ""


def is_here(
    connection: Connection, account: str, now: dt.datetime, until: dt.datetime, available: bool | None = None
) -> None:
    """A clerk is there until a time, or longer if that is said again.

    Args:
        connection: a transaction.
        account: the clerk's.
        now: the time.
        until: how long she is there for sure.
        available: whether she is for somebody who asks for a person; None: as before, unless she has been away since.
    """
    k = t.clerks.c
    row = connection.execute(select(t.clerks).where(k.account == account).with_for_update()).first()
    if row is None:
        values = {"account": account, "until": until, "available": bool(available)}
        connection.execute(insert(t.clerks).values(values))
        return
    as_before = row.available and row.until > now
    values = {"until": until, "available": as_before if available is None else available}
    connection.execute(update(t.clerks).where(k.account == account).values(values))


def is_gone(connection: Connection, account: str) -> None:
    """A clerk has left."""
    connection.execute(delete(t.clerks).where(t.clerks.c.account == account))


def is_available(connection: Connection, account: str, now: dt.datetime) -> bool:
    """Whether a clerk has said that she is there."""
    k = t.clerks.c
    mine = select(k.account).where(k.account == account, k.available, k.until > now)
    return connection.execute(mine).first() is not None


def somebody_is_there(connection: Connection, now: dt.datetime) -> bool:
    """Whether any clerk has."""
    k = t.clerks.c
    return connection.execute(select(k.account).where(k.available, k.until > now).limit(1)).first() is not None
