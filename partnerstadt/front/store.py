"""Conversations in the database: what was said, what is waiting for an answer, and counts, which stay."""

from __future__ import annotations

import datetime as dt
import secrets
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.engine import Connection, Engine
from starlette.concurrency import run_in_threadpool

from partnerstadt.front import tables as t
from partnerstadt.front.database import WRITES, leave_no_trace
from partnerstadt.front.times import day_of
from partnerstadt.telemetry import traces

Event = dict[str, Any]
Result = TypeVar("Result")
CountKey = tuple[str, str, str, str]  # day, channel, kind, name

BOT, CITIZEN, SYSTEM, STAFF = "bot", "citizen", "system", "staff"
WAITING, CLOSED = "waiting", "closed"  # further states of a hand-over, beside BOT and STAFF
PENDING, ANSWERED = "pending", "answered"  # of a question to the bot; STAFF if it went to a person
BATCH = 500
# How long an answer took is counted by the first of these milliseconds that it did not exceed: ten steps to a power of
# ten, for a median that is at most a quarter too high.
MILLISECONDS = tuple(
    step * 10**power for power in range(7) for step in (100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
)


@dataclass(frozen=True)
class Conversation:
    """What is known of a conversation beside its messages."""

    id: str
    channel: str
    created: dt.datetime
    expires: dt.datetime
    last: int
    handover: str
    plain: bool


@dataclass(frozen=True)
class Question:
    """A citizen's message that waits for the bot: its number, what the bot is asked, and since when."""

    conversation: str
    number: int
    text: str
    time: dt.datetime | None = None


@dataclass(frozen=True)
class Button:
    """What a citizen may say next, and what that says to the bot; one with an id of its own says it to us."""

    title: str
    payload: str = ""
    id: str | None = None


@dataclass(frozen=True)
class Reply:
    """All that was said to one question, as one message."""

    text: str
    sender: str = BOT
    source: str | None = None
    buttons: tuple[Button, ...] = ()
    picture: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


class Store:
    """All that is kept of conversations. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        # SQLite has answered before a thread would have begun to ask; a database server has not.
        self._threads = engine.dialect.name != "sqlite"

    async def do(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Call one of the short methods below from the event loop without holding it up."""
        with traces.step("database"):
            return await run_in_threadpool(work, *arguments) if self._threads else work(*arguments)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer.begin() as connection:
            yield connection

    def within_reading(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do something of another module that only reads."""
        with self._reading() as connection:
            return work(connection, *arguments)

    def within(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do something of another module that writes, in a transaction of its own."""
        with self._writing() as connection:
            return work(connection, *arguments)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def answers(self) -> bool:
        """Whether the database works."""
        with self._reading() as connection:
            return bool(connection.execute(select(1)).scalar() == 1)

    # --- conversations ---

    def open(self, channel: str, now: dt.datetime, expires: dt.datetime) -> Conversation:
        """Begin a conversation under an id that nobody can guess."""
        id = secrets.token_hex(16)
        with self._writing() as connection:
            values = {"id": id, "channel": channel, "created": now, "expires": expires}
            connection.execute(insert(t.conversations).values(**values))
            _count(connection, now, channel, [("conversations", "", 1)])
        return Conversation(id, channel, now, expires, 0, BOT, False)

    def enter(self, channel: str, id: str, now: dt.datetime, expires: dt.datetime) -> Conversation | None:
        """Begin a conversation under an id that a gateway has made, or go on with it; None if it is over."""
        with self._writing() as connection:
            row = held(connection, id)
            if row is None:
                values = {"id": id, "channel": channel, "created": now, "expires": expires}
                connection.execute(insert(t.conversations).values(**values))
                _count(connection, now, channel, [("conversations", "", 1)])
                return Conversation(id, channel, now, expires, 0, BOT, False)
        if row.expires <= now or row.channel != channel:
            return None
        return Conversation(id, channel, row.created, row.expires, row.last, row.handover, row.plain)

    def conversation(self, id: str, now: dt.datetime) -> Conversation | None:
        """A conversation that is neither deleted nor over."""
        with self._reading() as connection:
            row = connection.execute(_LOOKED_AT, {"of": id}).first()
        if row is None or row.expires <= now:
            return None
        return Conversation(row.id, row.channel, row.created, row.expires, row.last, row.handover, row.plain)

    def delete(self, id: str) -> bool:
        """Delete a conversation, and note that Rasa has to forget it too. Counts stay."""
        with self._writing() as connection:
            found = self._delete(connection, [id])
        return found > 0

    # --- messages ---

    def say(
        self, id: str, text: str, now: dt.datetime, client_id: str | None = None, payload: str | None = None
    ) -> tuple[Event, bool] | None:
        """Keep a citizen's message.

        Returns:
            Its event and whether it is new; None if the conversation is over or deleted.
        """
        with self._writing() as connection:
            conversation = held(connection, id)
            if conversation is None or conversation.expires <= now:
                return None
            if client_id is not None and (before := said_before(connection, id, client_id)):
                return before, False
            for_bot = conversation.handover != STAFF
            row = {
                "conversation": id,
                "number": conversation.last + 1,
                "type": "message",
                "sender": CITIZEN,
                "time": now,
                "text": text,
                "payload": payload,
                "client_id": client_id,
                "state": PENDING if for_bot else STAFF,
            }
            # What a person has closed begins anew with the bot.
            handover = BOT if conversation.handover == CLOSED else conversation.handover
            connection.execute(_SAID, _newest(row) | {"rasa": for_bot or conversation.in_rasa, "who": handover})
            connection.execute(_INSERT, row)
            _count(connection, now, conversation.channel, [("questions", "", 1)])
            return event_of(row), True

    def answer(self, question: Question, reply: Reply, now: dt.datetime) -> Event | None:
        """Keep the answer to a question; None if it has one already or is not there any more."""
        id, about = question.conversation, reply.about
        with self._writing() as connection:
            conversation = held(connection, id)
            if conversation is None or connection.execute(_SETTLE, _key(question)).rowcount != 1:
                return None
            if conversation.last > question.number:  # else nothing was said since, so not that it takes longer
                connection.execute(_UNTELL, _key(question))
            buttons = [(button.id or secrets.token_urlsafe(9), button) for button in reply.buttons]
            row = {
                "conversation": id,
                "number": conversation.last + 1,
                "type": "message",
                "sender": reply.sender,
                "time": now,
                "text": reply.text,
                "answers": question.number,
                "source": reply.source,
                "buttons": [{"id": key, "title": button.title} for key, button in buttons],
                "picture": reply.picture,
                "intent": about.get("intent"),
                "confidence": about.get("confidence"),
                "records": list(about.get("records") or ()),
                "outcome": about.get("outcome"),
            }
            plain = bool(about.get("plain", conversation.plain))
            connection.execute(_ANSWERED, _newest(row) | {"simple": plain})
            connection.execute(_INSERT, row)
            offered = {"conversation": id, "number": row["number"]}
            rows = [offered | {"id": key, "title": b.title, "payload": b.payload} for key, b in buttons if not b.id]
            if rows:
                connection.execute(_OFFER, rows)
            _count(connection, question.time or now, conversation.channel, _counts_of(question, reply, now))
            return event_of(row)

    def keep(self, channel: str, turns: Sequence[tuple[str, Reply]], now: dt.datetime) -> str:
        """Keep what was asked and answered elsewhere, as a conversation that is over; its id.

        Args:
            channel: where it was asked.
            turns: each question, already masked, with its answer.
            now: the time.
        """
        id = self.open(channel, now, now).id
        with self._writing() as connection:
            for text, reply in turns:
                asked = append(connection, id, CITIZEN, text, now, state=ANSWERED)
                about = {key: reply.about.get(key) for key in ("intent", "confidence", "outcome")}
                append(connection, id, reply.sender, reply.text, now, answers=asked["id"], source=reply.source, **about)
                _count(connection, now, channel, [("questions", "", 1)])
                _count(connection, now, channel, _counts_of(Question(id, asked["id"], text), reply, now))
        return id

    def delay(self, question: Question, text: str, now: dt.datetime) -> Event | None:
        """Keep, once for a question, that its answer takes longer."""
        m = t.messages.c
        id = question.conversation
        with self._writing() as connection:
            conversation = held(connection, id)
            waits = select(m.number).where(m.conversation == id, m.number == question.number, m.state == PENDING)
            told = select(m.number).where(m.conversation == id, m.answers == question.number)
            if conversation is None or connection.execute(waits).first() is None or connection.execute(told).first():
                return None
            row = {"conversation": id, "number": conversation.last + 1, "type": "status", "sender": SYSTEM}
            row |= {"time": now, "text": text, "answers": question.number}
            connection.execute(_NUMBER, _newest(row))
            connection.execute(_INSERT, row)
            return event_of(row)

    def pending(self, id: str) -> Question | None:
        """The oldest question of a conversation that has no answer yet."""
        with self._reading() as connection:
            row = connection.execute(_PENDING, {"of": id}).first()
        return Question(id, row.number, row.payload or row.text, row.time) if row is not None else None

    def is_open(self, id: str) -> bool:
        """Whether something may still be said to the citizen: a question waits, or a person is asked for."""
        with self._reading() as connection:
            row = connection.execute(_LOOKED_AT, {"of": id}).first()
            if row is None or row.handover in (WAITING, STAFF):
                return row is not None
            return connection.execute(_PENDING, {"of": id}).first() is not None

    def waiting(self, now: dt.datetime) -> dict[str, int]:
        """The conversations with questions that have no answer yet, each with the number of the oldest."""
        c, m = t.conversations.c, t.messages.c
        open_ = select(c.id).where(c.expires > now)
        oldest = select(m.conversation, func.min(m.number)).where(m.state == PENDING, m.conversation.in_(open_))
        with self._reading() as connection:
            return {id: number for id, number in connection.execute(oldest.group_by(m.conversation))}

    def events(self, id: str, after: int = 0) -> list[Event]:
        """The events of a conversation after a number, in order."""
        with self._reading() as connection:
            return [event_of(row._mapping) for row in connection.execute(_EVENTS, {"of": id, "after": after})]

    def button(self, id: str, button: str) -> Button | None:
        """A button that was offered in a conversation."""
        c = t.buttons.c
        with self._reading() as connection:
            row = connection.execute(select(t.buttons).where(c.conversation == id, c.id == button)).first()
        return Button(row.title, row.payload) if row is not None else None

    def rate(self, id: str, number: int, value: str | None, comment: str | None, now: dt.datetime) -> bool:
        """Keep, change or (without a value) take back what a citizen thinks of an answer; False if there is none."""
        c, f, m = t.conversations.c, t.feedback.c, t.messages.c
        here = f.conversation == id, f.number == number
        with self._writing() as connection:
            joined = t.messages.join(t.conversations, c.id == m.conversation)
            said = select(m.time, c.channel).select_from(joined)
            answer = connection.execute(said.where(c.id == id, m.number == number, m.sender == BOT)).first()
            if answer is None:
                return False
            before = connection.execute(select(f.value).where(*here)).scalar()
            changes = [("feedback", name, change) for name, change in ((before, -1), (value, 1)) if name]
            _count(connection, answer.time, answer.channel, changes)
            connection.execute(delete(t.feedback).where(*here))
            if value is not None:
                values = {"conversation": id, "number": number, "value": value, "comment": comment, "time": now}
                connection.execute(insert(t.feedback).values(**values))
        return True

    # --- deleting ---

    def forget(self, before: dt.datetime) -> int:
        """Delete what was said before a moment; how many messages that were. Counts stay."""
        m = t.messages.c
        old = select(m.conversation, m.number).where(m.time < before).limit(BATCH)
        deleted = 0
        while True:
            with self._writing() as connection:
                keys = [(row.conversation, row.number) for row in connection.execute(old)]
                if not keys:
                    break
                chosen = or_(*(and_(m.conversation == id, m.number == number) for id, number in keys))
                connection.execute(delete(t.messages).where(chosen))
                deleted += len(keys)
        return deleted

    def close_old(self, now: dt.datetime, before: dt.datetime) -> None:
        """What is over leaves Rasa at once; what has no messages left is deleted."""
        c = t.conversations.c
        with self._writing() as connection:
            over = select(c.id).where(c.expires <= now, c.in_rasa)
            ids = [row.id for row in connection.execute(over)]
            self._note_for_rasa(connection, ids)
            connection.execute(update(t.conversations).where(c.expires <= now).values(in_rasa=False))
            m = t.messages.c
            # Nobody is there any more to read an answer.
            late = and_(m.state == PENDING, m.conversation.in_(select(c.id).where(c.expires <= now)))
            connection.execute(update(t.messages).where(late).values(state=None))
            empty = c.expires <= now, c.created < before, ~c.id.in_(select(m.conversation))
            self._delete(connection, [row.id for row in connection.execute(select(c.id).where(*empty))])

    def to_forget(self) -> list[str]:
        """Conversations that Rasa has still to forget."""
        with self._reading() as connection:
            return [row.id for row in connection.execute(select(t.forgotten))]

    def is_forgotten(self, id: str) -> None:
        """Rasa has forgotten a conversation."""
        with self._writing() as connection:
            connection.execute(delete(t.forgotten).where(t.forgotten.c.id == id))

    def leave_no_trace(self, deleted: bool = True) -> bool:
        """Empty what the database keeps beside its tables; False if it has to be tried again."""
        return leave_no_trace(self._engine, deleted)

    # --- counts ---

    def statistics(self, first: str = "", last: str = "9") -> Counter[CountKey]:
        """Conversations, questions, outcomes, intents, feedback and times, by the days from one to another."""
        between = select(t.counts).where(t.counts.c.day >= first, t.counts.c.day <= last)
        with self._reading() as connection:
            rows = connection.execute(between)
            return Counter({(day, channel, kind, name): number for day, channel, kind, name, number in rows})

    # --- within a transaction ---

    def _delete(self, connection: Connection, ids: Sequence[str]) -> int:
        c = t.conversations.c
        self._note_for_rasa(
            connection, [row.id for row in connection.execute(select(c.id).where(c.id.in_(ids), c.in_rasa))]
        )
        return int(connection.execute(delete(t.conversations).where(c.id.in_(ids))).rowcount)

    def _note_for_rasa(self, connection: Connection, ids: Sequence[str]) -> None:
        known = {row.id for row in connection.execute(select(t.forgotten).where(t.forgotten.c.id.in_(ids)))}
        for id in set(ids) - known:
            connection.execute(insert(t.forgotten).values(id=id))


def event_of(row: Mapping[str, Any]) -> Event:
    """A row as clients see it."""
    time = row["time"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if row["type"] == "status":
        status = {"type": "status", "state": "delayed", "text": row["text"], "answers": row["answers"]}
        return {"id": row["number"], **status, "time": time}
    event = {
        "id": row["number"],
        "type": "message",
        "from": row["sender"],
        "text": row["text"],
        "source": row.get("source"),
        "buttons": row.get("buttons") or [],
        "picture": row.get("picture"),
        "answers": row.get("answers"),
        "time": time,
    }
    if row["sender"] != CITIZEN:
        return event
    return event | {"client_id": row["client_id"], "to": STAFF if row.get("state") == STAFF else BOT}


def held(connection: Connection, id: str) -> Any:
    """The row of a conversation, held against others until the end of the transaction; None if there is none."""
    return connection.execute(_CONVERSATION, {"of": id}).first()


def said_before(connection: Connection, id: str, client_id: str) -> Event | None:
    """The event of a message that was sent before under the same id."""
    row = connection.execute(_OF_CLIENT, {"of": id, "client": client_id}).first()
    return event_of(row._mapping) if row is not None else None


def append(connection: Connection, id: str, sender: str, text: str, now: dt.datetime, **more: Any) -> Event:
    """Keep a message at the end of a conversation that is there."""
    number = held(connection, id).last + 1
    row = {"conversation": id, "number": number, "type": "message", "sender": sender, "time": now, "text": text}
    row = {"client_id": None} | row | more
    connection.execute(_NUMBER, _newest(row))
    connection.execute(_INSERT, row)
    return event_of(row)


def count(connection: Connection, day: dt.datetime, channel: str, kind: str, name: str) -> None:
    """Count something that leaves no message to be counted later."""
    _count(connection, day, channel, [(kind, name, 1)])


# Statements of every question, made once: making them would take longer than what they do.
_c, _m = t.conversations.c, t.messages.c
_LOOKED_AT = select(t.conversations).where(_c.id == bindparam("of"))
_CONVERSATION = _LOOKED_AT.with_for_update()  # held against others until the end of the transaction
_NUMBER = update(t.conversations).where(_c.id == bindparam("of")).values(last=bindparam("newest"))
_SAID = _NUMBER.values(in_rasa=bindparam("rasa"), handover=bindparam("who"))
_ANSWERED = _NUMBER.values(plain=bindparam("simple"))
_INSERT = insert(t.messages)
_OFFER = insert(t.buttons)
_OF_CLIENT = select(t.messages).where(_m.conversation == bindparam("of"), _m.client_id == bindparam("client"))
_EVENTS = (
    select(t.messages).where(_m.conversation == bindparam("of"), _m.number > bindparam("after")).order_by(_m.number)
)
_PENDING = (
    select(_m.number, _m.text, _m.payload, _m.time)
    .where(_m.conversation == bindparam("of"), _m.state == PENDING)
    .order_by(_m.number)
    .limit(1)
)
_SETTLE = (
    update(t.messages)
    .where(_m.conversation == bindparam("of"), _m.number == bindparam("question"), _m.state == PENDING)
    .values(state=ANSWERED)
)
_UNTELL = delete(t.messages).where(
    _m.conversation == bindparam("of"), _m.answers == bindparam("question"), _m.type == "status"
)

# Counted when it happens, not when it is deleted: nothing can be counted twice, and nothing but counts is added up.
_COUNT = text(
    "INSERT INTO counts (day, channel, kind, name, number) VALUES (:day, :channel, :kind, :name, :number) "
    "ON CONFLICT (day, channel, kind, name) DO UPDATE SET number = counts.number + excluded.number"
)


def _key(question: Question) -> dict[str, Any]:
    return {"of": question.conversation, "question": question.number}


def _newest(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"of": row["conversation"], "newest": row["number"]}


def _counts_of(question: Question, reply: Reply, now: dt.datetime) -> Iterator[tuple[str, str, int]]:
    yield "outcomes", str(reply.about.get("outcome") or "unknown"), 1
    if intent := reply.about.get("intent"):
        yield "intents", str(intent), 1
    if question.time is not None:
        taken = (now - question.time) / dt.timedelta(milliseconds=1)
        yield "milliseconds", str(MILLISECONDS[min(bisect_left(MILLISECONDS, taken), len(MILLISECONDS) - 1)]), 1


def _count(connection: Connection, time: dt.datetime, channel: str, changes: Iterable[tuple[str, str, int]]) -> None:
    day = day_of(time).isoformat()
    here = {"day": day, "channel": channel}
    rows = [here | {"kind": kind, "name": name, "number": number} for kind, name, number in changes]
    if rows:
        connection.execute(_COUNT, rows)
