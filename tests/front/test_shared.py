"""Several front desks with one PostgreSQL and one Redis behave as one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from partnerstadt.front import delivery
from partnerstadt.front.delivery import Delivery
from partnerstadt.front.hub import NEWS
from partnerstadt.front.limits import Buckets
from partnerstadt.front.shared import SharedBuckets, SharedHub, redis_at
from partnerstadt.settings import Problem
from tests.front.parts import Citizen, Rasa, Served, served, until
from tests.front.test_limits import take
from tests.servers import Postgres, Redis

SECRET = "x" * 40
ADDRESS = "203.0.113.7"
Desks = Callable[..., list[Served]]


@pytest.fixture
def desks(tmp_path: Path, rasa: Rasa, postgresql: Postgres, redis: Redis) -> Iterator[Desks]:
    """Two front desks on two machines."""
    redis.flush()
    database = postgresql.database()
    with ExitStack() as stack:

        def start(**settings: Any) -> list[Served]:
            more: dict[str, Any] = {"database": database, "redis": redis.url, "secret": SECRET} | settings
            return [stack.enter_context(served(tmp_path / name, rasa, **more)) for name in ("one", "two")]

        yield start


def at(desk: Served, citizen: Citizen) -> Citizen:
    """The same person, sent to another desk by the balancer."""
    other = Citizen.__new__(Citizen)
    other.http, other.token = desk.client(), citizen.token
    other.http.headers["Authorization"] = f"Bearer {citizen.token}"
    return other


def test_conversation_goes_on_at_the_other_desk(desks: Desks) -> None:
    """Its token holds there, and what was said is there."""
    one, two = desks()
    citizen = Citizen(one)
    citizen.say("eins")
    citizen.until_answered()
    there = at(two, citizen)
    assert there.answers() == ["Antwort auf eins"]
    there.say("zwei")
    until(lambda: citizen.answers() == ["Antwort auf eins", "Antwort auf zwei"])


def test_window_at_one_desk_hears_of_what_happens_at_the_other(desks: Desks) -> None:
    """At once, in order, with what is only a sign; and a deletion ends it."""
    one, two = desks()
    citizen = Citizen(one)
    there = at(two, citizen)
    with citizen.stream(after=0) as events:
        there.say("eins")
        seen = [next(events) for _ in range(2)]
        assert [event["data"]["text"] for event in seen if event["event"] == "message"] == ["eins", "Antwort auf eins"]
        assert there.http.delete("/api/session").status_code == 204
        assert next(events)["event"] == "deleted"


def test_nothing_that_was_written_goes_through_redis(desks: Desks, redis: Redis) -> None:
    """Nor the address of anybody: what is counted there has names that tell nothing."""
    citizen = Citizen(desks()[0])
    heard: list[str] = []

    async def listen() -> None:
        async with redis_at(redis.url) as client, client.pubsub() as channel:
            await channel.subscribe("partnerstadt:events")
            citizen.say("Kronjuwelenkoffer")
            deadline = time.monotonic() + 5
            while len(heard) < 2 and time.monotonic() < deadline:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=1)
                heard.extend([message["data"]] if message else [])

    asyncio.run(listen())
    kept = " ".join(redis.keys())
    assert len(heard) == 2 and "Kronjuwelenkoffer" not in "".join(heard) + kept
    assert "limit:addresses:" in kept and "127.0.0.1" not in kept


def left_unanswered(tmp_path: Path, rasa: Rasa, database: str, **more: str) -> Citizen:
    """Somebody who has asked a desk that died while there was no bot; now there is one."""
    rasa.stop()
    with served(tmp_path / "one", rasa, database=database, secret=SECRET) as one:
        citizen = Citizen(one)
        citizen.say("eins", **more)
    rasa.start()
    return citizen


def test_question_of_a_desk_that_has_died_is_answered_by_the_other(
    tmp_path: Path, rasa: Rasa, postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, without that anybody comes back for it."""
    database = postgresql.database()
    citizen = left_unanswered(tmp_path, rasa, database)
    monkeypatch.setattr(delivery, "OTHERS", 0.2)
    monkeypatch.setattr(Delivery, "resume", _nothing)
    with served(tmp_path / "two", rasa, database=database, secret=SECRET) as two:
        assert at(two, citizen).until_answered() == ["Antwort auf eins"]


