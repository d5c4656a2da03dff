"""The parts of a staff desk, put together once at the start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from partnerstadt.front.bot import Bot
from partnerstadt.front.limits import Buckets
from partnerstadt.front.store import Store
from partnerstadt.front.times import Clock
from partnerstadt.records.store import RecordStore
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.changes import Changes
from partnerstadt.staff.inbox import Inbox
from partnerstadt.staff.live import Live
from partnerstadt.staff.mailbox import Mailbox
from partnerstadt.staff.notes import Notes
from partnerstadt.staff.oidc import Provider
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.staff.switch import Switch
from partnerstadt.staff.training import Training


@dataclass(frozen=True)
class Desk:
    """All that a request needs.

    Attributes:
        settings: of staff.yml, with an address.
        engine: the database, which the front desk shares.
        accounts: who may log in, and who is.
        provider: where else somebody may log in.
        switch: pauses the bot.
        store: the front desk's conversations.
        records: the city's records.
        changes: the files of the records, to change them.
        tests: the folder of the regression questions; it may be missing.
        bot: Rasa.
        asking: the bot, asked for a clerk.
        inbox: what the bot could not answer.
        training: what it is to learn.
        live: conversations that a clerk takes over.
        mailbox: mails that citizens have sent.
        notes: what citizens have left.
        note_days: how long that is kept at most.
        clock: the time.
        requests: limits by address.
        attempts: limits to log in, by name.
        attempts_of_address: limits to log in, by address.
    """

    settings: StaffSettings
    engine: Engine
    accounts: Accounts
    provider: Provider | None
    switch: Switch
    store: Store
    records: RecordStore
    changes: Changes
    tests: Path
    bot: Bot
    asking: Asking
    inbox: Inbox
    training: Training
    live: Live
    mailbox: Mailbox
    notes: Notes
    note_days: float
    clock: Clock
    requests: Buckets
    attempts: Buckets
    attempts_of_address: Buckets
