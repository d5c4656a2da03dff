"""What a gateway must not forget: messages that came in and go out, and how far each conversation was followed.

A file of SQLite for each gateway. Every method is one transaction, kept when it returns. Texts are erased as soon as
they are passed on or sent; what stays for some days are the messenger's ids, by which duplicates are known.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from partnerstadt.front import gateway
from partnerstadt.gateways.contract import Button, Incoming, Kind, Outgoing, Picture

WAITING, LEAVING, DONE, DROPPED = "waiting", "leaving", "done", "dropped"  # states of what comes in and goes out
# All outlasts our end. Only what a messenger will not bring again has to outlast that of the machine: it costs some
# milliseconds, which between "it leaves" and its leaving would be too many.
NORMAL, FULL = "synchronous=NORMAL", "synchronous=FULL"
PAGES = 1000  # of the log, after which they are copied into the file; that waits for the disk
# Messages of one address that may wait; somebody who writes more than that is told so, once.
MOST = 20

_TABLES = """
CREATE TABLE IF NOT EXISTS talks (
  address TEXT PRIMARY KEY,
  nonce TEXT NOT NULL,             -- tells conversations of one address apart
  expires TEXT,                    -- when the front desk ends it; none: not begun yet
  cursor INTEGER NOT NULL DEFAULT 0,  -- the last event of the front desk that was taken over
  said INTEGER NOT NULL DEFAULT 0,    -- the event of what was last said there
  open INTEGER NOT NULL DEFAULT 0,    -- whether more may come by itself
  greeted INTEGER NOT NULL DEFAULT 0,
  choices TEXT NOT NULL DEFAULT '[]',  -- what was offered last, as [id, title]
  fresh INTEGER NOT NULL DEFAULT 0     -- whether nothing was said since
);
CREATE TABLE IF NOT EXISTS inbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  mark TEXT NOT NULL,              -- of the text, to see whether an edit changes it
  time TEXT NOT NULL,
  state TEXT NOT NULL,
  event INTEGER,                   -- the number that the front desk has given it
  kept TEXT NOT NULL,
  UNIQUE (address, id)
);
CREATE INDEX IF NOT EXISTS ix_inbox ON inbox (state, address);
CREATE TABLE IF NOT EXISTS outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  buttons TEXT NOT NULL,
  sender TEXT NOT NULL,
  answers TEXT,
  conversation TEXT NOT NULL,
  event INTEGER,
  sent_as TEXT,
  state TEXT NOT NULL,
  kept TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS ix_outbox ON outbox (state, address);
