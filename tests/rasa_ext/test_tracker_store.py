"""Conversations outlast restarts, outages and odd ids, in SQLite and in a real PostgreSQL."""

import asyncio
import datetime as dt
import os
import signal
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from partnerstadt.database import connect
from partnerstadt.rasa_ext.locks import ConversationLocks
from partnerstadt.rasa_ext.tracker_store import NAME, ConversationStore, Deleted, Unavailable, trackers
from tests.front.parts import contents
from tests.servers import Postgres
from tests.support import PROJECT

DOMAIN = Domain.load(str(PROJECT / "domain.yml"))
SECRET = "Kronjuwelenkoffer"


def now(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for something."""
    return asyncio.run(work)


def store_of(engine: Engine, **options: Any) -> ConversationStore:
    """A store, as a bot that has just started has it."""
    return ConversationStore(DOMAIN, engine=engine, **options)


def say(store: ConversationStore, sender: str, words: str, id: str | None = None) -> DialogueStateTracker:
    """A whole turn of a conversation."""

    async def turn() -> DialogueStateTracker:
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        if not tracker.events:
            tracker.update_with_events([SessionStarted(), ActionExecuted("action_listen")], DOMAIN)
        said: list[Event] = [
            UserUttered(words, {"name": "ask_since", "confidence": 0.9}, message_id=id),
            ActionExecuted("action_partnership"),
            BotUttered(f"Antwort auf {words}", metadata={"utter_action": "utter_x"}),
            SlotSet("context", {"said": words}),
            ActionExecuted("action_listen"),
        ]
        tracker.update_with_events(said, DOMAIN)
        await store.save(tracker)
        return tracker

    tracker: DialogueStateTracker = now(turn())
    return tracker


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    url = request.getfixturevalue("postgresql").database() if request.param == "postgresql" else None
    engine = connect(url, tmp_path, NAME)
    yield engine
    engine.dispose()


def test_conversation_outlasts_a_restart(engine: Engine) -> None:
    """With its slots and last turns, however often it is read."""
    for number in range(6):
        say(store_of(engine), "a", f"Frage {number}")
    tracker = now(store_of(engine).retrieve("a"))
    assert tracker.get_slot("context") == {"said": "Frage 5"}
    assert tracker.latest_message.text == "Frage 5" and tracker.latest_action_name == "action_listen"
    assert now(store_of(engine).retrieve("b")) is None
    assert now(store_of(engine).exists("a")) and not now(store_of(engine).exists("b"))
    assert now(store_of(engine).keys()) == ["a"]


def test_row_does_not_grow(engine: Engine) -> None:
    """Turn 60 is stored in as many bytes as turn 6."""
    store, sizes = store_of(engine), []
    for number in range(10, 70):
        say(store, "a", f"Frage {number}")
        with engine.begin() as connection:
            sizes.append(len(connection.execute(trackers.select()).one().events))
    assert max(sizes[5:]) - min(sizes[5:]) < 100


@pytest.mark.parametrize(
    "sender", ["a\0b", "a" * 5000, "\ud800", "Zoë 🇬🇭", "#" + "0" * 64, "'; DROP TABLE rasa_trackers; --"]
)
def test_odd_id_is_an_id_like_others(engine: Engine, sender: str) -> None:
    """Rasa's store ends the process on the first of them and keeps the second in memory only."""
    store = store_of(engine)
    say(store, sender, "hallo")
    say(store, sender[:-1], "anders")
    assert now(store.retrieve(sender)).latest_message.text == "hallo"
    assert now(store.retrieve(sender)).sender_id == sender
    assert now(store.delete(sender)) and now(store.retrieve(sender)) is None


def test_text_with_nul_is_kept(engine: Engine) -> None:
    """Whoever lets it through."""
    say(store_of(engine), "a", "hal\0lo \ud800 🇬🇭")
    assert now(store_of(engine).retrieve("a")).latest_message.text == "hal\0lo \ud800 🇬🇭"


def test_who_has_not_read_the_newest_cannot_save(engine: Engine) -> None:
    """Of two processes that answer at the same time one is told; no turn is overwritten."""
    say(store_of(engine), "a", "erste")
    store = store_of(engine)
    late, new = now(store.retrieve("a")), store.init_tracker("b")
    say(store, "a", "zweite")
    say(store, "b", "erste")
    for tracker in (late, new):
        with pytest.raises(Unavailable):
            now(store.save(tracker))
    assert now(store.retrieve("a")).latest_message.text == "zweite"


def test_message_is_looked_up_and_answered_with_one_reading(engine: Engine) -> None:
    """What comes after the turn is read anew, and so is another conversation."""
    store = store_of(engine)
    for sender in ("a", "b"):
        say(store, sender, "erste")
    read: list[str] = []
    event.listen(engine, "after_cursor_execute", lambda *found: read.append(found[2]) if "SELECT" in found[2] else None)

    async def turn() -> None:
        assert await store.answered("a", "another") is None
        assert await store.retrieve("a") and len(read) == 1
        assert await store.retrieve("b") and len(read) == 2
        assert await store.retrieve("a") and len(read) == 3

    now(turn())


def test_deleted_conversation_is_over_for_good(engine: Engine) -> None:
    """Also after a restart; others stay; one day the database forgets that it ever was."""
    clock = [1000.0]
    store = store_of(engine, clock=lambda: clock[0])
    for sender in ("a", "b"):
        say(store, sender, SECRET)
    assert now(store.delete("a")) and not now(store.delete("a"))
    with pytest.raises(Deleted):
        say(store_of(engine), "a", "hallo")
    say(store, "b", "hallo")
    clock[0] += 3 * 86_400
    now(store.forget(dt.timedelta(days=30)))
    say(store, "a", "hallo")


def test_old_conversations_are_forgotten(engine: Engine) -> None:
    """Those that nobody has continued for so long."""
    clock = [1000.0]
    store = store_of(engine, clock=lambda: clock[0])
    say(store, "old", "hallo")
    clock[0] += 86_400
    say(store, "new", "hallo")
    assert now(store.forget(dt.timedelta(hours=23))) == 1
    assert now(store.keys()) == ["new"] and now(store.forget(dt.timedelta(hours=23))) == 0


def test_deletion_leaves_no_byte_in_any_file(tmp_path: Path, postgresql: Postgres) -> None:
    """In SQLite with its log, in PostgreSQL within the hour, also of turns that were pushed out of the history."""
    url = postgresql.database()
    for address, folder in ((None, tmp_path), (url, postgresql.files(url))):
        engine = connect(address, tmp_path, NAME)
        store = store_of(engine)
        for number in range(8):
            say(store, "a", f"{SECRET} {number}")
        say(store, "b", "Bernstein")
        if address:
            postgresql.execute("CHECKPOINT")
        kept = [secret in contents(folder) for secret in (SECRET.encode(), b"Bernstein")]
        assert kept == [True, True]
        now(store.delete("a"))
        if address:  # the hourly work
            assert now(store.forget(dt.timedelta(days=30))) == 0
            postgresql.execute("CHECKPOINT")
        kept = [secret in contents(folder) for secret in (SECRET.encode(), b"Bernstein")]
        assert kept == [False, True]
        engine.dispose()


def test_nothing_is_pretended_while_the_database_is_away(tmp_path: Path, postgresql: Postgres) -> None:
    """Neither a new conversation nor a saved one; afterwards everything goes on, with the same store."""
    url = postgresql.database()
    engine = connect(url, tmp_path, NAME)
    store = store_of(engine)
    tracker = say(store, "a", "vorher")
    postgresql.stop(signal.SIGQUIT)
    try:
        begun = time.monotonic()
        for work in (store.retrieve("a"), store.save(tracker), store.delete("a"), store.retrieve("b")):
            with pytest.raises(Unavailable):
                now(work)
        assert not now(store.works()) and time.monotonic() - begun < 5
        unborn = store_of(connect(url, tmp_path, NAME))
        with pytest.raises(Unavailable):
            now(unborn.retrieve("a"))
    finally:
        postgresql.start()
    # The first attempt after a restart works: stale connections are noticed. So does a bot that started without.
    assert now(store.retrieve("a")).latest_message.text == "vorher"
    assert now(unborn.retrieve("a")).latest_message.text == "vorher" and now(unborn.works())
    say(store, "a", "nachher")


def test_statement_that_takes_too_long_is_given_up(tmp_path: Path, postgresql: Postgres) -> None:
    """A table that somebody has locked does not stop the bot, and the event loop goes on meanwhile."""
    url = postgresql.database()
    store = store_of(connect(url, tmp_path, NAME, statement_seconds=0.3))
    say(store, "a", "hallo")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    async def read() -> None:
        heart = asyncio.ensure_future(beat())
        with pytest.raises(Unavailable):
            await store.retrieve("a")
        heart.cancel()

    other = connect(url, tmp_path, NAME)
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE rasa_trackers IN ACCESS EXCLUSIVE MODE"))
        now(read())
    assert beats > 10 and now(store.retrieve("a")) is not None
    other.dispose()


def test_errors_quote_nobody(tmp_path: Path) -> None:
    """They end in logs."""
    store = store_of(connect(f"sqlite:///{tmp_path}/no/{SECRET}", tmp_path, NAME))
    with pytest.raises(Unavailable) as error:
        say(store, SECRET, SECRET)
    assert SECRET not in f"{error.value}" and error.value.__cause__ is None


def test_file_of_the_conversations_is_for_its_owner_only(tmp_path: Path) -> None:
    """As that of the front desk."""
    say(store_of(connect(None, tmp_path, NAME)), "a", "hallo")
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


# --- one message at a time -------------------------------------------------------------------------------------------


async def _together(*locks: ConversationLocks, times: int = 20) -> int:
    """How often two were inside at the same time, of all those who wanted to be."""
    inside = most = 0

    async def enter(lock: ConversationLocks) -> None:
        nonlocal inside, most
        async with lock.lock("a"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1

    await asyncio.gather(*(enter(lock) for lock in locks for _ in range(times)))
    return most


def locks_of(url: str | None, folder: Path, **options: Any) -> ConversationLocks:
    """The locks of one bot."""
    return ConversationLocks(engine=connect(url, folder, NAME, connections=20, isolation_level="AUTOCOMMIT"), **options)


def test_messages_of_a_conversation_are_answered_one_by_one(tmp_path: Path) -> None:
    """In one process without any database."""
    engine = connect(None, tmp_path, NAME)
    locks = ConversationLocks(engine=engine)
    assert now(_together(locks)) == 1 and not locks._locks and not locks._waiting


def test_two_bots_never_answer_in_the_same_conversation_at_once(tmp_path: Path, postgresql: Postgres) -> None:
    """Rasa's lock in Redis lets two in together in 196 of 200 trials."""
    url = postgresql.database()
    assert now(_together(*(locks_of(url, tmp_path) for _ in range(3)), times=10)) == 1


def test_other_conversations_need_not_wait(tmp_path: Path, postgresql: Postgres) -> None:
    """Nor those of a bot that has died: its lock is gone with its connection."""
    url = postgresql.database()
    first, second = locks_of(url, tmp_path), locks_of(url, tmp_path, seconds=0.2)

    async def wait() -> None:
        async with first.lock("a"), second.lock("b"):
            with pytest.raises(Unavailable, match="waited too long"):
                async with second.lock("a"):
                    pass
            postgresql.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            async with locks_of(url, tmp_path).lock("a"):
                pass

    now(wait())


def test_message_does_not_wait_forever(tmp_path: Path) -> None:
    """Nor does it get in where another one is."""
    locks = ConversationLocks(engine=connect(None, tmp_path, NAME), seconds=0.05)

    async def wait() -> None:
        async with locks.lock("a"):
            with pytest.raises(Unavailable):
                async with locks.lock("a"):
                    pass
        async with locks.lock("a"):
            pass

    now(wait())


# --- within Rasa -----------------------------------------------------------------------------------------------------


def agent_of(store: TrackerStore, locks: ConversationLocks, said: list[str]) -> Agent:
    """Rasa's agent with a processor that answers at once."""
    agent = Agent(domain=DOMAIN, tracker_store=store, lock_store=locks)

    async def answer(message: UserMessage) -> None:
        said.append(message.text)
        await message.output_channel.send_response(message.sender_id, {"text": f"Antwort auf {message.text}"})
        tracker = await store.get_or_create_tracker(message.sender_id, append_action_listen=False)
        asked = UserUttered(message.text, message_id=message.message_id)
        tracker.update_with_events([asked, BotUttered(f"Antwort auf {message.text}")], DOMAIN)
        await store.save(tracker)

    agent.processor = SimpleNamespace(handle_message=answer)
    return agent


def test_message_that_is_sent_again_after_a_restart_is_not_asked_again(engine: Engine) -> None:
    """The reply comes out of what is kept; another message is another."""
    said: list[str] = []

    def ask(id: str) -> list[Any]:
        output = CollectingOutputChannel()
        agent = agent_of(store_of(engine), ConversationLocks(engine=engine), said)
        now(agent.handle_message(UserMessage(f"Frage {id}", output, "a", message_id=id)))
        return [message["text"] for message in output.messages]

    assert ask("1") == ask("1") == ask("1") == ["Antwort auf Frage 1"]
    assert ask("2") == ask("2") == ["Antwort auf Frage 2"]
    assert said == ["Frage 1", "Frage 2"]


def test_rasa_uses_the_store_bare(tmp_path: Path) -> None:
    """Wrapped into Rasa's fail-safe store it would fall back to memory."""
    store = store_of(connect(None, tmp_path, NAME))
    agent = Agent(domain=DOMAIN, tracker_store=store)
    assert agent.tracker_store is store
    assert type(Agent(domain=DOMAIN).tracker_store).__name__ == "FailSafeTrackerStore"


def test_endpoints_file_names_the_store_and_the_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa makes them of it, with the database of the settings."""
    from rasa.core.lock_store import LockStore
    from rasa.core.utils import AvailableEndpoints

    monkeypatch.setenv("PARTNERSTADT_STATE", str(tmp_path))
    monkeypatch.setenv("PARTNERSTADT_PROJECT", str(PROJECT))
    endpoints = AvailableEndpoints.read_endpoints(str(PROJECT / "endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store, DOMAIN)
    assert isinstance(store, ConversationStore) and (tmp_path / NAME).exists()
    assert isinstance(LockStore.create(endpoints.lock_store), ConversationLocks)


def test_store_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    """Rasa only warns and keeps everything in memory."""
    with pytest.raises(ImportError, match=r"no\.such\.Store"):
        TrackerStore.create(EndpointConfig(type="no.such.Store"), DOMAIN)
    assert os.listdir(tmp_path) == []


def test_database_of_an_old_version_is_no_silent_loss(engine: Engine) -> None:
    """A table that does not fit is an error, not an empty conversation."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE rasa_trackers (id VARCHAR(255) PRIMARY KEY)"))
    with pytest.raises(Unavailable):
        now(store_of(engine).retrieve("a"))
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(trackers.select())
