"""The inbox: what comes in, how it is grouped, counted, decided, and what is left when the front desk deletes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from partnerstadt.front.database import NAME
from partnerstadt.front.store import Question, Reply, Store
from partnerstadt.staff.database import open_staff_database
from partnerstadt.staff.inbox import BATCH, HELD, PAGE, Inbox, State
from partnerstadt.staff.tables import group_days
from partnerstadt.staff.trail import steps
from tests.front.parts import Clock
from tests.staff.inquiries import asked

VISA = ["Brauche ich ein Visum für die Reise?", "Muss man für die Reise ein Visum haben?", "Visum für die Reise nötig?"]
WEATHER = "Wie wird das Wetter morgen?"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A database of its own."""
    return open_staff_database(None, tmp_path)


@pytest.fixture
def store(engine: Engine) -> Store:
    """The front desk's side of it."""
    return Store(engine)


@pytest.fixture
def inbox(engine: Engine, clock: Clock) -> Inbox:
    """An empty inbox."""
    return Inbox(engine, clock)


def names(inbox: Inbox, state: State = State.OPEN) -> list[str]:
    """The names of the groups of a state."""
    return [group.name for group in inbox.groups(state)[0]]


def test_what_was_not_answered_comes_in(inbox: Inbox, store: Store, clock: Clock) -> None:
    """Each for its reason; what was answered surely, or was only talk, does not."""
    asked(store, clock, "Brauche ich ein Visum?", outcome="unrecorded", confidence=0.9)
    asked(store, clock, "Wie wird das Wetter?", outcome="out_of_scope", confidence=0.9)
    asked(store, clock, "Wo ist der Springbrunnen?", outcome="fallback")
    asked(store, clock, "Welche Sprache spricht man in Leeds?", outcome="answered", confidence=0.35)
    asked(store, clock, "Seit wann ist Leeds dabei?", thumb="down", outcome="answered", confidence=0.9)
    asked(store, clock, "Seit wann ist Amiens dabei?", thumb="up", outcome="answered", confidence=0.9)
    asked(store, clock, "Guten Tag", outcome="talk", confidence=0.2)
    assert not inbox.update()
    found = inbox.groups(State.OPEN)[0]
    sentences = [sentence for group in found for sentence in inbox.sentences(group.id)]
    assert {s.text: s.reason for s in sentences} == {
        "Brauche ich ein Visum?": "unrecorded",
        "Wie wird das Wetter?": "out_of_scope",
        "Wo ist der Springbrunnen?": "fallback",
        "Welche Sprache spricht man in Leeds?": "unsure",
        "Seit wann ist Leeds dabei?": "down",
    }
    assert sum(group.count for group in found) == 5 and sum(group.down for group in found) == 1
    inbox.update()
    assert sum(group.count for group in inbox.groups(State.OPEN)[0]) == 5


def test_what_a_button_said_does_not_come_in(inbox: Inbox, store: Store, clock: Clock) -> None:
    """It is the bot's own text."""
    now = clock()
    id = store.open("web", now, now.replace(year=2027)).id
    said = store.say(id, "Alle Partnerstädte", now, payload="alle partnerstädte")
    assert said
    store.answer(Question(id, said[0]["id"], ""), Reply("?", about={"outcome": "fallback"}), now)
    inbox.update()
    assert inbox.groups(State.OPEN) == ([], 0)


def test_sentences_of_one_meaning_are_one_group(inbox: Inbox, store: Store, clock: Clock) -> None:
    """Also when some come later; the group keeps its number, its name is one of its sentences."""
    for text in (*VISA[:2], WEATHER):
        asked(store, clock, text)
    inbox.update()
    before = {group.name: group for group in inbox.groups(State.OPEN)[0]}
    assert len(before) == 2
    visa = next(group for name, group in before.items() if name in VISA)
    clock.move(hours=1)
    asked(store, clock, VISA[2])
    inbox.update()
    group = inbox.group(visa.id)
    assert group and group.count == 3 and group.name in VISA
    assert inbox.sentences(visa.id)[0].text == VISA[2]


def test_rising_groups_come_first(inbox: Inbox, store: Store, clock: Clock) -> None:
    """By the last seven days against the seven before."""
    for _ in range(5):
        asked(store, clock, WEATHER)
    clock.move(days=7)
    for text in VISA:
        asked(store, clock, text)
    asked(store, clock, WEATHER)
    inbox.update()
    first, second = inbox.groups(State.OPEN)[0]
    assert (first.recent, first.before, first.trend) == (3, 0, 3) and first.name in VISA
    assert (second.recent, second.before, second.trend, second.count) == (1, 5, -4, 6)
    assert second.last == clock().date()


def test_thumb_that_is_turned_is_counted(inbox: Inbox, store: Store, clock: Clock) -> None:
    """Also when it comes after the sentence was taken in, and when it is taken back."""
    id = asked(store, clock, WEATHER)
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    assert group.share_down == 0
    store.rate(id, 2, "down", None, clock())
    inbox.update()
    found = inbox.group(group.id)
    assert found and found.share_down == 100
    store.rate(id, 2, None, None, clock())
    inbox.update()
    found = inbox.group(group.id)
    assert found and found.share_down == 0


