"""Conversations that a clerk takes over: who is there, who waits, what is said; each step stands in the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.engine import Engine

from partnerstadt.front import handover as h
from partnerstadt.front.database import writing
from partnerstadt.front.handover import Done, Handover, Reach
from partnerstadt.front.store import CLOSED, STAFF, WAITING
from partnerstadt.front.tables import conversations, messages
from partnerstadt.front.times import Clock
from partnerstadt.staff.accounts import IDLE
from partnerstadt.staff.trail import step

# A page that asks for news does so every few seconds, in the background every minute; whoever it belongs to is there.
GONE = dt.timedelta(minutes=3)
SHOWN = 8  # characters of a conversation's id that tell it from others


@dataclass(frozen=True)
class Waiting:
    """A line of the list.

    Attributes:
        id: of the conversation.
        short: what it is called on the page and in the trail.
        channel: where the citizen is.
        called: since when somebody waits or waited.
        minutes: how long that is.
        clerk: who has taken over.
        question: what the citizen asked last.
    """

    id: str
    short: str
    channel: str
    called: dt.datetime
    minutes: int
    clerk: str | None
    question: str


@dataclass(frozen=True)
class Said:
    """A message of a conversation."""

    number: int
    sender: str
    time: dt.datetime
    text: str


@dataclass(frozen=True)
class View:
    """What a clerk sees of a conversation.

    Attributes:
        state: who answers: mine, other, waiting, bot, closed or gone.
        clerk: who has taken over.
        last: the number of the newest message.
        said: messages after those that the clerk has seen.
    """

    state: str
    clerk: str | None
    last: int
    said: list[Said]


class Live:
    """All of it, in the database. Each method is one transaction.

    Args:
        engine: a database that is open.
        clock: the time.
        rules: how conversations are handed over.
    """

    def __init__(self, engine: Engine, clock: Clock, rules: Handover) -> None:
        self._engine, self._clock, self._rules = engine, clock, rules

    # --- who is there ---

    def set_available(self, account: str, available: bool) -> None:
        """Say whether a clerk is there for somebody who asks for a person."""
        with writing(self._engine) as connection:
            now = self._clock()
            h.is_here(connection, account, now, now + IDLE, available)
            step(connection, now, account, "available" if available else "unavailable")

    def is_here(self, account: str, scripts: bool) -> None:
        """Say that a clerk is there; a page that asks for news will say so again, one without scripts cannot."""
        with writing(self._engine) as connection:
            now = self._clock()
            h.is_here(connection, account, now, now + (GONE if scripts else IDLE))

    def leave(self, account: str) -> None:
        """Say that a clerk is gone."""
        with writing(self._engine) as connection:
            h.is_gone(connection, account)

    def available(self, account: str) -> bool:
        """Whether a clerk has said that she is there."""
        with self._engine.begin() as connection:
            return h.is_available(connection, account, self._clock())

    def reach(self) -> Reach:
        """Whether citizens can reach a person now."""
        with self._engine.begin() as connection:
            return self._rules.reach(connection, self._clock())

    # --- what is to be seen ---

    def calls(self) -> list[Waiting]:
        """Conversations that wait, who waits longest first, and then those that somebody has taken over."""
        now = self._clock()
        with self._engine.begin() as connection:
            found = sorted(h.calls(connection, now), key=lambda call: call.state != WAITING)
            return [
                Waiting(
                    call.id,
                    call.id[:SHOWN],
                    call.channel,
                    call.called,
                    int((now - call.called).total_seconds()) // 60,
                    call.clerk,
                    h.asked_last(connection, call.id),
                )
                for call in found
            ]

    def waiting(self) -> int:
        """How many wait."""
        with self._engine.begin() as connection:
            return sum(call.state == WAITING for call in h.calls(connection, self._clock()))

    def view(self, id: str, account: str, after: int = 0) -> View:
        """A conversation that waits or that this clerk has taken over; of others, only who answers."""
        c, m = conversations.c, messages.c
        with self._engine.begin() as connection:
            row = connection.execute(select(conversations).where(c.id == id, c.expires > self._clock())).first()
            if row is None:
                return View("gone", None, after, [])
            state = str(row.handover)
            if state == STAFF:
                state = "mine" if row.clerk == account else "other"
            if state not in ("mine", WAITING):
                return View(state, row.clerk, after, [])
            query = select(messages).where(m.conversation == id, m.type == "message", m.number > after)
            said = [
                Said(found.number, found.sender, found.time, found.text)
                for found in connection.execute(query.order_by(m.number))
            ]
        return View(state, row.clerk, said[-1].number if said else after, said)

    # --- what a clerk does ---

    def take(self, id: str, account: str) -> bool:
        """Take a conversation over; False if somebody else was first or nobody waits any more."""
        with writing(self._engine) as connection:
            now = self._clock()
            taken = self._rules.take(connection, id, account, now)
            if taken:
                h.is_here(connection, account, now, now + IDLE)
                step(connection, now, account, "taken_over", id[:SHOWN])
        return taken

    def reply(self, id: str, account: str, text: str, key: str) -> Done:
        """Say something; the same key is said once."""
        with writing(self._engine) as connection:
            return self._rules.reply(connection, id, account, text, key, self._clock())

    def hand_back(self, id: str, account: str, seen: int) -> Done:
        """Let the bot go on."""
        return self._end(id, account, seen, "handed_back")

    def close(self, id: str, account: str, seen: int) -> Done:
        """Say that all is said."""
        return self._end(id, account, seen, CLOSED)

    def _end(self, id: str, account: str, seen: int, how: str) -> Done:
        with writing(self._engine) as connection:
            done = self._rules.end(connection, id, account, seen, self._clock(), how == CLOSED)
            if done is Done.YES:
                step(connection, self._clock(), account, how, id[:SHOWN])
        return done
