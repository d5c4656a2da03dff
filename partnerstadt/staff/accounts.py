"""Accounts of clerks and their sessions."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.sql.elements import ColumnElement

from partnerstadt.front.database import writing
from partnerstadt.front.times import Clock
from partnerstadt.staff.roles import Role
from partnerstadt.staff.tables import accounts, sessions
from partnerstadt.staff.trail import step

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)  # not every request needs to write
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
COMMON = Path(__file__).parent / "passwords.txt"
LEAST_DIFFERENT = 5  # characters of a password
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class Unfit(ValueError):
    """Something cannot be done with an account: the reason by its key in the texts, and in words for a terminal."""

    sentences = {  # noqa: RUF012
        "name": "a name consists of small letters, digits, '.', '_' and '-'.",
        "taken": "there is an account '{name}' already.",
        "unknown": "there is no account '{name}'.",
        "last": "'{name}' is the last administrator; add another one first.",
        "length": "a password has {least} to {most} characters.",
        "holds_name": "a password must not contain the name of its account.",
        "common": "this password is too easy to guess.",
        "old": "the old password is wrong.",
        "external": "the role and the password of '{name}' are kept by the provider of OpenID Connect.",
    }

    def __init__(self, key: str, name: str = "") -> None:
        self.key = key
        self.values = {"name": name, "least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD}
        super().__init__(self.sentences[key].format(**self.values))


@dataclass(frozen=True)
class Session:
    """Somebody who is logged in.

    Attributes:
        id: hash of the token in the cookie.
        account: name of the account.
        role: what the account may do now, not what it might when the session began.
        csrf: what a form must send back.
        must_change: whether the password is one that somebody else has seen.
        external: whether a provider of OpenID Connect let them in.
    """

    id: str
    account: str
    role: Role
    csrf: str
    must_change: bool = False
    external: bool = False


@dataclass(frozen=True)
class Account:
    """An account as administrators see it."""

    name: str
    role: Role
    active: bool
    external: bool
    must_change: bool
    created: dt.datetime
    sessions: int


@dataclass(frozen=True)
class Visit:
    """A session as its owner sees it."""

    id: str
    begun: dt.datetime
    seen: dt.datetime


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

    # --- what administrators do ---

    def add(self, name: str, password: str, role: Role, by: str = "", must_change: bool = False) -> None:
        """Make an account.

        Raises:
            Unfit: if the name is taken or no name, or the password is too easy.
        """
        if not NAME.fullmatch(name):
            raise Unfit("name")
        check_password(name, password)
        hashed = self._hasher.hash(password)
        with writing(self._engine) as connection:
            if _row(connection, name):
                raise Unfit("taken", name)
            self._insert(connection, name, role, password=hashed, must_change=must_change)
            step(connection, self._clock(), by or name, "account_added", f"{name}: {role.value}")

    def listed(self) -> list[Account]:
        """All accounts by name."""
        a, s = accounts.c, sessions.c
        open_ones = (
            select(func.count()).where(s.account == a.name, *self._lasting()).correlate(accounts).scalar_subquery()
        )
        query = select(accounts, open_ones.label("sessions")).order_by(a.name)
        with self._engine.begin() as connection:
            rows = connection.execute(query).all()
        return [
            Account(r.name, Role(r.role), r.active, r.subject is not None, r.must_change, r.created, r.sessions)
            for r in rows
        ]

    def change_role(self, name: str, role: Role, by: str) -> None:
        """Let an account do something else, from its next request on.

        Raises:
            Unfit: if there is no such account, its provider says what it may, or nobody would administrate.
        """
        with writing(self._engine) as connection:
            row = _known(connection, name)
            if row.subject:
                raise Unfit("external", name)
            if role is not Role.ADMINISTRATOR:
                _not_the_last(connection, row)
            connection.execute(accounts.update().where(accounts.c.name == name).values(role=role.value))
            step(connection, self._clock(), by, "account_role", f"{name}: {role.value}")

    def lock(self, name: str, by: str) -> None:
        """Lock an account and end its sessions at once.

        Raises:
            Unfit: if there is no such account, or nobody would administrate.
        """
        with writing(self._engine) as connection:
            _not_the_last(connection, _known(connection, name))
            connection.execute(accounts.update().where(accounts.c.name == name).values(active=False))
            connection.execute(sessions.delete().where(sessions.c.account == name))
            step(connection, self._clock(), by, "account_locked", name)

    def unlock(self, name: str, by: str) -> None:
        """Let an account in again.

        Raises:
            Unfit: if there is no such account.
        """
        with writing(self._engine) as connection:
            _known(connection, name)
            connection.execute(accounts.update().where(accounts.c.name == name).values(active=True))
            step(connection, self._clock(), by, "account_unlocked", name)

    def end_sessions(self, name: str, by: str) -> None:
        """End all sessions of an account.

        Raises:
            Unfit: if there is no such account.
        """
        with writing(self._engine) as connection:
            _known(connection, name)
            connection.execute(sessions.delete().where(sessions.c.account == name))
            step(connection, self._clock(), by, "sessions_ended", name)

    def reset_password(self, name: str, by: str) -> str:
        """A password for once, to be changed at the next login; sessions end.

        Raises:
            Unfit: if there is no such account, or its password is kept elsewhere.
        """
        password = password_for_once()
        hashed = self._hasher.hash(password)
        with writing(self._engine) as connection:
            if _known(connection, name).subject:
                raise Unfit("external", name)
            values = {"password": hashed, "must_change": True}
            connection.execute(accounts.update().where(accounts.c.name == name).values(**values))
            connection.execute(sessions.delete().where(sessions.c.account == name))
            step(connection, self._clock(), by, "password_reset", name)
        return password

    # --- what everybody does ---

    def log_in(self, name: str, password: str) -> str | None:
        """Begin a session: the token for the cookie, or None."""
        with self._engine.begin() as connection:
            row = _row(connection, name)
        may = row is not None and row.active and bool(row.password)
        fits = self._fits(row.password if row is not None and row.password else self._nobody, password)
        with writing(self._engine) as connection:
            if not (may and fits):
                # Who types a password where the name belongs must not find it in the trail.
                step(connection, self._clock(), name if row is not None else "", "login_failed")
                return None
            return self._begin(connection, name)

    def enter(self, subject: str, name: str, role: Role) -> str | None:
        """Begin a session of somebody whom a provider knows; None if the account is locked.

        Args:
            subject: the person, for ever the same at this provider.
            name: what they are called there; only the first login uses it.
            role: what they may from now on.

        Raises:
            Unfit: if the name is no name, or that of another account.
        """
        with writing(self._engine) as connection:
            row = connection.execute(accounts.select().where(accounts.c.subject == _hash(subject))).first()
            if row is None:
                if not NAME.fullmatch(name):
                    raise Unfit("name")
                if _row(connection, name):
                    raise Unfit("taken", name)
                self._insert(connection, name, role, password="", subject=_hash(subject))
                step(connection, self._clock(), name, "account_added", f"{name}: {role.value}")
                return self._begin(connection, name)
            if not row.active:
                step(connection, self._clock(), row.name, "login_failed")
                return None
            if row.role != role.value:
                connection.execute(accounts.update().where(accounts.c.name == row.name).values(role=role.value))
                step(connection, self._clock(), row.name, "account_role", f"{row.name}: {role.value}")
            return self._begin(connection, str(row.name))

    def refuse(self, subject: str) -> None:
        """Their provider knows somebody, but gives them no role any more: sessions they still have end."""
        with writing(self._engine) as connection:
            row = connection.execute(accounts.select().where(accounts.c.subject == _hash(subject))).first()
            if row is not None:
                connection.execute(sessions.delete().where(sessions.c.account == row.name))
            step(connection, self._clock(), row.name if row is not None else "", "login_failed")

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
        return Session(row.id, row.account, Role(row.role), row.csrf, row.must_change, row.subject is not None)

    def log_out(self, session: Session) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(sessions.c.id == session.id))
            step(connection, self._clock(), session.account, "logged_out")

    def change_password(self, session: Session, old: str, new: str) -> None:
        """Take another password; the other sessions of the account end.

        Raises:
            Unfit: if the old one is wrong, the new one too easy, or both are kept elsewhere.
        """
        if session.external:
            raise Unfit("external", session.account)
        with self._engine.begin() as connection:
            row = _known(connection, session.account)
        if not self._fits(row.password, old):
            raise Unfit("old")
        check_password(session.account, new)
        if new == old:
            raise Unfit("common")
        values = {"password": self._hasher.hash(new), "must_change": False}
        with writing(self._engine) as connection:
            connection.execute(accounts.update().where(accounts.c.name == session.account).values(**values))
            connection.execute(sessions.delete().where(*_others(session)))
            step(connection, self._clock(), session.account, "password_changed")

    def visits(self, session: Session) -> list[Visit]:
        """The sessions of the same account, the latest first."""
        query = sessions.select().where(sessions.c.account == session.account, *self._lasting())
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(sessions.c.begun.desc())).all()
        return [Visit(row.id, row.begun, row.seen) for row in rows]

    def end_others(self, session: Session, id: str = "") -> None:
        """End one other session of the same account, or all others."""
        one = (sessions.c.id == id,) if id else ()
        with writing(self._engine) as connection:
            connection.execute(sessions.delete().where(*_others(session), *one))
            step(connection, self._clock(), session.account, "sessions_ended", session.account)

    # --- parts ---

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _insert(self, connection: Connection, name: str, role: Role, **values: object) -> None:
        fixed = {"name": name, "role": role.value, "active": True, "created": self._clock()}
        connection.execute(accounts.insert().values(**fixed, **values))

    def _begin(self, connection: Connection, name: str) -> str:
        token, now = secrets.token_urlsafe(32), self._clock()
        connection.execute(sessions.delete().where(sessions.c.seen < now - IDLE))
        values = {"id": _hash(token), "account": name, "csrf": secrets.token_urlsafe(24), "begun": now, "seen": now}
        connection.execute(sessions.insert().values(values))
        step(connection, now, name, "logged_in")
        return token

    def _lasting(self) -> tuple[ColumnElement[bool], ...]:
        now = self._clock()
        return sessions.c.seen >= now - IDLE, sessions.c.begun >= now - LONGEST


def check_password(name: str, password: str) -> None:
    """Raise Unfit for a password that is too short, too easy, or holds the name."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Unfit("length")
    plain = _plain(password)
    if len(name) > 2 and (name in password.casefold() or _plain(name) in plain):
        raise Unfit("holds_name")
    if len(set(password)) < LEAST_DIFFERENT or plain in _common():
        raise Unfit("common")


def password_for_once() -> str:
    """A password that can be read to somebody."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(4))


@lru_cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line) for line in lines if not line.startswith("#"))


def _plain(password: str) -> str:
    return re.sub(r"\W|_", "", password.casefold())


def _row(connection: Connection, name: str) -> Row | None:
    row: Row | None = connection.execute(accounts.select().where(accounts.c.name == name)).first()
    return row


def _known(connection: Connection, name: str) -> Row:
    row = _row(connection, name)
    if row is None:
        raise Unfit("unknown", name)
    return row


def _not_the_last(connection: Connection, row: Row) -> None:
    a = accounts.c
    # Held until the end of the transaction: two administrators might lock each other at the same time.
    active = accounts.select().where(a.role == Role.ADMINISTRATOR.value, a.active).with_for_update()
    if {left.name for left in connection.execute(active)} == {row.name}:
        raise Unfit("last", row.name)


def _others(session: Session) -> tuple[ColumnElement[bool], ...]:
    return sessions.c.account == session.account, sessions.c.id != session.id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
