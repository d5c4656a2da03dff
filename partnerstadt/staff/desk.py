"""The parts of a staff desk, put together once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Engine

from partnerstadt.front.bot import Bot
from partnerstadt.front.limits import Buckets
from partnerstadt.front.store import Store
from partnerstadt.front.times import Clock
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.inbox import Inbox
from partnerstadt.staff.training import Training


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
        inbox: what the bot could not answer.
        training: what it is to learn.
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
    inbox: Inbox
    training: Training
    clock: Clock
    requests: Buckets
    attempts: Buckets
    attempts_of_address: Buckets
