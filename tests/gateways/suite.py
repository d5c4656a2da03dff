"""What every gateway promises, with its real server, a real front desk, and a stand-in for the bot."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from partnerstadt.front.desk import Place, open_desk
from partnerstadt.front.drawing import DRAWN
from partnerstadt.front.handover import Reach
from partnerstadt.front.settings import FrontSettings
from partnerstadt.front.store import STAFF
from partnerstadt.front.texts import load_texts
from partnerstadt.gateways.words import FILE
from partnerstadt.quality.servers import free_ports
from tests.front.parts import QUICK, TOKEN, Rasa, Served
from tests.front.test_handover import Clerk
from tests.gateways.parts import Heard, Messenger, Person, Process, never, until
from tests.support import MUSTERSTADT

OURS = load_texts(FILE)
FRONT = load_texts()
SENTENCE = "Dies ist der Satz Nummer {}, und er handelt von einer Partnerschaft."
LONG = "\n\n".join(" ".join(SENTENCE.format(10 * p + s) for s in range(10)) for p in range(40))
HUMAN, MAP, CHOICE, LINK, LENGTHY = "mensch bitte", "karte", "welche meinen sie", "wo steht das", "alles bitte"
PICTURES = {"map": MAP, "timeline": "zeitstrahl"}
SOURCE = "Quelle: Eine Seite. Stand: November 2026."


def replies(text: str) -> list[dict[str, Any]]:
    """What the stand-in for the bot says."""
    about: dict[str, Any] = {"outcome": "answered", "intent": "ask_since"}
    parts: dict[str, dict[str, Any]] = {
        HUMAN: {"text": "Gern."},
        **{said: {"text": "Hier sind alle.", "custom": {"picture": name}} for name, said in PICTURES.items()},
        CHOICE: {
            "text": "Meinen Sie eine davon?",
            "buttons": [{"title": "Die erste", "payload": "erste"}, {"title": "Die zweite", "payload": "zweite"}],
        },
        LINK: {"text": "Auf **dieser** [Seite](https://example.org/seite?a=1&b=2) & <dort>."},
        LENGTHY: {"text": LONG},
    }
    if text == HUMAN:
        about = {"outcome": "handoff"}
    said = parts.get(text, {"text": f"Antwort auf {text}"})
    return [said, {"text": SOURCE, "response": "utter_source"}, {"about": about}]


class Always:
    """Office hours without an end."""

    texts = ("immer",)

    def open(self, _: dt.datetime) -> bool:
        """Whether now is one of them."""
        return True

    def holiday(self, _: dt.datetime) -> None:
        """No holiday either."""


class World:
    """A messenger, its gateway and the front desk behind it."""

    def __init__(self, messenger: Messenger, folder: Path) -> None:
        self.messenger, self.folder = messenger, folder
        self.rasa = Rasa()
        self.rasa.reply = replies
        self.rasa.start()
        self.port = free_ports(1)[0]
        self._people = 0
        self.front = self._served()
        self.gateway = Process(messenger, folder, self.port).start()

    def _served(self) -> Served:
        place = Place(MUSTERSTADT, self.folder, self.rasa.url, self.rasa.actions_url, token=TOKEN)
        front = Served(open_desk(FrontSettings(**(QUICK | {"delayed_seconds": 8})), place), self.port)
        front.desk.handover._hours = Always()  # type: ignore[assignment]
        return front

    def restart_front(self, pause: float) -> None:
        """Let the front desk be gone for a while."""
        self.front.stop()
        time.sleep(pause)
        self.front = self._served()

    def person(self) -> Person:
        """Somebody who has never written before."""
        self._people += 1
        return self.messenger.person(f"person{self._people}")

    def clerk(self) -> Clerk:
        """Somebody of the staff who is there."""
        return Clerk(self.front, lambda: dt.datetime.now(dt.timezone.utc)).comes()  # type: ignore[arg-type]

    def asked(self, text: str) -> int:
        """How often the bot was asked something."""
        return self.rasa.texts.count(text)

    def stop(self) -> None:
        """End everything."""
        if self.gateway.lives:
            self.gateway.end()
        self.front.stop()
        self.rasa.stop()


def heard(person: Person) -> list[Heard]:
    """What somebody was told, all but that it takes longer: on a busy machine it may."""
    return [said for said in person.heard() if said.text not in (OURS.text("delayed"), OURS.text("in_doubt"))]


def in_doubt(person: Person) -> int:
    """Of how many messages somebody was told that they may be missing."""
    return sum(said.text == OURS.text("in_doubt") for said in person.heard())


def texts(person: Person) -> list[str]:
    """The words of it."""
    return [said.text for said in heard(person)]


def answers(person: Person, to: str) -> int:
    """How often a question was answered."""
    return sum(f"Antwort auf {to}\n" in f"{text}\n" for text in texts(person))


def last(person: Person, count: int) -> Heard:
    """The newest message, once there are so many."""
    until(lambda: len(heard(person)) >= count)
    return heard(person)[-1]


def begun(world: World) -> Person:
    """Somebody who is past the greeting."""
    person = world.person()
    person.say("guten tag")
    until(lambda: answers(person, "guten tag") == 1)
    return person


def until_picture_and_list(world: World, person: Person) -> Heard:
    """Wait for the answer that names all cities."""
    cities = [p.name for p in world.front.desk.records.get().partner_cities]
    assert cities
    until(lambda: all(city in heard(person)[-1].text for city in cities))
    return heard(person)[-1]


class Suite:
    """Derive from this and from what else the messenger can do, with a fixture `messenger`."""

    @pytest.fixture(scope="class")
    def world(self, messenger: Messenger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
        """The gateway at work."""
        world = World(messenger, tmp_path_factory.mktemp(messenger.name))
        try:
            until(lambda: "is connected" in world.gateway.printed(), 90)
            yield world
        finally:
            world.stop()

    @pytest.fixture(autouse=True)
    def nothing_wrong(self, world: World) -> Iterator[None]:
        """After every test the gateway lives, has done nothing forbidden and has met no error it does not know."""
        yield
        world.rasa.wait = 0
        world.messenger.check()
        assert world.gateway.lives
        assert not re.search("Traceback|taken up again|has failed", world.gateway.printed())

    def test_first_question_is_greeted_and_answered(self, world: World) -> None:
        """Somebody learns at first that a computer program answers, and is told the source."""
        person = world.person()
        person.say("seit wann?")
        until(lambda: answers(person, "seit wann?") == 1)
        greeting, answer = texts(person)
        assert FRONT.list("greeting", city="Musterstadt")[0] in greeting and "persönlichen Daten" in greeting
        assert answer == f"Antwort auf seit wann?\n\n{SOURCE}"
        person.say("und die andere?")
        until(lambda: answers(person, "und die andere?") == 1)
        assert len(heard(person)) == 3

    def test_two_questions_at_once_are_answered_in_order(self, world: World) -> None:
        """Each once."""
        person = begun(world)
        for number in range(3):
            person.say(f"frage {number}")
        last(person, 5)
        assert [answers(person, f"frage {number}") for number in range(3)] == [1, 1, 1]
        assert [text for text in texts(person)[2:]] == [f"Antwort auf frage {n}\n\n{SOURCE}" for n in range(3)]

    def test_conversation_is_counted_under_its_channel(self, world: World) -> None:
        """And the bot knows nobody's name."""
        begun(world)
        channels = {key[1] for key in world.front.desk.store.statistics()}
        assert channels == {world.messenger.name}
        assert all(re.fullmatch("[0-9a-f]{32}", asked["sender"]) for asked in world.rasa.asked)

    def test_long_text_is_cut_after_sentences(self, world: World) -> None:
        """Nothing is missing, no word is cut, the source comes last."""
        person = begun(world)
        before = len(heard(person))
        person.say(LENGTHY)
        until(lambda: len(texts(person)) > before and texts(person)[-1].endswith(SOURCE))
        parts = texts(person)[before:]
        assert " ".join(" ".join(parts).split()) == " ".join(f"{LONG} {SOURCE}".split())
        assert all(part.endswith((".", SOURCE)) for part in parts)

    def test_choice_is_made_by_button_or_number(self, world: World) -> None:
        """What was offered last is meant."""
        person = begun(world)
        person.say(CHOICE)
        offer = last(person, 3)
        if world.messenger.buttons:
            assert offer.buttons == ("Die erste", "Die zweite") and "1)" not in offer.text
            person.press("Die zweite")
        else:
            assert "1) Die erste\n2) Die zweite" in offer.text
            person.say("2")
        until(lambda: answers(person, "zweite") == 1)
        assert world.front.desk.store.statistics()

    def test_choice_is_made_by_its_words(self, world: World) -> None:
        """However they are written."""
        person = begun(world)
        person.say(CHOICE)
        last(person, 3)
        person.say("die ERSTE.")
        until(lambda: answers(person, "erste") == 1)

    def test_number_without_a_choice_is_a_question(self, world: World) -> None:
        """Also after something else was said."""
        person = begun(world)
        person.say(CHOICE)
        last(person, 3)
        person.say("etwas anderes")
        until(lambda: answers(person, "etwas anderes") == 1)
        person.say("1")
        until(lambda: answers(person, "1") == 1)

    def test_link_can_be_followed(self, world: World) -> None:
        """And nothing of the text is taken for markup."""
        person = begun(world)
        person.say(LINK)
        answer = last(person, 3)
        assert "https://example.org/seite?a=1&b=2" in answer.links
        assert (
            "<dort>" in answer.text
            and "**" not in answer.text
            and "](" not in answer.text
            and "&lt;" not in answer.text
        )

    @pytest.mark.parametrize("name", ["map", "timeline"])
    def test_picture_is_shown_and_said_in_words(self, world: World, name: str) -> None:
        """It is the one that the front desk draws; the cities are also named, for those who cannot see it."""
        person = begun(world)
        person.say(PICTURES[name])
        answer = until_picture_and_list(world, person)
        [picture] = [heard for heard in person.heard() if heard.picture]
        drawn = httpx.get(f"{world.front.url}/api/{name}.png", trust_env=False).content
        assert picture.picture == hashlib.sha256(drawn).hexdigest()
        assert OURS.text("pictures", name, "words") in picture.text
        assert OURS.text("no_picture") not in "".join(texts(person))
        assert answer.text.endswith(SOURCE)

    def test_picture_that_is_not_drawn_is_a_list(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """And the bot says that there is none."""
        monkeypatch.setitem(DRAWN, "map", lambda _: None)
        # Records that nothing was drawn of yet.
        records = world.front.desk.records.get().copy()
        monkeypatch.setattr(world.front.desk.records, "get", lambda: records)
        person = begun(world)
        person.say(MAP)
        answer = until_picture_and_list(world, person)
        assert OURS.text("no_picture") in answer.text and not any(heard.picture for heard in person.heard())

    def test_attachment_is_refused_politely(self, world: World) -> None:
        """The bot is not asked."""
        person = begun(world)
        asked = len(world.rasa.asked)
        person.attach()
        assert last(person, 3).text == OURS.text("attachment")
        assert len(world.rasa.asked) == asked

    def test_too_long_a_message_is_explained(self, world: World) -> None:
        """And the next one is answered."""
        person = begun(world)
        person.say("lang " * 300)
        assert last(person, 3).text == FRONT.text("errors", "too_long", characters=1000)
        person.say("kurz")
        until(lambda: answers(person, "kurz") == 1)

    def test_personal_data_is_masked(self, world: World) -> None:
        """As everywhere."""
        person = begun(world)
        person.say("schreiben Sie an erika@example.org")
        last(person, 3)
        assert "erika" not in world.rasa.texts[-1]

    def test_conversation_is_deleted_on_request(self, world: World) -> None:
        """At the front desk and in the file of the gateway; the next question begins a new one."""
        person = begun(world)
        person.say("geheimes wort")
        until(lambda: answers(person, "geheimes wort") == 1)
        person.say("Gespräch löschen")
        assert last(person, 4).text == OURS.text("deleted")
        until(lambda: world.rasa.deleted)
        person.say("noch etwas")
        until(lambda: answers(person, "noch etwas") == 1)
        assert FRONT.list("greeting", city="Musterstadt")[0] in texts(person)[-2]

    def test_help_names_what_can_be_asked(self, world: World) -> None:
        """With questions to choose from."""
        person = world.person()
        person.say("Hilfe")
        offer = last(person, 1)
        assert FRONT.list("suggestions", name="")[0] in (*offer.buttons, *re.findall(r"\d\) (.*)", offer.text))
        person.say(FRONT.list("suggestions", name="")[0])
        until(lambda: answers(person, FRONT.list("suggestions", name="")[0]) == 1)

    def test_person_takes_over_and_hands_back(self, world: World) -> None:
        """What a person says is marked as said by a person; the bot is silent meanwhile."""
        person = begun(world)
        clerk = world.clerk()
        person.say(HUMAN)
        offer = last(person, 3)
        assert FRONT.text("handover", "reach", Reach.HERE.value) in offer.text
        if world.messenger.buttons:
            person.press(FRONT.text("handover", "person", "title"))
        else:
            person.say("1")
        assert FRONT.text("handover", "called") in last(person, 4).text
        call = clerk.takes()
        assert FRONT.text("handover", "taken", person="Mitarbeiter*in") in last(person, 5).text
        clerk.says(call, "Guten Tag, was kann ich tun?")
        assert last(person, 6).text == "Mitarbeiter*in der Stadt: Guten Tag, was kann ich tun?"
        asked = len(world.rasa.asked)
        person.say("1")  # an answer to the clerk, no choice
        until(lambda: world.front.desk.store.events(call)[-1].get("to") == STAFF)
        assert len(world.rasa.asked) == asked
        clerk.ends(call)
        assert FRONT.text("handover", "handed_back") in last(person, 7).text
        person.say("und jetzt?")
        until(lambda: answers(person, "und jetzt?") == 1)

    def test_many_people_at_once(self, world: World) -> None:
        """Everybody gets the own answer."""
        people = [world.person() for _ in range(8)]
        for number, person in enumerate(people):
            person.say(f"frage von {number}")
        for number, person in enumerate(people):
            until(lambda person=person, number=number: answers(person, f"frage von {number}") == 1)  # type: ignore[misc]
            assert sum("Antwort auf" in text for text in texts(person)) == 1

    def test_server_is_gone_for_a_while(self, world: World) -> None:
        """What was asked before is answered afterwards, once, and then all goes on."""
        person = begun(world)
        world.rasa.wait = 1
        person.say("kurz davor")
        until(lambda: world.asked("kurz davor") == 1)
        world.messenger.stop()
        time.sleep(1.5)
        world.messenger.start()
        world.rasa.wait = 0
        until(lambda: answers(person, "kurz davor") == 1, 40)
        person.say("danach wieder")
        until(lambda: answers(person, "danach wieder") == 1)
        assert answers(person, "kurz davor") == 1

    def test_front_desk_is_gone_for_a_while(self, world: World) -> None:
        """What was asked meanwhile is answered afterwards, once."""
        person = begun(world)
        world.front.stop()
        person.say("niemand da")
        time.sleep(0.5)
        world.front = world._served()
        until(lambda: answers(person, "niemand da") == 1)
        assert world.asked("niemand da") == 1

    def test_killed_with_fifty_conversations(self, world: World) -> None:
        """After the restart every question has exactly one answer, or somebody is told that one may be missing."""
        people = [world.person() for _ in range(50)]
        world.rasa.wait = 0.05
        for round in range(2):
            for number, person in enumerate(people):
                person.say(f"{round}. frage von {number}")
            # In the middle: some are answered, some are on their way, some were not yet heard.
            until(lambda: sum(bool(person.heard()) for person in people) > 10, 30)
            world.gateway.end(signal.SIGKILL)
            world.gateway.start()
        for number, person in enumerate(people):
            for round in range(2):
                question = f"{round}. frage von {number}"
                until(lambda p=person, q=question: answers(p, q) + in_doubt(p) >= 1, 60)  # type: ignore[misc]
        never(lambda: any(answers(p, f"{r}. frage von {n}") > 1 for n, p in enumerate(people) for r in range(2)))
        doubts = [in_doubt(person) for person in people]
        # The greeting and two answers.
        missing = [3 - len(heard(person)) for person in people]
        assert all(0 <= some <= told for some, told in zip(missing, doubts, strict=True))
        assert sum(missing) <= 2  # it takes an unlucky microsecond

    def test_wrong_secret_is_said_clearly(self, world: World, tmp_path: Path) -> None:
        """Without the secret; the gateway lives on and tries again."""
        wrong = Process(world.messenger, tmp_path, world.port, world.messenger.wrong_environment()).start()
        try:
            until(lambda: wrong.printed().count("is refused") > 1, 60)
            assert wrong.lives
            assert world.messenger.secret not in wrong.printed()
        finally:
            wrong.end()

    def test_log_and_process_list_tell_nothing(self, world: World) -> None:
        """No words, no addresses, no secret."""
        begun(world)
        printed = world.gateway.printed() + world.gateway.command_line()
        assert world.messenger.secret not in printed
        assert not re.search(r"frage|guten tag|Antwort|person\d", printed)

        def kept() -> bytes:
            return b"".join(path.read_bytes() for path in world.folder.rglob("messages.sqlite*"))

        # Soon after the last message was sent.
        until(lambda: not re.search(b"Antwort auf|frage|guten tag", kept()))


class WithEdits:
    """For messengers in which a message can be changed."""

    def test_changed_message_is_answered_again(self, world: World) -> None:
        """Once for each change; one that changes nothing is no question."""
        person = begun(world)
        id = person.say("seit wan")
        until(lambda: answers(person, "seit wan") == 1)
        person.edit(id, "seit wan")
        person.edit(id, "seit wann genau")
        until(lambda: answers(person, "seit wann genau") == 1)
        never(lambda: len(heard(person)) > 4)


class WithDeletions:
    """For messengers that tell when a message is taken back."""

    def test_message_taken_back_does_no_harm(self, world: World) -> None:
        """What follows is answered."""
        person = begun(world)
        person.delete(person.say("ach nein"))
        person.say("doch lieber das")
        until(lambda: answers(person, "doch lieber das") == 1)


class WithRepetitions:
    """For messengers that may bring a message twice."""

    def test_message_brought_twice_is_answered_once(self, world: World) -> None:
        """Whoever brings it twice."""
        person = begun(world)
        id = person.say("einmal nur")
        until(lambda: answers(person, "einmal nur") == 1)
        person.again(id)
        person.say("danach")
        until(lambda: answers(person, "danach") == 1)
        assert answers(person, "einmal nur") == 1 and world.asked("einmal nur") == 1


class WithRatings:
    """For messengers with signs for what one thinks of a message."""

    def test_answer_can_be_rated(self, world: World) -> None:
        """It is counted like in the chat on the page, and can be taken back."""

        def rated() -> dict[str, int]:
            counts = world.front.desk.store.statistics()
            return {name: number for (_, _, kind, name), number in counts.items() if kind == "feedback" and number}

        person = begun(world)
        person.rate(-1, "up")
        until(lambda: rated() == {"up": 1})
        person.rate(-1, "down")
        until(lambda: rated() == {"down": 1})
        person.rate(-1, "")
        until(lambda: rated() == {})


class WithLimits:
    """For servers that can want us to wait."""

    def test_server_asks_to_wait(self, world: World) -> None:
        """The answer comes when the server wants it, once."""
        person = begun(world)
        world.messenger.limit(1)
        begin = time.monotonic()
        person.say("in ruhe")
        until(lambda: answers(person, "in ruhe") == 1)
        assert time.monotonic() - begin > 0.9


class WithLeaving:
    """For messengers that tell when somebody wants nothing more from us."""

    def test_somebody_leaves(self, world: World) -> None:
        """Nothing more is sent there, and others are still answered."""
        person, other = begun(world), begun(world)
        world.rasa.wait = 0.5
        person.say("bin weg")
        person.leave()
        other.say("noch da")
        until(lambda: answers(other, "noch da") == 1)
        assert answers(person, "bin weg") == 0
