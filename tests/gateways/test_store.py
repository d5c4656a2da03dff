"""What a gateway must not forget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from partnerstadt.gateways.contract import Button, Incoming, Kind, Outgoing, Picture
from partnerstadt.gateways.store import MOST, Received, Store

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.timezone.utc)
WHO = "somebody"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it lies."""
    return tmp_path / "messages.sqlite"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    """An empty one."""
    opened = Store(file, "secret")
    yield opened
    opened.close()


def said(store: Store, id: str, text: str = "", kind: Kind = Kind.TEXT, later: int = 0, version: str = "") -> bool:
    """Let something come in; whether it was one too many."""
    time = NOW + dt.timedelta(seconds=later)
    return store.receive(Incoming(id, WHO, kind, text, time, version), NOW)


def done(store: Store) -> list[str]:
    """Deal with everything that waits; what it was, in order."""
    texts = []
    while received := store.next_in(WHO):
        texts.append(received.text)
        store.is_done(received, 1)
    return texts


def out(key: str, text: str = "x") -> Outgoing:
    """A message to be sent."""
    return Outgoing(key, text)


def test_the_same_id_is_kept_once(store: Store) -> None:
    """Before and after it was dealt with; another person may have the same id."""
    said(store, "1", "a")
    said(store, "1", "a")
    assert done(store) == ["a"]
    said(store, "1", "a")
    assert done(store) == []
    store.receive(Incoming("1", "other", text="b", time=NOW), NOW)
    assert store.next_in("other") is not None


def test_what_waits_is_dealt_with_in_the_order_of_writing(store: Store) -> None:
    """Not in the order of coming."""
    said(store, "2", "second", later=2)
    said(store, "1", "first", later=1)
    said(store, "3", "third", later=3)
    assert done(store) == ["first", "second", "third"]


def test_edit_of_what_waits_takes_its_place(store: Store) -> None:
    """Nobody has read the old words."""
    said(store, "1", "old")
    said(store, "1", "new", Kind.EDITED, version="v")
    assert done(store) == ["new"]


def test_edit_of_what_is_done_is_new(store: Store) -> None:
    """Once; the same words, or the same edit again, are not."""
    said(store, "1", "old")
    assert done(store) == ["old"]
    said(store, "1", "old", Kind.EDITED, version="v0")
    said(store, "1", "new", Kind.EDITED, version="v")
    said(store, "1", "new", Kind.EDITED, version="v")
    assert done(store) == ["new"]
    assert store.id_of(WHO, 1) == "1"


def test_edit_while_it_is_passed_on_is_new(store: Store) -> None:
    """The words that were passed on are the old ones."""
    said(store, "1", "old")
    received = store.next_in(WHO)
    assert received is not None
    said(store, "1", "new", Kind.EDITED, version="v")
    store.is_done(received, 1)
    assert done(store) == ["new"]


def test_edit_before_its_message_stands_for_it(store: Store) -> None:
    """The message that comes late says what is no longer meant."""
    said(store, "1", "new", Kind.EDITED, version="v")
    said(store, "1", "old")
    assert done(store) == ["new"]


def test_what_is_taken_back_in_time_is_not_asked(store: Store) -> None:
    """Also if that is heard before the message itself."""
    said(store, "1", "a")
    said(store, "1", kind=Kind.DELETED)
    said(store, "2", kind=Kind.DELETED)
    said(store, "2", "b")
    assert done(store) == []


def test_every_rating_counts(store: Store) -> None:
    """Up, down, and up again are three."""
    for value in ("up", "down", "up"):
        said(store, "7", value, Kind.RATED)
    assert done(store) == ["up", "down", "up"]


def test_too_many_at_once_are_dropped_and_said_once(store: Store) -> None:
    """When the others are done, it goes on."""
    assert [said(store, str(number), "x") for number in range(MOST + 3)] == [False] * MOST + [True, True, True]
    assert len(done(store)) == MOST
    assert not said(store, "later", "y") and done(store) == ["y"]


def test_message_is_enqueued_once_and_sent_in_order(store: Store) -> None:
    """By its key."""
    store.talk(WHO)
    store.enqueue(WHO, [out("a"), out("b")], "c", NOW)
    store.enqueue(WHO, [out("a"), out("b")], "c", NOW)
    sent = []
    while waiting := store.next_out(WHO):
        sent.append(waiting.message.key)
        store.leaves(waiting)
        store.sent(waiting, "id")
    assert sent == ["a", "b"]


