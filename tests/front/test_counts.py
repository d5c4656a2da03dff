"""What is counted: the same before and after texts are deleted, by whomever and in whatever order."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from partnerstadt.database import WRITES, connect
from partnerstadt.front import tables as t
from partnerstadt.front.database import migrate, open_database
from partnerstadt.front.store import MILLISECONDS, CountKey, Reply, Store
from tests.front.parts import START

OUTCOMES = ("answered", "unrecorded", "out_of_scope", "handoff", None)
HOUR = dt.timedelta(hours=1)
# What may happen: to which conversation, what, with which detail, after how many hours.
steps = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from((*("say", "answer", "rate", "rate") * 3, "open", "delete", "forget", "close")),
        st.integers(0, 9),
        st.sampled_from((0, 0, 0, 1, 5, 30)),
    ),
    min_size=10,
    max_size=40,
)


def german_day(moment: dt.datetime) -> str:
    """The day of a moment in Germany: an hour before UTC in winter, two in summer."""
    summer = moment < dt.datetime(2026, 10, 25, 1, tzinfo=dt.timezone.utc)
    return str((moment + HOUR * (2 if summer else 1)).date())


class Town:
    """Citizens who talk, and beside them somebody who counts what happens by hand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.expected: Counter[CountKey] = Counter()
        self.now = dt.datetime(2026, 10, 24, 12, tzinfo=dt.timezone.utc)  # the clocks change on the next day
        self.ids: dict[int, str] = {}
        self.times: dict[tuple[str, int], str] = {}
        self.rated: dict[tuple[str, int], str] = {}
        self.words = itertools.count()

    @property
    def day(self) -> str:
        """Today."""
        return german_day(self.now)

    def do(self, who: int, what: str, detail: int, hours: int) -> None:
        """One step."""
        self.now += HOUR * hours
        channel = ("web", "email")[who % 2]
        id = self.ids.get(who, "")
        if what == "open":
            self.ids[who] = self.store.open(channel, self.now, self.now + HOUR * 24).id
            self.expected[self.day, channel, "conversations", ""] += 1
        elif what == "say" and self.store.say(id, "Frage", self.now, str(detail)):
            key = (id, detail)
            if key not in self.times:  # else it was sent again
                self.times[key] = self.day
                self.expected[self.day, channel, "questions", ""] += 1
        elif what == "answer" and (question := self.store.pending(id)):
            assert question.time
            day = german_day(question.time)
            outcome, taken = OUTCOMES[detail % 5], dt.timedelta(milliseconds=detail * 100)
            self.now = max(self.now, question.time) + taken
            about = {"outcome": outcome, "intent": f"ask_{detail}"}
            event = self.store.answer(question, Reply("Antwort", about=about), self.now)
            assert event
            milliseconds = (self.now - question.time) / dt.timedelta(milliseconds=1)
            bound = next(bound for bound in MILLISECONDS if milliseconds <= bound)
            for kind, name in (
                ("outcomes", outcome or "unknown"),
                ("intents", f"ask_{detail}"),
                ("milliseconds", str(bound)),
            ):
                self.expected[day, channel, kind, name] += 1
            self.times[id, -int(event["id"])] = self.day
        elif what == "rate":
            for number in (number for of, number in list(self.times) if of == id and number < 0):
                value = ("up", "down", None)[detail % 3]
                if self.store.rate(id, -number, value, None, self.now):
                    key = (id, number)
                    day = self.times[key]
                    if key in self.rated:
                        self.expected[day, channel, "feedback", self.rated.pop(key)] -= 1
                    if value:
                        self.rated[key] = value
                        self.expected[day, channel, "feedback", value] += 1
        elif what == "delete" and id:
            self.store.delete(id)
        elif what == "forget":
            self.store.forget(self.now - HOUR * detail)
        elif what == "close":
            self.store.close_old(self.now, self.now - HOUR * detail)


