"""The gateway to Matrix, with a real homeserver: what every gateway promises, and what only Matrix has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.gateways.matrix_world import BOT, MatrixMessenger, Somebody, account, homeserver
from tests.gateways.parts import Process, until
from tests.gateways.suite import (
    OURS,
    Suite,
    WithDeletions,
    WithEdits,
    WithLimits,
    WithRatings,
    World,
    answers,
    begun,
    last,
)


@pytest.fixture(scope="module")
def messenger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MatrixMessenger]:
    """A homeserver with people."""
    with homeserver(tmp_path_factory.mktemp("homeserver")) as started:
        yield started


def greeted(messenger: MatrixMessenger) -> Somebody:
    """Somebody in a room of the own, past the greeting."""
    person = messenger.with_room()
    person.say("guten tag")
    until(lambda: answers(person, "guten tag") == 1)
    return person


class TestMatrix(Suite, WithEdits, WithDeletions, WithRatings, WithLimits):
    """Every promise, for people with and without encryption in turn, in rooms and in threads."""

    def test_device_is_signed_and_stays_the_same(self, world: World, messenger: MatrixMessenger) -> None:
        """Its account has signed it, so nobody is warned; after a restart it is no new one."""
        before = messenger.keys_of_the_bot()
        [(device, keys)] = before["device_keys"][BOT].items()
        [signer] = before["self_signing_keys"][BOT]["keys"]
        assert signer in keys["signatures"][BOT]
        [master] = before["master_keys"][BOT]["keys"]
        assert master in before["self_signing_keys"][BOT]["signatures"][BOT]
        begun(world)
        world.gateway.end()
        world.gateway.start()
        begun(world)
        assert messenger.keys_of_the_bot()["device_keys"][BOT].keys() == {device}
        kept = world.folder / "gateways" / "matrix"
        assert json.loads((kept / "device.json").read_text())["device_id"] == device
        assert (kept / "device.json").stat().st_mode & 0o077 == 0 and kept.stat().st_mode & 0o077 == 0

    def test_what_was_written_while_the_gateway_was_away_is_answered(
        self, world: World, messenger: MatrixMessenger
    ) -> None:
        """Also what the homeserver does not tell by itself, because so much was said since."""
        people = [greeted(messenger), greeted(messenger)]  # one with encryption, one without
        world.gateway.end()
        for person in people:
            person.say("war jemand da?")
            for number in range(55):
                person.send({"msgtype": "m.notice", "body": f"{number}"})
        world.gateway.start()
        for person in people:
            until(lambda person=person: answers(person, "war jemand da?") == 1, 60)  # type: ignore[misc]

    def test_message_without_its_key_is_explained(self, world: World, messenger: MatrixMessenger) -> None:
        """After a while; it may have been late."""
        content = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAEnAC", "session_id": "s", "sender_key": "k"}
        plain = next(p for p, encrypted in messenger.persons if not encrypted)
        before = len(plain.heard())
        plain.send(content | {"device_id": "D"} | plain.related(), "m.room.encrypted")
        assert last(plain, before + 1).text == OURS.text("unreadable")

    def test_only_some_may_invite(self, world: World, messenger: MatrixMessenger) -> None:
        """The invitation of anybody else is declined, and nothing is said."""
        world.gateway.end()
        only = {"PARTNERSTADT_MATRIX_INVITED_BY": account("anna")}
        careful = Process(messenger, world.folder, world.port, only).start()
        try:
            refused = messenger.people.begin("ben", encrypted=False)
            until(lambda: "an invitation was declined" in careful.printed(), 60)
            anna = Somebody(messenger.people, "anna", messenger.people.begin("anna", encrypted=True))
            until(lambda: anna.heard(), 60)
            assert refused not in messenger.rooms_of_the_bot() and anna.room in messenger.rooms_of_the_bot()
        finally:
            careful.end()
            world.gateway.start()

    def test_room_of_more_than_two_is_left(self, world: World, messenger: MatrixMessenger) -> None:
        """What one asks is nobody else's concern."""
        person = greeted(messenger)
        assert person.room in messenger.rooms_of_the_bot()
        messenger.people.do("invite", name=person.name, room=person.room, user=account("admin"))
        until(lambda: person.room not in messenger.rooms_of_the_bot())

    def test_room_that_everybody_has_left_is_left(self, world: World, messenger: MatrixMessenger) -> None:
        """Nothing more is sent there, and others are still answered."""
        person, other = greeted(messenger), begun(world)
        world.rasa.wait = 0.5
        person.say("bin weg")
        person.leave()
        other.say("noch da")
        until(lambda: answers(other, "noch da") == 1)
        until(lambda: person.room not in messenger.rooms_of_the_bot())
        assert answers(person, "bin weg") == 0
