"""Conversations in the database: what was said, what is waiting for an answer, and what stays when it is deleted."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection, Engine

from partnerstadt.front import tables as t
from partnerstadt.front.database import WRITES, leave_no_trace

Event = dict[str, Any]
CountKey = tuple[str, str, str, str]  # day, channel, kind, name

BOT, CITIZEN, SYSTEM = "bot", "citizen", "system"
PENDING, ANSWERED = "pending", "answered"
BATCH = 500


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
    """A citizen's message that waits for the bot: its number, and what the bot is asked."""

    conversation: str
    number: int
    text: str


@dataclass(frozen=True)
class Button:
    """What a citizen may say next, and what that says to the bot."""

    title: str
    payload: str


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

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            yield connection

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
        return Conversation(id, channel, now, expires, 0, BOT, False)

    def conversation(self, id: str, now: dt.datetime) -> Conversation | None:
        """A conversation that is neither deleted nor over."""
        c = t.conversations.c
        with self._reading() as connection:
            row = connection.execute(select(t.conversations).where(c.id == id, c.expires > now)).first()
        if row is None:
            return None
        return Conversation(row.id, row.channel, row.created, row.expires, row.last, row.handover, row.plain)

    def delete(self, id: str) -> bool:
        """Delete a conversation but for its counts, and note that Rasa has to forget it too."""
        with self._writing() as connection:
            found = self._delete(connection, [id])
        return found > 0

    # --- messages ---

    def say(
        self, id: str, text: str, now: dt.datetime, client_id: str | None = None, payload: str | None = None
    ) -> tuple[Event, bool] | None:
        """Keep a citizen's message.

        Returns:
            Its event and whether it is new; None if the conversation is not there any more.
        """
        m = t.messages.c
        with self._writing() as connection:
            number = self._next(connection, id)
            if number is None:
                return None
            if client_id is not None:
                known = select(t.messages).where(m.conversation == id, m.client_id == client_id)
                row = connection.execute(known).first()
                if row is not None:
                    connection.execute(_conversation(id).values(last=t.conversations.c.last - 1))
                    return event_of(row), False
            handover = connection.execute(select(t.conversations.c.handover).where(t.conversations.c.id == id)).scalar()
            for_bot = handover == BOT
            values = {
                "conversation": id,
                "number": number,
                "type": "message",
                "sender": CITIZEN,
                "time": now,
                "text": text,
                "payload": payload,
                "client_id": client_id,
                "state": PENDING if for_bot else None,
            }
            connection.execute(insert(t.messages).values(**values))
            if for_bot:
                connection.execute(_conversation(id).values(in_rasa=True))
            return self._event(connection, id, number), True

    def answer(self, question: Question, reply: Reply, now: dt.datetime) -> Event | None:
        """Keep the answer to a question; None if it has one already or is not there any more."""
        with self._writing() as connection:
            if not self._settle(connection, question):
                return None
            number = self._next(connection, question.conversation)
            buttons = [(secrets.token_urlsafe(9), button) for button in reply.buttons]
            about = reply.about
            values = {
                "conversation": question.conversation,
                "number": number,
                "type": "message",
                "sender": reply.sender,
                "time": now,
                "text": reply.text,
                "answers": question.number,
                "source": reply.source,
                "buttons": [{"id": id, "title": button.title} for id, button in buttons],
                "picture": reply.picture,
                "intent": about.get("intent"),
                "confidence": about.get("confidence"),
                "records": list(about.get("records") or ()),
                "outcome": about.get("outcome"),
            }
            connection.execute(insert(t.messages).values(**values))
            for id, button in buttons:
                offered = {"conversation": question.conversation, "id": id, "number": number}
                connection.execute(insert(t.buttons).values(**offered, title=button.title, payload=button.payload))
            if "plain" in about:
                connection.execute(_conversation(question.conversation).values(plain=bool(about["plain"])))
            return self._event(connection, question.conversation, number or 0)

    def delay(self, question: Question, text: str, now: dt.datetime) -> Event | None:
        """Keep, once for a question, that its answer takes longer."""
        m = t.messages.c
        with self._writing() as connection:
            waits = select(m.number).where(_is(question), m.state == PENDING)
            told = select(m.number).where(m.conversation == question.conversation, m.answers == question.number)
            if connection.execute(waits).first() is None or connection.execute(told).first() is not None:
                return None
            number = self._next(connection, question.conversation)
            values = {"conversation": question.conversation, "number": number, "type": "status", "sender": SYSTEM}
            connection.execute(insert(t.messages).values(**values, time=now, text=text, answers=question.number))
            return self._event(connection, question.conversation, number or 0)

    def pending(self, id: str) -> Question | None:
        """The oldest question of a conversation that has no answer yet."""
        m = t.messages.c
        oldest = select(t.messages).where(m.conversation == id, m.state == PENDING).order_by(m.number).limit(1)
        with self._reading() as connection:
            row = connection.execute(oldest).first()
        return Question(id, row.number, row.payload or row.text) if row is not None else None

    def waiting(self, now: dt.datetime) -> list[str]:
        """Conversations with questions that have no answer yet."""
        c, m = t.conversations.c, t.messages.c
        unanswered = select(m.conversation).where(m.state == PENDING).distinct()
        with self._reading() as connection:
            ids = select(c.id).where(c.id.in_(unanswered), c.expires > now)
            return [row.id for row in connection.execute(ids)]

    def events(self, id: str, after: int = 0) -> list[Event]:
        """The events of a conversation after a number, in order."""
        m = t.messages.c
        later = select(t.messages).where(m.conversation == id, m.number > after).order_by(m.number)
        with self._reading() as connection:
            return [event_of(row) for row in connection.execute(later)]

    def button(self, id: str, button: str) -> Button | None:
        """A button that was offered in a conversation."""
        c = t.buttons.c
        with self._reading() as connection:
            row = connection.execute(select(t.buttons).where(c.conversation == id, c.id == button)).first()
        return Button(row.title, row.payload) if row is not None else None

    def rate(self, id: str, number: int, value: str | None, comment: str | None, now: dt.datetime) -> bool:
        """Keep, change or (without a value) take back what a citizen thinks of an answer; False if there is none."""
        f, m = t.feedback.c, t.messages.c
        with self._writing() as connection:
            answer = select(m.number).where(m.conversation == id, m.number == number, m.sender == BOT)
            if connection.execute(answer).first() is None:
                return False
            connection.execute(delete(t.feedback).where(f.conversation == id, f.number == number))
            if value is not None:
                values = {"conversation": id, "number": number, "value": value, "comment": comment, "time": now}
                connection.execute(insert(t.feedback).values(**values))
        return True

    # --- deleting ---

    def forget(self, before: dt.datetime) -> int:
        """Delete what was said before a moment, but for its counts; how many messages that were."""
        m = t.messages.c
        old = select(m.conversation, m.number).where(m.time < before).limit(BATCH)
        deleted = 0
        while True:
            with self._writing() as connection:
                keys = [(row.conversation, row.number) for row in connection.execute(old)]
                if not keys:
                    break
                chosen = or_(*(and_(m.conversation == id, m.number == number) for id, number in keys))
                self._count(connection, chosen)
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

    def leave_no_trace(self) -> bool:
        """Empty what the database keeps beside its tables; False if it has to be tried again."""
        return leave_no_trace(self._engine)

    # --- counts ---

    def statistics(self) -> Counter[CountKey]:
        """Conversations, questions, outcomes, intents and feedback by day, deleted ones included."""
        with self._reading() as connection:
            counted: Counter[CountKey] = Counter()
            for row in connection.execute(select(t.counts)):
                counted[row.day, row.channel, row.kind, row.name] = row.number
            c = t.conversations.c
            counted.update(_count_conversations(connection, c.id == c.id))
            counted.update(_count_messages(connection, t.messages.c.number == t.messages.c.number))
        return counted

    # --- within a transaction ---

    def _next(self, connection: Connection, id: str) -> int | None:
        """The number of the next event; also holds the conversation against others until the end."""
        connection.execute(_conversation(id).values(last=t.conversations.c.last + 1))
        last: int | None = connection.execute(select(t.conversations.c.last).where(t.conversations.c.id == id)).scalar()
        return last

    def _settle(self, connection: Connection, question: Question) -> bool:
        """Mark a question as answered, and take back that it takes longer."""
        m = t.messages.c
        waits = update(t.messages).where(_is(question), m.state == PENDING).values(state=ANSWERED)
        if connection.execute(waits).rowcount != 1:
            return False
        told = m.conversation == question.conversation, m.answers == question.number, m.type == "status"
        connection.execute(delete(t.messages).where(*told))
        return True

    def _event(self, connection: Connection, id: str, number: int) -> Event:
        m = t.messages.c
        return event_of(connection.execute(select(t.messages).where(m.conversation == id, m.number == number)).one())

    def _delete(self, connection: Connection, ids: Sequence[str]) -> int:
        c = t.conversations.c
        self._note_for_rasa(
            connection, [row.id for row in connection.execute(select(c.id).where(c.id.in_(ids), c.in_rasa))]
        )
        self._count(connection, t.messages.c.conversation.in_(ids))
        _add(connection, _count_conversations(connection, c.id.in_(ids)))
        return int(connection.execute(delete(t.conversations).where(c.id.in_(ids))).rowcount)

    def _note_for_rasa(self, connection: Connection, ids: Sequence[str]) -> None:
        known = {row.id for row in connection.execute(select(t.forgotten).where(t.forgotten.c.id.in_(ids)))}
        for id in set(ids) - known:
            connection.execute(insert(t.forgotten).values(id=id))

    def _count(self, connection: Connection, chosen: Any) -> None:
        _add(connection, _count_messages(connection, chosen))