@pytest.fixture(scope="module")
def talked_in(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store for all stories, each of which counts what it adds."""
    return Store(open_database(None, tmp_path_factory.mktemp("counts")))


@given(steps)
def test_counts_are_right_whatever_is_deleted(talked_in: Store, happened: list[tuple[int, str, int, int]]) -> None:
    """For every story of questions, answers, ratings, deletions by citizens and by age, also when all is gone."""
    store, before = talked_in, talked_in.statistics()

    def added() -> dict[CountKey, int]:
        now = store.statistics()
        now.subtract(before)
        return {key: number for key, number in now.items() if number}

    town = Town(store)
    for step in ((0, "open", 0, 0), (1, "open", 0, 0), *happened):
        town.do(*step)
    expected = {key: number for key, number in town.expected.items() if number}
    assert added() == expected
    long_after = town.now + HOUR * 1000
    store.forget(long_after)
    store.close_old(long_after, long_after)
    assert added() == expected
    with store._reading() as connection:
        assert not connection.execute(select(t.messages)).all()


def test_day_begins_at_midnight_in_germany(tmp_path: Path) -> None:
    """Not in UTC; a range of days takes both its ends along."""
    store = Store(open_database(None, tmp_path))
    for hour in (22, 23):
        moment = dt.datetime(2026, 11, 24, hour, 30, tzinfo=dt.timezone.utc)
        store.open("web", moment, moment + HOUR)
    days = [{key[0] for key in store.statistics(*between)} for between in ((), ("2026-11-25", "2026-11-25"))]
    assert days == [{"2026-11-24", "2026-11-25"}, {"2026-11-25"}]


def test_range_holds_only_its_days(tmp_path: Path) -> None:
    """The first and the last among them."""
    store = Store(open_database(None, tmp_path))
    for number in range(4):
        store.open("web", START + number * HOUR * 24, START + number * HOUR * 25)
    assert {key[0] for key in store.statistics("2026-11-25", "2026-11-26")} == {"2026-11-25", "2026-11-26"}


def test_answer_that_took_very_long_is_counted(tmp_path: Path) -> None:
    """By the highest bound, and one right on a bound by that."""
    store = Store(open_database(None, tmp_path))
    id = store.open("web", START, START + HOUR).id
    for taken in (dt.timedelta(milliseconds=125), dt.timedelta(days=100)):
        store.say(id, "Frage", START)
        question = store.pending(id)
        assert question
        store.answer(question, Reply("Antwort"), START + taken)
    bounds = {int(name) for (_, _, kind, name) in store.statistics() if kind == "milliseconds"}
    assert bounds == {125, MILLISECONDS[-1]}


@pytest.mark.parametrize("deleted", [False, True])
def test_counts_of_an_older_database_are_completed(tmp_path: Path, deleted: bool) -> None:
    """What was still there is added to what stayed of deleted texts, whose counts are kept."""
    engine = connect(None, tmp_path, "old.sqlite3")
    migrate(engine, "0001")
    day, at = "2026-11-24", "2026-11-24 12:00:00.000000"
    talk = (
        "INSERT INTO messages (conversation, number, type, sender, time, text, intent, outcome) "
        f"VALUES ('a', {{}}, 'message', {{}}, '{at}', 'x', {{}}, {{}})"
    )
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        for statement in (
            "INSERT INTO conversations (id, channel, created, expires, last, handover, plain, in_rasa) "
            f"VALUES ('a', 'web', '{at}', '{at}', 2, 'bot', 0, 0)",
            talk.format(1, "'citizen'", "NULL", "NULL"),
            talk.format(2, "'bot'", "'ask_since'", "'answered'"),
            f"INSERT INTO feedback (conversation, number, value, time) VALUES ('a', 2, 'up', '{at}')",
        ):
            connection.exec_driver_sql(statement)
        if deleted:
            connection.exec_driver_sql(f"INSERT INTO counts VALUES ('{day}', 'web', 'questions', '', 2)")
    migrate(engine)
    assert Store(engine).statistics() == {
        (day, "web", "conversations", ""): 1,
        (day, "web", "questions", ""): 3 if deleted else 1,
        (day, "web", "outcomes", "answered"): 1,
        (day, "web", "intents", "ask_since"): 1,
        (day, "web", "feedback", "up"): 1,
    }
    with engine.begin() as connection:
        assert connection.execute(select(t.messages)).all()
