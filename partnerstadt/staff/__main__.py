"""`python -m partnerstadt.staff`: the staff desk as a process of its own."""

from __future__ import annotations

import sys

import uvicorn
from sqlalchemy.engine import Engine

from partnerstadt.front.bot import Bot
from partnerstadt.front.desk import rules
from partnerstadt.front.limits import Buckets
from partnerstadt.front.settings import FILE as FRONT_FILE
from partnerstadt.front.settings import FrontSettings
from partnerstadt.front.store import Store
from partnerstadt.front.texts import load_texts
from partnerstadt.front.times import Clock, now
from partnerstadt.records.store import RecordStore
from partnerstadt.serving import serve, web_server
from partnerstadt.settings import Settings
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.app import create_app
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.changes import Changes
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import Inbox
from partnerstadt.staff.live import Live
from partnerstadt.staff.mailbox import Mailbox
from partnerstadt.staff.notes import Notes
from partnerstadt.staff.oidc import Provider
from partnerstadt.staff.settings import FILE, StaffSettings
from partnerstadt.staff.switch import Switch
from partnerstadt.staff.training import Training

TESTS = "tests/questions"  # an installation without them checks curated answers against past questions alone
PARALLEL = 4
# Attempts to log in, for each name; and for each address, behind which a whole office may sit.
AT_ONCE, PER_MINUTE = 5, 2
ADDRESS_AT_ONCE, ADDRESS_PER_MINUTE = 30, 10
REQUESTS_AT_ONCE, REQUESTS_PER_MINUTE, ADDRESSES = 200, 600, 10_000


def open_accounts(settings: Settings, clock: Clock = now) -> Accounts:
    """The accounts alone, for the command line."""
    return Accounts(_database(settings), clock)


def open_desk(settings: Settings, clock: Clock = now) -> Desk:
    """Put a staff desk together; nothing runs yet."""
    front = FrontSettings.read(settings.project / FRONT_FILE)
    staff = StaffSettings.read(settings.project / FILE)
    engine = _database(settings)
    bot = Bot(settings.rasa_urls, settings.bot_actions_url, front.rasa_seconds, PARALLEL, settings.token or "")
    staff = staff.copy(update={"url": staff.url or settings.staff_url.rstrip("/")})
    return Desk(
        settings=staff,
        engine=engine,
        accounts=Accounts(engine, clock),
        provider=Provider(staff) if staff.oidc_issuer else None,
        switch=Switch(engine, clock),
        store=Store(engine),
        records=RecordStore(settings.records),
        changes=Changes(engine, settings.records, clock),
        tests=settings.project / TESTS,
        bot=bot,
        asking=Asking(bot),
        inbox=Inbox(engine, clock),
        training=Training(engine, clock, settings),
        live=Live(engine, clock, rules(front, load_texts())),
        mailbox=Mailbox(engine, clock),
        notes=Notes(engine, clock),
        note_days=front.note_days,
        clock=clock,
        requests=Buckets(REQUESTS_AT_ONCE, REQUESTS_PER_MINUTE, ADDRESSES),
        attempts=Buckets(AT_ONCE, PER_MINUTE, ADDRESSES),
        attempts_of_address=Buckets(ADDRESS_AT_ONCE, ADDRESS_PER_MINUTE, ADDRESSES),
    )


def _database(settings: Settings) -> Engine:
    return open_staff_database(settings.database, settings.state)


def server(desk: Desk, port: int) -> uvicorn.Server:
    """A server that is ready to run; a proxy of the office stands before it."""
    return web_server(create_app(desk), desk.settings.host, port, desk.settings.trusted_proxies)


def made(settings: Settings) -> uvicorn.Server:
    """The staff desk as its files want it."""
    return server(open_desk(settings), settings.staff_port)


if __name__ == "__main__":
    sys.exit(serve(made, "staff"))
