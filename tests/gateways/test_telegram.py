"""The gateway to Telegram, before a Bot API that takes nothing that Telegram would refuse."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.gateways.parts import install, never, until
from tests.gateways.suite import (
    MAP,
    OURS,
    Suite,
    WithEdits,
    WithLeaving,
    WithLimits,
    WithRatings,
    WithRepetitions,
    World,
    answers,
    begun,
    heard,
    in_doubt,
    texts,
    until_picture_and_list,
)
from tests.gateways.telegram_api import Telegram


@pytest.fixture(scope="module")
def messenger() -> Iterator[Telegram]:
    """The Bot API."""
    install("telegram")
    api = Telegram()
    api.start()
    yield api
    api.stop()


class TestTelegram(Suite, WithEdits, WithRepetitions, WithRatings, WithLimits, WithLeaving):
    """All that every gateway promises, and what is Telegram's own."""

    def test_start_is_greeted_with_suggestions(self, world: World) -> None:
        """The button by which a chat with a bot begins is no question."""
        person = world.person()
        person.say("/start")
        until(lambda: person.heard())
        assert len(person.heard()[0].buttons) == 3 and world.asked("/start") == 0
        person.press(person.heard()[0].buttons[0])
        until(lambda: answers(person, person.heard()[0].buttons[0]) == 1)

    def test_killed_before_a_message_is_confirmed(self, world: World, messenger: Telegram) -> None:
        """It is not sent again, but it may be missing, and whoever waits for it is told so."""
        person = begun(world)
        with messenger.unconfirmed():
            person.say("kurz davor")
            until(lambda: answers(person, "kurz davor") == 1)
            world.gateway.end(signal.SIGKILL)
        world.gateway.start()
        until(lambda: in_doubt(person) == 1)
        person.say("danach wieder")
        until(lambda: answers(person, "danach wieder") == 1)
        assert answers(person, "kurz davor") == 1 and in_doubt(person) == 1

    def test_words_below_a_picture_are_answered(self, world: World, messenger: Telegram) -> None:
        """The picture is refused all the same."""
        person = begun(world)
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        messenger.update(message=person.message(photo=photo, caption="was ist das"))  # type: ignore[attr-defined]
        until(lambda: answers(person, "was ist das") == 1)
        assert len(heard(person)) == 4

    def test_picture_that_is_refused_is_said_in_words(self, world: World) -> None:
        """The cities are named all the same."""
        person = begun(world)
        person.no_pictures = True  # type: ignore[attr-defined]
        person.say(MAP)
        until_picture_and_list(world, person)
        assert texts(person)[-2] == OURS.text("no_picture")
        world.messenger.wrong.clear()  # type: ignore[attr-defined]

    def test_group_is_left_and_not_listened_to(self, world: World, messenger: Telegram) -> None:
        """What others say to each other is none of the bot's business."""
        person = begun(world)
        person.invite(-55)  # type: ignore[attr-defined]
        group = {"id": -55, "type": "group", "title": "Gruppe"}
        messenger.update(message=person.message(text="in der gruppe") | {"chat": group})  # type: ignore[attr-defined]
        until(lambda: messenger.left == [-55])
        assert world.asked("in der gruppe") == 0

    def test_news_about_the_chat_are_no_attachment(self, world: World, messenger: Telegram) -> None:
        """A pinned message is not refused."""
        person = begun(world)
        pinned = person.message(text="x")  # type: ignore[attr-defined]
        messenger.update(message=person.message(pinned_message=pinned))  # type: ignore[attr-defined]
        never(lambda: len(texts(person)) > 2)

    def test_every_press_is_acknowledged(self, world: World, messenger: Telegram) -> None:
        """Else the button keeps turning."""
        until(lambda: messenger._pressed == set())
        assert any(method == "answerCallbackQuery" for method, _ in messenger.calls)
