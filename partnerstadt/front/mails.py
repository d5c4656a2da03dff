"""Mails that citizens have sent, put before the staff by the gateway to e-mail, and what the staff answer.

Like notes they are not masked, because they are answered by people; they are deleted when done, or after some days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from partnerstadt.front.errors import Wrong
from partnerstadt.front.tables import mails
from partnerstadt.incoming import clean

NEW, REPLIED, DONE = "new", "replied", "done"
LONGEST = {"message_id": 300, "sender": 254, "name": 200, "subject": 300, "text": 20_000}
LONGEST_REPLY = 20_000


@dataclass(frozen=True)
class Mail:
    """What somebody has written.

    Attributes:
        id: made of its Message-ID, so that the same mail is kept once.
        message_id: by which the gateway finds it in the mailbox.
        sender: where an answer goes.
        name: of who has written.
        time: when.
        subject: what it is about.
        text: what it says.
        reader: the account that has opened it first.
    """

    id: str
    message_id: str
    sender: str
    name: str
    time: dt.datetime
    subject: str
    text: str
    reader: str | None = None


def read_mail(content: Mapping[str, Any], now: dt.datetime) -> Mail:
    """A mail out of what the gateway sends.

    Raises:
        Wrong: if it has another form.
    """
    fields = {}
    for key, longest in LONGEST.items():
        value = content.get(key)
        if not isinstance(value, str):
            raise Wrong(422, "invalid")
        fields[key] = clean(value)[:longest]
    return Mail(id_of(fields["message_id"]), time=now, **fields)


def id_of(message_id: str) -> str:
    """What a mail is called here."""
    return sha256(message_id.encode()).hexdigest()[:32]


def put(connection: Connection, mail: Mail) -> None:
    """Keep a mail; the same one put twice is kept once, also when it is done."""
    if connection.execute(select(mails.c.id).where(mails.c.id == mail.id)).first() is None:
        connection.execute(insert(mails).values(**vars(mail), state=NEW, reply=""))


def waiting(connection: Connection) -> list[Mail]:
    """Mails that nobody has answered yet, the oldest first."""
    query = select(mails).where(mails.c.state == NEW).order_by(mails.c.time, mails.c.id)
    return [_mail(row) for row in connection.execute(query)]


def mail(connection: Connection, id: str) -> Mail | None:
    """One of them."""
    row = connection.execute(select(mails).where(mails.c.id == id, mails.c.state == NEW)).first()
    return _mail(row) if row is not None else None


def opened(connection: Connection, id: str, account: str) -> bool:
    """Note who has opened it first; False if that was before."""
    unread = update(mails).where(mails.c.id == id, mails.c.reader.is_(None)).values(reader=account)
    return bool(connection.execute(unread).rowcount == 1)


def reply(connection: Connection, id: str, text: str) -> bool:
    """Answer a mail; False if somebody has answered it already. What it said is deleted now."""
    values = {"state": REPLIED, "reply": text, "text": ""}
    return bool(connection.execute(update(mails).where(mails.c.id == id, mails.c.state == NEW).values(values)).rowcount)


def replies(connection: Connection) -> list[dict[str, str]]:
    """Answers that have not left yet, with all that the gateway needs to send them."""
    query = select(mails).where(mails.c.state == REPLIED).order_by(mails.c.time, mails.c.id)
    names = ("id", "message_id", "sender", "subject", "reply")
    return [{name: str(row[name]) for name in names} for row in connection.execute(query)]


def done(connection: Connection, id: str, state: str = NEW) -> bool:
    """Delete what is left of a mail in a state, all but its id; False if it is in another one."""
    values = {"state": DONE} | dict.fromkeys(("message_id", "sender", "name", "subject", "text", "reply"), "")
    there = update(mails).where(mails.c.id == id, mails.c.state == state)
    return bool(connection.execute(there.values(values)).rowcount)


def forget(connection: Connection, before: dt.datetime) -> int:
    """Delete what is too old; how many mails that were."""
    return int(connection.execute(mails.delete().where(mails.c.time < before)).rowcount)


def _mail(row: Any) -> Mail:
    return Mail(row.id, row.message_id, row.sender, row.name, row.time, row.subject, row.text, row.reader)