def event_of(row: Any) -> Event:
    """A row as clients see it."""
    time = row.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if row.type == "status":
        state = {"type": "status", "state": "delayed", "text": row.text, "answers": row.answers}
        return {"id": row.number, **state, "time": time}
    event = {
        "id": row.number,
        "type": "message",
        "from": row.sender,
        "text": row.text,
        "source": row.source,
        "buttons": row.buttons or [],
        "picture": row.picture,
        "answers": row.answers,
        "time": time,
    }
    return event | {"client_id": row.client_id} if row.sender == CITIZEN else event


def _conversation(id: str) -> Any:
    return update(t.conversations).where(t.conversations.c.id == id)


def _is(question: Question) -> Any:
    m = t.messages.c
    return and_(m.conversation == question.conversation, m.number == question.number)


def _count_messages(connection: Connection, chosen: Any) -> Counter[CountKey]:
    c, f, m = t.conversations.c, t.feedback.c, t.messages.c
    day = func.date(m.time)
    joined = t.messages.join(t.conversations, c.id == m.conversation)
    rated = joined.join(t.feedback, and_(f.conversation == m.conversation, f.number == m.number))
    kinds: list[tuple[str, Any, Any, Any]] = [
        ("questions", "", joined, m.sender == CITIZEN),
        ("outcomes", m.outcome, joined, m.outcome.isnot(None)),
        ("intents", m.intent, joined, m.intent.isnot(None)),
        ("feedback", f.value, rated, f.value.isnot(None)),
    ]
    counted: Counter[CountKey] = Counter()
    for kind, name, source, condition in kinds:
        columns = [day.label("day"), c.channel] + ([name.label("name")] if kind != "questions" else [])
        rows = select(*columns, func.count().label("number")).select_from(source).where(chosen, condition)
        for row in connection.execute(rows.group_by(*columns)):
            counted[str(row.day), row.channel, kind, row.name if kind != "questions" else ""] = row.number
    return counted


def _count_conversations(connection: Connection, chosen: Any) -> Counter[CountKey]:
    c = t.conversations.c
    columns = [func.date(c.created).label("day"), c.channel]
    rows = select(*columns, func.count().label("number")).where(chosen).group_by(*columns)
    return Counter({(str(row.day), row.channel, "conversations", ""): row.number for row in connection.execute(rows)})


def _add(connection: Connection, counted: Counter[CountKey]) -> None:
    for (day, channel, kind, name), number in counted.items():
        c = t.counts.c
        here = c.day == day, c.channel == channel, c.kind == kind, c.name == name
        if not connection.execute(update(t.counts).where(*here).values(number=c.number + number)).rowcount:
            values = {"day": day, "channel": channel, "kind": kind, "name": name, "number": number}
            connection.execute(insert(t.counts).values(**values))