def test_picture_is_kept_until_it_is_sent(file: Path, store: Store) -> None:
    """Or somebody leaves; once, also when it is enqueued again."""
    store.talk(WHO)
    shown = replace(out("a"), picture=Picture(b"the png", "karte.png", "Karte"))
    store.enqueue(WHO, [shown, out("b")], "c", NOW)
    waiting = store.next_out(WHO)
    assert waiting is not None and waiting.message == shown
    store.sent(waiting)
    store.enqueue(WHO, [shown], "c", NOW)
    waiting = store.next_out(WHO)
    assert waiting is not None and waiting.message.picture is None
    store.enqueue(WHO, [replace(shown, key="d")], "c", NOW)
    store.leave(WHO, NOW)
    store.leave_no_trace()
    assert b"the png" not in b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_after_a_crash_it_is_known_what_is_in_doubt(file: Path) -> None:
    """What was leaving; what was not, waits."""
    first = Store(file, "secret")
    first.talk(WHO)
    first.enqueue(WHO, [out("a"), out("b")], "c", NOW)
    waiting = first.next_out(WHO)
    assert waiting is not None
    first.leaves(waiting)
    again = Store(file, "secret")  # the first was never closed
    found = again.next_out(WHO)
    assert found is not None and found.in_doubt and again.unfinished() == [WHO]
    again.sent(found)
    found = again.next_out(WHO)
    assert found is not None and not found.in_doubt
    again.close()
    first.close()


def test_numbers_choose_only_what_was_said_last(store: Store) -> None:
    """Words choose until something else is offered."""
    store.talk(WHO)
    store.enqueue(WHO, [out("a")], "c", NOW, 2, 2, [Button("x", "X")])
    talk = store.talk(WHO)
    assert talk.fresh and talk.choices == (Button("x", "X"),) and talk.cursor == 2
    store.enqueue(WHO, [out("b")], "c", NOW, 3, 3)
    talk = store.talk(WHO)
    assert not talk.fresh and talk.choices == (Button("x", "X"),)


def test_conversation_is_followed_until_all_that_was_said_is_seen(store: Store) -> None:
    """What was said meanwhile keeps it open."""
    store.talk(WHO)
    store.is_done(Received(0, WHO, "1", Kind.TEXT, ""), event=3)
    store.enqueue(WHO, [], "c", NOW, 2, 2)
    assert not store.followed(WHO) and store.talk(WHO).open
    store.enqueue(WHO, [], "c", NOW, 4, 4)
    assert store.followed(WHO) and not store.talk(WHO).open


def test_nothing_of_what_is_done_can_be_read(file: Path, store: Store) -> None:
    """Not even in what the database keeps beside its tables."""
    said(store, "1", "geheime frage")
    store.talk(WHO)
    store.enqueue(WHO, [out("a", "geheime antwort")], "c", NOW)
    done(store)
    waiting = store.next_out(WHO)
    assert waiting is not None
    store.sent(waiting)
    store.leave_no_trace()
    assert b"geheime" not in b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_old_is_forgotten_with_its_address(file: Path, store: Store) -> None:
    """What waits is not."""
    said(store, "1", "a")
    store.begun(store.talk(WHO).address, NOW)
    done(store)
    said(store, "2", "waits")
    store.forget(NOW + dt.timedelta(days=1), NOW)
    assert store.talk(WHO).expires is not None
    assert done(store) == ["waits"]
    store.forget(NOW + dt.timedelta(days=1), NOW)
    assert WHO.encode() not in b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_somebody_who_leaves_is_forgotten(store: Store) -> None:
    """But not what tells duplicates."""
    said(store, "1", "a")
    store.talk(WHO)
    store.enqueue(WHO, [out("a")], "c", NOW)
    store.leave(WHO, NOW)
    assert store.unfinished() == []
    said(store, "1", "a")
    assert done(store) == []


def test_small_things_are_remembered(store: Store) -> None:
    """The last value of a name."""
    assert store.recall("x") is None
    store.remember("x", "1")
    store.remember("x", "2")
    assert store.recall("x") == "2"


def test_names_of_conversations_that_are_over_are_kept_for_a_while(file: Path, store: Store) -> None:
    """So that they can be deleted on request; never the address with them."""
    names = []
    for _ in range(2):
        talk = store.talk(WHO)
        store.begun(WHO, NOW)
        names.append(store.conversation(talk))
        store.end(WHO, NOW)
    assert sorted(store.past(WHO)) == sorted(names) and len(set(names)) == 2
    store.end(WHO, NOW)  # one that was never begun has no name worth keeping
    store.is_deleted(names[0])
    assert store.past(WHO) == [names[1]] and store.past("other") == []
    store.leave_no_trace()
    assert WHO.encode() not in file.read_bytes()
    store.forget(NOW, NOW + dt.timedelta(days=1))
    assert store.past(WHO) == []
