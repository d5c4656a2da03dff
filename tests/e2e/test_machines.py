"""Two real bots behind two front desks: where a conversation goes, what a bot that dies leaves, what traces show."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from partnerstadt.settings import Settings
from tests.e2e.machines import TOKEN, Machines, id_of
from tests.front.parts import Citizen
from tests.servers import Postgres, Redis
from tests.support import DORTMUND, PROJECT
from tests.telemetry.collector import Seen, collecting, way

FRONT, BOT, ACTIONS = "partnerstadt-front", "partnerstadt-bot", "partnerstadt-actions"
QUESTION, SECRET = "Seit wann ist Leeds Partnerstadt?", "Kronjuwelenkoffer"
TOLD = {f"partnerstadt.{key}" for key in ("intent", "action", "outcome", "model")} | {"http.response.status_code"}


@pytest.fixture(scope="module")
def started(
    model: Path, postgresql: Postgres, redis: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machines]:
    """All processes, begun once."""
    folder = tmp_path_factory.mktemp("machines")
    with collecting() as collector:
        settings = Settings(PROJECT, DORTMUND)
        machines = Machines(settings, model, postgresql.database(), redis.url, collector, folder)
        try:
            machines.start()
            yield machines
        finally:
            machines.stop()


@pytest.fixture
def machines(started: Machines) -> Machines:
    """All of them running, also after a test that has ended one."""
    started.start()
    return started


def ask(citizen: Citizen, text: str) -> str:
    """The answer to a question."""
    before = len(citizen.answers())
    assert citizen.say(text).status_code == 202
    return citizen.until_answered(before + 1)[-1]


@pytest.mark.parametrize("bot", [0, 1])
def test_conversation_stays_with_its_bot(machines: Machines, bot: int) -> None:
    """Whichever desk its questions come in at; follow-ups are understood."""
    here = machines.person(0, bot)
    there = machines.sent_on(here, 1)
    before = [machines.requests(0), machines.requests(1)]
    assert "1969" in ask(here, QUESTION)
    assert "1960" in ask(there, "und Amiens?")
    assert "Frankreich" in ask(here, "In welchem Land liegt das?")
    asked = [machines.requests(number) - count for number, count in enumerate(before)]
    assert asked == ([3, 0] if bot == 0 else [0, 3])


def test_trace_shows_the_whole_way_and_nothing_of_a_person(machines: Machines) -> None:
    """From the front desk to the records in one trace; two more steps where the actions have a server."""
    of_bots = ["database", "parse", "action", "turn"]
    for bot, served in ((0, []), (1, [(ACTIONS, "serve"), (BOT, "call")])):
        citizen = machines.person(0, bot)
        machines.collector.clear()
        assert "1969" in ask(citizen, f"{SECRET}: {QUESTION}")
        spans = machines.collector.until(
            lambda spans: {"query", "turn", "delivery", "message"} <= {s.name for s in spans}
        )
        assert len({span.trace for span in spans}) == 1
        query = next(span for span in spans if span.name == "query")
        on_the_way = [(span.service, span.name) for span in way(spans, query)]
        front = [(FRONT, "ask"), (FRONT, "delivery"), (FRONT, "message")]
        first = (ACTIONS if served else BOT, "query")
        assert on_the_way == [first, *served, (BOT, "action"), (BOT, "turn"), *front]
        assert {span.name for span in spans if span.service == BOT} >= set(of_bots)
        _says_nothing_of_a_person(machines, spans, citizen)


def _says_nothing_of_a_person(machines: Machines, spans: list[Seen], citizen: Citizen) -> None:
    named = {key: value for span in spans for key, value in span.attributes.items()}
    assert named.keys() == TOLD and not any(span.events for span in spans)
    by_name = {span.name: span for span in spans}
    assert by_name["delivery"].attributes == {"partnerstadt.intent": "ask_since", "partnerstadt.outcome": "answered"}
    assert by_name["parse"].attributes == {"partnerstadt.intent": "ask_since"}
    assert by_name["turn"].attributes["partnerstadt.model"] == machines.model.name.removesuffix(".tar.gz")
    assert "action_partnership" in {span.attributes.get("partnerstadt.action") for span in spans}
    kinds = [by_name[name].kind for name in ("message", "ask", "turn", "parse")]
    assert kinds == ["SERVER", "CLIENT", "SERVER", "INTERNAL"]
    for secret in (SECRET, "Leeds", "127.0.0.1", id_of(citizen), citizen.token, TOKEN):
        assert secret.encode() not in machines.collector.raw


def test_conversation_of_a_bot_that_was_killed_goes_on_at_the_other(machines: Machines) -> None:
    """With what was said before; a window at another desk hears of it too."""
    here = machines.person(0, bot=0)
    there = machines.sent_on(here, 1)
    assert "1969" in ask(here, QUESTION)
    before = machines.requests(1)
    with there.stream(after=2) as events:
        heard = (event["data"]["text"] for event in events if event["event"] == "message")
        machines.parts["Rasa server 0"].stop(signal.SIGKILL)
        assert here.say("und Amiens?").status_code == 202
        assert next(heard) == "und Amiens?" and "1960" in next(heard)
    assert "1992" in ask(there, "und Xi'an?")
    assert len(here.answers()) == 3 and machines.requests(1) - before == 2