def test_of_deleted_texts_only_counts_stay(
    inbox: Inbox, store: Store, clock: Clock, engine: Engine, tmp_path: Path
) -> None:
    """At once, and nowhere in the file; the group catches nothing any more and its number is not used again."""
    asked(store, clock, VISA[0], thumb="down")
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    clock.move(days=1)
    store.forget(clock())
    found = inbox.group(group.id)
    assert found and found.name == "" and found.count == found.down == 1 and inbox.sentences(group.id) == []
    inbox.update()
    store.leave_no_trace()
    assert b"Visum" not in b"".join(path.read_bytes() for path in tmp_path.glob(f"{NAME}*"))
    asked(store, clock, VISA[1])
    inbox.update()
    assert sorted(g.id for g in inbox.groups(State.OPEN)[0]) == [group.id, group.id + 1]
    with engine.begin() as connection:
        assert len(connection.execute(group_days.select()).all()) == 2


def test_name_moves_on_when_its_sentence_is_deleted(inbox: Inbox, store: Store, clock: Clock) -> None:
    """To another sentence that is still there."""
    first = asked(store, clock, VISA[0])
    second = asked(store, clock, VISA[1])
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    store.delete(first if group.name == VISA[0] else second)
    inbox.update()
    assert names(inbox) == [VISA[1] if group.name == VISA[0] else VISA[0]]


def test_confirmed_name_outlasts_its_texts(inbox: Inbox, store: Store, clock: Clock) -> None:
    """A clerk has made sure that it holds nothing personal."""
    asked(store, clock, VISA[0])
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    inbox.call(group.id, "Visum", "kim")
    store.forget(clock().replace(year=2027))
    inbox.update()
    assert names(inbox) == ["Visum"]


@pytest.mark.parametrize("state", [State.OFF, State.DISMISSED, State.ANSWERED])
def test_decided_group_leaves_the_list_and_goes_on_catching(
    state: State, inbox: Inbox, store: Store, clock: Clock, engine: Engine
) -> None:
    """Even when the texts it was made of are deleted; it can be opened again."""
    asked(store, clock, VISA[0])
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    assert inbox.decide(group.id, State.OPEN, state, "kim")
    store.forget(clock().replace(year=2027))
    inbox.update()
    clock.move(days=1)
    asked(store, clock, VISA[1])
    inbox.update()
    assert names(inbox) == [] and names(inbox, state) == [VISA[1]]
    found = inbox.group(group.id)
    assert found and (found.count, found.account, found.state) == (2, "kim", state)
    assert inbox.decide(group.id, state, State.OPEN, "lee") and names(inbox) == [VISA[1]]
    assert [(step.account, step.action, step.subject) for step in steps(engine)] == [
        ("lee", "group_open", str(group.id)),
        ("kim", f"group_{state.value}", str(group.id)),
    ]


def test_second_of_two_clerks_is_told(inbox: Inbox, store: Store, clock: Clock) -> None:
    """Who decides about what is decided already changes nothing."""
    asked(store, clock, WEATHER)
    inbox.update()
    group = inbox.groups(State.OPEN)[0][0]
    assert inbox.decide(group.id, State.OPEN, State.ASSIGNED, "kim", "ask_topic")
    assert not inbox.decide(group.id, State.OPEN, State.OFF, "lee")
    found = inbox.group(group.id)
    assert found and (found.state, found.intent, found.account) == (State.ASSIGNED, "ask_topic", "kim")


def test_conversation_is_shown_only_through_its_group(inbox: Inbox, store: Store, clock: Clock) -> None:
    """With the sentence marked and the thumb beside the answer."""
    mine, other = asked(store, clock, WEATHER, thumb="down"), asked(store, clock, VISA[0])
    inbox.update()
    group = next(g for g in inbox.groups(State.OPEN)[0] if g.name == WEATHER)
    said = inbox.conversation(group.id, mine)
    assert [(m.sender, m.asked, m.value) for m in said] == [("citizen", True, None), ("bot", False, "down")]
    assert inbox.conversation(group.id, other) == []


def test_two_processes_do_not_double_the_work(engine: Engine, store: Store, clock: Clock) -> None:
    """One works while the other waits; one that has gone is replaced."""
    for number in range(BATCH + 1):
        asked(store, clock, f"{WEATHER} {number}")
    one, other = Inbox(engine, clock), Inbox(engine, clock)
    assert one.update() and not other.update()
    assert sum(g.count for g in one.groups(State.OPEN)[0]) == BATCH
    clock.now += HELD
    assert not other.update()
    assert sum(g.count for g in one.groups(State.OPEN)[0]) == BATCH + 1


def test_list_has_pages(inbox: Inbox, engine: Engine) -> None:
    """None shows more than fits."""
    from partnerstadt.front.database import writing
    from partnerstadt.staff.tables import groups

    with writing(engine) as connection:
        for id in range(1, PAGE + 3):
            connection.execute(groups.insert().values(id=id, state="open", name=f"n{id}"))
            connection.execute(group_days.insert().values({"group": id, "day": "2026-11-20", "count": 1, "down": 0}))
    first, total = inbox.groups(State.OPEN)
    assert total == PAGE + 2 and len(first) == PAGE
    assert [g.id for g in inbox.groups(State.OPEN, 2)[0]] == [PAGE + 1, PAGE + 2]
