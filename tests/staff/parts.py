"""What the tests of the staff desk share: a desk with an account of each role and a stand-in for Rasa."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import uvicorn
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from partnerstadt.front import tables as front
from partnerstadt.front.bot import Bot
from partnerstadt.front.database import NAME, leave_no_trace
from partnerstadt.front.desk import rules
from partnerstadt.front.limits import Buckets
from partnerstadt.front.settings import FrontSettings
from partnerstadt.front.store import Reply, Store
from partnerstadt.front.texts import load_texts
from partnerstadt.quality.servers import free_ports
from partnerstadt.records.store import RecordStore
from partnerstadt.settings import HOST, Settings
from partnerstadt.staff.__main__ import server
from partnerstadt.staff.accounts import Accounts
from partnerstadt.staff.asking import Asking
from partnerstadt.staff.changes import Changes
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.inbox import Inbox
from partnerstadt.staff.live import Live
from partnerstadt.staff.mailbox import Mailbox
from partnerstadt.staff.notes import Notes
from partnerstadt.staff.oidc import Provider
from partnerstadt.staff.roles import Role
from partnerstadt.staff.settings import StaffSettings
from partnerstadt.staff.switch import Switch
from partnerstadt.staff.training import Training
from tests.front.parts import Clock, Rasa
from tests.support import DORTMUND, PROJECT, copy_of

PASSWORD = "ein langes Passwort"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MAIL = "Guten Tag,\nseit wann ist Leeds Partnerstadt? Wann öffnet das Bürgerbüro?\nGruß\nKim Muster"


def reply(text: str) -> list[dict[str, Any]]:
    """What Rasa says: an answer to the mail as a whole, nothing to the rest."""
    if "Leeds" not in text:
        return [{"about": {"outcome": "out_of_scope"}}]
    asked = "seit wann ist Leeds Partnerstadt?"
    question = {"text": asked, "intent": "ask_since", "confidence": 0.9, "outcome": "answered"}
    said = [{"response": "utter_since", "text": "Leeds ist seit 1969 Partnerstadt."}]
    return [{"about": {"questions": [{**question, "said": [0], "sources": ["page"]}], "said": said}}]


@lru_cache
def _fresh_database() -> Path:
    """A database with all tables and nothing in it: making them takes longer than most tests."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    engine = open_staff_database(None, folder)
    leave_no_trace(engine)
    engine.dispose()
    return folder / NAME


def open_desk(
    folder: Path,
    rasa: Rasa,
    clock: Clock,
    attempts: int = 5,
    settings: StaffSettings | None = None,
    project: Path = PROJECT,
    database: str | None = None,
    **front: Any,
) -> Desk:
    """A desk with one account for each role, named like it."""
    if database is None and not (folder / NAME).exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(_fresh_database(), folder / NAME)
    engine = open_staff_database(database, folder)
    accounts = Accounts(engine, clock, QUICK)
    for role in Role:
        accounts.add(role.value, PASSWORD, role)
    bot = Bot(rasa.url, rasa.url, 5, 2)
    records = copy_of(DORTMUND, folder / "dortmund")
    plenty = Buckets(100_000, 100_000, 100)
    settings = settings or StaffSettings(url="https://testserver")
    return Desk(
        settings=settings,
        engine=engine,
        accounts=accounts,
        provider=Provider(settings) if settings.oidc_issuer else None,
        switch=Switch(engine, clock),
        store=Store(engine),
        records=RecordStore(records, lambda: clock().date()),
        changes=Changes(engine, records, clock),
        tests=folder / "questions",
        bot=bot,
        asking=Asking(bot),
        inbox=Inbox(engine, clock),
        training=Training(engine, clock, Settings(project, DORTMUND, state=folder)),
        live=Live(engine, clock, rules(FrontSettings(**front), load_texts())),
        mailbox=Mailbox(engine, clock),
        notes=Notes(engine, clock),
        note_days=30,
        clock=clock,
        requests=plenty,
        attempts=Buckets(attempts, 2, 100),
        attempts_of_address=plenty,
    )


def keep_past(desk: Desk) -> None:
    """Conversations that the front desk has kept: one question in a gap, one explained, one about a fact."""
    past = [
        ("Gibt es einen Newsletter?", "explain_participation", "answered"),
        ("Seit wann ist Leeds Partnerstadt?", "ask_since", "answered"),
        ("habt ihr newsletter", "out_of_scope", "out_of_scope"),
    ]
    now = desk.clock()
    with desk.engine.begin() as connection:
        conversation = {"id": "past", "channel": "web", "created": now, "expires": now, "last": 6}
        connection.execute(front.conversations.insert().values(**conversation))
        for number, (text, intent, outcome) in enumerate(past):
            time = now + dt.timedelta(seconds=number)
            common = {"conversation": "past", "type": "message", "time": time}
            asked = {"number": 2 * number + 1, "sender": "citizen", "text": text, "state": "answered"}
            said = {"number": 2 * number + 2, "sender": "bot", "text": "Antwort", "answers": 2 * number + 1}
            connection.execute(front.messages.insert().values(**common, **asked))
            about = {"intent": intent, "confidence": 0.9, "outcome": outcome}
            connection.execute(front.messages.insert().values(**common, **said, **about))


def fill(store: Store, moment: dt.datetime) -> None:
    """Three conversations of two questions each on one day."""
    outcomes = ("answered", "unrecorded", "out_of_scope", "handoff", "answered", "talk")
    intents = ("ask_since", "ask_unrecorded", "out_of_scope", "request_human", "ask_since", "ask_since")
    for number, channel in enumerate(("web", "web", "email")):
        id = store.open(channel, moment, moment + dt.timedelta(hours=1)).id
        for turn in (2 * number, 2 * number + 1):
            store.say(id, "Frage", moment)
            question = store.pending(id)
            assert question
            about = {"outcome": outcomes[turn], "intent": intents[turn]}
            taken = dt.timedelta(seconds=1.9 if turn == 5 else 0.12)
            event = store.answer(question, Reply("Antwort", about=about), moment + taken)
            assert event
            if turn < 3:
                store.rate(id, event["id"], "down" if turn == 1 else "up", None, moment)


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> int:
    """Log in; the status of the answer."""
    sent = {"name": name, "password": password}
    return int(client.post("/anmelden", data=sent, follow_redirects=False).status_code)


@contextmanager
def served(desk: Desk, port: int | None = None) -> Iterator[str]:
    """The desk on a port of its own: its address."""
    port = port or free_ports(1)[0]
    web: uvicorn.Server = server(desk, port)
    thread = threading.Thread(target=web.run, daemon=True)
    thread.start()
    while not web.started:
        time.sleep(0.01)
    yield f"http://{HOST}:{port}"
    web.should_exit = True
    thread.join(10)