-- Of messages that are to be sent.
CREATE TABLE IF NOT EXISTS pictures (key TEXT PRIMARY KEY, png BLOB NOT NULL, file TEXT NOT NULL, words TEXT NOT NULL);
-- Conversations that are over, under opaque names: somebody may want them deleted.
CREATE TABLE IF NOT EXISTS past (conversation TEXT PRIMARY KEY, person TEXT NOT NULL, ended TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Talk:
    """What is known of the conversation at an address."""

    address: str
    nonce: str
    expires: dt.datetime | None
    cursor: int
    said: int
    open: bool
    greeted: bool
    choices: tuple[Button, ...]
    fresh: bool


@dataclass(frozen=True)
class Received:
    """Something that waits to be dealt with."""

    number: int
    address: str
    id: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Waiting:
    """A message that waits to be sent; in doubt, if it was on its way when we were killed."""

    number: int
    message: Outgoing
    in_doubt: bool


class Store:
    """The file of one gateway.

    Args:
        file: where it lies.
        secret: marks texts without keeping them.
    """

    def __init__(self, file: Path, secret: str) -> None:
        self._secret = secret
        self._connection = sqlite3.connect(file, isolation_level=None)
        file.chmod(0o600)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", NORMAL, "secure_delete=ON", "busy_timeout=5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _writing(self, sure: str = NORMAL, quick: bool = False) -> Iterator[sqlite3.Connection]:
        self._connection.execute(f"PRAGMA wal_autocheckpoint={0 if quick else PAGES}")
        if sure != NORMAL:
            self._connection.execute(f"PRAGMA {sure}")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
        finally:
            if sure != NORMAL:
                self._connection.execute(f"PRAGMA {NORMAL}")

    # --- what comes in ---

    def receive(self, incoming: Incoming, now: dt.datetime) -> bool:
        """Keep something that came in.

        Returns:
            Whether it was one message too many.
        """
        with self._writing(FULL) as connection:
            found = connection.execute(
                "SELECT number, state, mark FROM inbox WHERE address = ? AND id = ?", (incoming.address, incoming.id)
            ).fetchone()
            if incoming.kind is Kind.RATED:
                # The last word counts, however often somebody changes it.
                self._insert(incoming, f"{incoming.id}\n{secrets.token_hex(8)}", WAITING, now)
            elif incoming.kind is Kind.DELETED:
                self._take_back(incoming, found, now)
            elif found is None:
                return self._new(incoming, now)
            elif incoming.kind is Kind.EDITED:
                self._change(incoming, found, now)
        return False

    def _new(self, incoming: Incoming, now: dt.datetime) -> bool:
        waiting = self._connection.execute(
            "SELECT count(*) FROM inbox WHERE address = ? AND state = ?", (incoming.address, WAITING)
        ).fetchone()[0]
        too_many = waiting >= MOST
        # An edit of what we have not seen comes before the message that it changes, or instead of it.
        self._insert(incoming, incoming.id, DROPPED if too_many else WAITING, now)
        return bool(waiting == MOST)

    def _change(self, incoming: Incoming, found: sqlite3.Row, now: dt.datetime) -> None:
        mark = self._mark(incoming.text)
        if found["mark"] == mark or found["state"] == DROPPED:
            return
        if found["state"] == WAITING:
            values = (incoming.text, mark, found["number"])
            self._connection.execute("UPDATE inbox SET text = ?, mark = ? WHERE number = ?", values)
            return
        self._connection.execute("UPDATE inbox SET mark = ? WHERE number = ?", (mark, found["number"]))
        version = incoming.version or mark
        known = self._connection.execute(
            "SELECT 1 FROM inbox WHERE address = ? AND id = ?", (incoming.address, f"{incoming.id}\n{version}")
        ).fetchone()
        if known is None:
            self._insert(incoming, f"{incoming.id}\n{version}", WAITING, now)

    def _take_back(self, incoming: Incoming, found: sqlite3.Row | None, now: dt.datetime) -> None:
        if found is None:
            self._insert(incoming, incoming.id, DROPPED, now)
        self._connection.execute(
            "UPDATE inbox SET state = ?, text = '' "
            "WHERE address = ? AND (id = ? OR id LIKE ? ESCAPE '\\') AND state = ?",
            (DROPPED, incoming.address, incoming.id, f"{_escaped(incoming.id)}\n%", WAITING),
        )

    def _insert(self, incoming: Incoming, id: str, state: str, now: dt.datetime) -> None:
        text = incoming.text if state == WAITING else ""
        self._connection.execute(
            "INSERT INTO inbox (address, id, kind, text, mark, time, state, kept) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                incoming.address,
                id,
                incoming.kind.value,
                text,
                self._mark(incoming.text),
                incoming.time.astimezone(dt.timezone.utc).isoformat(),
                state,
                now.isoformat(),
            ),
        )

    def _mark(self, text: str) -> str:
        return gateway.name(self._secret, "text", text)

    def next_in(self, address: str) -> Received | None:
        """What an address wants next, in the order in which it was written; from now on it cannot be taken back."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT * FROM inbox WHERE address = ? AND state IN (?, ?) ORDER BY time, number LIMIT 1",
                (address, WAITING, LEAVING),
            ).fetchone()
            if row is not None:
                connection.execute("UPDATE inbox SET state = ? WHERE number = ?", (LEAVING, row["number"]))
        return Received(row["number"], address, row["id"], Kind(row["kind"]), row["text"]) if row is not None else None

    def is_done(self, received: Received, event: int | None = None) -> None:
        """Something was dealt with; if it was said to the front desk, as this event."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE inbox SET state = ?, text = '', event = ? WHERE number = ?", (DONE, event, received.number)
            )
            if event is not None:
                connection.execute(
                    "UPDATE talks SET said = max(said, ?), open = 1 WHERE address = ?", (event, received.address)
                )

    def id_of(self, address: str, event: int | None) -> str | None:
        """The messenger's id of the message that was said as an event."""
        row = self._connection.execute(
            "SELECT id FROM inbox WHERE address = ? AND event = ? ORDER BY number DESC", (address, event)
        ).fetchone()
        return str(row["id"]).partition("\n")[0] if row is not None else None

    # --- conversations ---

    def talk(self, address: str) -> Talk:
        """The conversation at an address; a new one if there is none."""
        with self._writing() as connection:
            values = (address, secrets.token_hex(16))
            connection.execute("INSERT OR IGNORE INTO talks (address, nonce) VALUES (?, ?)", values)
            row = connection.execute("SELECT * FROM talks WHERE address = ?", (address,)).fetchone()
        return Talk(
            address=address,
            nonce=row["nonce"],
            expires=dt.datetime.fromisoformat(row["expires"]) if row["expires"] else None,
            cursor=row["cursor"],
            said=row["said"],
            open=bool(row["open"]),
            greeted=bool(row["greeted"]),
            choices=_buttons(row["choices"]),
            fresh=bool(row["fresh"]),
        )

    def begun(self, address: str, expires: dt.datetime) -> None:
        """The front desk has opened the conversation."""
        with self._writing() as connection:
            connection.execute("UPDATE talks SET expires = ? WHERE address = ?", (expires.isoformat(), address))

    def followed(self, address: str) -> bool:
        """There is no more to come, unless something was said since; whether that is so."""
        with self._writing() as connection:
            closed = connection.execute(
                "UPDATE talks SET open = 0 WHERE address = ? AND said <= cursor", (address,)
            ).rowcount
        return closed == 1

    def conversation(self, talk: Talk) -> str:
        """The name under which the front desk knows a conversation."""
        return gateway.name(self._secret, "conversation", talk.address, talk.nonce)

    def past(self, address: str) -> list[str]:
        """The names of the conversations at an address that are over."""
        person = gateway.name(self._secret, "person", address)
        rows = self._connection.execute("SELECT conversation FROM past WHERE person = ?", (person,))
        return [row["conversation"] for row in rows]

    def is_deleted(self, conversation: str) -> None:
        """The front desk has deleted a conversation."""
        with self._writing() as connection:
            connection.execute("DELETE FROM past WHERE conversation = ?", (conversation,))

    def end(self, address: str, now: dt.datetime) -> None:
        """The conversation is over; the next message begins another one."""
        talk = self.talk(address)
        person = gateway.name(self._secret, "person", address)
        with self._writing() as connection:
            if talk.expires is not None:
                values = (self.conversation(talk), person, now.isoformat())
                connection.execute("INSERT OR IGNORE INTO past (conversation, person, ended) VALUES (?, ?, ?)", values)
            connection.execute("DELETE FROM talks WHERE address = ?", (address,))
            connection.execute("UPDATE inbox SET event = NULL WHERE address = ?", (address,))

    def leave(self, address: str, now: dt.datetime) -> None:
        """Nobody is there any more: forget all but what tells duplicates."""
        self.end(address, now)
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM pictures WHERE key IN (SELECT key FROM outbox WHERE address = ?)", (address,)
            )
            connection.execute("DELETE FROM outbox WHERE address = ?", (address,))
            connection.execute(
                "UPDATE inbox SET state = ?, text = '' WHERE address = ? AND state IN (?, ?)",
                (DROPPED, address, WAITING, LEAVING),
            )

    # --- what goes out ---

    def enqueue(
        self,
        address: str,
        messages: Sequence[Outgoing],
        conversation: str,
        now: dt.datetime,
        event: int | None = None,
        cursor: int | None = None,
        choices: Sequence[Button] = (),
        greets: bool = False,
    ) -> None:
        """Keep what is to be sent, and that it was taken over; the same again is kept once.

        Args:
            address: where it goes.
            messages: the parts of one thing that is said.
            conversation: the name under which the front desk knows it.
            now: the time.
            event: its number at the front desk.
            cursor: the number up to which the front desk's events were taken over.
            choices: what it offers.
            greets: whether it is the greeting.
        """
        with self._writing() as connection:
            for message in messages:
                buttons = json.dumps([[button.id, button.title] for button in message.buttons], ensure_ascii=False)
                connection.execute(
                    "INSERT OR IGNORE INTO outbox (address, key, text, buttons, sender, answers, conversation, event, "
                    "state, kept) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        address,
                        message.key,
                        message.text,
                        buttons,
                        message.sender,
                        message.answers,
                        conversation,
                        event,
                        WAITING,
                        now.isoformat(),
                    ),
                )
                if message.picture is not None:
                    shown = message.picture
                    connection.execute(
                        "INSERT OR IGNORE INTO pictures (key, png, file, words) "
                        "SELECT key, ?, ?, ? FROM outbox WHERE key = ? AND state = ?",
                        (shown.png, shown.file, shown.words, message.key, WAITING),
                    )
            if cursor is not None:
                connection.execute("UPDATE talks SET cursor = max(cursor, ?) WHERE address = ?", (cursor, address))
            if messages:  # numbers choose only what was said last; words choose until something else is offered
                offered = json.dumps([[button.id, button.title] for button in choices], ensure_ascii=False)
                connection.execute(
                    "UPDATE talks SET fresh = ?, choices = CASE ? WHEN 1 THEN ? ELSE choices END, "
                    "greeted = max(greeted, ?) WHERE address = ?",
                    (bool(choices), bool(choices), offered, greets, address),
                )

    def next_out(self, address: str) -> Waiting | None:
        """What is to be sent next to an address."""
        row = self._connection.execute(
            "SELECT * FROM outbox WHERE address = ? AND state IN (?, ?) ORDER BY number LIMIT 1",
            (address, WAITING, LEAVING),
        ).fetchone()
        if row is None:
            return None
        shown = self._connection.execute(
            "SELECT png, file, words FROM pictures WHERE key = ?", (row["key"],)
        ).fetchone()
        picture = Picture(*shown) if shown is not None else None
        message = Outgoing(row["key"], row["text"], _buttons(row["buttons"]), row["sender"], row["answers"], picture)
        return Waiting(row["number"], message, row["state"] == LEAVING)

    def leaves(self, waiting: Waiting) -> None:
        """A message is about to leave."""
        self._sent(waiting, LEAVING, quick=True)

    def returned(self, waiting: Waiting) -> None:
        """It has not left after all."""
        self._sent(waiting, WAITING)

    def sent(self, waiting: Waiting, sent_as: str | None = None) -> None:
        """It is sent, or given up."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE outbox SET state = ?, sent_as = ?, text = '', buttons = '[]' WHERE number = ?",
                (DONE, sent_as, waiting.number),
            )
            connection.execute("DELETE FROM pictures WHERE key = ?", (waiting.message.key,))

    def _sent(self, waiting: Waiting, state: str, quick: bool = False) -> None:
        with self._writing(quick=quick) as connection:
            connection.execute("UPDATE outbox SET state = ? WHERE number = ?", (state, waiting.number))

    def rated(self, address: str, sent_as: str, conversation: str) -> int | None:
        """The event of the present conversation that was sent under an id of the messenger."""
        row = self._connection.execute(
            "SELECT event FROM outbox WHERE address = ? AND sent_as = ? AND conversation = ? AND event IS NOT NULL",
            (address, sent_as, conversation),
        ).fetchone()
        return int(row["event"]) if row is not None else None

    # --- all of it ---

    def unfinished(self) -> list[str]:
        """Addresses where something is left to do."""
        rows = self._connection.execute(
            "SELECT address FROM inbox WHERE state IN (?, ?) UNION SELECT address FROM outbox WHERE state IN (?, ?) "
            "UNION SELECT address FROM talks WHERE open = 1",
            (WAITING, LEAVING, WAITING, LEAVING),
        )
        return [row["address"] for row in rows]

    def recall(self, name: str) -> str | None:
        """What was remembered under a name."""
        row = self._connection.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row is not None else None

    def remember(self, name: str, value: str) -> None:
        """Remember something under a name."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)", (name, value))

    def forget(self, before: dt.datetime, names_before: dt.datetime) -> None:
        """Delete what is over and older than a moment, also the addresses; overwrite what was deleted.

        Args:
            before: the moment.
            names_before: the moment for the opaque names of conversations.
        """
        old = before.isoformat()
        with self._writing() as connection:
            for table in ("inbox", "outbox"):
                connection.execute(
                    f"DELETE FROM {table} WHERE state NOT IN (?, ?) AND kept < ?", (WAITING, LEAVING, old)
                )
            connection.execute(
                "DELETE FROM talks WHERE (expires IS NULL OR expires < ?) "
                "AND address NOT IN (SELECT address FROM inbox) AND address NOT IN (SELECT address FROM outbox)",
                (old,),
            )
            connection.execute("DELETE FROM past WHERE ended < ?", (names_before.isoformat(),))
        self.leave_no_trace()

    def leave_no_trace(self) -> None:
        """Rewrite the small file, whose pages keep copies of rows that moved, and empty the write-ahead log."""
        with suppress(sqlite3.OperationalError):  # the disk is full; the next time is soon
            self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _buttons(text: str) -> tuple[Button, ...]:
    pairs: Iterable[Sequence[str]] = json.loads(text)
    return tuple(Button(id, title) for id, title in pairs)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
