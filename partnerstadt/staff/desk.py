"""The parts of a staff desk, put together once at the start."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from partnerstadt.front.bot import Bot
from partnerstadt.front.limits import Buckets
from partnerstadt.front.store import Store
from partnerstadt.front.times import Clock
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.live import Live
from partnerstadt.staff.notes import Notes


@dataclass(frozen=True)
class Desk:
    """All that a request needs.

    Attributes:
        engine: the database, which the front desk shares.
        accounts: who may log in, and who is.
        store: the front desk's conversations.
        records: the city's records.
        bot: Rasa.
        asking: the bot, asked for a clerk.
        live: conversations that a clerk takes over.
        notes: what citizens have left.
        note_days: how long that is kept at most.
        zone: the time zone of the office.
        clock: the time.
        requests: limits by address.
        attempts: limits to log in, by name.
        attempts_of_address: limits to log in, by address.
    """

    engine: Engine
    accounts: Accounts
    store: Store
    records: RecordStore
    bot: Bot
    asking: Asking
    live: Live
    notes: Notes
    note_days: float
    zone: ZoneInfo
    clock: Clock
    requests: Buckets
    attempts: Buckets
    attempts_of_address: Buckets

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A moment as the clocks of the office show it."""
        return moment.astimezone(self.zone)
