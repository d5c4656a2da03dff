"""Accounts of clerks and their sessions."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.engine import Engine

from partnerstadt.front.database import writing
from partnerstadt.front.times import Clock
from partnerstadt.staff.tables import accounts, sessions
from partnerstadt.staff.trail import step

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)  # not every request needs to write
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Role(str, Enum):
    """What somebody may do."""

    EDITOR = "editor"
    AGENT = "agent"
    STATISTICS = "statistics"
    ADMINISTRATOR = "administrator"


class Unfit(ValueError):
    """An account cannot be made like this; the text says why."""


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        id: hash of the token in the cookie.
        account: name of the account.
        role: what the account may do now, not what it might when the session began.
        csrf: what a form must send back.
    """

    id: str
    account: str
    role: Role
    csrf: str


class Accounts:
    """All of it, in the database. Each method is one transaction.

    Args:
        engine: a database that is open.
        clock: the time.
        hasher: argon2; tests take a quick one.
    """

    def __init__(self, engine: Engine, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        # For names that do not exist: an answer must not be quicker for them.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def add(self, name: str, password: str, role: Role) -> None:
        """Make an account.

        Raises:
            Unfit: if the name is taken or no name, or the password is too short.
        """
        if not NAME.fullmatch(name):
            raise Unfit("a name consists of small letters, digits, '.', '_' and '-'.")
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise Unfit(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
        hashed = self._hasher.hash(password)
        with writing(self._engine) as connection:
            if connection.execute(accounts.select().where(accounts.c.name == name)).first():
                raise Unfit(f"there is an account '{name}' already.")
            values = {"name": name, "password": hashed, "role": role.value, "active": True, "created": self._clock()}
            connection.execute(accounts.insert().values(values))
            step(connection, self._clock(), name, "account_added", role.value)

    def count(self) -> int:
        """How many accounts there are."""
        with self._engine.begin() as connection:
            return len(connection.execute(accounts.select()).all())

    def log_in(self, name: str, password: str) -> str | None:
        """Begin a session: the token for the cookie, or None."""
        with self._engine.begin() as connection:
            row = connection.execute(accounts.select().where(accounts.c.name == name, accounts.c.active)).first()
        try:
            self._hasher.verify(row.password if row else self._nobody, password[:LONGEST_PASSWORD])
        except (VerifyMismatchError, InvalidHashError):
            return None
        if row is None:
            return None
        token, now = secrets.token_urlsafe(32), self._clock()
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.seen < now - IDLE))
            values = {"id": _hash(token), "account": name, "csrf": secrets.token_urlsafe(24), "begun": now, "seen": now}
            connection.execute(sessions.insert().values(values))
            step(connection, self._clock(), name, "logged_in")
        return token

    def session(self, token: str, active: bool = True) -> Session | None:
        """The session of a token, if it has not ended; only somebody active keeps it alive."""
        now = self._clock()
        joined = sessions.join(accounts, accounts.c.name == sessions.c.account)
        query = joined.select().where(sessions.c.id == _hash(token), accounts.c.active)
        with self._engine.begin() as connection:
            row = connection.execute(query).first()
        if row is None or row.seen < now - IDLE or row.begun < now - LONGEST:
            return None
        if active and row.seen < now - SEEN_EVERY:
            with writing(self._engine) as connection:
                connection.execute(sessions.update().where(sessions.c.id == row.id).values(seen=now))
        return Session(row.id, row.account, Role(row.role), row.csrf)

    def log_out(self, session: Session) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.id == session.id))
            step(connection, self._clock(), session.account, "logged_out")

    def deactivate(self, name: str, by: str) -> None:
        """Lock an account and end its sessions at once.

        Raises:
            Unfit: if there is no such account.
        """
        with writing(self._engine) as connection:
            changed = connection.execute(accounts.update().where(accounts.c.name == name).values(active=False))
            if not changed.rowcount:
                raise Unfit(f"there is no account '{name}'.")
            connection.execute(sessions.delete().where(sessions.c.account == name))
            step(connection, self._clock(), by, "account_locked", name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
