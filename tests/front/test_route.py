"""Each conversation goes to one of several bots, and to another one while that is down."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from partnerstadt.front import bot
from partnerstadt.front.desk import Place, open_desk
from partnerstadt.front.route import Route
from partnerstadt.front.settings import FrontSettings
from partnerstadt.quality.servers import free_ports
from tests.front.parts import QUICK, TOKEN, Citizen, Rasa, Served, until
from tests.support import MUSTERSTADT

URLS = ("http://a", "http://b", "http://c")
MANY = [f"conversation {number}" for number in range(900)]


def test_conversation_always_goes_to_the_same_bot() -> None:
    """Whatever process asks, in whatever order the bots are named; and each gets its share."""
    route = Route(URLS)
    assert [route.of(id) for id in MANY] == [Route(URLS[::-1]).of(id) for id in MANY]
    assert all(250 < share < 350 for share in Counter(map(route.of, MANY)).values())


def test_only_conversations_of_a_bot_that_is_down_move() -> None:
    """Evenly to all others, and back when it works again."""
    route = Route(URLS)
    before = {id: route.of(id) for id in MANY}
    route.note("http://a", works=False)
    after = {id: route.of(id) for id in MANY}
    moved = Counter(after[id] for id in MANY if before[id] == "http://a")
    assert all(after[id] == before[id] for id in MANY if before[id] != "http://a")
    assert set(moved) == {"http://b", "http://c"} and min(moved.values()) > 100
    route.note("http://a", works=True)
    assert {id: route.of(id) for id in MANY} == before


def test_without_any_bot_somebody_is_asked_all_the_same() -> None:
    """He may be back by then."""
    route = Route(URLS)
    for url in URLS:
        route.note(url, works=False)
    assert route.of("x") in URLS
    assert Route(URLS[:1]).of("\ud800") == "http://a"


def test_questions_reach_the_other_bot_when_one_dies(tmp_path: Path, rasa: Rasa) -> None:
    """Each is answered once; afterwards the conversations are where they were."""
    other = Rasa()
    other.start()
    place = Place(MUSTERSTADT, tmp_path, (rasa.url, other.url), None, token=TOKEN)
    front = Served(open_desk(FrontSettings(**QUICK), place), free_ports(1)[0])
    try:
        citizens = [Citizen(front) for _ in range(8)]
        for citizen in citizens:
            citizen.say("eins")
            citizen.until_answered()
        shares = len(rasa.asked), len(other.asked)
        assert all(shares) and sum(shares) == 8
        other.stop()
        for citizen in citizens:
            citizen.say("zwei")
            assert citizen.until_answered(2) == ["Antwort auf eins", "Antwort auf zwei"]
        assert len(rasa.asked) == shares[0] + 8 and front.client().get("/readyz").status_code == 200
        other.start()
        until(lambda: other.url not in front.desk.bot._route._down)
        for citizen in citizens:
            citizen.say("drei")
            citizen.until_answered(3)
        assert (len(rasa.asked), len(other.asked)) == (2 * shares[0] + 8, 2 * shares[1])
        assert bot.LOOK_SECONDS <= 2
        assert citizens[0].http.delete("/api/session").status_code == 204
        assert len(rasa.deleted) + len(other.deleted) == 1
    finally:
        front.stop()
        other.stop()
