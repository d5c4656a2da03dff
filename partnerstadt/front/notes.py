"""Notes that citizens leave for the staff, with a way to be reached; deleted when done, or after some days."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import phonenumbers
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from partnerstadt.front.errors import Wrong
from partnerstadt.front.tables import notes
from partnerstadt.incoming import clean

LONGEST = 2000
LONGEST_EMAIL = 254
LONGEST_PHONE, SHORTEST_PHONE = 40, 5
REGION = "DE"
ID = re.compile(r"[0-9a-f]{32}")
EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")


@dataclass(frozen=True)
class Note:
    """What somebody has left; of the two ways to be reached, one may be empty."""

    id: str
    time: dt.datetime
    text: str
    email: str
    phone: str
    reader: str | None = None


def read_note(id: str, text: str, email: str, phone: str, now: dt.datetime) -> Note:
    """A note from the fields of a form.

    Raises:
        Wrong: if a field cannot be what it should be; the code says which.
    """
    text = text.replace("\r\n", "\n").strip()
    email, phone = email.strip(), phone.strip()
    if not ID.fullmatch(id) or clean(text) != text:
        raise Wrong(422, "invalid")
    if not text:
        raise Wrong(422, "note_empty")
    if len(text) > LONGEST:
        raise Wrong(422, "too_long", characters=LONGEST)
    if not (email or phone):
        raise Wrong(422, "note_unreachable")
    if email and (len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email)):
        raise Wrong(422, "note_email")
    if phone and not _is_phone(phone):
        raise Wrong(422, "note_phone")
    return Note(id, now, text, email, phone)


def _is_phone(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return False
    # Short numbers, such as 112, are nobody's.
    digits = len(str(number.national_number))
    return len(text) <= LONGEST_PHONE and digits >= SHORTEST_PHONE and bool(phonenumbers.is_possible_number(number))


def leave(connection: Connection, note: Note) -> None:
    """Keep a note; the same one sent twice is kept once."""
    if connection.execute(select(notes.c.id).where(notes.c.id == note.id)).first() is None:
        connection.execute(insert(notes).values(**vars(note)))


def left(connection: Connection) -> list[Note]:
    """All notes, the oldest first."""
    return [Note(**row._mapping) for row in connection.execute(select(notes).order_by(notes.c.time, notes.c.id))]


def note(connection: Connection, id: str) -> Note | None:
    """One of them."""
    row = connection.execute(select(notes).where(notes.c.id == id)).first()
    return Note(**row._mapping) if row is not None else None


def opened(connection: Connection, id: str, account: str) -> bool:
    """Note who has opened it first; False if that was before."""
    unread = update(notes).where(notes.c.id == id, notes.c.reader.is_(None)).values(reader=account)
    return bool(connection.execute(unread).rowcount == 1)


def done(connection: Connection, id: str) -> bool:
    """Delete a note that is done; False if it is not there any more."""
    return bool(connection.execute(delete(notes).where(notes.c.id == id)).rowcount == 1)


def forget(connection: Connection, before: dt.datetime) -> int:
    """Delete what is too old; how many notes that were."""
    return int(connection.execute(delete(notes).where(notes.c.time < before)).rowcount)
