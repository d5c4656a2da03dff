"""The trained bot in messengers: the questions of the mission, as people write them there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Bot
from tests.gateways.mail_world import Mails, mail_server
from tests.gateways.matrix_world import homeserver
from tests.gateways.parts import Messenger, Process, until
from tests.gateways.telegram_api import Telegram
from tests.gateways.test_xmpp import Prosody
from tests.support import PROJECT


@contextmanager
def served(name: str, folder: Path) -> Iterator[Messenger]:
    """A messenger with its server."""
    if name == "matrix":
        with homeserver(folder) as matrix:
            yield matrix
    elif name == "email":
        with mail_server(["buerger"]) as mails:
            yield Mails(mails, automatic=True)
    else:
        server = Telegram() if name == "telegram" else Prosody(folder)
        server.start()
        yield server
        if isinstance(server, Prosody):
            server.people.stop()
        server.stop()


@pytest.fixture(scope="module", params=["telegram", "xmpp", "matrix", "email"])
def messenger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Messenger]:
    """Each with its server."""
    subprocess.run([PROJECT / "scripts" / "messengers.sh"], check=True, stdin=subprocess.DEVNULL)
    with served(request.param, tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
def gateway(bot: Bot, messenger: Messenger) -> Iterator[Process]:
    """Its gateway, before the running bot."""
    process = Process(messenger, Path(bot.settings.state), bot.settings.front_port).start()
    until(lambda: "is connected" in process.printed(), 90)
    yield process
    process.end()


def test_questions_of_the_mission(messenger: Messenger, gateway: Process) -> None:
    """Since when, how to reach the office, a follow-up, a choice, a person."""
    person = messenger.person("buerger")

    def ask(text: str, wanted: str) -> str:
        before = len(person.heard())
        person.say(text)
        until(lambda: any(re.search(wanted, heard.text) for heard in person.heard()[before:]))
        return person.heard()[-1].text

    answer = ask("seit wann ist Leeds Partnerstadt?", r"1969")
    assert "Quelle: " in answer and "Computerprogramm" in person.heard()[0].text
    assert "1960" in ask("und Amiens?", "Amiens")
    assert "44135" in ask("wie erreiche ich das Büro?", "Amt für Angelegenheiten")
    offer = ask("Ich möchte mit einem Menschen sprechen", "Nachricht hinterlassen")
    if messenger.buttons:
        assert person.heard()[-1].buttons == ("Nachricht hinterlassen",)
        person.press("Nachricht hinterlassen")
    else:
        assert offer.endswith("1) Nachricht hinterlassen")
        person.say("1")
    until(lambda: "Internetseite der Stadt" in person.heard()[-1].text)
    assert "Cluj-Napoca" in ask("zeig mir die karte", r"[-•] Leeds \(Großbritannien, seit 1969\)")
    [shown] = [heard for heard in person.heard() if heard.picture]
    assert "Karte der Partnerstädte" in shown.text
    messenger.check()