def test_question_that_is_sent_again_is_answered_by_the_desk_that_gets_it(
    tmp_path: Path, rasa: Rasa, postgresql: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once: the desk that had it may have died before it could say that it has it."""
    database = postgresql.database()
    citizen = left_unanswered(tmp_path, rasa, database, id="eins-0001")
    monkeypatch.setattr(Delivery, "resume", _nothing)
    with served(tmp_path / "two", rasa, database=database, secret=SECRET) as two:
        there = at(two, citizen)
        assert there.say("eins", id="eins-0001").status_code == 200
        assert there.until_answered() == ["Antwort auf eins"]


async def _nothing(_: Delivery) -> None:
    """Take up nothing at the start."""


def test_two_desks_give_one_answer(desks: Desks, rasa: Rasa) -> None:
    """However often both are told of the same question."""
    one, two = desks()
    rasa.wait = 0.3
    citizen = Citizen(one)
    citizen.say("eins")
    at(two, citizen).say("zwei")
    until(lambda: len(citizen.answers()) == 2)
    time.sleep(0.5)
    assert citizen.answers() == ["Antwort auf eins", "Antwort auf zwei"]


def test_limits_hold_for_all_desks_together(desks: Desks, redis: Redis) -> None:
    """Else each further desk would allow as much again; a Redis that was flushed counts anew."""
    one, two = desks(messages_at_once=3, messages_per_minute=0.1)
    citizen = Citizen(one)
    there = at(two, citizen)
    statuses = [who.say("x").status_code for who in (citizen, there, citizen, there, citizen)]
    assert statuses == [202, 202, 202, 429, 429]
    redis.flush()
    assert there.say("x").status_code == 202


def test_shared_bucket_empties_and_fills_again(redis: Redis) -> None:
    """As one of a single desk."""
    redis.flush()
    buckets = SharedBuckets(redis_at(redis.url), "test", Buckets(2, 600, 10), SECRET)
    first = take(buckets, "a", "a", "a", "b", "\ud800")
    assert first[:2] == [0, 0] and 0 < first[2] <= 0.1 and first[3:] == [0, 0]
    time.sleep(0.12)
    buckets = SharedBuckets(redis_at(redis.url), "test", Buckets(2, 600, 10), SECRET)
    assert take(buckets, "a") == [0]
    time.sleep(1.3)
    assert redis.keys() == []


def test_without_redis_each_desk_counts_for_itself(
    tmp_path: Path, rasa: Rasa, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is refused or let through without limit, answers arrive, and afterwards all is shared again."""
    caplog.set_level(logging.WARNING)
    with served(tmp_path, rasa, redis=redis.url, messages_at_once=3, messages_per_minute=0.1) as front:
        citizen = Citizen(front)
        redis.stop()
        try:
            with citizen.stream(after=0) as events:
                assert [citizen.say(f"{n}").status_code for n in range(5)] == [202, 202, 202, 429, 429]
                assert [next(events)["event"] for _ in range(6)].count("message") >= 4
            assert len(citizen.until_answered(3)) == 3
        finally:
            redis.start()
    assert "this desk counts messages for itself" in caplog.text and ADDRESS not in caplog.text


def test_window_hears_of_what_it_missed_while_redis_was_away(redis: Redis) -> None:
    """It looks into the database as soon as signals may have been lost."""
    here, there = SharedHub(redis_at(redis.url)), SharedHub(redis_at(redis.url))

    async def follow() -> list[Any]:
        runs = [asyncio.ensure_future(hub.run()) for hub in (here, there)]
        heard = []
        with here.follow("a") as signals:
            heard.append(await asyncio.wait_for(signals.get(), 5))  # from now on it hears
            there.publish("a", {"type": "typing", "on": True})
            heard.append(await asyncio.wait_for(signals.get(), 5))
            await asyncio.to_thread(redis.stop)
            heard.append(await asyncio.wait_for(signals.get(), 10))
            await asyncio.to_thread(redis.start)
            there.publish("a", {"id": 5, "type": "message", "text": "geheim"})
            while (signal := await asyncio.wait_for(signals.get(), 10)) is not None:
                heard.append(signal)
                if len(heard) > 3:
                    break
        for run in runs:
            run.cancel()
        return heard

    heard = asyncio.run(follow())
    assert heard[1] == {"type": "typing", "on": True} and [heard[0], *heard[2:]] == [NEWS] * 3


def test_odd_address_of_redis_is_a_problem() -> None:
    """In one sentence without the password."""
    with pytest.raises(Problem, match="PARTNERSTADT_REDIS") as problem:
        redis_at("http://:hunter2@127.0.0.1")
    assert "hunter2" not in str(problem.value)
